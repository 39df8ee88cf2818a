package repl

import (
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/value"
)

// complain prints an error: with place and help on a terminal, else in the form
// that the reference console has for errors of its kind.
func (s *Session) complain(d diag.Diagnostic) {
	p := s.printer
	if s.opts.Terminal {
		p.diagnose(diag.List{d})
		return
	}
	switch d.Kind() {
	case diag.LexError, diag.ParseError:
		p.line("\t!! syntax error: ", d.Message, " \t-- ignoring input")
	case diag.RuntimeError:
		p.line("something went wrong: ", d.Message)
	case diag.UndefinedVariable:
		p.line("\t\t!!ignoring input:\n\t Error: Undefined variable: ", d.Primary.Text())
	case diag.ReservedName:
		p.line("\t\t!!ignoring input:\n\t Error: Cannot set reserved name: ", refusedName(d))
	default:
		p.line("\t\t!!ignoring input:\n\t ", d.Message)
	}
}

// refusedName is the name that could not be bound: of a loaded file's binding the
// label shows it.
func refusedName(d diag.Diagnostic) string {
	if len(d.Labels) > 0 && d.Primary.Source != d.Labels[0].Span.Source {
		return d.Labels[0].Span.Text()
	}
	return d.Primary.Text()
}

// undefined words the error for an s-op that was applied to an input on which it
// has no meaning.
func undefined(err error, at diag.Span) diag.Diagnostic {
	code := diag.OperandTypes
	if u, ok := err.(*interp.Undefined); ok {
		switch u.Err.Kind {
		case value.TypeError:
			code = diag.MixedSequence
		case value.ValueError:
			code = diag.IndexRange
		}
	} else {
		code = diag.SizeLimit
	}
	return diag.New(code, at, "%v", err)
}

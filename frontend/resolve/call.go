package resolve

import (
	"errors"
	"slices"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
)

func (s *Session) evalCall(x *syntax.Call, e *env) (Value, error) {
	fn, err := s.eval(x.Fun, e)
	if err != nil {
		return nil, err
	}
	args, err := s.evalAll(x.Args, e)
	if err != nil {
		return nil, err
	}
	switch fn := fn.(type) {
	case *Func:
		return s.call(fn, args, x)
	case SOp:
		return s.apply(&Applied{ID: fn.ID}, args, x)
	case Selector:
		return s.apply(&Applied{ID: fn.ID, Selector: true}, args, x)
	}
	return nil, diag.New(diag.NotCallable, s.place(x.Fun.Span()), "%s cannot be called", s.describe(fn))
}

// call runs a function: its body in a fresh environment inside the one in which it
// was defined.
func (s *Session) call(fn *Func, args []Value, x *syntax.Call) (Value, error) {
	if len(args) != len(fn.Params) {
		return nil, s.wrongArity(fn, len(args), x)
	}
	defer func() { s.calls-- }()
	if s.calls++; s.calls > maxCalls {
		return nil, tooDeep(s.place(x.Span()))
	}
	if fn.intrinsic != nil {
		return fn.intrinsic(s, args, x.Span())
	}
	if s.inLibrary(fn.def.Span()) && !s.inLibrary(x.Span()) {
		defer func(outer diag.Span, call *syntax.Call) { s.site, s.siteCall = outer, call }(s.site, s.siteCall)
		s.site, s.siteCall = s.place(x.Span()), x
	}
	local := newEnv(localScope, fn.env)
	for i, p := range fn.def.Params {
		local.vars[p.Name] = variable{value: args[i], at: p.Span()}
	}
	v, err := s.run(fn.def, local)
	if err != nil {
		return nil, s.calledFrom(err, fn, x)
	}
	return v, nil
}

func (s *Session) run(def *syntax.Def, local *env) (Value, error) {
	for _, st := range def.Body {
		if err := s.exec(st, local); err != nil {
			return nil, err
		}
	}
	return s.evalResults(def.Results, local)
}

func (s *Session) wrongArity(fn *Func, got int, x *syntax.Call) error {
	d := diag.New(diag.WrongArity, s.place(x.Span()), "`%s` takes %s, got %d", fn.Name, diag.Plural(len(fn.Params), "argument"), got)
	if fn.def != nil && !s.inLibrary(fn.def.Span()) {
		d = d.WithLabel(fn.def.Name.Span(), "defined here")
	}
	return d
}

// calledFrom adds to an error in a function's body where the function was called,
// for the innermost few calls.
func (s *Session) calledFrom(err error, fn *Func, x *syntax.Call) error {
	const most = 3
	var d diag.Diagnostic
	if !errors.As(err, &d) {
		return err
	}
	at := x.Span()
	switch {
	case s.inLibrary(at):
		return err
	case s.inLibrary(fn.def.Span()):
		return d.WithNote("in the library function `%s`", fn.Name)
	case len(d.Labels) < most && !slices.ContainsFunc(d.Labels, func(l diag.Label) bool { return l.Span == at }):
		return d.WithLabel(at, "in this call of `%s`", fn.Name)
	}
	return err
}

// apply is an s-op or selector applied to an input.
func (s *Session) apply(a *Applied, args []Value, x *syntax.Call) (Value, error) {
	if len(args) != 1 {
		return nil, diag.New(diag.WrongArity, s.place(x.Span()), "an s-op or selector takes 1 input, got %d", len(args))
	}
	in, err := s.input(args[0], x.Args[0].Span())
	if err != nil {
		return nil, err
	}
	a.Input = in
	return a, nil
}

// input reads a value as an input sequence: the characters of a string, the atoms
// of a list, the keys of a dict.
func (s *Session) input(v Value, at diag.Span) ([]value.Value, error) {
	items, ok, err := s.parts(v, at)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, diag.New(diag.ApplicationInput, s.place(at), "an input is a string, a list of atoms or a dict, got %s", s.describe(v))
	}
	if len(items) == 0 {
		return nil, diag.New(diag.ApplicationInput, s.place(at), "an input must not be empty")
	}
	in, ok := allAtoms(items)
	if !ok {
		return nil, diag.New(diag.ApplicationInput, s.place(at), "an input holds atoms only")
	}
	return in, nil
}

package resolve

import (
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/syntax"
)

// The identity functions by which a program states a wish or claim about a node.
const (
	numericalName   = "numerical"
	categoricalName = "categorical"
	uniqueName      = "unique"
)

// encodeAs makes the function that asks for an encoding of its argument.
func encodeAs(numeric bool) intrinsic {
	return func(s *Session, args []Value, at diag.Span) (Value, error) {
		if v, ok := args[0].(SOp); ok {
			return v, s.addEncoding(v.ID, numeric, s.place(at))
		}
		return args[0], nil
	}
}

func assumeUnique(s *Session, args []Value, at diag.Span) (Value, error) {
	v, ok := args[0].(Selector)
	if !ok {
		return nil, diag.New(diag.NotASelector, s.place(at), "`%s` needs a selector, got %s", uniqueName, s.describe(args[0]))
	}
	s.addAssumption(v.ID, s.place(at))
	return v, nil
}

// addEncoding records a wish; two contradicting wishes are an error.
func (s *Session) addEncoding(id sop.ID, numeric bool, at diag.Span) error {
	if i, again := s.encoded[id]; again {
		e := s.encodings[i]
		if e.Numeric == numeric {
			return nil
		}
		return diag.New(diag.BadPragmaValue, at, "%s is asked to be both numerical and categorical", s.describeNode("s-op", id)).
			WithLabel(e.At, "the other wish")
	}
	s.encoded[id] = len(s.encodings)
	s.encodings = append(s.encodings, Encoding{ID: id, Numeric: numeric, At: at})
	return nil
}

func (s *Session) addAssumption(id sop.ID, at diag.Span) {
	if s.assumed[id] {
		return
	}
	s.assumed[id] = true
	s.assumptions = append(s.assumptions, Assumption{ID: id, At: at})
}

// knownIdentity recognises a program's own definition of one of the identity
// functions, which it may give for other interpreters: it keeps its meaning here.
func (s *Session) knownIdentity(def *syntax.Def) (Value, bool) {
	name := def.Name.Name
	if name != numericalName && name != categoricalName && name != uniqueName {
		return nil, false
	}
	if len(def.Params) != 1 || len(def.Body) != 0 || len(def.Results) != 1 {
		return nil, false
	}
	result, ok := syntax.Unparen(def.Results[0]).(*syntax.Ident)
	if !ok || result.Name != def.Params[0].Name {
		return nil, false
	}
	return s.base.vars[name].value, true
}

// claims applies the pragmas of a file that speak of its own names, once the file
// has run. Where it did not run to its end the names may be missing.
func (s *Session) claims(pragmas []*syntax.Pragma, e *env) {
	for _, p := range pragmas {
		if s.exhausted {
			return
		}
		if p.Target == nil {
			continue
		}
		v, ok := e.lookup(p.Target.Name)
		if !ok {
			if !e.isPartial() {
				s.fail(s.unknownTarget(p.Target.Span(), p.Target.Name, e))
			}
			continue
		}
		if _, failed := v.(poison); failed {
			continue
		}
		if err := s.claim(p, v); err != nil {
			s.fail(err)
		}
	}
}

func (s *Session) claim(p *syntax.Pragma, v Value) error {
	if p.Key.Name == "assume" {
		sel, ok := v.(Selector)
		if !ok {
			return diag.New(diag.BadPragmaValue, p.Target.Span(), "`%s` is %s, not a selector", p.Target.Name, s.describe(v))
		}
		s.addAssumption(sel.ID, p.Span())
		return nil
	}
	x, ok := v.(SOp)
	if !ok {
		return diag.New(diag.BadPragmaValue, p.Target.Span(), "`%s` is %s, not an s-op", p.Target.Name, s.describe(v))
	}
	return s.addEncoding(x.ID, pragmaWord(p) == numericalName, p.Span())
}

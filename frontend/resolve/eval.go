package resolve

import (
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
)

// eval evaluates an expression; the result is the environment's `out` from then on.
func (s *Session) eval(x syntax.Expr, e *env) (Value, error) {
	defer s.leave()
	if err := s.enter(x.Span()); err != nil {
		return nil, err
	}
	v, err := s.evalNode(x, e)
	if err != nil {
		return nil, err
	}
	e.out = v
	return v, nil
}

func (s *Session) evalNode(x syntax.Expr, e *env) (Value, error) {
	switch x := x.(type) {
	case *syntax.Paren:
		return s.eval(x.X, e)
	case *syntax.Ident:
		return s.evalName(x, e)
	case *syntax.Int:
		return s.number(x.Text, value.KindInt, x.Span())
	case *syntax.Float:
		return s.number(x.Text, value.KindFloat, x.Span())
	case *syntax.String:
		return Atom{value.Str(x.Value)}, nil
	case *syntax.List:
		items, err := s.evalAll(x.Items, e)
		return &List{Items: items}, err
	case *syntax.Dict:
		return s.evalDict(x, e)
	case *syntax.ListComp:
		return s.evalListComp(x, e)
	case *syntax.DictComp:
		return s.evalDictComp(x, e)
	case *syntax.Unary:
		return s.evalUnary(x, e)
	case *syntax.Binary:
		return s.evalBinary(x, e)
	case *syntax.Cond:
		return s.evalCond(x, e)
	case *syntax.Index:
		return s.evalIndex(x, e)
	case *syntax.Call:
		return s.evalCall(x, e)
	case *syntax.Select:
		return s.evalSelect(x, e)
	case *syntax.Aggregate:
		return s.evalAggregate(x, e)
	case *syntax.Builtin:
		return s.evalBuiltin(x, e)
	}
	panic("resolve: unknown expression")
}

// evalAll evaluates expressions left to right.
func (s *Session) evalAll(xs []syntax.Expr, e *env) ([]Value, error) {
	out := make([]Value, 0, len(xs))
	for _, x := range xs {
		v, err := s.eval(x, e)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (s *Session) evalName(x *syntax.Ident, e *env) (Value, error) {
	if err := s.charge(e.depth/8, x.Span()); err != nil {
		return nil, err
	}
	v, ok := e.lookup(x.Name)
	if !ok {
		return nil, s.undefined(e, x)
	}
	if _, failed := v.(poison); failed {
		return nil, errPoisoned
	}
	return v, nil
}

// number reads a literal exactly.
func (s *Session) number(text string, k value.Kind, at diag.Span) (Value, error) {
	if err := s.charge(len(text)/16, at); err != nil {
		return nil, err
	}
	// Go would read leading zeros as octal in some forms; RASP ignores them.
	if trimmed := strings.TrimLeft(text, "0"); trimmed != "" && trimmed[0] != '.' {
		text = trimmed
	}
	r, ok := value.ParseRat(text)
	if !ok {
		return nil, diag.New(diag.SizeLimit, at, "a number of %s", diag.Plural(len(text), "digit"))
	}
	return Atom{value.Number(k, r)}, nil
}

func (s *Session) evalDict(x *syntax.Dict, e *env) (Value, error) {
	d := newDict()
	for _, entry := range x.Entries {
		if err := s.addEntry(d, entry, e); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (s *Session) addEntry(d *Dict, entry syntax.Entry, e *env) error {
	k, err := s.eval(entry.Key, e)
	if err != nil {
		return err
	}
	key, ok := k.(Atom)
	if !ok {
		return diag.New(diag.DictKey, s.place(entry.Key.Span()), "a dictionary key must be an atom, got %s", s.describe(k))
	}
	v, err := s.eval(entry.Value, e)
	if err != nil {
		return err
	}
	d.set(key.Value, v)
	return nil
}

func (s *Session) evalListComp(x *syntax.ListComp, e *env) (Value, error) {
	var items []Value
	err := s.comprehend(x.Names, x.Iter, e, func(inner *env) error {
		v, err := s.eval(x.Item, inner)
		items = append(items, v)
		return err
	})
	return &List{Items: items}, err
}

func (s *Session) evalDictComp(x *syntax.DictComp, e *env) (Value, error) {
	d := newDict()
	err := s.comprehend(x.Names, x.Iter, e, func(inner *env) error { return s.addEntry(d, x.Entry, inner) })
	return d, err
}

// comprehend calls body once for each element with the names bound in a scope of
// their own.
func (s *Session) comprehend(names []*syntax.Ident, iter syntax.Expr, e *env, body func(*env) error) error {
	v, err := s.eval(iter, e)
	if err != nil {
		return err
	}
	items, err := s.iterate(v, iter.Span(), "a comprehension")
	if err != nil {
		return err
	}
	inner := newEnv(localScope, e)
	for _, item := range items {
		if err := s.bind(inner, names, item, iter.Span(), false); err != nil {
			return err
		}
		if err := body(inner); err != nil {
			return err
		}
	}
	return nil
}

// evalCond evaluates a conditional. A plain test picks one part, and only that is
// evaluated; with an s-op as test both parts are elementwise.
func (s *Session) evalCond(x *syntax.Cond, e *env) (Value, error) {
	test, err := s.eval(x.Test, e)
	if err != nil {
		return nil, err
	}
	switch test := test.(type) {
	case Selector, *Applied:
		return nil, s.notSOp(test, x.Test.Span(), "the test of a conditional")
	case SOp:
		return s.liftedCond(x, test, e)
	}
	if truth(test) {
		return s.eval(x.Then, e)
	}
	return s.eval(x.Else, e)
}

func (s *Session) liftedCond(x *syntax.Cond, test SOp, e *env) (Value, error) {
	then, err := s.evalElement(x.Then, e)
	if err != nil {
		return nil, err
	}
	otherwise, err := s.evalElement(x.Else, e)
	if err != nil {
		return nil, err
	}
	return SOp{s.mapIf(test, then, otherwise, x.Span())}, nil
}

// evalElement evaluates what must be an s-op or an atom.
func (s *Session) evalElement(x syntax.Expr, e *env) (Value, error) {
	v, err := s.eval(x, e)
	if err != nil {
		return nil, err
	}
	switch v.(type) {
	case SOp, Atom:
		return v, nil
	}
	return nil, s.notSOp(v, x.Span(), "a part of a conditional on an s-op")
}

// notSOp words the error for a value where only s-ops and atoms make sense.
func (s *Session) notSOp(v Value, at diag.Span, what string) error {
	code := diag.SequenceElement
	switch v.(type) {
	case Selector:
		code = diag.SelectorOperand
	case *Applied:
		code = diag.ApplicationResult
	}
	return diag.New(code, s.place(at), "%s must be an s-op or an atom, got %s", what, s.describe(v))
}

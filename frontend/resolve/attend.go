package resolve

import (
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
)

func (s *Session) evalSelect(x *syntax.Select, e *env) (Value, error) {
	key, err := s.evalOperand(x.Key, e, "the keys of `select`")
	if err != nil {
		return nil, err
	}
	query, err := s.evalOperand(x.Query, e, "the queries of `select`")
	if err != nil {
		return nil, err
	}
	return Selector{s.graph.Select(key, query, compares[x.Op], s.pos(x.Span()))}, nil
}

// evalOperand evaluates what must be an s-op, or an atom that stands for it at
// every position.
func (s *Session) evalOperand(x syntax.Expr, e *env, what string) (sop.ID, error) {
	v, err := s.eval(x, e)
	if err != nil {
		return 0, err
	}
	if id, ok := s.lift(v, x.Span()); ok {
		return id, nil
	}
	if _, ok := v.(*Applied); ok {
		return 0, s.appliedOperand(x.Span())
	}
	return 0, diag.New(diag.SelectOperand, s.place(x.Span()), "%s must be an s-op or an atom, got %s", what, s.describe(v))
}

func (s *Session) evalAggregate(x *syntax.Aggregate, e *env) (Value, error) {
	sel, err := s.eval(x.Selector, e)
	if err != nil {
		return nil, err
	}
	selector, ok := sel.(Selector)
	if !ok {
		return nil, diag.New(diag.NotASelector, s.place(x.Selector.Span()), "`aggregate` needs a selector, got %s", s.describe(sel))
	}
	v, err := s.evalOperand(x.Value, e, "the values of `aggregate`")
	if err != nil {
		return nil, err
	}
	def, err := s.evalDefault(x, e)
	if err != nil {
		return nil, err
	}
	s.adviseAggregate(x, selector.ID, v)
	return SOp{s.graph.Aggregate(selector.ID, v, def, s.pos(x.Span()))}, nil
}

// evalDefault evaluates the third operand; nil if there is none.
func (s *Session) evalDefault(x *syntax.Aggregate, e *env) (*value.Value, error) {
	if x.Default == nil {
		return nil, nil
	}
	v, err := s.eval(x.Default, e)
	if err != nil {
		return nil, err
	}
	a, ok := v.(Atom)
	if !ok {
		return nil, diag.New(diag.DefaultNotAtom, s.place(x.Default.Span()), "the default of `aggregate` must be an atom, got %s", s.describe(v))
	}
	return &a.Value, nil
}

// occurs tells at every position whether v holds an atom anywhere.
func (s *Session) occurs(v sop.ID, a value.Value, at diag.Span) Value {
	pos := s.pos(at)
	hits := s.graph.Width(s.graph.Select(v, s.graph.Const(a, pos), value.EQ, pos), pos)
	return SOp{s.graph.Compare(value.GT, hits, s.graph.Const(value.IntOf(0), pos), pos)}
}

package resolve

import (
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
)

func (s *Session) evalUnary(x *syntax.Unary, e *env) (Value, error) {
	v, err := s.eval(x.X, e)
	if err != nil {
		return nil, err
	}
	at := x.Span()
	switch v := v.(type) {
	case SOp:
		return SOp{s.mapUnary(x.Op, v.ID, at)}, nil
	case *Applied:
		return nil, s.appliedOperand(at)
	case Selector:
		switch x.Op {
		case syntax.OpNot:
			return Selector{s.graph.SelNot(v.ID, s.pos(at))}, nil
		case syntax.OpRound:
			return nil, diag.New(diag.SelectorOperand, s.place(at), "`round` does not apply to selectors")
		}
	case Atom:
		if x.Op != syntax.OpIndicator {
			return s.unaryAtom(x.Op, v.Value, at)
		}
	}
	switch x.Op {
	case syntax.OpNot:
		return Atom{value.Bool(!truth(v))}, nil
	case syntax.OpIndicator:
		return nil, diag.New(diag.IndicatorOperand, s.place(at), "`indicator` needs an s-op, got %s", s.describe(v))
	}
	return nil, diag.New(diag.OperandTypes, s.place(at), "`%s` does not apply to %s", x.Op, s.describe(v))
}

func (s *Session) unaryAtom(op syntax.Op, v value.Value, at diag.Span) (Value, error) {
	var r value.Value
	var err error
	switch op {
	case syntax.OpNot:
		r = value.Not(v)
	case syntax.OpNeg:
		r, err = value.Neg(v)
	case syntax.OpPos:
		r, err = value.Pos(v)
	case syntax.OpRound:
		r, err = value.Round(v)
	}
	if err != nil {
		return nil, s.operatorError(err, diag.OperandTypes, at)
	}
	return Atom{r}, nil
}

func (s *Session) evalBinary(x *syntax.Binary, e *env) (Value, error) {
	l, err := s.eval(x.X, e)
	if err != nil {
		return nil, err
	}
	r, err := s.eval(x.Y, e)
	if err != nil {
		return nil, err
	}
	return s.binary(x, l, r)
}

// binary applies an operator. Selectors and s-ops decide before plain values do.
func (s *Session) binary(x *syntax.Binary, l, r Value) (Value, error) {
	op, at := x.Op, x.Span()
	_, selL := l.(Selector)
	_, selR := r.(Selector)
	_, sopL := l.(SOp)
	_, sopR := r.(SOp)
	_, appL := l.(*Applied)
	_, appR := r.(*Applied)
	switch {
	case appL || appR:
		return nil, s.appliedOperand(at)
	case op == syntax.OpIn:
		return s.member(l, r, at)
	case selL || selR:
		return s.binarySelectors(op, l, r, at)
	case sopL || sopR:
		return s.binarySOps(x, l, r)
	}
	return s.binaryPlain(op, l, r, at)
}

func (s *Session) appliedOperand(at diag.Span) error {
	return diag.New(diag.ApplicationResult, s.place(at), "the result of applying an s-op can be shown, not computed with").
		WithHelp("compute with the s-op itself and apply the result")
}

func (s *Session) binarySelectors(op syntax.Op, l, r Value, at diag.Span) (Value, error) {
	if !op.IsLogical() {
		return nil, diag.New(diag.SelectorOperand, s.place(at), "`%s` does not apply to selectors", op).
			WithHelp("selectors are combined with `and`, `or` and `not`")
	}
	a, okA := l.(Selector)
	b, okB := r.(Selector)
	if !okA || !okB {
		other := l
		if okA {
			other = r
		}
		return nil, diag.New(diag.MixedSelector, s.place(at), "`%s` needs selectors on both sides, one is %s", op, s.describe(other))
	}
	if op == syntax.OpAnd {
		return Selector{s.graph.SelAnd(a.ID, b.ID, s.pos(at))}, nil
	}
	return Selector{s.graph.SelOr(a.ID, b.ID, s.pos(at))}, nil
}

// binarySOps applies an operator elementwise.
func (s *Session) binarySOps(x *syntax.Binary, l, r Value) (Value, error) {
	op, at := x.Op, x.Span()
	if a, ok := l.(Atom); ok && a.IsString() && op == syntax.OpMod {
		return nil, diag.New(diag.FormatString, s.place(at), "an s-op cannot be formatted into a string").
			WithHelp("look the texts up in a dict: `{1:\"n=1\", 2:\"n=2\"}[x]`")
	}
	a, okA := s.lift(l, at)
	b, okB := s.lift(r, at)
	if okA && okB {
		return SOp{s.mapBinary(op, a, b, at)}, nil
	}
	odd, id := l, b
	if okA {
		odd, id = r, a
	}
	switch {
	case op == syntax.OpEq || op == syntax.OpNe:
		d := diag.New(diag.ListNeverEqual, s.place(at), "the elements of an s-op never equal %s", s.describe(odd)).
			WithHelp("membership is `x in [a, b]`")
		if _, list := r.(*List); list && op == syntax.OpEq {
			edits := append(diag.Enclose(at, "(", ")"), diag.Edit{Span: x.OpPos, Text: "in"})
			d = d.WithFix(diag.Fix{Title: "ask for membership with `in`", Edits: edits})
		}
		s.warn(d)
		return SOp{s.constant(value.Bool(op == syntax.OpNe), at)}, nil
	case op.IsLogical():
		return SOp{s.mapBinary(op, id, s.constant(value.Bool(truth(odd)), at), at)}, nil
	}
	return nil, s.operandTypes(op, l, r, at)
}

func (s *Session) operandTypes(op syntax.Op, l, r Value, at diag.Span) error {
	return diag.New(diag.OperandTypes, s.place(at), "`%s` does not apply to %s and %s", op, s.describe(l), s.describe(r))
}

// arithmetic maps operators to nodes.
var arithmetic = map[syntax.Op]sop.Op{
	syntax.OpAdd: sop.Add, syntax.OpSub: sop.Sub, syntax.OpMul: sop.Mul, syntax.OpDiv: sop.Div,
	syntax.OpMod: sop.Mod, syntax.OpPow: sop.Pow, syntax.OpAnd: sop.And, syntax.OpOr: sop.Or,
	syntax.OpNot: sop.Not, syntax.OpNeg: sop.Neg, syntax.OpRound: sop.Round, syntax.OpIndicator: sop.Indicator,
}

var compares = map[syntax.Op]value.Cmp{
	syntax.OpEq: value.EQ, syntax.OpNe: value.NE, syntax.OpLt: value.LT,
	syntax.OpLe: value.LE, syntax.OpGt: value.GT, syntax.OpGe: value.GE,
}

func (s *Session) mapBinary(op syntax.Op, a, b sop.ID, at diag.Span) sop.ID {
	if c, ok := compares[op]; ok {
		return s.graph.Compare(c, a, b, s.pos(at))
	}
	return s.graph.Map(arithmetic[op], s.pos(at), a, b)
}

func (s *Session) mapUnary(op syntax.Op, a sop.ID, at diag.Span) sop.ID {
	if op == syntax.OpPos {
		// Python's +x turns booleans into integers and refuses strings, as adding 0 does.
		return s.graph.Map(sop.Add, s.pos(at), a, s.constant(value.IntOf(0), at))
	}
	return s.graph.Map(arithmetic[op], s.pos(at), a)
}

// mapIf is then where test holds, else otherwise; both are s-ops or atoms.
func (s *Session) mapIf(test SOp, then, otherwise Value, at diag.Span) sop.ID {
	a, _ := s.lift(then, at)
	b, _ := s.lift(otherwise, at)
	return s.graph.Map(sop.If, s.pos(at), test.ID, a, b)
}

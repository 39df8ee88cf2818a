package resolve

import (
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
)

func (s *Session) evalBuiltin(x *syntax.Builtin, e *env) (Value, error) {
	args, err := s.evalAll(x.Args, e)
	if err != nil {
		return nil, err
	}
	switch x.Name {
	case "range":
		return s.rangeOf(args, x)
	case "zip":
		return s.zip(args, x)
	}
	list, ok := args[0].(*List)
	if !ok {
		return nil, diag.New(diag.BuiltinOperand, s.place(x.Span()), "`len` needs a list, got %s", s.describe(args[0])).
			WithHelp("`length` is the length of the input")
	}
	return Atom{value.IntOf(int64(len(list.Items)))}, nil
}

// rangeOf is range(stop), range(start, stop) or range(start, stop, step).
func (s *Session) rangeOf(args []Value, x *syntax.Builtin) (Value, error) {
	at := s.place(x.Span())
	if len(args) > 3 {
		return nil, diag.New(diag.BuiltinOperand, at, "`range` takes 1 to 3 integers, got %d", len(args))
	}
	bounds := [3]int64{0, 0, 1}
	for i, a := range args {
		n, ok := integer(a)
		if !ok {
			return nil, diag.New(diag.BuiltinOperand, s.place(x.Args[i].Span()), "`range` takes integers, got %s", s.describe(a))
		}
		// A bound too large for int64 is as good as the largest.
		bounds[i] = clamp(n)
	}
	start, stop, step := bounds[0], bounds[1], bounds[2]
	if len(args) == 1 {
		start, stop = 0, bounds[0]
	}
	if step == 0 {
		return nil, diag.New(diag.OperandTypes, at, "the step of `range` must not be 0")
	}
	n := rangeLen(start, stop, step)
	if err := s.makeList(n, x.Span()); err != nil {
		return nil, err
	}
	items := make([]Value, n)
	for i := range items {
		items[i] = Atom{value.IntOf(start + int64(i)*step)}
	}
	return &List{Items: items}, nil
}

// clamp brings a number into ±2^40, so that range arithmetic cannot overflow;
// what lies outside is beyond every limit anyway.
func clamp(r value.Rat) int64 {
	const most = 1 << 40
	n, ok := r.Int64()
	switch {
	case !ok && r.Sign() > 0, ok && n > most:
		return most
	case !ok, n < -most:
		return -most
	}
	return n
}

func rangeLen(start, stop, step int64) int {
	if step < 0 {
		start, stop, step = -start, -stop, -step
	}
	if start >= stop {
		return 0
	}
	return int(min((stop-start+step-1)/step, maxItems+1))
}

func (s *Session) zip(args []Value, x *syntax.Builtin) (Value, error) {
	at := s.place(x.Span())
	lists := make([]*List, len(args))
	for i, a := range args {
		list, ok := a.(*List)
		if !ok {
			return nil, diag.New(diag.BuiltinOperand, s.place(x.Args[i].Span()), "`zip` takes lists, got %s", s.describe(a))
		}
		lists[i] = list
		if len(list.Items) != len(lists[0].Items) {
			return nil, diag.New(diag.BuiltinOperand, at, "`zip` takes lists of one length, got %d and %d elements",
				len(lists[0].Items), len(list.Items))
		}
	}
	if err := s.makeList(len(lists)*len(lists[0].Items), x.Span()); err != nil {
		return nil, err
	}
	rows := make([]Value, len(lists[0].Items))
	for i := range rows {
		row := make([]Value, len(lists))
		for j, list := range lists {
			row[j] = list.Items[i]
		}
		rows[i] = &List{Items: row}
	}
	return &List{Items: rows}, nil
}

package interp

import (
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// sequence evaluates an s-op into out and checks that its elements have one
// type, where they need to. The int is the position of the error.
func (e *Evaluator) sequence(s *step, cells []cell, input []value.Value, out *cell, b *budget) (int, error) {
	var pos int
	var err error
	switch s.node.Op {
	case sop.Tokens:
		pos, err = tokens(s.node.Read, input, out, b)
	case sop.Indices:
		out.fill(func(i int) value.Value { return value.IntOf(int64(i)) })
	case sop.Const:
		out.fill(func(int) value.Value { return s.node.Value })
	case sop.Width:
		m := cells[s.args[0]].mat
		out.fill(func(i int) value.Value { return value.IntOf(int64(m.Width(i))) })
	case sop.Aggregate:
		pos, err = e.aggregate(s.node.Value, cells[s.args[0]].mat, &cells[s.args[1]], out, b)
	default:
		pos, err = elementwise(s, cells, out, b)
	}
	if err != nil {
		return pos, err
	}
	if e.mixed {
		out.typ = value.AnyType(out.seq)
		return -1, nil
	}
	out.typ, err = value.TypeOf(out.seq)
	return -1, err
}

// fill computes an s-op that is defined everywhere.
func (c *cell) fill(at func(i int) value.Value) {
	for i := range c.seq {
		if !c.fixed.at(i) {
			c.seq[i] = at(i)
		}
	}
}

func tokens(r sop.Read, input []value.Value, out *cell, b *budget) (int, error) {
	for i := range out.seq {
		if out.fixed.at(i) {
			continue
		}
		v, err := r.Of(input[i])
		if err != nil {
			return i, err
		}
		if err := b.made(v); err != nil {
			return i, err
		}
		out.seq[i] = v
	}
	return -1, nil
}

func elementwise(s *step, cells []cell, out *cell, b *budget) (int, error) {
	var args [3]value.Value
	search, handsOn := search(s.node), s.node.Op == sop.If || s.node.Op == sop.Lookup
	arity := len(s.node.Args)
	for i := range out.seq {
		if out.fixed.at(i) {
			continue
		}
		for k := range arity {
			args[k] = cells[s.args[k]].seq[i]
		}
		if err := b.step(1 + search*work(args[0])); err != nil {
			return i, err
		}
		v, err := s.apply(args[:arity])
		if err == nil && !handsOn {
			err = b.made(v)
		}
		if err != nil {
			return i, err
		}
		out.seq[i] = v
	}
	return -1, nil
}

func (s *step) apply(args []value.Value) (value.Value, error) {
	if s.places != nil {
		if i, ok := s.places[args[0].Key()]; ok {
			return s.node.Table.Vals[i], nil
		}
	}
	return s.node.Apply(args...)
}

// aggregate averages the values of v that each row of m selects: def where
// none is, the value itself where one is. Several need a sequence of numbers, and
// in a mixed graph only to be numbers themselves.
func (e *Evaluator) aggregate(def value.Value, m *Matrix, v, out *cell, b *budget) (int, error) {
	for q := range out.seq {
		if out.fixed.at(q) {
			continue
		}
		width := m.Width(q)
		switch {
		case width == 0:
			out.seq[q] = def
			continue
		case width > 1 && e.mixed:
			if err := numbers(m, q, v); err != nil {
				return q, err
			}
		case width > 1 && v.typ != value.Ints && v.typ != value.Floats:
			return q, value.Errorf(value.RuntimeError, "%d positions are selected, and %s cannot be averaged", width, v.typ)
		}
		for k := range m.Keys(q) {
			out.seq[q] = v.seq[k]
		}
		if width > 1 {
			var err error
			if out.seq[q], err = mean(m, q, v.seq, b); err != nil {
				return q, err
			}
		}
	}
	return -1, nil
}

// numbers checks that the values that the row q of m selects are numbers.
func numbers(m *Matrix, q int, v *cell) error {
	if v.typ == value.Bools || v.typ == value.Ints || v.typ == value.Floats {
		return nil
	}
	for k := range m.Keys(q) {
		if !v.seq[k].IsNumber() {
			return value.Errorf(value.RuntimeError, "%d positions are selected, and %s among them cannot be averaged", m.Width(q), v.seq[k].Repr())
		}
	}
	return nil
}

// mean averages the values that the row q of m selects.
func mean(m *Matrix, q int, v []value.Value, b *budget) (value.Value, error) {
	var sum value.Value
	count := int64(0)
	for k := range m.Keys(q) {
		count++
		sum = value.Number(value.KindFloat, sum.Rat().Add(v[k].Rat()))
		if err := b.step(work(sum)); err != nil {
			return sum, err
		}
	}
	r := value.Number(value.KindFloat, sum.Rat().Quo(value.Int(count)))
	return r, b.made(r)
}

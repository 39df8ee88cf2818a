package interp

import (
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// sequence brings an s-op up to date with its arguments, and with the positions
// of the input that have changed, and checks that its elements have one type. The
// int is the position of the error.
func sequence(s *step, r *Result, input []value.Value, changed set, out *cell, b *budget) (int, error) {
	var pos int
	var err error
	switch s.node.Op {
	case sop.Tokens:
		pos, err = tokens(s.node.Read, input, changed, out, b)
	case sop.Indices, sop.Const:
		if !r.fresh {
			return -1, nil
		}
		for i := range out.seq {
			out.seq[i] = s.node.Value
			if s.node.Op == sop.Indices {
				out.seq[i] = value.IntOf(int64(i))
			}
		}
		out.moved.fill(changed)
	case sop.Width:
		m := &r.cells[s.args[0]]
		for i := range m.moved.all() {
			out.set(i, value.IntOf(int64(m.mat.Width(i))), r.fresh)
		}
	case sop.Aggregate:
		pos, err = aggregate(s.node.Value, r, &r.cells[s.args[0]], &r.cells[s.args[1]], out, b)
	default:
		pos, err = elementwise(s, r, out, b)
	}
	if err != nil || out.moved.empty() {
		return pos, err
	}
	typ, err := value.TypeOf(out.seq)
	out.retyped, out.typ = typ != out.typ, typ
	return -1, err
}

// set sets a value, and notes whether it is another one.
func (c *cell) set(i int, v value.Value, fresh bool) {
	if fresh || !value.Identical(v, c.seq[i]) {
		c.seq[i] = v
		c.moved.add(i)
	}
}

func tokens(r sop.Read, input []value.Value, changed set, out *cell, b *budget) (int, error) {
	for i := range changed.all() {
		v, err := r.Of(input[i])
		if err != nil {
			return i, err
		}
		if err := b.made(v); err != nil {
			return i, err
		}
		out.set(i, v, true)
	}
	return -1, nil
}

func elementwise(s *step, r *Result, out *cell, b *budget) (int, error) {
	var args [3]value.Value
	search, handsOn := search(s.node), s.node.Op == sop.If || s.node.Op == sop.Lookup
	arity := len(s.node.Args)
	for i := range out.seq {
		stale := r.fresh
		for k := range arity {
			arg := &r.cells[s.args[k]]
			args[k] = arg.seq[i]
			stale = stale || arg.moved.has(i)
		}
		if !stale {
			continue
		}
		if err := b.step(1 + search*work(args[0])); err != nil {
			return i, err
		}
		v, err := s.node.Apply(args[:arity]...)
		if err == nil && !handsOn {
			err = b.made(v)
		}
		if err != nil {
			return i, err
		}
		out.set(i, v, r.fresh)
	}
	return -1, nil
}

// aggregate averages the values of v that each row of m selects: def where
// none is, the value itself where one is. Several need a sequence of numbers.
func aggregate(def value.Value, r *Result, m, v, out *cell, b *budget) (int, error) {
	for q := range out.seq {
		if !r.fresh && !v.retyped && !m.moved.has(q) && !set(m.mat.row(q)).meets(v.moved) {
			continue
		}
		got := def
		switch width := m.mat.Width(q); {
		case width > 1 && v.typ != value.Ints && v.typ != value.Floats:
			return q, value.Errorf(value.RuntimeError, "%d positions are selected, and %s cannot be averaged", width, v.typ)
		case width > 1:
			var err error
			if got, err = mean(m.mat, q, v.seq, b); err != nil {
				return q, err
			}
		case width == 1:
			for k := range m.mat.Keys(q) {
				got = v.seq[k]
			}
		}
		out.set(q, got, r.fresh)
	}
	return -1, nil
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

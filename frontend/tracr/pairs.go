package tracr

import (
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// pairs writes a function of two s-ops: as one of RASP's operators where its table is
// that operator's, as a function of one of them, or as a sum of functions of one
// each, where it is that; else as a table over numbers of the pairs. The latter alone
// is undefined for pairs that the table leaves out.
func (b *builder) pairs(n *node, x, y sop.ID, at sop.Pos) sop.ID {
	if !b.certain(x) || !b.certain(y) {
		return b.numbered(n, x, y, at)
	}
	if id, ok := b.operator(n.rows, x, y, at); ok {
		return id
	}
	for k, arg := range []sop.ID{x, y} {
		if id, ok := b.ofOne(n, k, arg, at); ok {
			return id
		}
	}
	if id, ok := b.sum(n, x, y, at); ok {
		return id
	}
	return b.numbered(n, x, y, at)
}

// operator finds the operator, of RASP's with two arguments, that gives all results
// of a table, and has none where it has none.
func (b *builder) operator(rows []row, x, y sop.ID, at sop.Pos) (sop.ID, bool) {
	for _, n := range operations {
		for _, swap := range []bool{false, true} {
			if !slices.ContainsFunc(rows, func(r row) bool { return !n.gives(r, swap) }) {
				if swap {
					x, y = y, x
				}
				if n.Op == sop.Compare {
					return b.g.Compare(n.Cmp, x, y, at), true
				}
				return b.g.Map(n.Op, at, x, y), true
			}
		}
	}
	return 0, false
}

// operation is an operator of two arguments.
type operation struct{ sop.Node }

var operations = []operation{
	{sop.Node{Op: sop.Add}}, {sop.Node{Op: sop.Sub}}, {sop.Node{Op: sop.Mul}}, {sop.Node{Op: sop.Div}}, {sop.Node{Op: sop.Mod}},
	{sop.Node{Op: sop.And}}, {sop.Node{Op: sop.Or}},
	{sop.Node{Op: sop.Compare, Cmp: value.EQ}}, {sop.Node{Op: sop.Compare, Cmp: value.NE}},
	{sop.Node{Op: sop.Compare, Cmp: value.LT}}, {sop.Node{Op: sop.Compare, Cmp: value.LE}},
}

// gives reports whether the operator does what a table says.
func (n *operation) gives(r row, swap bool) bool {
	x, y := r.args[0], r.args[1]
	if swap {
		x, y = y, x
	}
	v, err := n.Apply(x, y)
	if r.err != "" {
		return err != nil
	}
	return err == nil && value.Identical(v, r.result)
}

// ofOne looks the results up by one argument, if no other decides.
func (b *builder) ofOne(n *node, arg int, x sop.ID, at sop.Pos) (sop.ID, bool) {
	keys, results, ok := functionOf(n.rows, arg)
	if !ok {
		return 0, false
	}
	id := b.dict(x, keys, results, n.absentOne(arg), at)
	b.holes[id] = slices.ContainsFunc(n.rows, func(r row) bool { return r.err != "" })
	return id, true
}

// functionOf finds the function of one argument that a table is, where that gives a
// value.
func functionOf(rows []row, arg int) (keys, results []value.Value, ok bool) {
	at := map[value.Key]int{} // the first row with an argument
	for i, r := range rows {
		first, known := at[r.args[arg].Key()]
		if !known {
			at[r.args[arg].Key()] = i
			if r.err == "" {
				keys, results = append(keys, r.args[arg]), append(results, r.result)
			}
			continue
		}
		f := rows[first]
		if r.err != f.err || r.err == "" && !value.Identical(r.result, f.result) {
			return nil, nil, false
		}
	}
	return keys, results, true
}

// distinct lists the values of one argument, in the order of the table.
func distinct(rows []row, arg int) []value.Value {
	seen := map[value.Key]bool{}
	var vs []value.Value
	for _, r := range rows {
		if k := r.args[arg].Key(); !seen[k] {
			seen[k] = true
			vs = append(vs, r.args[arg])
		}
	}
	return vs
}

// numbered looks the results up by the number of the pair: the place of x among its
// values times the count of y's, plus the place of y.
func (b *builder) numbered(n *node, x, y sop.ID, at sop.Pos) sop.ID {
	xs, ys := distinct(n.rows, 0), distinct(n.rows, 1)
	xPlaces, xCodes := numbers(xs, int64(max(1, len(ys))))
	yPlaces, yCodes := numbers(ys, 1)
	var pairs, results []value.Value
	for _, r := range n.rows {
		if r.err == "" {
			pairs = append(pairs, value.IntOf(xPlaces[r.args[0].Key()]+yPlaces[r.args[1].Key()]))
			results = append(results, r.result)
		}
	}
	number := b.g.Map(sop.Add, at, b.dict(x, xs, xCodes, n.absentOne(0), at), b.dict(y, ys, yCodes, n.absentOne(1), at))
	return b.dict(number, pairs, results, n.absentPair(xs, ys), at)
}

// numbers gives values the multiples of a step, from 0.
func numbers(vs []value.Value, step int64) (map[value.Key]int64, []value.Value) {
	places, codes := map[value.Key]int64{}, make([]value.Value, len(vs))
	for i, v := range vs {
		places[v.Key()] = step * int64(i)
		codes[i] = value.IntOf(step * int64(i))
	}
	return places, codes
}

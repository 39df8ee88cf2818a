// Package simplify rewrites s-op graphs into graphs that mean the same and are
// cheaper to compile.
//
// A mean is linear: aggregate(s, x) - aggregate(s, y) is aggregate(s, x - y),
// and likewise for sums, where the default of the result is the difference or
// sum of the defaults. One head then does the work of two. More important, the
// difference of two means of up to N numbers has values as close as 1/N^2,
// where the mean of differences has none closer than that of one mean.
package simplify

import (
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// Linear joins sums and differences of aggregates over one selector. Aggregates
// that anything else reads, and nodes in keep, stay as they are. It returns the
// new graph and the new ids of output and of keep.
func Linear(g *sop.Graph, output sop.ID, keep []sop.ID) (*sop.Graph, sop.ID, []sop.ID) {
	r := &rewriter{old: g, new: g.Like(), moved: map[sop.ID]sop.ID{}, uses: map[sop.ID]int{}}
	roots := append([]sop.ID{output}, keep...)
	order := g.Reachable(roots...)
	for _, id := range order {
		for _, a := range g.Node(id).Args {
			r.uses[a]++
		}
	}
	for _, id := range roots {
		r.uses[id]++
	}
	for _, id := range order {
		r.moved[id] = r.rewrite(g.Node(id))
		for _, name := range g.Names(id) {
			r.new.SetName(r.moved[id], name)
		}
	}
	kept := make([]sop.ID, len(keep))
	for i, id := range keep {
		kept[i] = r.moved[id]
	}
	// What was joined is still there, read by nothing.
	pruned, ids := sop.Prune(r.new, append([]sop.ID{r.moved[output]}, kept...)...)
	return pruned, ids[0], ids[1:]
}

type rewriter struct {
	old, new *sop.Graph
	moved    map[sop.ID]sop.ID
	uses     map[sop.ID]int // how often an old node is read
}

func (r *rewriter) rewrite(n *sop.Node) sop.ID {
	if n.Op == sop.Add || n.Op == sop.Sub {
		if id, ok := r.join(n); ok {
			return id
		}
	}
	args := make([]sop.ID, len(n.Args))
	for i, a := range n.Args {
		args[i] = r.moved[a]
	}
	return r.new.Copy(n, args)
}

// join writes the sum or difference of two aggregates as one.
func (r *rewriter) join(n *sop.Node) (sop.ID, bool) {
	x, ok1 := r.aggregate(n.Args[0])
	y, ok2 := r.aggregate(n.Args[1])
	if !ok1 || !ok2 || x.Args[0] != y.Args[0] {
		return 0, false
	}
	combine := value.Add
	if n.Op == sop.Sub {
		combine = value.Sub
	}
	def, err := combine(x.Value, y.Value)
	if err != nil {
		return 0, false
	}
	v := r.new.Map(n.Op, n.Pos, x.Args[1], y.Args[1])
	if !x.HasDefault && !y.HasDefault {
		return r.new.Aggregate(x.Args[0], v, nil, n.Pos), true
	}
	return r.new.Aggregate(x.Args[0], v, &def, n.Pos), true
}

// aggregate returns the new node of an old one if it is an aggregate of
// numbers that nothing else reads.
func (r *rewriter) aggregate(id sop.ID) (*sop.Node, bool) {
	n := r.new.Node(r.moved[id])
	ok := n.Op == sop.Aggregate && r.uses[id] == 1 && number(n.Value) && numeric(r.new, n.Args[1])
	return n, ok
}

// numeric reports whether an s-op has ints and floats only, as far as its
// operators tell. Where strings might occur, joining could turn a defined
// program into an undefined one. Where booleans might, it could give one a
// meaning that it does not have: in RASP booleans cannot be averaged, their
// differences can.
func numeric(g *sop.Graph, id sop.ID) bool {
	n := g.Node(id)
	switch n.Op {
	case sop.Tokens:
		return n.Read == sop.ReadInt || n.Read == sop.ReadFloat
	case sop.Const:
		return number(n.Value)
	case sop.Indices, sop.Width, sop.Indicator, sop.Sub, sop.Div, sop.Neg, sop.Round:
		return true
	case sop.Add, sop.Mul, sop.Mod, sop.Pow:
		return numeric(g, n.Args[0]) && numeric(g, n.Args[1])
	case sop.If:
		return numeric(g, n.Args[1]) && numeric(g, n.Args[2])
	case sop.Aggregate:
		return number(n.Value) && numeric(g, n.Args[1])
	case sop.Lookup:
		return !slices.ContainsFunc(n.Table.Vals, func(v value.Value) bool {
			return !number(v) && !(g.Mixed() && v.IsNumber())
		})
	}
	return false
}

// number reports whether a value is an int or a float.
func number(v value.Value) bool { return v.Kind() == value.KindInt || v.Kind() == value.KindFloat }

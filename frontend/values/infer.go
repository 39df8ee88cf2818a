package values

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// Infer computes the table of the nodes that a model of output holds. The
// error is a *LimitError when a set grows too large, and an *UnsupportedError
// where sets cannot tell values apart.
func Infer(g *sop.Graph, output sop.ID, d Domain) (*Table, error) {
	in := newInference(g, d)
	if err := in.need(output); err != nil {
		return nil, err
	}
	in.hazards = in.sortedHazards()
	return &in.Table, nil
}

func newInference(g *sop.Graph, d Domain) *inference {
	in := &inference{
		Table:   Table{domain: d, graph: g, info: map[sop.ID]*info{}},
		samples: newSamples(d),
		seen:    map[sop.Atom]truth{},
		ranks:   map[sop.ID]bool{},
	}
	in.info[RawToken] = in.rawToken()
	return in
}

func (in *inference) sortedHazards() []Hazard {
	slices.SortStableFunc(in.hazards, func(a, b Hazard) int { return cmp.Compare(a.Node, b.Node) })
	return in.hazards
}

// need infers a node and what it is computed from. A total is computed from
// what it sums, so that the mean it is written with may have any number of
// values.
func (in *inference) need(id sop.ID) error {
	switch {
	case in.info[id] != nil:
		return nil
	case in.failed[id] != nil:
		return in.failed[id]
	}
	err := in.infer(id)
	if err != nil && in.failed != nil {
		in.failed[id] = err
	}
	return err
}

func (in *inference) infer(id sop.ID) error {
	n := in.graph.Node(id)
	if i, err := in.total(n); err != nil || i != nil {
		if err == nil {
			in.info[id] = i
		}
		return err
	}
	for _, a := range n.Args {
		if err := in.need(a); err != nil {
			return err
		}
	}
	i, err := in.node(n)
	if err != nil {
		return err
	}
	in.info[id] = i
	if !in.graph.Mixed() && !n.Selector() && !i.kinds.Numeric() && i.kinds != text {
		in.hazard(id, "its values mix strings and numbers")
	}
	return nil
}

type inference struct {
	Table
	samples *samples
	seen    map[sop.Atom]truth // of anywhere
	ranks   map[sop.ID]bool    // of isRank
	// failed keeps why nodes could not be inferred, where others are inferred
	// all the same; else it is nil.
	failed map[sop.ID]error
}

func (in *inference) hazard(id sop.ID, format string, args ...any) {
	in.hazards = append(in.hazards, Hazard{Node: id, What: fmt.Sprintf(format, args...)})
}

func (in *inference) rawToken() *info {
	i := &info{set: in.domain.Vocab, leaves: []sop.ID{RawToken}}
	for _, v := range i.set {
		i.kinds = i.kinds.with(v.Kind())
	}
	return i
}

func (in *inference) node(n *sop.Node) (*info, error) {
	switch {
	case n.Op == sop.Indices:
		return in.integers(n.ID, 0, in.domain.MaxLen-1), nil
	case n.Op == sop.Const:
		return &info{set: []value.Value{n.Value}, kinds: KindSet(0).with(n.Value.Kind()), cells: []int32{0}}, nil
	case n.Selector():
		return in.selector(n.ID)
	case n.Op == sop.Width:
		return in.width(n), nil
	case n.Op == sop.Aggregate:
		return in.aggregate(n)
	}
	return in.elementwise(n)
}

// variable is the info of a node that is its own leaf.
func variable(id sop.ID, set []value.Value, kinds KindSet) *info {
	cells := make([]int32, len(set))
	for i := range cells {
		cells[i] = int32(i)
	}
	return &info{set: set, kinds: kinds, leaves: []sop.ID{id}, cells: cells}
}

func (in *inference) integers(id sop.ID, lo, hi int) *info {
	set := make([]value.Value, 0, hi-lo+1)
	for i := lo; i <= hi; i++ {
		set = append(set, value.IntOf(int64(i)))
	}
	return variable(id, set, KindSet(0).with(value.KindInt))
}

// width of a selector: 0 … its largest row, from 1 where no row is empty.
func (in *inference) width(n *sop.Node) *info {
	f := in.info[n.Args[0]].sel
	lo := 0
	if f.NonEmpty && f.MaxWidth > 0 {
		lo = 1
	}
	return in.integers(n.ID, lo, f.MaxWidth)
}

// elementwise evaluates the node jointly over its leaves, or, where they have
// too many combinations, over the values of its arguments: it then becomes a
// variable of its own.
func (in *inference) elementwise(n *sop.Node) (*info, error) {
	if err := in.formats(n); err != nil {
		return nil, err
	}
	leaves := in.unionLeaves(n.Args)
	if n.Op == sop.Tokens {
		leaves = []sop.ID{RawToken}
	}
	if in.combinations(leaves) <= MaxJoint {
		i := &info{leaves: leaves}
		return i, in.tabulate(n, i, in.argCells(n))
	}
	if in.combinations(n.Args) > MaxJoint {
		return nil, in.limit(n.ID, in.combinations(n.Args), n.Args)
	}
	joint := &info{leaves: slices.Compact(slices.Sorted(slices.Values(n.Args)))}
	if err := in.tabulate(n, joint, in.ownCells(n)); err != nil {
		return nil, err
	}
	v := variable(n.ID, joint.set, joint.kinds)
	return v, nil
}

// unionLeaves returns the leaves of several s-ops, increasing.
func (in *inference) unionLeaves(ids []sop.ID) []sop.ID {
	var leaves []sop.ID
	for _, id := range ids {
		leaves = append(leaves, in.info[id].leaves...)
	}
	slices.Sort(leaves)
	return slices.Compact(leaves)
}

func (in *inference) sizes(ids []sop.ID) []int {
	sizes := make([]int, len(ids))
	for k, id := range ids {
		sizes[k] = len(in.info[id].set)
	}
	return sizes
}

func product(sizes []int) int {
	p := 1
	for _, s := range sizes {
		p *= s
	}
	return p
}

// combinations returns the product of the set sizes, capped above MaxJoint.
func (in *inference) combinations(ids []sop.ID) int {
	product := 1
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		product *= max(1, len(in.info[id].set))
		if product > MaxJoint {
			return MaxJoint + 1
		}
	}
	return product
}

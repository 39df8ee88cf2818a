package values

import (
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// argument is one argument of a node that is being tabulated: its values, and
// how its table is indexed by the leaves of the node.
type argument struct {
	set    []value.Value
	cells  []int32
	leaves []sop.ID
	stride []int // by leaf of the node; 0 for leaves the argument ignores
	at     int   // cell of the current combination
}

// argCells reads each argument as a function of the leaves.
func (in *inference) argCells(n *sop.Node) []*argument {
	if n.Op == sop.Tokens {
		raw := variable(RawToken, in.info[RawToken].set, 0)
		return []*argument{{set: raw.set, cells: raw.cells, leaves: raw.leaves}}
	}
	args := make([]*argument, len(n.Args))
	for k, a := range n.Args {
		i := in.info[a]
		args[k] = &argument{set: i.set, cells: i.cells, leaves: i.leaves}
	}
	return args
}

// ownCells reads each argument as a variable, whatever it is a function of.
func (in *inference) ownCells(n *sop.Node) []*argument {
	args := make([]*argument, len(n.Args))
	for k, a := range n.Args {
		v := variable(a, in.info[a].set, 0)
		args[k] = &argument{set: v.set, cells: v.cells, leaves: v.leaves}
	}
	return args
}

// tabulate evaluates n on every possible combination of the values of
// i.leaves and fills in i's set, kinds and cells.
func (in *inference) tabulate(n *sop.Node, i *info, args []*argument) error {
	sizes := in.sizes(i.leaves)
	total := product(sizes)
	for _, a := range args {
		a.setStride(i.leaves, sizes)
	}
	c := collector{index: map[value.Key]int32{}, cells: make([]int32, total)}
	combo := make([]int, len(sizes))
	for cell := range total {
		c.cells[cell] = in.cell(n, i, args, combo, &c)
		advance(combo, sizes, args)
	}
	if len(c.set) > MaxSet {
		return in.limit(n.ID, len(c.set), n.Args)
	}
	i.set, i.cells, i.kinds = c.sorted()
	i.kinds |= in.wider(n, i.kinds)
	if !c.failed && in.integersOnly(n) {
		in.hazard(n.ID, "it takes integers, and may get a float")
	}
	return nil
}

// integersOnly reports whether the node is undefined for floats where it is
// defined for equal integers, and an argument may be a float.
func (in *inference) integersOnly(n *sop.Node) bool {
	if len(n.Args) == 0 {
		return false
	}
	kinds := in.info[n.Args[0]].kinds
	switch {
	case n.Op == sop.Lookup:
		return !n.Table.Dict && kinds.Has(value.KindFloat)
	case n.Op == sop.Mul: // a string is repeated
		other := in.info[n.Args[1]].kinds
		return kinds&text != 0 && other.Has(value.KindFloat) || other&text != 0 && kinds.Has(value.KindFloat)
	}
	return false
}

// wider returns number kinds that results can have beyond those that were
// seen: of equal values a set holds the narrowest kind alone, so that the node
// was evaluated on 1 where an argument may be 1.0 or True as well.
func (in *inference) wider(n *sop.Node, seen KindSet) KindSet {
	args := n.Args
	if n.Op == sop.If {
		args = args[1:]
	}
	var kinds KindSet
	for _, a := range args {
		kinds |= in.info[a].kinds &^ text
	}
	switch {
	case seen == text:
		return 0
	case n.Op == sop.If:
		return kinds
	case n.Op >= sop.Add && n.Op <= sop.Neg:
		return kinds & KindSet(0).with(value.KindFloat)
	}
	return 0
}

// setStride computes how far a step of each leaf moves in the argument's own
// table.
func (a *argument) setStride(leaves []sop.ID, sizes []int) {
	a.stride = make([]int, len(leaves))
	step := 1
	for k := len(leaves) - 1; k >= 0; k-- {
		if slices.Contains(a.leaves, leaves[k]) {
			a.stride[k] = step
			step *= sizes[k]
		}
	}
}

// advance steps to the next combination, the last leaf fastest.
func advance(combo, sizes []int, args []*argument) {
	for k := len(combo) - 1; k >= 0; k-- {
		combo[k]++
		for _, a := range args {
			a.at += a.stride[k]
		}
		if combo[k] < sizes[k] {
			return
		}
		for _, a := range args {
			a.at -= a.stride[k] * sizes[k]
		}
		combo[k] = 0
	}
}

// cell evaluates the node on the current combination.
func (in *inference) cell(n *sop.Node, i *info, args []*argument, combo []int, c *collector) int32 {
	var vals [3]value.Value
	for k, a := range args {
		at := a.cells[a.at]
		if at == undefined {
			return undefined
		}
		vals[k] = a.set[at]
	}
	if !in.Possible(i.leaves, combo) {
		return undefined
	}
	v, err := apply(n, vals[:len(args)])
	if err != nil {
		if !c.failed {
			c.failed = true
			in.hazard(n.ID, "%s", err)
		}
		return undefined
	}
	return c.add(v)
}

func apply(n *sop.Node, args []value.Value) (value.Value, error) {
	if n.Op == sop.Tokens {
		return n.Read.Of(args[0])
	}
	return n.Apply(args...)
}

// collector gathers the distinct values of a table.
type collector struct {
	set    []value.Value
	kinds  KindSet
	index  map[value.Key]int32
	cells  []int32
	failed bool
}

func (c *collector) add(v value.Value) int32 {
	c.kinds = c.kinds.with(v.Kind())
	k := v.Key()
	if i, ok := c.index[k]; ok {
		if v.Kind() < c.set[i].Kind() {
			c.set[i] = v
		}
		return i
	}
	i := int32(len(c.set))
	c.index[k] = i
	c.set = append(c.set, v)
	return i
}

// sorted returns the set in order, and the cells renumbered to it.
func (c *collector) sorted() ([]value.Value, []int32, KindSet) {
	order := make([]int32, len(c.set))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return value.Compare(c.set[a], c.set[b]) })
	set := make([]value.Value, len(order))
	rank := make([]int32, len(order))
	for to, from := range order {
		set[to] = c.set[from]
		rank[from] = int32(to)
	}
	for i, at := range c.cells {
		if at != undefined {
			c.cells[i] = rank[at]
		}
	}
	return set, c.cells, c.kinds
}

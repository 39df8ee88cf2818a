package lower

import (
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// function is a tabulated function of variables: for each combination of
// their values, the last one fastest, the number of the result in set, or
// undefined where the combination cannot occur or has no result.
type function struct {
	node   sop.ID
	leaves []sop.ID // nil for a function that is not an s-op's
	vars   []varID  // what holds each argument
	sets   [][]value.Value
	out    []int32
	set    []value.Value
}

const undefined int32 = -1

// maxTable bounds the combinations of one function.
const maxTable = 1 << 18

// combinations returns the number of combinations of the leaves' values,
// capped above maxTable.
func (b *builder) combinations(leaves []sop.ID) int {
	product := 1
	for _, l := range leaves {
		product *= max(1, len(b.table.Set(l)))
		if product > maxTable {
			return maxTable + 1
		}
	}
	return product
}

// tabulate evaluates an s-op on every combination of the values of leaves,
// which must be variables, already built, that it is a function of.
func (b *builder) tabulate(id sop.ID, leaves []sop.ID) *function {
	f := &function{node: id, leaves: leaves, set: b.table.Set(id)}
	total := 1
	for _, l := range leaves {
		f.sets = append(f.sets, b.table.Set(l))
		f.vars = append(f.vars, b.native[l])
		total *= len(b.table.Set(l))
	}
	index := indexOf(f.set)
	e := b.evaluation(id, leaves)
	f.out = make([]int32, total)
	combo := make([]int, len(leaves))
	for cell := range total {
		f.out[cell] = undefined
		if b.table.Possible(leaves, combo) {
			if v, ok := e.run(f, combo); ok {
				if at, ok := index[v.Key()]; ok {
					f.out[cell] = at
				}
			}
		}
		f.advance(combo)
	}
	return f
}

func indexOf(set []value.Value) map[value.Key]int32 {
	index := make(map[value.Key]int32, len(set))
	for i, v := range set {
		index[v.Key()] = int32(i)
	}
	return index
}

// advance steps to the next combination.
func (f *function) advance(combo []int) {
	for k := len(combo) - 1; k >= 0; k-- {
		if combo[k]++; combo[k] < len(f.sets[k]) {
			return
		}
		combo[k] = 0
	}
}

// evaluation evaluates the nodes between some leaves and a root.
type evaluation struct {
	graph *sop.Graph
	order []sop.ID               // root last
	fixed map[sop.ID]value.Value // s-ops with one value
	slot  map[sop.ID]int
	vals  []value.Value
}

// evaluation lists the nodes from the leaves up to id. The root is evaluated
// even where it is itself a variable.
func (b *builder) evaluation(id sop.ID, leaves []sop.ID) *evaluation {
	e := &evaluation{graph: b.graph, slot: map[sop.ID]int{}, fixed: map[sop.ID]value.Value{}}
	for k, l := range leaves {
		e.slot[l] = k
	}
	var visit func(id sop.ID)
	visit = func(n sop.ID) {
		if _, ok := e.slot[n]; ok {
			return
		}
		if v, ok := b.single(n); ok {
			e.fixed[n] = v
		} else {
			for _, a := range b.graph.Node(n).Args {
				visit(a)
			}
		}
		e.slot[n] = len(leaves) + len(e.order)
		e.order = append(e.order, n)
	}
	visit(id)
	e.vals = make([]value.Value, len(leaves)+len(e.order))
	return e
}

func (e *evaluation) run(f *function, combo []int) (value.Value, bool) {
	for k, at := range combo {
		e.vals[k] = f.sets[k][at]
	}
	for i, id := range e.order {
		v, err := e.node(e.graph.Node(id))
		if err != nil {
			return value.Value{}, false
		}
		e.vals[len(combo)+i] = v
	}
	// Without nodes of its own the function is the identity on its one leaf.
	return e.vals[len(e.vals)-1], true
}

func (e *evaluation) node(n *sop.Node) (value.Value, error) {
	if v, ok := e.fixed[n.ID]; ok {
		return v, nil
	}
	if n.Op == sop.Tokens {
		return n.Read.Of(e.vals[e.slot[values.RawToken]])
	}
	var args [3]value.Value
	for k, a := range n.Args {
		args[k] = e.vals[e.slot[a]]
	}
	return n.Apply(args[:len(n.Args)]...)
}

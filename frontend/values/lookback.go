package values

import (
	"slices"

	"github.com/raspc/raspc/frontend/sop"
)

// LooksBack reports whether every selector that the output is computed with
// provably selects no position after the query's own. Such a program means the
// same with and without causal evaluation, and causal attention computes it.
func (t *Table) LooksBack() bool {
	for id, i := range t.info {
		if id == RawToken {
			continue
		}
		n := t.graph.Node(id)
		switch {
		case i.total != nil:
			if !t.looksBack(t.graph.Formula(i.total.Selector)) {
				return false
			}
		case n.Op == sop.Aggregate || n.Op == sop.Width:
			if !t.looksBack(t.graph.Formula(n.Args[0])) {
				return false
			}
		}
	}
	return true
}

// looksBack asks one conjunct, and all disjuncts, to look back.
func (t *Table) looksBack(f sop.Formula) bool {
	switch f.Kind {
	case sop.Literal:
		return t.atomLooksBack(f.Atom)
	case sop.All:
		return slices.ContainsFunc(f.Args, t.looksBack)
	}
	return !slices.ContainsFunc(f.Args, func(a sop.Formula) bool { return !t.looksBack(a) })
}

// atomLooksBack tries every later key position against every situation of the
// query, where the key is a function of the position alone. A query that does
// not read its own position may stand at the first.
func (t *Table) atomLooksBack(a sop.Atom) bool {
	key, query := t.info[a.Key], t.info[a.Query]
	own := slices.IndexFunc(query.leaves, t.isIndices)
	if len(key.leaves) != 1 || !t.isIndices(key.leaves[0]) || len(query.cells)*len(key.cells) > maxPairs {
		return false
	}
	sizes := make([]int, len(query.leaves))
	for k, leaf := range query.leaves {
		sizes[k] = len(t.info[leaf].set)
	}
	combo := make([]int, len(sizes))
	for _, at := range query.cells {
		if at != undefined && t.Possible(query.leaves, combo) {
			first := 1
			if own >= 0 {
				first = combo[own] + 1
			}
			for later := first; later < len(key.cells); later++ {
				if key.cells[later] == undefined {
					continue
				}
				holds, err := a.Cmp.Holds(key.set[key.cells[later]], query.set[at])
				if holds || err != nil {
					return false
				}
			}
		}
		advance(combo, sizes, nil)
	}
	return true
}

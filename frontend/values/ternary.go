package values

import (
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// truth is the truth of a comparison over a range of situations.
type truth uint8

const (
	unknown truth = iota // holds in some and not in others, or too many to try
	yes                  // holds in all
	no                   // holds in none
)

// ternary evaluates a formula whose comparisons are partly unknown.
func ternary(f sop.Formula, atom func(sop.Atom) truth) truth {
	if f.Kind == sop.Literal {
		return atom(f.Atom)
	}
	// A conjunction is decided by a no, a disjunction by a yes.
	decisive, neutral := no, yes
	if f.Kind == sop.Any {
		decisive, neutral = yes, no
	}
	result := neutral
	for _, a := range f.Args {
		switch ternary(a, atom) {
		case decisive:
			return decisive
		case unknown:
			result = unknown
		}
	}
	return result
}

// maxPairs bounds the pairs that one comparison is tried on.
const maxPairs = 1 << 18

// observe tries a comparison on pairs until both outcomes were seen.
func observe(pairs func(yield func(k, q value.Value) bool), c value.Cmp) truth {
	var held, failed bool
	pairs(func(k, q value.Value) bool {
		holds, err := c.Holds(k, q)
		held = held || err == nil && holds
		failed = failed || err != nil || !holds
		return !(held && failed)
	})
	switch {
	case held && !failed:
		return yes
	case failed && !held:
		return no
	}
	return unknown
}

// anywhere is the truth of a comparison over all key and query values.
func (in *inference) anywhere(a sop.Atom) truth {
	t, ok := in.seen[a]
	if !ok {
		t = observeSets(in.info[a.Key].set, in.info[a.Query].set, a.Cmp)
		in.seen[a] = t
	}
	return t
}

func observeSets(keys, queries []value.Value, c value.Cmp) truth {
	if len(keys)*len(queries) > maxPairs {
		return unknown
	}
	return observe(func(yield func(k, q value.Value) bool) {
		for _, k := range keys {
			for _, q := range queries {
				if !yield(k, q) {
					return
				}
			}
		}
	}, c)
}

// atSelf is the truth of a comparison where key and query position agree. A
// formula that is true there has no empty row.
func (in *inference) atSelf(a sop.Atom) truth {
	if a.Key == a.Query {
		return reflexive(a.Cmp)
	}
	n := &sop.Node{Op: sop.Compare, Args: []sop.ID{a.Key, a.Query}, Cmp: a.Cmp}
	leaves := in.unionLeaves(n.Args)
	if in.combinations(leaves) > maxPairs {
		return unknown
	}
	return observe(func(yield func(k, q value.Value) bool) {
		in.eachPair(leaves, in.argCells(n), yield)
	}, a.Cmp)
}

// reflexive is the truth of the comparison of a value with itself.
func reflexive(c value.Cmp) truth {
	if c == value.EQ || c == value.LE || c == value.GE {
		return yes
	}
	return no
}

// eachPair yields the values of two arguments on all possible combinations of
// the leaves.
func (in *inference) eachPair(leaves []sop.ID, args []*argument, yield func(k, q value.Value) bool) {
	sizes := in.sizes(leaves)
	for _, a := range args {
		a.setStride(leaves, sizes)
	}
	combo := make([]int, len(sizes))
	for range product(sizes) {
		k, q := args[0].cells[args[0].at], args[1].cells[args[1].at]
		if k != undefined && q != undefined && in.Possible(leaves, combo) {
			if !yield(args[0].set[k], args[1].set[q]) {
				return
			}
		}
		advance(combo, sizes, args)
	}
}

// atFirst is the truth of a comparison at key position 0, which every input
// has, over all queries. A formula that is true there has no empty row.
func (in *inference) atFirst(a sop.Atom) truth {
	keys := in.firstValues(a.Key)
	if keys == nil {
		return unknown
	}
	return observeSets(keys, in.info[a.Query].set, a.Cmp)
}

// firstValues returns the values that an s-op can have at position 0 where it
// is a function of token and position alone, else nil.
func (in *inference) firstValues(id sop.ID) []value.Value {
	i := in.info[id]
	sizes := in.sizes(i.leaves)
	for _, leaf := range i.leaves {
		if leaf != RawToken && !in.isIndices(leaf) {
			return nil
		}
	}
	var vals []value.Value
	combo := make([]int, len(sizes))
	for cell := range product(sizes) {
		if i.cells[cell] != undefined && in.standsFirst(i.leaves, combo) {
			vals = append(vals, i.set[i.cells[cell]])
		}
		advance(combo, sizes, nil)
	}
	return vals
}

// standsFirst reports whether a combination of token and position can occur
// at position 0.
func (in *inference) standsFirst(leaves []sop.ID, combo []int) bool {
	for k, leaf := range leaves {
		if leaf == RawToken {
			if !in.domain.allows(in.info[RawToken].set[combo[k]], 0) {
				return false
			}
		} else if combo[k] != 0 {
			return false
		}
	}
	return true
}

package values

import (
	"fmt"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// selector computes what is known of a selector's rows.
func (in *inference) selector(id sop.ID) (*info, error) {
	if in.graph.FormulaSize(id, MaxFormula) > MaxFormula {
		return nil, &UnsupportedError{
			Node: id,
			Msg:  fmt.Sprintf("%s combines more than %d comparisons", in.graph.Describe(id), MaxFormula),
			Help: "build the selector from fewer parts, or compare an s-op that holds what they decide",
		}
	}
	f := in.graph.Formula(id)
	in.comparable(id, f)
	facts := in.bound(f)
	facts.Full = ternary(f, in.anywhere) == yes
	facts.NonEmpty = facts.Full || ternary(f, in.atSelf) == yes || ternary(f, in.atFirst) == yes ||
		f.Kind == sop.Literal && in.pointsInside(f.Atom)
	return &info{sel: facts}, nil
}

// comparable notes a hazard where strings may be ordered against numbers.
func (in *inference) comparable(id sop.ID, f sop.Formula) {
	for _, a := range f.Atoms() {
		k, q := in.info[a.Key].kinds, in.info[a.Query].kinds
		if a.Cmp > value.NE && (k|q) != text && (k|q)&text != 0 {
			in.hazard(id, "it may order strings against numbers")
			return
		}
	}
}

// bound limits the number of positions that a row can select.
func (in *inference) bound(f sop.Formula) SelectorFacts {
	best := SelectorFacts{MaxWidth: in.domain.MaxLen}
	switch f.Kind {
	case sop.Literal:
		return in.boundAtom(f.Atom)
	case sop.All:
		for _, a := range f.Args {
			if b := in.bound(a); b.MaxWidth < best.MaxWidth {
				best = b
			}
		}
	case sop.Any:
		var sum SelectorFacts
		for _, a := range f.Args {
			b := in.bound(a)
			sum.MaxWidth += b.MaxWidth
			sum.Why = b.Why
		}
		if sum.MaxWidth < best.MaxWidth {
			best = sum
		}
	}
	return best
}

func (in *inference) boundAtom(a sop.Atom) SelectorFacts {
	most := in.domain.MaxLen
	key := in.info[a.Key]
	switch {
	case in.anywhere(a) == no:
		return SelectorFacts{MaxWidth: 0, Why: "the comparison never holds"}
	case len(key.leaves) == 1 && in.isIndices(key.leaves[0]):
		if w := in.positions(a); w < most {
			return SelectorFacts{MaxWidth: w, Why: "the key depends on the position alone"}
		}
	case a.Cmp == value.EQ && in.injective(a.Key):
		return SelectorFacts{MaxWidth: 1, Why: "no two positions have the same key"}
	}
	return SelectorFacts{MaxWidth: most}
}

// positions counts, for the worst query value, the positions whose key it
// selects, where the key is a function of the position.
func (in *inference) positions(a sop.Atom) int {
	const many = 1 << 22 // pairs to look at
	key, most := in.info[a.Key], 0
	queries := in.info[a.Query].set
	switch {
	case a.Cmp == value.EQ:
		return mostOften(key, queries)
	case len(queries)*len(key.cells) > many:
		return in.domain.MaxLen
	}
	for _, q := range queries {
		w := 0
		for _, at := range key.cells {
			if at == undefined {
				continue
			}
			if holds, err := a.Cmp.Holds(key.set[at], q); err == nil && holds {
				w++
			}
		}
		most = max(most, w)
	}
	return most
}

// mostOften counts how often the most frequent of some values occurs at
// different positions.
func mostOften(key *info, wanted []value.Value) int {
	count := map[value.Key]int{}
	for _, at := range key.cells {
		if at != undefined {
			count[key.set[at].Key()]++
		}
	}
	most := 0
	for _, v := range wanted {
		most = max(most, count[v.Key()])
	}
	return most
}

// pointsInside reports whether a comparison with the position asks for one
// that the query sees: not before the first, and before the length or at most
// its own position.
func (in *inference) pointsInside(a sop.Atom) bool {
	if a.Cmp != value.EQ || !in.isIndices(a.Key) {
		return false
	}
	leaves := in.info[a.Query].leaves
	bound, offset := a.Key, value.Int(0) // its own position
	for _, leaf := range leaves {
		if in.isLength(leaf) {
			bound, offset = leaf, value.Int(1)
		}
	}
	both := in.unionLeaves([]sop.ID{a.Query, bound})
	if in.combinations(both) > maxPairs {
		return false
	}
	inside := true
	n := &sop.Node{Op: sop.Compare, Args: []sop.ID{a.Query, bound}}
	in.eachPair(both, in.argCells(n), func(q, limit value.Value) bool {
		inside = q.IsNumber() && q.Rat().IsInt() && q.Rat().Sign() >= 0 &&
			q.Rat().Cmp(limit.Rat().Sub(offset)) <= 0
		return inside
	})
	return inside
}

// injective reports whether no two positions of an input can have the same
// value: the s-op is an injective function of the position, or of a rank.
func (in *inference) injective(id sop.ID) bool {
	i := in.info[id]
	if len(i.leaves) != 1 || !in.isIndices(i.leaves[0]) && !in.isRank(i.leaves[0]) {
		return false
	}
	seen := make([]bool, len(i.set))
	for _, at := range i.cells {
		if at == undefined || seen[at] {
			return false
		}
		seen[at] = true
	}
	return true
}

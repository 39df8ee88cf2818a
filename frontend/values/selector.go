package values

import (
	"fmt"
	"slices"

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
	if facts.MaxWidth == in.domain.MaxLen && ternary(f, in.atSelf) == no {
		facts.MaxWidth--
		facts.Why = "no position selects itself"
	}
	facts.Full = ternary(f, in.anywhere) == yes
	facts.NonEmpty = facts.Full || ternary(f, in.atSelf) == yes || ternary(f, in.atFirst) == yes ||
		f.Kind == sop.Literal && in.pointsInside(f.Atom)
	return &info{sel: facts}, nil
}

// comparable notes a hazard where strings may be ordered against numbers.
func (in *inference) comparable(id sop.ID, f sop.Formula) {
	for _, a := range f.Atoms() {
		k, q := in.info[a.Key].kinds, in.info[a.Query].kinds
		if a.Cmp > value.NE && (k|q) != text && !(k | q).Numeric() {
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

// pointsInside reports whether a comparison with the position, or with a rank,
// asks for a number that some position has: not below 0, and less than the
// length, or at most the query's own position.
func (in *inference) pointsInside(a sop.Atom) bool {
	if a.Cmp != value.EQ || !in.isIndices(a.Key) && !in.isRank(a.Key) {
		return false
	}
	bound, offset, ok := in.lastInside(a)
	if !ok {
		return false
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

// lastInside finds an s-op that, less the offset, is a position that every query
// sees: the last of the input where the query reads the length, else its own.
func (in *inference) lastInside(a sop.Atom) (id sop.ID, offset value.Rat, ok bool) {
	leaves := in.info[a.Query].leaves
	if k := slices.IndexFunc(leaves, in.isLength); k >= 0 {
		return leaves[k], value.Int(1), true
	}
	if in.isIndices(a.Key) {
		return a.Key, value.Int(0), true
	}
	k := slices.IndexFunc(leaves, in.isIndices)
	if k < 0 {
		return 0, value.Int(0), false
	}
	return leaves[k], value.Int(0), true
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

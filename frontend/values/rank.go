package values

import (
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// isRank reports whether a leaf is the width of a strict total order of the
// positions: such widths are 0, 1, …, n-1 in some order, so that no two
// positions share one. The order must be lexicographic in s-ops of which the
// last differs at any two positions, as in "smaller key, or equal key and
// earlier position". It does not hold for causal widths, which count earlier
// keys only.
func (in *inference) isRank(leaf sop.ID) bool {
	is, known := in.ranks[leaf]
	if !known {
		is = in.proveRank(leaf)
		in.ranks[leaf] = is
	}
	return is
}

func (in *inference) proveRank(leaf sop.ID) bool {
	if leaf == RawToken || in.domain.Causal || in.graph.Node(leaf).Op != sop.Width {
		return false
	}
	f := in.graph.Formula(in.graph.Node(leaf).Args[0])
	var keys []sop.ID
	for _, a := range f.Atoms() {
		if a.Key != a.Query {
			return false
		}
		keys = appendNew(keys, a.Key)
	}
	const most = 4 // s-ops in one order: 4! * 2^4 candidates
	if len(keys) == 0 || len(keys) > most {
		return false
	}
	return in.lexicographic(f, nil, keys)
}

func appendNew(ids []sop.ID, id sop.ID) []sop.ID {
	for _, old := range ids {
		if old == id {
			return ids
		}
	}
	return append(ids, id)
}

// direction is one component of a lexicographic order.
type direction struct {
	key  sop.ID
	sign int // 1 ascending, -1 descending
}

// lexicographic tries to extend a prefix of an order by the remaining keys.
func (in *inference) lexicographic(f sop.Formula, prefix []direction, rest []sop.ID) bool {
	if n := len(prefix); n > 0 && in.injective(prefix[n-1].key) && agrees(f, prefix) {
		return true
	}
	for i, k := range rest {
		others := append(append([]sop.ID(nil), rest[:i]...), rest[i+1:]...)
		for _, sign := range []int{1, -1} {
			next := append(append([]direction(nil), prefix...), direction{k, sign})
			if in.lexicographic(f, next, others) {
				return true
			}
		}
	}
	return false
}

// agrees reports whether the formula selects key k for query q exactly when k
// comes before q, for any two positions, however the s-ops compare on them.
// The keys that the order leaves out may compare in any way.
func agrees(f sop.Formula, order []direction) bool {
	var keys []sop.ID
	for _, d := range order {
		keys = append(keys, d.key)
	}
	for _, a := range f.Atoms() {
		keys = appendNew(keys, a.Key)
	}
	last := order[len(order)-1].key
	return everySign(keys, map[sop.ID]int{}, func(sign map[sop.ID]int) bool {
		if sign[last] == 0 {
			// Both are the same position, which a strict order leaves out.
			return !allZero(sign) || !f.Eval(truthFor(sign))
		}
		return f.Eval(truthFor(sign)) == before(order, sign)
	})
}

// everySign calls ok for each way in which key and query can compare on the
// given s-ops: -1 where the key's value is smaller, 0 equal, 1 larger.
func everySign(keys []sop.ID, sign map[sop.ID]int, ok func(map[sop.ID]int) bool) bool {
	if len(keys) == 0 {
		return ok(sign)
	}
	for s := -1; s <= 1; s++ {
		sign[keys[0]] = s
		if !everySign(keys[1:], sign, ok) {
			return false
		}
	}
	return true
}

func allZero(sign map[sop.ID]int) bool {
	for _, s := range sign {
		if s != 0 {
			return false
		}
	}
	return true
}

func truthFor(sign map[sop.ID]int) func(sop.Atom) bool {
	return func(a sop.Atom) bool {
		holds, err := a.Cmp.Holds(value.IntOf(int64(sign[a.Key])), value.IntOf(0))
		return err == nil && holds
	}
}

func before(order []direction, sign map[sop.ID]int) bool {
	for _, d := range order {
		if s := sign[d.key] * d.sign; s != 0 {
			return s < 0
		}
	}
	return false
}

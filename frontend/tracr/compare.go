package tracr

import (
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// compare selects by a comparison. Programs sort with ties by adding a small part of
// the position to each key: such keys are compared as RASP compares them, first the
// keys and then the positions, which takes no table over the sums.
func (b *builder) compare(keys, queries sop.ID, c value.Cmp, at sop.Pos) sop.ID {
	s, ok := b.sums[keys]
	if !ok || keys != queries || !s.apart || c == value.EQ || c == value.NE {
		return b.select1(keys, queries, c, at)
	}
	strict := map[value.Cmp]value.Cmp{value.LT: value.LT, value.LE: value.LT, value.GT: value.GT, value.GE: value.GT}[c]
	return b.g.SelOr(b.select1(s.first, s.first, strict, at),
		b.g.SelAnd(b.select1(s.first, s.first, value.EQ, at), b.select1(s.second, s.second, c, at), at), at)
}

// select1 compares what tables hold by their arguments, where the tables only rise or
// only fall, and have no holes.
func (b *builder) select1(keys, queries sop.ID, c value.Cmp, at sop.Pos) sop.ID {
	if keys != queries {
		return b.g.Select(keys, queries, c, at)
	}
	for b.g.Node(keys).Op == sop.Lookup && b.certain(keys) && !b.holes[keys] {
		sign := direction(b.g.Node(keys).Table)
		if sign == 0 {
			break
		}
		if sign < 0 {
			c = mirrored[c]
		}
		keys = b.g.Node(keys).Args[0]
	}
	return b.g.Select(keys, keys, c, at)
}

var mirrored = [...]value.Cmp{value.EQ: value.EQ, value.NE: value.NE, value.LT: value.GT, value.GT: value.LT, value.LE: value.GE, value.GE: value.LE}

// direction is 1 for a dict of numbers that rises, -1 for one that falls, and else 0.
func direction(t *sop.Table) int {
	order := make([]int, len(t.Keys))
	for i := range order {
		order[i] = i
		if !t.Keys[i].IsNumber() || !t.Vals[i].IsNumber() {
			return 0
		}
	}
	slices.SortFunc(order, func(a, b int) int { return value.Compare(t.Keys[a], t.Keys[b]) })
	sign := 0
	for i := 1; i < len(order); i++ {
		step := value.Compare(t.Vals[order[i]], t.Vals[order[i-1]])
		if step == 0 || sign != 0 && sign != step {
			return 0
		}
		sign = step
	}
	return sign
}

package lower

import (
	"fmt"
	"math"
)

// antichain covers a table that matches classes of keys and queries one to
// one, as equality does. Each pair has a set of h of d marks of its own, and
// the block of a mark holds the keys that have it and the queries that do not.
// A key's set is within a query's only if both are the same, since all sets
// have the same size. The largest family of such sets has d choose h members,
// h = d/2 (Sperner 1928), so that n pairs take about log2 n + (log2 log2 n)/2
// blocks, which is the least (de Caen, Gregory and Pullman 1981). Keys without
// a query have every mark and queries without a key have none.
func (m *merged) antichain(b *builder) []block {
	partner, taken, pairs := m.matching()
	if pairs < 2 {
		return nil
	}
	d, h := marks(pairs)
	keys, queries := make([][]int, d), make([][]int, d)
	sets := revolving(d, h)
	for i, j := range partner {
		var set uint64
		if j >= 0 {
			set, sets = sets[0], sets[1:]
		}
		for at := range d {
			switch marked := set>>at&1 == 1; {
			case j < 0 || marked:
				keys[at] = append(keys[at], i)
			default:
				queries[at] = append(queries[at], j)
			}
		}
	}
	blocks := make([]block, d)
	for at := range blocks {
		for j := range taken {
			if !taken[j] {
				queries[at] = append(queries[at], j)
			}
		}
		label := fmt.Sprintf("%s = %s mark %d", b.spellName(m.t.key), b.spellName(m.t.query), at)
		blocks[at] = block{label, union(m.keys, keys[at]), union(m.queries, queries[at])}
	}
	return blocks
}

// matching returns the query class that selects each class of keys, -1 where
// none does, and the queries that select one; no pairs where the table is no
// matching.
func (m *merged) matching() (partner []int, taken []bool, pairs int) {
	partner, taken = make([]int, len(m.keys)), make([]bool, len(m.queries))
	for i, row := range m.ok {
		partner[i] = -1
		for j, ok := range row {
			switch {
			case !ok:
			case partner[i] >= 0 || taken[j]:
				return nil, nil, 0
			default:
				partner[i], taken[j] = j, true
				pairs++
			}
		}
	}
	return partner, taken, pairs
}

// digits covers a matching as well: pairs are numbered, and two of them differ
// in one of the two digits of their numbers to some base, at least the root of
// their number. It takes more blocks
// than an antichain, but where an MLP writes a mark for each, fewer of its
// steps touch one. Covers for several bases are returned, by what a digit of the
// key is and by what one of the query is: an error of the side that is not named
// so matters for its own digits only.
func (m *merged) digits(b *builder) [][]block {
	const few = 16 // pairs for which marks are exact anyway
	partner, taken, pairs := m.matching()
	if pairs < few {
		return nil
	}
	var all [][]block
	root := math.Sqrt(float64(pairs))
	for _, times := range []float64{1, 1.5, 2, 3, 4} {
		if base := int(math.Ceil(root * times)); base < pairs {
			all = append(all, m.digitsOf(b, partner, taken, base, true), m.digitsOf(b, partner, taken, base, false))
		}
	}
	return all
}

func (m *merged) digitsOf(b *builder, partner []int, taken []bool, base int, byKey bool) []block {
	low := func(n int) int { return n % base }
	high := func(n int) int { return n / base }
	var blocks []block
	for name, digit := range []func(int) int{low, high} {
		for value := range base {
			var keys, queries []int
			n := 0
			for i, j := range partner {
				switch {
				case j < 0: // no query selects it
					keys = append(keys, i)
					continue
				case (digit(n) == value) == byKey:
					keys = append(keys, i)
				default:
					queries = append(queries, j)
				}
				n++
			}
			if (byKey && len(keys) == 0) || (!byKey && len(queries) == 0) {
				continue
			}
			for j, ok := range taken {
				if !ok {
					queries = append(queries, j)
				}
			}
			label := fmt.Sprintf("%s = %s digit %d is %d", b.spellName(m.t.key), b.spellName(m.t.query), name, value)
			blocks = append(blocks, block{label, union(m.keys, keys), union(m.queries, queries)})
		}
	}
	return blocks
}

// marks returns the least d, and h, with at least n sets of h out of d marks.
func marks(n int) (d, h int) {
	for sets := 1; sets < n; {
		d++
		h = d / 2
		sets = 1
		for i := range h {
			sets = sets * (d - i) / (i + 1)
		}
	}
	return d, h
}

// revolving lists the sets of h out of d marks in an order in which neighbours
// differ by one mark that goes and one that comes (the revolving door of
// Nijenhuis and Wilf 1975): where an MLP writes the marks, few of its steps
// touch each.
func revolving(d, h int) []uint64 {
	if h == 0 {
		return []uint64{0}
	}
	if h == d {
		return []uint64{1<<d - 1}
	}
	sets := revolving(d-1, h)
	with := revolving(d-1, h-1)
	for i := len(with) - 1; i >= 0; i-- {
		sets = append(sets, with[i]|1<<(d-1))
	}
	return sets
}

package lower

import (
	"fmt"
	"math/bits"
	"testing"

	"pgregory.net/rapid"
)

// relation draws a table: of any cells, of a matching, or of nested rows, each
// with values that behave alike.
func relation(t *rapid.T) *table {
	keys, queries := rapid.IntRange(1, 12).Draw(t, "keys"), rapid.IntRange(1, 12).Draw(t, "queries")
	ofKey := rapid.SliceOfN(rapid.IntRange(0, 6), keys, keys).Draw(t, "of keys")
	ofQuery := rapid.SliceOfN(rapid.IntRange(0, 6), queries, queries).Draw(t, "of queries")
	kind := rapid.SampledFrom([]string{"any", "matching", "nested"}).Draw(t, "kind")
	u := &table{key: none, query: none, ok: make([][]bool, keys)}
	for i := range u.ok {
		u.ok[i] = make([]bool, queries)
		for j := range u.ok[i] {
			switch kind {
			case "any":
				u.ok[i][j] = rapid.Bool().Draw(t, "cell")
			case "matching":
				u.ok[i][j] = ofKey[i] == ofQuery[j]
			default:
				u.ok[i][j] = ofKey[i] < ofQuery[j]
			}
		}
	}
	return u
}

// TestCovers holds every cover of random tables to the cells that do not
// select: each is in a block, and no other is.
func TestCovers(t *testing.T) {
	b := &builder{}
	found := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		u := relation(t)
		m := merge(u)
		covers := map[string][]block{
			"rows": m.rows(b), "columns": m.columns(b), "antichain": m.antichain(b), "staircase": m.staircase(b),
			"best": b.cover(u, loose).blocks,
		}
		if partner, taken, pairs := m.matching(); pairs > 1 {
			for _, base := range []int{3, 5} {
				covers[fmt.Sprintf("digits of keys, base %d", base)] = m.digitsOf(b, partner, taken, base, true)
				covers[fmt.Sprintf("digits of queries, base %d", base)] = m.digitsOf(b, partner, taken, base, false)
			}
		}
		for name, blocks := range covers {
			if blocks == nil {
				continue
			}
			found[name]++
			covered := make([][]int, len(u.ok))
			for i := range covered {
				covered[i] = make([]int, len(u.ok[0]))
			}
			for _, bl := range blocks {
				for _, k := range bl.keys {
					for _, q := range bl.queries {
						covered[k][q]++
					}
				}
			}
			for i, row := range u.ok {
				for j, ok := range row {
					if ok != (covered[i][j] == 0) || name == "staircase" && covered[i][j] > 1 {
						t.Fatalf("%s: key %d, query %d is in %d blocks of %+v", name, i, j, covered[i][j], blocks)
					}
				}
			}
		}
	})
	for _, name := range []string{"rows", "columns", "antichain", "staircase", "best", "digits of keys, base 3", "digits of queries, base 3"} {
		if found[name] == 0 {
			t.Errorf("no table had the cover %s", name)
		}
	}
}

// TestCoverSizes counts blocks and entries: those of equality and order grow as
// n log n.
func TestCoverSizes(t *testing.T) {
	b := &builder{}
	for _, c := range []struct {
		n                                  int
		equal, equalEntries, less, entries int
	}{
		{2, 2, 4, 2, 5}, {5, 4, 20, 5, 16}, {10, 5, 50, 10, 39}, {70, 8, 560, 70, 440}, {128, 10, 1280, 128, 905}, {512, 12, 6144, 512, 4619},
	} {
		equal, less := &table{key: none, query: none}, &table{key: none, query: none}
		for i := range c.n {
			equal.ok, less.ok = append(equal.ok, make([]bool, c.n)), append(less.ok, make([]bool, c.n))
			equal.ok[i][i] = true
			for j := range c.n {
				less.ok[i][j] = i < j
			}
		}
		if got := b.cover(equal, loose); len(got.blocks) != c.equal || got.entries != c.equalEntries {
			t.Errorf("equality of %d values: %d blocks, %d entries", c.n, len(got.blocks), got.entries)
		}
		if got := b.cover(less, loose); len(got.blocks) != c.less || got.entries != c.entries {
			t.Errorf("order of %d values: %d blocks, %d entries", c.n, len(got.blocks), got.entries)
		}
	}
}

// TestMarks checks the sizes of the families, and that sets follow each other.
func TestMarks(t *testing.T) {
	for n, want := range map[int]int{1: 0, 2: 2, 3: 3, 4: 4, 6: 4, 7: 5, 10: 5, 11: 6, 20: 6, 21: 7, 70: 8, 924: 12, 925: 13} {
		if d, _ := marks(n); d != want {
			t.Errorf("%d sets take %d marks", n, d)
		}
	}
	sets := revolving(6, 3)
	seen := map[uint64]bool{}
	for i, set := range sets {
		if bits.OnesCount64(set) != 3 || set >= 1<<6 || i > 0 && bits.OnesCount64(set^sets[i-1]) != 2 {
			t.Errorf("set %d is %b", i, set)
		}
		seen[set] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d sets", len(seen))
	}
}

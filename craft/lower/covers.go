package lower

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/raspc/raspc/craft"
)

// block is a set of key values and a set of query values of which none selects
// any of the other: one dimension of a head's score.
type block struct {
	label         string
	keys, queries []int // value numbers, increasing
}

// cover is a list of blocks. Together they cover the cells of a table that do
// not select, and no others: with -C for each block that holds both, a selected
// pair scores 0, each of its products being 0, and any other -C or less. The
// score of a selected pair is so exact in any order of summation and whatever
// an architecture divides scores by.
type cover struct {
	blocks  []block
	entries int     // non-zeros of the maps into the scores
	columns int     // that choices which MLPs make may take, if nothing else reads them
	err     float64 // of the score of a selected pair, in units of C
}

// cover covers a table with few blocks, and those with few entries. Where what
// is read has errors, heads whose selected keys have to weigh the same take the
// cover that lets in the least of them, the others any that lets in little.
func (b *builder) cover(t *table, p precision) cover {
	const little = 1.0 / 16
	tables := []*table{t}
	if u := b.unmasked(t); u != t {
		tables = append(tables, u)
	}
	var all []cover
	for _, t := range tables {
		m := merge(t)
		candidates := [][]block{m.rows(b), m.columns(b), m.antichain(b), m.staircase(b)}
		if p == loose {
			candidates = append(candidates, m.digits(b)...)
		}
		for _, blocks := range candidates {
			if blocks != nil {
				all = append(all, cover{blocks, b.entries(t, blocks), b.columnsFor(t, blocks, p), b.coverError(t, blocks)})
			}
		}
	}
	return slices.MinFunc(all, func(x, y cover) int {
		ex, ey := x.err, y.err
		if p == loose {
			ex, ey = max(ex, little), max(ey, little)
		}
		return cmp.Or(cmp.Compare(ex, ey), len(x.blocks)+x.columns-len(y.blocks)-y.columns, x.entries-y.entries)
	})
}

// merged is a table of classes: keys that are selected alike and queries that
// select alike are one.
type merged struct {
	t             *table
	keys, queries [][]int // members of the classes
	ok            [][]bool
}

func merge(t *table) *merged {
	m := &merged{t: t}
	m.keys = members(numbered(len(t.ok), func(i int) []bool { return t.ok[i] }))
	m.queries = members(numbered(len(t.ok[0]), t.column))
	m.ok = make([][]bool, len(m.keys))
	for i, k := range m.keys {
		m.ok[i] = make([]bool, len(m.queries))
		for j, q := range m.queries {
			m.ok[i][j] = t.ok[k[0]][q[0]]
		}
	}
	return m
}

// members lists the elements of each class.
func members(class []int, count int) [][]int {
	all := make([][]int, count)
	for i, c := range class {
		all[c] = append(all[c], i)
	}
	return all
}

// union returns the members of some classes, increasing.
func union(classes [][]int, which []int) []int {
	var all []int
	for _, c := range which {
		all = append(all, classes[c]...)
	}
	slices.Sort(all)
	return all
}

// rows has one block for each class of keys that some query misses.
func (m *merged) rows(b *builder) []block {
	blocks := []block{}
	for i, keys := range m.keys {
		if miss := missing(m.ok[i]); len(miss) > 0 {
			blocks = append(blocks, block{"key " + b.spell(m.t.key, keys), keys, union(m.queries, miss)})
		}
	}
	return blocks
}

// columns has one block for each class of queries that misses some key.
func (m *merged) columns(b *builder) []block {
	blocks := []block{}
	for j, queries := range m.queries {
		if miss := missing(column(m.ok, j)); len(miss) > 0 {
			blocks = append(blocks, block{"query " + b.spell(m.t.query, queries), union(m.keys, miss), queries})
		}
	}
	return blocks
}

// staircase covers a table whose rows contain each other, as those of
// comparisons by order do. Put keys and queries on a line such that a query
// misses the keys behind it, and halve the line again and again: a query and a
// key behind it are parted by one cut, which has the query on its left and the
// key on its right. The block of a cut holds these queries and keys. n classes
// take n-1 cuts, the rank of the table whatever is added to its selected cells,
// and at most n log2 n entries.
func (m *merged) staircase(b *builder) []block {
	line := m.line()
	blocks := []block{}
	var cut func(lo, hi int)
	cut = func(lo, hi int) {
		if hi-lo < 2 {
			return
		}
		mid := (lo + hi) / 2
		var keys, queries []int
		for _, u := range line[lo:mid] {
			queries = append(queries, u.queries...)
		}
		for _, u := range line[mid:hi] {
			keys = append(keys, u.keys...)
		}
		if len(keys) > 0 && len(queries) > 0 {
			label := fmt.Sprintf("%s by %s cut %d", b.spellName(m.t.key), b.spellName(m.t.query), mid)
			blocks = append(blocks, block{label, union(m.keys, keys), union(m.queries, queries)})
		}
		cut(lo, mid)
		cut(mid, hi)
	}
	cut(0, len(line))
	if line == nil {
		return nil
	}
	return blocks
}

// stair is a class of keys and, behind it, the class of queries that it is the
// last to be selected by; one of them may be missing.
type stair struct{ keys, queries []int }

// line puts the classes on a line such that each query selects the keys before
// it. It is nil where that cannot be.
func (m *merged) line() []stair {
	order := identity(len(m.keys))
	size := make([]int, len(m.keys))
	for i, row := range m.ok {
		size[i] = len(row) - len(missing(row))
	}
	slices.SortStableFunc(order, func(i, j int) int { return size[j] - size[i] })
	line := make([]stair, len(order)+1)
	for n, i := range order {
		line[n+1].keys = []int{i}
		for j, ok := range m.ok[i] {
			if n > 0 && ok && !m.ok[order[n-1]][j] {
				return nil
			}
		}
	}
	for j := range m.queries {
		reach := 0
		for reach < len(order) && m.ok[order[reach]][j] {
			reach++
		}
		line[reach].queries = []int{j}
	}
	if line[0].queries == nil {
		return line[1:]
	}
	return line
}

// entries counts the non-zeros of the maps into the scores.
func (b *builder) entries(t *table, blocks []block) int {
	n := 0
	for _, bl := range blocks {
		n += b.reads(t.key, bl.keys) + b.reads(t.query, bl.queries)
	}
	return n
}

// reads counts the directions that the indicator of some values reads.
func (b *builder) reads(id varID, members []int) int {
	if id == none || b.v(id).Encoding == craft.Categorical {
		return len(members)
	}
	n := 0
	for i, at := range members {
		if i == 0 || members[i-1] != at-1 {
			n++ // the step up, or the constant
		}
		if last := i == len(members)-1; last && at < len(b.v(id).Values)-1 || !last && members[i+1] != at+1 {
			n++
		}
	}
	return n
}

// coverError bounds the error that the variables of a table bring into the
// score of a selected pair, in units of C: for each query that of the sum of
// its blocks' keys, and the other way round.
func (b *builder) coverError(t *table, blocks []block) float64 {
	keys := func(bl block) []int { return bl.keys }
	queries := func(bl block) []int { return bl.queries }
	return b.worst(t.key, blocks, len(t.ok[0]), queries, keys) + b.worst(t.query, blocks, len(t.ok), keys, queries)
}

// worst bounds the error of reading, for each of n values in the blocks, what
// these blocks have on the other side.
func (b *builder) worst(id varID, blocks []block, n int, in, read func(block) []int) float64 {
	if id == none || b.v(id).L1 == 0 {
		return 0
	}
	sums := make([][]float64, n)
	for _, bl := range blocks {
		for _, i := range in(bl) {
			if sums[i] == nil {
				sums[i] = make([]float64, len(b.v(id).Values))
			}
			for _, at := range read(bl) {
				sums[i][at]++
			}
		}
	}
	v, worst := b.v(id), 0.0
	for _, sum := range sums {
		worst = max(worst, readError(v, sum))
	}
	return worst
}

// readError bounds the error of a functional that has the given values at the
// values of a variable.
func readError(v *craft.Variable, at []float64) float64 {
	total, most := 0.0, 0.0
	for i, w := range at {
		if v.Encoding == craft.Steps {
			if i == 0 {
				continue // a constant
			}
			w = max(w-at[i-1], at[i-1]-w)
		}
		total += w
		most = max(most, w)
	}
	return min(most*v.L1, total*v.Noise)
}

// columnsFor counts the columns that the choices of a table would take which
// MLPs make: one for each mark where these are exact enough, else one for each
// value.
func (b *builder) columnsFor(t *table, blocks []block, p precision) int {
	if p == uniform {
		return 0
	}
	keys := func(bl block) []int { return bl.keys }
	queries := func(bl block) []int { return bl.queries }
	return b.columnsOf(t.key, blocks, keys, queries) + b.columnsOf(t.query, blocks, queries, keys)
}

func (b *builder) columnsOf(id varID, blocks []block, own, other func(block) []int) int {
	made := b.madeBy(id)
	if made == nil {
		return 0
	}
	v := b.v(id)
	if len(blocks) >= v.Size() || b.opts.Keeps(v.SOp) {
		return v.Size()
	}
	sets := make([]mark, len(blocks))
	for i, bl := range blocks {
		sets[i].in = make([]bool, len(v.Values))
		for _, at := range own(bl) {
			sets[i].in[at] = true
		}
	}
	met := map[int]float64{}
	for i, e := range b.markNoise(id, made, sets) {
		for _, at := range other(blocks[i]) {
			if met[at] += e; met[at] > mostMarkNoise {
				return v.Size()
			}
		}
	}
	return len(blocks)
}

// madeBy returns the MLP that makes a choice, or nil where none does.
func (b *builder) madeBy(id varID) *craft.MLP {
	for mlp, v := range b.choices {
		if v == id {
			return mlp
		}
	}
	return nil
}

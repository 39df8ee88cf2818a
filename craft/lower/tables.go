package lower

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// exactPenalty is the C, what each missing conjunct takes from a key's score, with
// which exp(-C/2) is 0 in float32, so that what is not selected has weight 0.
// Float16 has no weights below e^-17 and no scores above 65504.
func (b *builder) exactPenalty() int64 {
	if b.opts.Arithmetic == craft.Float16 {
		return 64
	}
	return largestPenalty
}

// Other values of C. Errors of one-hot variables made by MLPs reach the scores times C: heads
// that average over such variables take less, so that what is not selected
// weighs e^-16 times what is, less than the last bits of the result.
const (
	largestPenalty = 256
	meanPenalty    = 32 // the default stands at C/2
	sumPenalty     = 16
)

// faint is the weight of what is not selected in heads of the smaller C.
const faint = 1.2e-7

// table is a selector over one key and one query variable (or none, for a
// constant): ok[k][q] says whether key value k is selected by query value q.
type table struct {
	key, query varID
	ok         [][]bool
}

// selectOf is the selector that makes a comparison, as far as it is written so.
func (b *builder) selectOf(a sop.Atom) sop.ID {
	for _, id := range b.graph.Reachable(b.output) {
		if n := b.graph.Node(id); n.Op == sop.Select && n.Args[0] == a.Key && n.Args[1] == a.Query {
			return id
		}
	}
	return a.Key
}

// atom tabulates one comparison. Values that cannot occur select nothing.
func (b *builder) atom(a sop.Atom, p precision) (*table, error) {
	keys, queries := b.table.Set(a.Key), b.table.Set(a.Query)
	if len(keys)*len(queries) > maxCells {
		return nil, b.errorf(b.selectOf(a), "fewer tokens or a shorter maximum length make the sets smaller",
			"the comparison of %s (%d values) and %s (%d values) needs a table of more than %d cells",
			b.graph.Describe(a.Key), len(keys), b.graph.Describe(a.Query), len(queries), maxCells)
	}
	all := &table{ok: make([][]bool, len(keys))}
	for i, k := range keys {
		all.ok[i] = make([]bool, len(queries))
		for j, q := range queries {
			holds, err := a.Cmp.Holds(k, q)
			all.ok[i][j] = holds && err == nil
		}
	}
	k, err := b.compared(a.Key, len(keys), func(i int) []bool { return all.ok[i] }, p)
	if err != nil {
		return nil, err
	}
	q, err := b.compared(a.Query, len(queries), all.column, p)
	if err != nil {
		return nil, err
	}
	t := &table{key: k.v, query: q.v, ok: make([][]bool, len(k.cells))}
	for i, ki := range k.cells {
		t.ok[i] = make([]bool, len(q.cells))
		for j, qj := range q.cells {
			t.ok[i][j] = ki != undefined && qj != undefined && all.ok[ki][qj]
		}
	}
	return t, nil
}

// compared reads one side of a comparison: values with the same row of the
// table may be held as one.
func (b *builder) compared(id sop.ID, n int, row func(int) []bool, p precision) (operand, error) {
	numbers, count := numbered(n, row)
	class := make([]int32, n)
	for i, c := range numbers {
		class[i] = int32(c)
	}
	return b.choiceOf(id, class, count, p)
}

// and intersects t with another table over the same variables.
func (t *table) and(u *table) {
	for i := range t.ok {
		for j := range t.ok[i] {
			t.ok[i][j] = t.ok[i][j] && u.ok[i][j]
		}
	}
}

// constant reports whether all cells are the given truth.
func (t *table) constant(truth bool) bool {
	for _, row := range t.ok {
		for _, ok := range row {
			if ok != truth {
				return false
			}
		}
	}
	return true
}

// conjunction is a list of tables over different pairs of variables; a
// position is selected when all of them select it.
type conjunction []*table

// merge adds a table, joining it with the one over the same variables.
func (c conjunction) merge(t *table) conjunction {
	for _, u := range c {
		if u.key == t.key && u.query == t.query {
			u.and(t)
			return c
		}
	}
	return append(c, t)
}

// simplify drops tables that select everything that attention can see, and
// reports whether the conjunction can hold at all.
func (b *builder) simplify(c conjunction) (conjunction, bool) {
	var kept conjunction
	for _, t := range c {
		if t.constant(false) {
			return nil, false
		}
		if !b.unmasked(t).constant(true) {
			kept = append(kept, t)
		}
	}
	return kept, true
}

// unmasked is a table of positions that selects whatever causal attention
// masks: it does not matter what the scores say there. Other tables stay as
// they are.
func (b *builder) unmasked(t *table) *table {
	if !b.prog.Causal || b.opts.MaterializeAll || t.key == none || t.key != t.query {
		return t
	}
	if id := b.v(t.key).SOp; id == values.RawToken || b.graph.Node(id).Op != sop.Indices {
		return t
	}
	u := &table{key: t.key, query: t.query, ok: make([][]bool, len(t.ok))}
	for k := range t.ok {
		u.ok[k] = slices.Clone(t.ok[k])
		for q := range k {
			u.ok[k][q] = true
		}
	}
	return u
}

// scores collects the score space of a head and the maps into it.
type scores struct {
	b       *builder
	penalty int64 // C
	space   craft.Space
	q, k    []craft.Entry
	// noise bounds the error of the score of a selected key.
	noise float64
}

// dim adds one score dimension with the given query and key functionals, both
// 0 at BOS. The key side is an indicator, the query side is what it costs.
func (s *scores) dim(label string, query, key functional) {
	i := len(s.space)
	s.space = append(s.space, craft.Direction{Variable: "score", Value: label})
	zero := value.Int(0)
	s.q = append(s.q, s.b.withBOS(query, zero).entries(i)...)
	s.k = append(s.k, s.b.withBOS(key, zero).entries(i)...)
}

// conjunction adds the scores of a conjunction: for each table, a key that
// the query's value does not select loses C or more. A selected key loses
// nothing: all its products are 0, so that its score is exactly 0 whatever the
// order of summation and the scale of the architecture.
func (s *scores) conjunction(c conjunction, covers []cover) {
	for i, t := range c {
		for _, bl := range covers[i].blocks {
			query := s.b.indicator(t.query, bl.queries).times(value.Int(-s.penalty))
			s.dim(bl.label, query, s.b.indicator(t.key, bl.keys))
		}
		s.noise += float64(s.penalty) * covers[i].err
	}
}

func (t *table) column(j int) []bool { return column(t.ok, j) }

// column returns cell j of each row.
func column(rows [][]bool, j int) []bool {
	col := make([]bool, len(rows))
	for i := range rows {
		col[i] = rows[i][j]
	}
	return col
}

// missing lists the values that a row does not select.
func missing(row []bool) []int {
	var members []int
	for i, ok := range row {
		if !ok {
			members = append(members, i)
		}
	}
	return members
}

func (b *builder) spell(v varID, members []int) string {
	if v == none {
		return "any"
	}
	return b.v(v).Name + " in " + spell(b.v(v), members)
}

func (b *builder) spellName(v varID) string {
	if v == none {
		return "any"
	}
	return b.v(v).Name
}

// byDefault adds the BOS key as the one that is selected where no other is.
func (s *scores) byDefault() { s.bos(value.Frac(-s.penalty, 2)) }

// bos adds the dimension that gives the BOS key its score at real queries, and
// the largest C for the query at BOS, which so attends to itself
// alone, since all other keys score 0 there.
func (s *scores) bos(score value.Rat) {
	i := len(s.space)
	s.space = append(s.space, craft.Direction{Variable: "score", Value: "bos"})
	s.k = append(s.k, craft.Entry{From: craft.BOS, To: i, W: value.Int(1)})
	s.q = append(s.q,
		craft.Entry{From: craft.Real, To: i, W: score},
		craft.Entry{From: craft.BOS, To: i, W: value.Int(largestPenalty)})
}

// uneven bounds the relative error that the noise of the scores brings into the
// weights of selected keys.
func (s *scores) uneven() float64 { return math.Expm1(2 * s.noise) }

// unselected bounds the weight of all keys that are not selected, where that of
// a selected one is 1.
func (s *scores) unselected() float64 {
	if s.penalty == s.b.exactPenalty() {
		return 0
	}
	return float64(s.b.prog.MaxLen+1) * faint
}

// words describes a formula for people.
func (b *builder) words(f sop.Formula) string {
	if f.Kind == sop.Literal {
		return fmt.Sprintf("%s %s %s", b.name(f.Atom.Key), f.Atom.Cmp, b.name(f.Atom.Query))
	}
	join := " and "
	if f.Kind == sop.Any {
		join = " or "
	}
	parts := make([]string, len(f.Args))
	for i, a := range f.Args {
		parts[i] = b.words(a)
		if a.Kind != sop.Literal {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, join)
}

package lower

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// maxCells bounds the cells of one product table.
const maxCells = 1 << 20

// selector writes a selector as one conjunction of tables. Each conjunct that
// compares one pair of variables, however often, is a table over it, and so is
// a disjunction over several variables where what it says depends on one of
// them on each side. Where it does not, (A and B) or C is written as (A or C)
// and (B or C), if these are such tables. What is left becomes a product table:
// the variables of each side are joined by an MLP into one that holds the
// classes that the selector tells apart.
func (b *builder) selector(n *sop.Node, sel sop.Formula, p precision) (conjunction, error) {
	var c conjunction
	for _, f := range conjuncts(sel) {
		tables, ok, err := b.free(f, p)
		if err != nil {
			return nil, err
		}
		if !ok {
			t, err := b.clause(n, f, p)
			if err != nil {
				return nil, err
			}
			tables = []*table{t}
		}
		for _, t := range tables {
			c = c.merge(t)
		}
	}
	return b.possible(c), nil
}

// possible drops what selects everything. Where nothing is ever selected, it
// leaves one table that rejects all keys.
func (b *builder) possible(c conjunction) conjunction {
	if kept, possible := b.simplify(c); possible {
		return kept
	}
	return conjunction{{key: none, query: none, ok: [][]bool{{false}}}}
}

func conjuncts(f sop.Formula) []sop.Formula {
	if f.Kind == sop.All {
		return f.Args
	}
	return []sop.Formula{f}
}

// free writes a formula as tables that need no MLP, if it can.
func (b *builder) free(f sop.Formula, p precision) ([]*table, bool, error) {
	clauses := [][]sop.Formula{{f}}
	if f.Kind != sop.Literal {
		if cs, ok := distribute(f); ok {
			clauses = append(clauses, cs)
		}
	}
	for _, cs := range clauses {
		var tables []*table
		for _, c := range cs {
			t, err := b.freeTable(c, p)
			if err != nil {
				return nil, false, err
			}
			if t == nil {
				break
			}
			tables = append(tables, t)
		}
		if len(tables) == len(cs) {
			return tables, true, nil
		}
	}
	return nil, false, nil
}

// freeTable tabulates a formula over one variable on each side, or returns nil
// where it depends on more.
func (b *builder) freeTable(f sop.Formula, p precision) (*table, error) {
	if f.Kind == sop.Literal {
		return b.atom(f.Atom, p)
	}
	most := 1 << 14 // cells that are looked at in vain
	if b.table.Domain().BOS != nil {
		most = maxCells
	}
	t, keys, queries, err := b.tabulated(f, p, most)
	if t == nil || err != nil || len(keys.vars) > 1 || len(queries.vars) > 1 {
		return nil, err
	}
	t.key, t.query = keys.only(), queries.only()
	return t, nil
}

// distribute writes a formula as a conjunction of disjunctions of comparisons,
// unless there are too many.
func distribute(f sop.Formula) ([]sop.Formula, bool) {
	const most = 16
	if f.Kind == sop.Literal {
		return []sop.Formula{f}, true
	}
	clauses := []sop.Formula{{Kind: sop.Any}}
	if f.Kind == sop.All {
		clauses = nil
	}
	for _, a := range f.Args {
		parts, ok := distribute(a)
		if !ok {
			return nil, false
		}
		if f.Kind == sop.All {
			clauses = append(clauses, parts...)
		} else {
			var next []sop.Formula
			for _, c := range clauses {
				for _, part := range parts {
					next = append(next, or(c, part))
				}
			}
			clauses = next
		}
		if len(clauses) > most {
			return nil, false
		}
	}
	return clauses, true
}

// or joins two disjunctions.
func or(f, g sop.Formula) sop.Formula {
	return sop.Formula{Kind: sop.Any, Args: slices.Concat(disjuncts(f), disjuncts(g))}
}

func disjuncts(f sop.Formula) []sop.Formula {
	if f.Kind == sop.Any {
		return f.Args
	}
	return []sop.Formula{f}
}

// side is the variables that one side of a clause compares.
type side struct {
	vars []varID
	size int
}

func (s *side) add(b *builder, v varID) {
	if v == none || slices.Contains(s.vars, v) {
		return
	}
	s.vars = append(s.vars, v)
	s.size *= b.values(v)
}

// at returns the value of a variable in a combination of the side's values.
func (s *side) at(b *builder, combo int, v varID) int {
	if v == none {
		return 0
	}
	for i := len(s.vars) - 1; i >= 0; i-- {
		size := b.values(s.vars[i])
		if s.vars[i] == v {
			return combo % size
		}
		combo /= size
	}
	panic("lower: a comparison of a variable outside its clause")
}

// only returns the variable of a side that has one at most.
func (s *side) only() varID {
	if len(s.vars) == 0 {
		return none
	}
	return s.vars[0]
}

// clause tabulates a formula over the variables that it compares.
func (b *builder) clause(n *sop.Node, f sop.Formula, p precision) (*table, error) {
	t, keys, queries, err := b.tabulated(f, p, maxCells)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, b.errorf(n.ID, "a conjunction of selectors costs no table; a disjunction over several s-ops does",
			"the selector of %s needs a table of more than %d cells", b.graph.Describe(n.ID), maxCells)
	}
	return b.joined(n, t, keys, queries)
}

// tabulated evaluates a formula for all combinations of the variables that it
// compares, on each side, or for one of them that decides it alone. The table
// is nil where it would be too large.
func (b *builder) tabulated(f sop.Formula, p precision, most int) (*table, *side, *side, error) {
	atoms := map[sop.Atom]*table{}
	keys, queries := &side{size: 1}, &side{size: 1}
	for _, a := range f.Atoms() {
		t, err := b.atom(a, p)
		if err != nil {
			return nil, nil, nil, err
		}
		atoms[a] = t
		keys.add(b, t.key)
		queries.add(b, t.query)
		if size := max(keys.size, queries.size, keys.size*queries.size); size > most && (size > maxCells || len(keys.vars) > 1 || len(queries.vars) > 1) {
			return nil, nil, nil, nil
		}
	}
	t := &table{ok: make([][]bool, keys.size)}
	for i := range t.ok {
		t.ok[i] = make([]bool, queries.size)
		for j := range t.ok[i] {
			t.ok[i][j] = f.Eval(func(a sop.Atom) bool {
				u := atoms[a]
				return u.ok[keys.at(b, i, u.key)][queries.at(b, j, u.query)]
			})
		}
	}
	t.ok = narrow(b, keys, t.ok)
	columns := make([][]bool, queries.size)
	for j := range columns {
		columns[j] = t.column(j)
	}
	columns = narrow(b, queries, columns)
	for i := range t.ok {
		t.ok[i] = column(columns, i)
	}
	return t, keys, queries, nil
}

// narrow leaves a side with the one variable that decides its rows, if there
// is one: the others may say nothing, or follow from it, as being the first
// position does from the token that opens every input. Combinations that cannot
// occur are free.
func narrow(b *builder, s *side, rows [][]bool) [][]bool {
	if len(s.vars) < 2 {
		return rows
	}
	for _, v := range s.vars {
		alone := make([][]bool, b.values(v))
		decides := true
		for combo, row := range rows {
			if !b.possibleSide(s, combo) {
				continue
			}
			i := s.at(b, combo, v)
			if alone[i] == nil {
				alone[i] = row
			}
			decides = decides && slices.Equal(alone[i], row)
		}
		if !decides {
			continue
		}
		for i := range alone {
			if alone[i] == nil { // a value that never occurs
				alone[i] = make([]bool, len(rows[0]))
			}
		}
		s.vars, s.size = []varID{v}, len(alone)
		return alone
	}
	return rows
}

// possibleSide reports whether the token and the position of a combination can
// meet.
func (b *builder) possibleSide(s *side, combo int) bool {
	var leaves []sop.ID
	var at []int
	for _, v := range s.vars {
		if id := b.v(v).SOp; id == values.RawToken || b.graph.Node(id).Op == sop.Indices {
			leaves, at = append(leaves, id), append(at, s.at(b, combo, v))
		}
	}
	return b.table.Possible(leaves, at)
}

// joined replaces each side of several variables by one variable of classes.
func (b *builder) joined(n *sop.Node, t *table, keys, queries *side) (*table, error) {
	var err error
	keyClass, keyCount := numbered(keys.size, func(i int) []bool { return t.ok[i] })
	if t.key, err = b.join(n, "key", keys, keyClass, keyCount); err != nil {
		return nil, err
	}
	if len(keys.vars) > 1 {
		t.ok = pick(t.ok, keyClass, keyCount)
	}
	queryClass, queryCount := numbered(queries.size, t.column)
	if t.query, err = b.join(n, "query", queries, queryClass, queryCount); err != nil {
		return nil, err
	}
	if len(queries.vars) > 1 {
		for i := range t.ok {
			t.ok[i] = pick(t.ok[i], queryClass, queryCount)
		}
	}
	return t, nil
}

// numbered gives rows with the same content the same number.
func numbered(n int, row func(int) []bool) (class []int, count int) {
	index := map[string]int{}
	class = make([]int, n)
	var key []byte
	for i := range n {
		key = key[:0]
		for _, ok := range row(i) {
			b := byte(0)
			if ok {
				b = 1
			}
			key = append(key, b)
		}
		c, ok := index[string(key)]
		if !ok {
			c = len(index)
			index[string(key)] = c
		}
		class[i] = c
	}
	return class, len(index)
}

// pick takes the first element of each class.
func pick[T any](elements []T, class []int, count int) []T {
	picked := make([]T, count)
	for i := len(elements) - 1; i >= 0; i-- {
		picked[class[i]] = elements[i]
	}
	return picked
}

// join makes the variable that holds the class of a side's values.
func (b *builder) join(n *sop.Node, which string, s *side, class []int, count int) (varID, error) {
	switch {
	case len(s.vars) == 0:
		return none, nil
	case len(s.vars) == 1:
		return s.vars[0], nil
	}
	f := &function{node: n.ID, vars: s.vars}
	var names []string
	for _, v := range s.vars {
		f.sets = append(f.sets, b.v(v).Values)
		names = append(names, b.v(v).Name)
	}
	for _, c := range class {
		f.out = append(f.out, int32(c))
	}
	for c := range count {
		f.set = append(f.set, value.IntOf(int64(c)))
	}
	p := b.rectangles(f)
	if p == nil || count > maxOneHot {
		return none, b.tooNoisy(n.ID)
	}
	p.why = "the " + which + " classes of a selector: " + p.why
	name := fmt.Sprintf("%s %s class of %s", b.name(n.ID), which, strings.Join(names, ", "))
	made := b.emit(n.ID, name, craft.Categorical, f, p)
	b.v(made).Part = which + " classes of its selector"
	return made, nil
}

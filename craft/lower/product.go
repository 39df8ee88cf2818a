package lower

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// maxCells bounds the cells of one product table.
const maxCells = 1 << 20

// selector writes a selector as one conjunction of tables. Each conjunct that
// compares one pair of variables, however often, is a table over it. A
// disjunction over several variables becomes a product table: the variables
// of each side are joined by an MLP into one that holds the classes that the
// selector tells apart.
func (b *builder) selector(n *sop.Node, sel sop.Formula, p precision) (conjunction, error) {
	conjuncts := []sop.Formula{sel}
	if sel.Kind == sop.All {
		conjuncts = sel.Args
	}
	var c conjunction
	for _, f := range conjuncts {
		t, err := b.clause(n, f, p)
		if err != nil {
			return nil, err
		}
		c = c.merge(t)
	}
	kept, possible := b.simplify(c)
	if !possible {
		// Nothing is ever selected: one table that rejects all keys.
		return conjunction{{key: none, query: none, ok: [][]bool{{false}}}}, nil
	}
	return kept, nil
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

// clause tabulates a formula over all variables that it compares.
func (b *builder) clause(n *sop.Node, f sop.Formula, p precision) (*table, error) {
	atoms := map[sop.Atom]*table{}
	keys, queries := side{size: 1}, side{size: 1}
	for _, a := range f.Atoms() {
		t, err := b.atom(a, p)
		if err != nil {
			return nil, err
		}
		atoms[a] = t
		keys.add(b, t.key)
		queries.add(b, t.query)
		if keys.size > maxCells || queries.size > maxCells || keys.size*queries.size > maxCells {
			return nil, b.errorf(n.ID, "a conjunction of selectors costs no table; a disjunction over several s-ops does",
				"the selector of %s needs a table of more than %d cells", b.graph.Describe(n.ID), maxCells)
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
	return b.joined(n, t, &keys, &queries)
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
	return b.emit(n.ID, name, craft.Categorical, f, p), nil
}

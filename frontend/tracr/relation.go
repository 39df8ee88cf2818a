package tracr

import (
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// comparisons are the predicates with a name; true and false select everything and
// nothing.
var comparisons = map[string]value.Cmp{
	"==": value.EQ, "!=": value.NE, "<": value.LT, "<=": value.LE, ">": value.GT, ">=": value.GE,
	"true": 0, "false": 0,
}

// relation is a predicate over the values that its keys and queries have.
type relation struct {
	keys, queries []value.Value
	ok            [][]bool // by key and query
	at            *element
	// There are keys, or queries, for which it has no value, whatever the other is.
	noKey, noQuery bool
	coded          *coded // nil where no comparison of codes is the relation
}

// relation reads a predicate's table: a row of a letter a query for each key, 1
// where it holds, 0 where it does not, ! where it raised an error.
func (r *reader) relation(e *element) (*relation, error) {
	if err := r.members(e, []string{"keys", "queries", "rows"}, nil); err != nil {
		return nil, err
	}
	var rel relation
	for _, side := range []struct {
		to  *[]value.Value
		key string
	}{{&rel.keys, "keys"}, {&rel.queries, "queries"}} {
		items, err := r.array(e.member(side.key), 1, maxCells)
		if err != nil {
			return nil, err
		}
		if *side.to, err = r.distinct(items); err != nil {
			return nil, err
		}
	}
	rows, err := r.array(e.member("rows"), len(rel.keys), len(rel.keys))
	if err != nil {
		return nil, err
	}
	if len(rel.keys)*len(rel.queries) > maxCells {
		return nil, r.errorf(diag.ImportTooLarge, e, "a predicate of more than %d cells", maxCells)
	}
	letters := make([]string, len(rows))
	for i, row := range rows {
		if letters[i] = row.text; row.form != text || len(row.text) != len(rel.queries) || strings.Trim(row.text, "01!") != "" {
			return nil, r.errorf(diag.ImportShape, row, "a row is a string of %d letters 0, 1 or !", len(rel.queries))
		}
	}
	rel.at = e
	return r.defined(&rel, letters)
}

// defined leaves out keys and queries for which a predicate is never defined. One
// that is undefined for some pairs only has no form.
func (r *reader) defined(rel *relation, letters []string) (*relation, error) {
	never := func(row string) bool { return strings.Trim(row, "!") == "" }
	columns := make([]string, len(rel.queries))
	for j := range columns {
		var b strings.Builder
		for _, row := range letters {
			b.WriteByte(row[j])
		}
		columns[j] = b.String()
	}
	d := &relation{at: rel.at}
	for j, q := range rel.queries {
		if never(columns[j]) {
			d.noQuery = true
		} else {
			d.queries = append(d.queries, q)
		}
	}
	for i, k := range rel.keys {
		if never(letters[i]) {
			d.noKey = true
			continue
		}
		d.keys = append(d.keys, k)
		var row []bool
		for j := range rel.queries {
			switch {
			case never(columns[j]):
			case letters[i][j] == '!':
				return nil, r.errorf(diag.ImportPartial, rel.at.member("rows").items[i],
					"the predicate is undefined for the key %s and the query %s, and defined for others of each", k.Repr(), rel.queries[j].Repr())
			default:
				row = append(row, letters[i][j] == '1')
			}
		}
		d.ok = append(d.ok, row)
	}
	for _, form := range []func(*relation) (coded, bool){matching, nested} {
		if c, ok := form(d); ok {
			d.coded = &c
			return d, nil
		}
	}
	const most = 256 // sets of keys or queries in a disjunction
	if _, rows := classes(len(d.keys), func(i int) []bool { return d.ok[i] }); rows > most {
		if _, columns := classes(len(d.queries), d.column); columns > most {
			return nil, r.errorf(diag.ImportTooLarge, rel.at, "the predicate tells more than %d sets of keys and of queries apart", most)
		}
	}
	return d, nil
}

// relate writes a predicate as a comparison, if there is one, or as a disjunction
// of some.
func (b *builder) relate(n *node, keys, queries sop.ID, at sop.Pos) sop.ID {
	rel := n.relation
	k, q := side{n, keys, rel.keys, rel.noKey || !b.certain(keys)}, side{n, queries, rel.queries, rel.noQuery || !b.certain(queries)}
	selected := rel.selected()
	c, compared := rel.comparison()
	switch {
	case k.more || q.more: // and so neither everything nor nothing
	case selected == 0:
		return b.nothing(at)
	case selected == len(rel.keys)*len(rel.queries):
		return b.g.Full(at)
	}
	switch {
	case compared:
		return b.compare(b.codes(k, rel.keys, at), b.codes(q, rel.queries, at), c, at)
	case rel.coded != nil:
		return b.selectCoded(*rel.coded, k, q, at)
	}
	return b.union(rel, k, q, at)
}

// coded is a relation as a comparison of codes of its keys and queries.
type coded struct {
	keys, queries []value.Value
	cmp           value.Cmp
}

// side is one of the two s-ops that a relation is of.
type side struct {
	of     *node
	id     sop.ID
	values []value.Value // those for which the relation is defined
	more   bool          // the s-op may have others
}

func (b *builder) selectCoded(c coded, keys, queries side, at sop.Pos) sop.ID {
	return b.g.Select(b.codes(keys, c.keys, at), b.codes(queries, c.queries, at), c.cmp, at)
}

// codes looks the codes of an s-op's values up. Where it has no others, it is its own
// code where each value is, and a constant where all codes are one.
func (b *builder) codes(s side, codes []value.Value, at sop.Pos) sop.ID {
	switch {
	case s.more:
	case slices.EqualFunc(s.values, codes, value.Identical):
		return s.id
	case !slices.ContainsFunc(codes, func(v value.Value) bool { return !value.Identical(v, codes[0]) }):
		return b.g.Const(codes[0], at)
	}
	return b.dict(s.id, s.values, codes, s.of.absentOne(0), at)
}

// certain reports whether an s-op cannot have other values than a file lists: those
// that are not partial, and what is computed from them position by position.
func (b *builder) certain(x sop.ID) bool {
	known, ok := b.sure[x]
	if !ok {
		n := b.g.Node(x)
		known = !n.Op.Elementwise() || !slices.ContainsFunc(n.Args, func(a sop.ID) bool { return !b.certain(a) })
		b.sure[x] = known
	}
	return known
}

// selected counts the pairs that the relation holds for.
func (rel *relation) selected() int {
	n := 0
	for _, row := range rel.ok {
		n += size(row)
	}
	return n
}

// comparison finds a comparison of the values themselves that the relation is.
func (rel *relation) comparison() (value.Cmp, bool) {
	for c := value.EQ; c <= value.GE; c++ {
		if rel.is(func(i, j int) bool {
			holds, err := c.Holds(rel.keys[i], rel.queries[j])
			return err == nil && holds == rel.ok[i][j]
		}) {
			return c, true
		}
	}
	return 0, false
}

// is reports whether something holds of all pairs.
func (rel *relation) is(pair func(i, j int) bool) bool {
	for i := range rel.keys {
		for j := range rel.queries {
			if !pair(i, j) {
				return false
			}
		}
	}
	return true
}

// matching finds codes of which equality is the relation, which is so where two keys
// either have the same queries or none in common. Where different keys have different
// queries, the keys are their own codes: what is known of them stays known.
func matching(rel *relation) (coded, bool) {
	class, count := classes(len(rel.keys), func(i int) []bool { return rel.ok[i] })
	of := slices.Repeat([]int{-1}, len(rel.queries)) // the class that selects a query
	for i := range rel.keys {
		for j, ok := range rel.ok[i] {
			if ok && of[j] >= 0 && of[j] != class[i] {
				return coded{}, false
			}
			if ok {
				of[j] = class[i]
			}
		}
	}
	c := coded{keys: rel.keys, queries: make([]value.Value, len(rel.queries)), cmp: value.EQ}
	if count < len(rel.keys) {
		c.keys = make([]value.Value, len(rel.keys))
		for i := range c.keys {
			c.keys[i] = value.IntOf(int64(class[i]))
		}
	}
	other := unlike(c.keys)
	for j := range c.queries {
		c.queries[j] = other
		for i := range rel.keys {
			if of[j] == class[i] {
				c.queries[j] = c.keys[i]
			}
		}
	}
	return c, true
}

// unlike returns a value that none of some are: of their kind, where they have one.
func unlike(vs []value.Value) value.Value {
	switch t := value.AnyType(vs); {
	case t == value.Strings:
		longest := ""
		for _, v := range vs {
			if len(v.Text()) >= len(longest) {
				longest = v.Text()
			}
		}
		return value.Str(longest + "'")
	case t != value.Mixed:
		return value.Number(value.KindInt, slices.MinFunc(vs, value.Compare).Rat().Floor().Sub(value.Int(1)))
	case slices.ContainsFunc(vs, func(v value.Value) bool { return v.Kind() == value.KindNone }):
		return value.Tuple(vs)
	}
	return value.None()
}

// nested finds numbers of which the order is the relation, which is so where of two
// keys one has all the queries of the other.
func nested(rel *relation) (coded, bool) {
	class, count := classes(len(rel.keys), func(i int) []bool { return rel.ok[i] })
	rows := make([][]bool, count)
	for i, c := range class {
		rows[c] = rel.ok[i]
	}
	order := make([]int, count)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return size(rows[a]) - size(rows[b]) })
	place := make([]int64, count)
	least := slices.Repeat([]int64{int64(count)}, len(rel.queries)) // of the places that select a query
	for at, c := range order {
		place[c] = int64(at)
		for j, ok := range rows[c] {
			if ok {
				least[j] = min(least[j], int64(at))
			} else if least[j] < int64(at) {
				return coded{}, false
			}
		}
	}
	c := coded{cmp: value.GE}
	for _, k := range class {
		c.keys = append(c.keys, value.IntOf(place[k]))
	}
	for _, l := range least {
		c.queries = append(c.queries, value.IntOf(l))
	}
	return c, true
}

func size(row []bool) int {
	n := 0
	for _, ok := range row {
		if ok {
			n++
		}
	}
	return n
}

// union writes any relation as a disjunction: of each set of queries, or of keys
// where there are fewer, that it is one that is selected.
func (b *builder) union(rel *relation, keys, queries side, at sop.Pos) sop.ID {
	byKey, rows := classes(len(rel.keys), func(i int) []bool { return rel.ok[i] })
	byQuery, columns := classes(len(rel.queries), rel.column)
	var parts []sop.ID
	for c := range min(rows, columns) {
		key, query := slices.Index(byKey, c), slices.Index(byQuery, c)
		inKeys := func(i int) bool { return byKey[i] == c }
		inQueries := func(j int) bool { return rel.ok[key][j] }
		if columns < rows {
			inKeys = func(i int) bool { return rel.ok[i][query] }
			inQueries = func(j int) bool { return byQuery[j] == c }
		}
		part := coded{keys: marks(len(rel.keys), inKeys, 0), queries: marks(len(rel.queries), inQueries, 2), cmp: value.EQ}
		if one := value.IntOf(1); contains(part.keys, one) && contains(part.queries, one) {
			parts = append(parts, b.selectCoded(part, keys, queries, at))
		}
	}
	all := parts[0]
	for _, p := range parts[1:] {
		all = b.g.SelOr(all, p, at)
	}
	return all
}

// marks is 1 for what is in a set, and other for what is not.
func marks(n int, in func(int) bool, other int64) []value.Value {
	vs := make([]value.Value, n)
	for i := range vs {
		vs[i] = value.IntOf(other)
		if in(i) {
			vs[i] = value.IntOf(1)
		}
	}
	return vs
}

func contains(vs []value.Value, v value.Value) bool {
	return slices.ContainsFunc(vs, func(x value.Value) bool { return value.Equal(x, v) })
}

func (rel *relation) column(j int) []bool {
	col := make([]bool, len(rel.ok))
	for i := range col {
		col[i] = rel.ok[i][j]
	}
	return col
}

// classes numbers rows: those with the same content alike.
func classes(n int, row func(int) []bool) (class []int, count int) {
	index := map[string]int{}
	class = make([]int, n)
	for i := range class {
		var key strings.Builder
		for _, ok := range row(i) {
			if ok {
				key.WriteByte('1')
			} else {
				key.WriteByte('0')
			}
		}
		c, known := index[key.String()]
		if !known {
			c = len(index)
			index[key.String()] = c
		}
		class[i] = c
	}
	return class, len(index)
}

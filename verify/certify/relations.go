package certify

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// relation is a function of a query and a key. Most pairs have what others have:
// it is tabulated over the classes of queries and of keys that it tells apart.
type relation struct {
	query, key *partition
	// cell numbers the value at a class of queries and one of keys; negative where
	// the program is undefined.
	cell  func(query, key int32) int32
	count int // of the numbers
	rows  [][]int32
}

// row is what a class of queries has with each class of keys that is known.
func (r *relation) row(query int32) []int32 {
	for int(query) >= len(r.rows) {
		r.rows = append(r.rows, nil)
	}
	row := r.rows[query]
	for k := len(row); k < r.key.count; k++ {
		row = append(row, r.cell(query, int32(k)))
	}
	r.rows[query] = row
	return row
}

// partition numbers the states of a position that some functions tell apart.
type partition struct {
	leaves []leaf
	number map[string]int32 // by the leaves' values; -1 where the program is undefined
	count  int
	// add notes one state of a new class. It reports false where the program is
	// undefined.
	add func(assignment) bool
}

// newPartition tells states apart by what decides some functions.
func (p *proof) newPartition(functions func(*leaves), add func(assignment) bool) *partition {
	ls := p.prog.newLeaves()
	functions(ls)
	return &partition{leaves: ls.merged(), number: map[string]int32{}, add: add}
}

// of returns the classes of some states.
func (c *partition) of(states []assignment) []int32 {
	out := make([]int32, len(states))
	sums, key := make([]float64, len(c.leaves)), []byte(nil)
	for i, at := range states {
		for n, l := range c.leaves {
			sums[n] = l.at(at)
		}
		key = appendNumbers(key[:0], sums)
		n, ok := c.number[string(key)]
		if !ok {
			if n = -1; c.add(at) {
				n = int32(c.count)
				c.count++
			}
			c.number[string(key)] = n
		}
		out[i] = n
	}
	return out
}

// at adds up a leaf.
func (l leaf) at(at assignment) float64 {
	sum := 0.0
	for _, t := range l {
		sum += t.table[at[t.atom]]
	}
	return sum
}

// asked is a relation that a question asks for.
type asked struct {
	*relation
	put func(a *answer, number int32) // notes a value
}

// related lists what the pairs of a part have in common.
func (s *parts) related(queries, keys []assignment) ([]*answer, error) {
	all := s.relations()
	qs, ks := make([][]int32, len(all)), make([][]int32, len(all))
	for i, r := range all {
		qs[i], ks[i] = r.query.of(queries), r.key.of(keys)
	}
	queries, qs = defined(queries, qs)
	keys, ks = defined(keys, ks)
	for i, r := range all {
		for _, q := range qs[i] {
			if err := s.p.prog.alive(); err != nil {
				return nil, err
			}
			r.row(q)
		}
	}
	seen := newNumbers(all)
	var out []*answer
	rows, has := make([][]int32, len(all)), make([]int32, len(all))
	for q, query := range queries {
		if err := s.p.prog.alive(); err != nil {
			return nil, err
		}
		for i, r := range all {
			rows[i] = r.row(qs[i][q])
		}
	next:
		for k, key := range keys {
			if !s.occurs(query, key) {
				continue
			}
			for i, row := range rows {
				if has[i] = row[ks[i][k]]; has[i] < 0 {
					continue next
				}
			}
			if !seen.add(has) {
				continue
			}
			a := newAnswer(s.q)
			for i, r := range all {
				r.put(a, has[i])
			}
			if out = append(out, a); len(out) > maxStates {
				return nil, errPairs
			}
		}
	}
	return out, nil
}

// defined drops the states where the program is undefined.
func defined(states []assignment, classes [][]int32) ([]assignment, [][]int32) {
	kept := 0
	for i, at := range states {
		if slices.ContainsFunc(classes, func(c []int32) bool { return c[i] < 0 }) {
			continue
		}
		states[kept] = at
		for _, c := range classes {
			c[kept] = c[i]
		}
		kept++
	}
	for i := range classes {
		classes[i] = classes[i][:kept]
	}
	return states[:kept], classes
}

// numbers is a set of combinations of the numbers of some relations.
type numbers struct {
	counts []int
	dense  []bool // by their place among all combinations; nil where those are many
	sparse map[string]bool
}

// maxDense bounds the combinations that have a place each.
const maxDense = 1 << 24

func newNumbers(all []asked) *numbers {
	s := &numbers{sparse: map[string]bool{}}
	size := 1
	for _, r := range all {
		s.counts = append(s.counts, r.count)
		if size *= max(1, r.count); size > maxDense {
			return s
		}
	}
	s.dense = make([]bool, size)
	return s
}

// add reports whether a combination is new.
func (s *numbers) add(has []int32) bool {
	if s.dense == nil {
		key := make([]byte, 0, 4*len(has))
		for _, v := range has {
			key = binary.LittleEndian.AppendUint32(key, uint32(v))
		}
		known := s.sparse[string(key)]
		s.sparse[string(key)] = true
		return !known
	}
	place := 0
	for i, v := range has {
		place = place*s.counts[i] + int(v)
	}
	known := s.dense[place]
	s.dense[place] = true
	return !known
}

// relations lists what a part asks for.
func (s *parts) relations() []asked {
	p := s.p
	var all []asked
	for h, dims := range s.dims {
		if len(dims) > 0 {
			r, values := p.scored(s.q.heads[h], dims)
			all = append(all, asked{r, func(a *answer, n int32) { a.rel[h] = (*values)[n] }})
		}
	}
	for _, i := range s.atoms {
		all = append(all, asked{p.comparison(s.q.atoms[i]), func(a *answer, n int32) { a.truth[i] = n == 1 }})
	}
	for _, i := range s.keys {
		l := s.q.keys[i]
		r, values := p.ofKey(func(ls *leaves) { ls.lin(l) }, func(at assignment) (float64, bool) { return p.eval(l, at) })
		all = append(all, asked{r, func(a *answer, n int32) { a.keys[i] = (*values)[n] }})
	}
	for _, i := range s.source {
		id := s.q.source[i]
		r, values := p.ofKey(func(ls *leaves) { ls.program(id) }, func(at assignment) (float64, bool) { return p.prog.number(id, at) })
		all = append(all, asked{r, func(a *answer, n int32) { a.source[i] = (*values)[n] }})
	}
	if s.order {
		all = append(all, asked{p.precedes(), func(a *answer, n int32) { a.before = n == 1 }})
	}
	return all
}

// scored is the score of a head in some dimensions, with the values by number.
func (p *proof) scored(s *scores, dims []int) (*relation, *[]float64) {
	name := fmt.Sprintf("%p %v", s, dims)
	if r, ok := p.scoredBy[name]; ok {
		return r.relation, r.values
	}
	r, n := &relation{}, &distinct{known: map[float64]int32{}}
	var queries, keys [][]float64 // of each class, in each dimension
	side := func(query bool, rows *[][]float64) *partition {
		return p.newPartition(func(ls *leaves) {
			for _, d := range dims {
				ls.lin(s.side(d, query).l)
			}
		}, func(at assignment) bool {
			row := make([]float64, len(dims))
			for i, d := range dims {
				v, ok := s.value(p, d, query, at)
				if !ok {
					return false
				}
				row[i] = v.v
			}
			*rows = append(*rows, row)
			return true
		})
	}
	r.query, r.key = side(true, &queries), side(false, &keys)
	r.cell = func(query, key int32) int32 {
		sum, k := 0.0, keys[key]
		for i, x := range queries[query] {
			sum += x * k[i]
		}
		id := n.of(s.scale * sum)
		r.count = len(n.values)
		return id
	}
	p.scoredBy[name] = scoreTable{r, &n.values}
	return r, &n.values
}

// scoreTable is a relation that is a score.
type scoreTable struct {
	*relation
	values *[]float64
}

// distinct numbers numbers.
type distinct struct {
	known  map[float64]int32
	values []float64
}

func (d *distinct) of(v float64) int32 {
	n, ok := d.known[v]
	if !ok {
		n = int32(len(d.values))
		d.known[v], d.values = n, append(d.values, v)
	}
	return n
}

// comparison is whether a comparison of the program holds: 1 or 0.
func (p *proof) comparison(a sop.Atom) *relation {
	if r, ok := p.comparisons[a]; ok {
		return r
	}
	var queries, keys []value.Value
	side := func(id nodeID, values *[]value.Value) *partition {
		return p.newPartition(func(ls *leaves) { ls.program(id) }, func(at assignment) bool {
			v, err := p.prog.eval(id, at)
			if err == nil {
				*values = append(*values, v)
			}
			return err == nil
		})
	}
	r := &relation{query: side(a.Query, &queries), key: side(a.Key, &keys), count: 2}
	r.cell = func(query, key int32) int32 {
		ok, err := a.Cmp.Holds(keys[key], queries[query])
		switch {
		case err != nil:
			return -1
		case ok:
			return 1
		}
		return 0
	}
	p.comparisons[a] = r
	return r
}

// ofKey is a function of the key alone, with the values by number.
func (p *proof) ofKey(functions func(*leaves), eval func(assignment) (float64, bool)) (*relation, *[]float64) {
	r, n := &relation{}, &distinct{known: map[float64]int32{}}
	var numbers []int32 // of each class
	r.query = p.newPartition(func(*leaves) {}, func(assignment) bool { return true })
	r.key = p.newPartition(functions, func(at assignment) bool {
		v, ok := eval(at)
		if ok {
			numbers = append(numbers, n.of(v))
			r.count = len(n.values)
		}
		return ok
	})
	r.cell = func(_, key int32) int32 { return numbers[key] }
	return r, &n.values
}

// precedes is whether the key stands at or before the query: 1 or 0.
func (p *proof) precedes() *relation {
	var queries, keys []int32
	side := func(at *[]int32) *partition {
		return p.newPartition(func(ls *leaves) { ls.identity(indexAtom) }, func(a assignment) bool {
			*at = append(*at, a[indexAtom])
			return true
		})
	}
	r := &relation{query: side(&queries), key: side(&keys), count: 2}
	r.cell = func(query, key int32) int32 {
		if keys[key] <= queries[query] {
			return 1
		}
		return 0
	}
	return r
}

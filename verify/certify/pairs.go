package certify

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/raspc/raspc/frontend/sop"
)

// errPairs says that a score depends on too much at once.
var errPairs = errors.New("too many pairs of query and key")

// maxPairs bounds the pairs that one part of a score is tabulated over.
const maxPairs = 1 << 28

// samplePairs is how many pairs are looked at first, where some will do.
const samplePairs = 1 << 20

// question is what is asked about all pairs of a query and a key: either how
// far a head's scores may be off, or what scores, comparisons and functions of
// the key are together.
type question struct {
	heads  []*scores  // whose scores
	errors bool       // of one head, and nothing else
	atoms  []sop.Atom // whose truth
	keys   []*lin     // functions of the key
	source []nodeID   // s-ops of the key
	order  bool       // whether the key stands at or before the query
	sample bool       // some of the queries will do
}

// answer is what some pairs have in common.
type answer struct {
	rel    []float64 // of each head: the score, beside that of the BOS key
	truth  []bool    // of each atom
	keys   []float64 // of each function
	source []float64 // of each s-op, as a number
	before bool
	// Where errors are asked for:
	noise float64 // the most that rel is off by
	own   float64 // the most that the key's score is off by
	lost  rounded
}

// parts are the items that have atoms in common, directly or through others.
// What pairs of such a part have in common does not depend on other parts.
type parts struct {
	q *question
	p *proof

	dims       [][]int // of each head
	atoms      []int
	keys       []int
	source     []int
	order      bool
	index      bool // index of both
	length     bool // length of both
	queryAtoms map[atomID]bool
	keyAtoms   map[atomID]bool
}

// pairs answers a question for all pairs of a query and a key in inputs of the
// program; it may answer for pairs that no input has. It calls visit with each
// answer until that returns false.
func (p *proof) pairs(q *question, visit func(*answer) bool) error {
	lists, err := p.lists(q)
	if err == nil {
		p.combineAnswers(q, lists, visit)
	}
	return err
}

// lists answers a question part by part; combineAnswers visits the whole.
func (p *proof) lists(q *question) ([][]*answer, error) {
	all := p.split(q)
	var lists [][]*answer
	total := 1
	for _, part := range all {
		list, err := part.answers()
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			return [][]*answer{nil}, nil // the program is undefined on all pairs: none is visited
		}
		lists = append(lists, list)
		if total *= len(list); total > maxPairs {
			return nil, fmt.Errorf("%w: %d parts", errPairs, len(all))
		}
	}
	return lists, nil
}

// newAnswer has the parts that are the same for all pairs.
func newAnswer(q *question) *answer {
	return &answer{
		rel: make([]float64, len(q.heads)), truth: make([]bool, len(q.atoms)), keys: make([]float64, len(q.keys)), source: make([]float64, len(q.source)),
		lost: rounded{grid: math.Inf(1)},
	}
}

// combineAnswers visits every combination of answers of the parts. The answer
// that visit is given changes afterwards.
func (p *proof) combineAnswers(q *question, lists [][]*answer, visit func(*answer) bool) {
	sums := make([]*answer, len(lists)+1) // of the first parts
	for i := range sums {
		sums[i] = newAnswer(q)
	}
	var walk func(i int) bool
	walk = func(i int) bool {
		if i == len(lists) {
			if so := sums[i]; q.errors { // which is made anew for the next combination
				noise, own := q.heads[0].roundings(so.lost)
				so.noise, so.own = so.noise+noise, so.own+own
			}
			return visit(sums[i])
		}
		for _, a := range lists[i] {
			sums[i+1].join(sums[i], a)
			if !walk(i + 1) {
				return false
			}
		}
		return true
	}
	walk(0)
}

// join sets an answer to what two parts say: what one does not know is 0 in it.
func (a *answer) join(x, y *answer) {
	for h := range a.rel {
		a.rel[h] = x.rel[h] + y.rel[h]
	}
	for i := range a.truth {
		a.truth[i] = x.truth[i] || y.truth[i]
	}
	for i := range a.keys {
		a.keys[i] = x.keys[i] + y.keys[i]
	}
	for i := range a.source {
		a.source[i] = x.source[i] + y.source[i]
	}
	a.before = x.before || y.before
	a.noise, a.own = x.noise+y.noise, x.own+y.own
	a.lost = rounded{x.lost.total + y.lost.total, x.lost.own + y.lost.own, min(x.lost.grid, y.lost.grid), x.lost.terms + y.lost.terms}
}

// split groups the parts of a question by the atoms that they share.
func (p *proof) split(q *question) []*parts {
	u := &unions{parent: map[int]int{}}
	type located struct {
		at  []int
		put func(*parts)
	}
	var all []located
	add := func(query, key map[atomID]bool, put func(*parts)) {
		var at []int
		for a := range query {
			at = append(at, queryPlace(a))
		}
		for a := range key {
			at = append(at, keyPlace(a))
		}
		slices.Sort(at)
		if len(at) == 0 {
			at = []int{-1}
		}
		for _, x := range at {
			u.join(at[0], x)
		}
		all = append(all, located{at, func(s *parts) {
			put(s)
			for a := range query {
				s.queryAtoms[a] = true
			}
			for a := range key {
				s.keyAtoms[a] = true
			}
		}})
	}
	for h, s := range q.heads {
		for d := range s.dims {
			add(p.atomSet(s.dims[d].query.l), p.atomSet(s.dims[d].key.l), func(t *parts) { t.dims[h] = append(t.dims[h], d) })
		}
	}
	for i, a := range q.atoms {
		add(p.prog.atomsOf(a.Query), p.prog.atomsOf(a.Key), func(t *parts) { t.atoms = append(t.atoms, i) })
	}
	for i, l := range q.keys {
		add(nil, p.atomSet(l), func(t *parts) { t.keys = append(t.keys, i) })
	}
	for i, n := range q.source {
		add(nil, p.prog.atomsOf(n), func(t *parts) { t.source = append(t.source, i) })
	}
	if q.order {
		set := map[atomID]bool{indexAtom: true}
		add(set, set, func(t *parts) { t.order = true })
	}
	if p.prog.bos != nil { // it stands at index 0, and nowhere else
		u.join(queryPlace(tokenAtom), queryPlace(indexAtom))
		u.join(keyPlace(tokenAtom), keyPlace(indexAtom))
	}
	groups := map[int]*parts{}
	var order []*parts
	for _, x := range all {
		root := u.find(x.at[0])
		g := groups[root]
		if g == nil {
			g = &parts{q: q, p: p, dims: make([][]int, len(q.heads)), queryAtoms: map[atomID]bool{}, keyAtoms: map[atomID]bool{}}
			groups[root] = g
			order = append(order, g)
		}
		x.put(g)
	}
	for _, g := range order {
		g.index = g.queryAtoms[indexAtom] && g.keyAtoms[indexAtom]
		g.length = g.queryAtoms[lengthAtom] && g.keyAtoms[lengthAtom]
	}
	return order
}

func (p *proof) atomSet(l *lin) map[atomID]bool {
	set := map[atomID]bool{}
	p.addAtoms(l, set)
	return set
}

// addAtoms adds the atoms that a function depends on.
func (p *proof) addAtoms(l *lin, set map[atomID]bool) {
	if l == nil {
		return
	}
	for _, t := range l.tabs {
		set[t.atom] = true
	}
	for _, part := range l.terms {
		switch t := part.t; t.kind {
		case innerTerm:
			p.addAtoms(t.inner, set)
		case jointTerm:
			for _, a := range t.joint {
				set[a] = true
			}
		case nodeTerm:
			for a := range p.prog.atomsOf(t.node) {
				set[a] = true
			}
		}
	}
}

// The length is the same for query and key; all other atoms are two.
func queryPlace(a atomID) int { return 2 * int(a) }

func keyPlace(a atomID) int {
	if a == lengthAtom {
		return queryPlace(a)
	}
	return 2*int(a) + 1
}

// unions is the usual structure of disjoint sets.
type unions struct{ parent map[int]int }

func (u *unions) find(x int) int {
	for {
		up, ok := u.parent[x]
		if !ok || up == x {
			return x
		}
		x = up
	}
}

func (u *unions) join(x, y int) {
	if a, b := u.find(x), u.find(y); a != b {
		u.parent[max(a, b)] = min(a, b)
	}
}

// answers tabulates one part.
func (s *parts) answers() ([]*answer, error) {
	queries, err := s.states(true)
	if err != nil {
		return nil, err
	}
	keys, err := s.states(false)
	if err != nil {
		return nil, err
	}
	if s.q.sample {
		queries = thinned(queries, max(1, samplePairs/max(1, len(keys))))
	}
	if len(queries)*len(keys) > maxPairs {
		return nil, fmt.Errorf("%w: %d queries, %d keys", errPairs, len(queries), len(keys))
	}
	if s.q.errors {
		return s.measured(queries, keys)
	}
	return s.related(queries, keys)
}

// thinned returns so many of some states, spread evenly.
func thinned(states []assignment, most int) []assignment {
	if len(states) <= most {
		return states
	}
	out := make([]assignment, most)
	for i := range out {
		out[i] = states[i*len(states)/most]
	}
	return out
}

// occurs reports whether a query and a key can be those of one input, as far
// as index and length tell, and count.
func (s *parts) occurs(query, key assignment) bool {
	if s.length && query[lengthAtom] != key[lengthAtom] {
		return false
	}
	return !(s.index && s.p.net.Causal && s.p.prog.causal && key[indexAtom] > query[indexAtom])
}

// states lists what the queries, or the keys, of a part can be.
func (s *parts) states(query bool) ([]assignment, error) {
	ls := s.p.prog.newLeaves()
	for h, ds := range s.dims {
		for _, d := range ds {
			r := s.q.heads[h].side(d, query)
			ls.lin(r.l)
			if s.q.errors { // what is alike may err differently
				ls.lin(r.err)
				ls.lin(r.abs)
			}
		}
	}
	for _, i := range s.atoms {
		if query {
			ls.program(s.q.atoms[i].Query)
		} else {
			ls.program(s.q.atoms[i].Key)
		}
	}
	if !query {
		for _, i := range s.keys {
			ls.lin(s.q.keys[i])
		}
		for _, i := range s.source {
			ls.program(s.q.source[i])
		}
	}
	if s.index || s.order {
		ls.identity(indexAtom)
	}
	if s.length {
		ls.identity(lengthAtom)
	}
	return ls.states()
}

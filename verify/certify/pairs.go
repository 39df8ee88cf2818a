package certify

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// errPairs says that a score depends on too much at once.
var errPairs = errors.New("too many pairs of query and key")

// maxPairs bounds the pairs that one part of a score is tabulated over.
const maxPairs = 1 << 26

// question is what is asked about all pairs of a query and a key.
type question struct {
	heads  []*scores  // whose scores
	atoms  []sop.Atom // whose truth
	keys   []*lin     // functions of the key
	source []nodeID   // s-ops of the key
	order  bool       // whether the key stands at or before the query
}

// answer is what some pairs have in common.
type answer struct {
	rel    []float64 // of each head: the score, beside that of the BOS key
	noise  []float64 // of each head: the most that rel is off by
	own    []float64 // of each head: the most that the key's score is off by
	lost   []rounded // of each head
	truth  []bool    // of each atom
	keys   []float64 // of each function
	source []float64 // of each s-op, as a number
	before bool
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
func (p *proof) newAnswer(q *question) *answer {
	lost := make([]rounded, len(q.heads))
	for h := range lost {
		lost[h].grid = math.Inf(1)
	}
	a := &answer{
		rel: make([]float64, len(q.heads)), noise: make([]float64, len(q.heads)), own: make([]float64, len(q.heads)), lost: lost,
		truth: make([]bool, len(q.atoms)), keys: make([]float64, len(q.keys)), source: make([]float64, len(q.source)),
	}
	return a
}

// combineAnswers visits every combination of answers of the parts.
func (p *proof) combineAnswers(q *question, lists [][]*answer, visit func(*answer) bool) {
	var walk func(i int, so *answer) bool
	walk = func(i int, so *answer) bool {
		if i == len(lists) {
			for h, s := range q.heads { // so is nobody else's
				noise, own := s.roundings(so.lost[h])
				so.noise[h], so.own[h] = so.noise[h]+noise, so.own[h]+own
			}
			return visit(so)
		}
		for _, a := range lists[i] {
			if !walk(i+1, so.with(a)) {
				return false
			}
		}
		return true
	}
	walk(0, p.newAnswer(q))
}

// with joins the answers of two parts: what one does not know is 0 in it.
func (a *answer) with(b *answer) *answer {
	out := &answer{
		rel: slices.Clone(a.rel), noise: slices.Clone(a.noise), own: slices.Clone(a.own), lost: slices.Clone(a.lost), truth: slices.Clone(a.truth),
		keys: slices.Clone(a.keys), source: slices.Clone(a.source), before: a.before || b.before,
	}
	for h := range out.rel {
		out.rel[h] += b.rel[h]
		out.noise[h] += b.noise[h]
		out.own[h] += b.own[h]
		out.lost[h].total += b.lost[h].total
		out.lost[h].own += b.lost[h].own
		out.lost[h].terms += b.lost[h].terms
		out.lost[h].grid = min(out.lost[h].grid, b.lost[h].grid)
	}
	for i, t := range b.truth {
		out.truth[i] = out.truth[i] || t
	}
	for i, v := range b.keys {
		out.keys[i] += v
	}
	for i, v := range b.source {
		out.source[i] += v
	}
	return out
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
	if len(queries)*len(keys) > maxPairs {
		return nil, fmt.Errorf("%w: %d queries, %d keys", errPairs, len(queries), len(keys))
	}
	qs, ks := s.evaluate(queries, true), s.evaluate(keys, false)
	skip := s.index && s.p.net.Causal && s.p.prog.causal
	seen := map[string]*answer{}
	var out []*answer
	a, buffer := s.p.newAnswer(s.q), []byte(nil) // of every pair in turn; most are known
	for _, q := range qs {
		for _, k := range ks {
			if s.length && q.at[lengthAtom] != k.at[lengthAtom] || skip && k.at[indexAtom] > q.at[indexAtom] {
				continue
			}
			if !s.pair(a, q, k) {
				continue
			}
			buffer = a.appendKey(buffer[:0])
			if old := seen[string(buffer)]; old != nil {
				old.worsen(a)
				continue
			}
			seen[string(buffer)], out = a, append(out, a)
			if a = s.p.newAnswer(s.q); len(out) > maxStates {
				return nil, errPairs
			}
		}
	}
	return out, nil
}

// worsen takes over what is worse in an answer that is the same but for errors.
func (a *answer) worsen(b *answer) {
	for h, n := range b.noise {
		a.noise[h], a.own[h] = max(a.noise[h], n), max(a.own[h], b.own[h])
		x, y := &a.lost[h], b.lost[h]
		*x = rounded{max(x.total, y.total), max(x.own, y.own), min(x.grid, y.grid), max(x.terms, y.terms)}
	}
}

// states lists what the queries, or the keys, of a part can be.
func (s *parts) states(query bool) ([]assignment, error) {
	ls := s.p.prog.newLeaves()
	for h, ds := range s.dims {
		for _, d := range ds {
			r := s.q.heads[h].dims[d].key
			if query {
				r = s.q.heads[h].dims[d].query
			}
			for _, l := range []*lin{r.l, r.err, r.abs} { // what is alike may err differently
				ls.lin(l)
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

// oneSide is what a query or key brings to its pairs.
type oneSide struct {
	at     assignment
	dims   [][]dimValue // of each head, those that are not 0
	values []value.Value
	keys   []float64
	source []float64
}

// dimValue is the value of one dimension of a score.
type dimValue struct {
	d     int
	v     float64 // of a key: beside that of the BOS key
	size  float64 // of a key: its absolute value and that of the BOS key
	noise float64
	// Of a key by itself:
	own, ownNoise float64
	grid          float64 // it is exact and a multiple of it; 0 where it is not exact
}

// zero reports whether the dimension adds exactly nothing.
func (v dimValue) zero() bool { return v.v == 0 && v.size == 0 && v.noise == 0 }

// evaluate evaluates one side of a part. Where the program is undefined there
// is nothing to prove.
func (s *parts) evaluate(states []assignment, query bool) []*oneSide {
	var out []*oneSide
next:
	for _, at := range states {
		side := &oneSide{at: at, dims: make([][]dimValue, len(s.dims))}
		for h, ds := range s.dims {
			for _, d := range ds {
				v, ok := s.q.heads[h].value(s.p, d, query, at)
				if !ok {
					continue next
				}
				if !v.zero() {
					side.dims[h] = append(side.dims[h], v)
				}
			}
			slices.SortFunc(side.dims[h], func(x, y dimValue) int { return x.d - y.d })
		}
		for _, i := range s.atoms {
			id := s.q.atoms[i].Key
			if query {
				id = s.q.atoms[i].Query
			}
			v, err := s.p.prog.eval(id, at)
			if err != nil {
				continue next
			}
			side.values = append(side.values, v)
		}
		if !query && !s.evaluateKey(side) {
			continue
		}
		out = append(out, side)
	}
	return out
}

func (s *parts) evaluateKey(side *oneSide) bool {
	for _, i := range s.keys {
		v, ok := s.p.eval(s.q.keys[i], side.at)
		if !ok {
			return false
		}
		side.keys = append(side.keys, v)
	}
	for _, i := range s.source {
		v, err := s.p.prog.eval(s.q.source[i], side.at)
		if err != nil || !v.IsNumber() {
			return false
		}
		side.source = append(side.source, v.Rat().Float64())
	}
	return true
}

// pair joins a query and a key. It reports false where the program is
// undefined.
func (s *parts) pair(a *answer, q, k *oneSide) bool {
	for h := range s.dims {
		a.rel[h], a.noise[h], a.own[h], a.lost[h] = s.q.heads[h].product(q.dims[h], k.dims[h])
	}
	for n, i := range s.atoms {
		ok, err := s.q.atoms[i].Cmp.Holds(k.values[n], q.values[n])
		if err != nil {
			return false
		}
		a.truth[i] = ok
	}
	for n, i := range s.keys {
		a.keys[i] = k.keys[n]
	}
	for n, i := range s.source {
		a.source[i] = k.source[n]
	}
	if s.order {
		a.before = k.at[indexAtom] <= q.at[indexAtom]
	}
	return true
}

// appendKey appends what tells answers apart, but for the noise.
func (a *answer) appendKey(b []byte) []byte {
	for _, row := range [][]float64{a.rel, a.keys, a.source} {
		b = appendNumbers(b, row)
	}
	for _, t := range a.truth {
		b = append(b, 0)
		if t {
			b[len(b)-1] = 1
		}
	}
	if a.before {
		b = append(b, 1)
	}
	return b
}

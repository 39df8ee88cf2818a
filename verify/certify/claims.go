package certify

import (
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// facts is what is proved of the rows of a selector.
type facts struct {
	single      bool // at most one position is selected
	nonempty    bool // at least one is
	least, most int  // how many are
}

// fact proves what it can of a selector.
func (p *program) fact(sel nodeID) facts { return p.factOf(p.g.Formula(sel)) }

func (p *program) factOf(formula sop.Formula) facts {
	key := formulaKey(formula)
	if f, ok := p.facts[key]; ok {
		return f
	}
	f := facts{most: p.maxLen}
	f.single = p.selectsOne(formula) || p.assumed[key]
	always, never := p.self(formula)
	f.nonempty = always || p.covers(formula) || p.placeSelected(formula)
	if never && p.maxLen > 1 {
		f.most = p.maxLen - 1
	}
	if f.single {
		f.most = 1
	}
	if f.nonempty {
		f.least = 1
	}
	p.facts[key] = f
	return f
}

// selectsOne reports whether a conjunct compares something that differs at any
// two positions, of those that the others may select, with the query for
// equality.
func (p *program) selectsOne(f sop.Formula) bool {
	var same []nodeID // on which key and query agree
	var alone []sop.Atom
	for _, c := range conjuncts(f) {
		if c.Kind == sop.Literal && c.Atom.Cmp == value.EQ && c.Atom.Key == c.Atom.Query {
			same = append(same, c.Atom.Key)
		}
		if p.ofKey(c) {
			alone = append(alone, c.Atom)
		}
	}
	for _, c := range conjuncts(f) {
		if c.Kind == sop.Literal && c.Atom.Cmp == value.EQ && (p.injective(c.Atom.Key) || p.isRank(c.Atom.Key, same) || p.counts(c.Atom.Key, alone)) {
			return true
		}
	}
	return false
}

// ofKey reports whether a conjunct is a comparison of the key with a constant.
func (p *program) ofKey(c sop.Formula) bool {
	return c.Kind == sop.Literal && len(p.atomsOf(c.Atom.Query)) == 0
}

func conjuncts(f sop.Formula) []sop.Formula {
	if f.Kind == sop.All {
		return f.Args
	}
	return []sop.Formula{f}
}

// injective reports whether an s-op differs at any two positions of an input.
func (p *program) injective(id nodeID) bool {
	if p.isRank(id, nil) {
		return true
	}
	for l := range p.maxLen {
		row, ok := p.row(id, l)
		if !ok || len(value.SortUnique(slices.Clone(row))) != len(row) {
			return false
		}
	}
	return true
}

// row evaluates an s-op that depends on index and length alone.
func (p *program) row(id nodeID, l int) ([]value.Value, bool) {
	for a := range p.atomsOf(id) {
		if a != indexAtom && a != lengthAtom {
			return nil, false
		}
	}
	row := make([]value.Value, l+1)
	for i := range row {
		v, err := p.eval(id, p.place(i, l))
		if err != nil {
			return nil, false
		}
		row[i] = v
	}
	return row, true
}

// self looks at positions that are query and key at once: whether they always
// select themselves, or never do.
func (p *program) self(f sop.Formula) (always, never bool) {
	ls := p.newLeaves()
	for _, a := range f.Atoms() {
		ls.program(a.Key)
		ls.program(a.Query)
	}
	states, err := ls.states()
	if err != nil {
		return false, false
	}
	always, never = true, true
	for at := range p.each(states) {
		selected, defined := p.selects(f, at, at)
		if defined {
			always, never = always && selected, never && !selected
		}
	}
	return always, never
}

// selects evaluates a selector.
func (p *program) selects(f sop.Formula, query, key assignment) (selected, defined bool) {
	defined = true
	selected = f.Eval(func(a sop.Atom) bool {
		k, err := p.eval(a.Key, key)
		if err == nil {
			var q value.Value
			if q, err = p.eval(a.Query, query); err == nil {
				var ok bool
				if ok, err = a.Cmp.Holds(k, q); err == nil {
					return ok
				}
			}
		}
		defined = false
		return false
	})
	return selected, defined
}

// covers reports whether a selector looks for a value that some position has:
// a key that takes the values 0 … n-1, or others that index and length tell.
func (p *program) covers(f sop.Formula) bool {
	if f.Kind != sop.Literal || f.Atom.Cmp != value.EQ {
		return false
	}
	ls := p.newLeaves()
	ls.program(f.Atom.Query)
	ls.identity(lengthAtom)
	if p.causal {
		ls.identity(indexAtom)
	}
	states, err := ls.states()
	if err != nil {
		return false
	}
	rank := p.isRank(f.Atom.Key, nil)
	for at := range p.each(states) {
		v, err := p.eval(f.Atom.Query, at)
		if err != nil {
			continue
		}
		l := int(at[lengthAtom])
		var keys []value.Value
		if rank {
			keys = p.atoms[indexAtom].values[:l+1]
		} else {
			var ok bool
			if keys, ok = p.row(f.Atom.Key, l); !ok {
				return false
			}
		}
		if p.causal {
			keys = keys[:at[indexAtom]+1]
		}
		if !slices.ContainsFunc(keys, func(k value.Value) bool { return value.Equal(k, v) }) {
			return false
		}
	}
	return true
}

// placeSelected reports whether the first position is always selected.
func (p *program) placeSelected(f sop.Formula) bool {
	keys, queries := p.newLeaves(), p.newLeaves()
	for _, a := range f.Atoms() {
		keys.program(a.Key)
		queries.program(a.Query)
	}
	keys.identity(indexAtom)
	ks, err := keys.states()
	if err != nil {
		return false
	}
	qs, err := queries.states()
	if err != nil || len(ks)*len(qs) > maxStates {
		return false
	}
	for k := range p.each(ks) {
		if k[indexAtom] != 0 {
			continue
		}
		for _, q := range qs {
			if selected, defined := p.selects(f, q, k); defined && !selected {
				return false
			}
		}
	}
	return true
}

// isRank reports whether an s-op is the width of a strict total order of the
// positions, or of those that agree on some s-ops, so that it differs at any two
// of them: 0 … n-1, if there are n. The selector takes a key where it comes
// before the query in the lexicographic order of some s-ops, the last of which
// differs at any two positions. A causal selector sees all keys that come
// before only where the order is that of the positions.
func (p *program) isRank(id nodeID, same []nodeID) bool {
	n := p.g.Node(id)
	if n.Op != sop.Width {
		return false
	}
	f := p.g.Formula(n.Args[0])
	var keys, used []nodeID // used are those of same that the selector speaks of
	for _, a := range f.Atoms() {
		if a.Key != a.Query {
			return false
		}
		list := &keys
		if slices.Contains(same, a.Key) {
			list = &used
		}
		if !slices.Contains(*list, a.Key) {
			*list = append(*list, a.Key)
		}
	}
	same = used
	const most = 4 // 4! orders, 2^4 directions
	if len(keys) == 0 || len(keys)+len(same) > most || p.causal && (len(keys) > 1 || !p.increasing(keys[0])) {
		return false
	}
	return p.ordered(order{f, keys, same}, 0)
}

// increasing reports whether an s-op grows from each position to the next.
func (p *program) increasing(id nodeID) bool {
	for l := range p.maxLen {
		row, ok := p.row(id, l)
		if !ok {
			return false
		}
		for i := 1; i < len(row); i++ {
			if ok, err := value.LT.Holds(row[i-1], row[i]); err != nil || !ok {
				return false
			}
		}
	}
	return true
}

// order is a selector that may be a lexicographic order.
type order struct {
	f    sop.Formula
	keys []nodeID // by which is ordered, the most important first
	same []nodeID // on which key and query agree
}

// ordered tries every order of the keys from the given place on.
func (p *program) ordered(o order, from int) bool {
	if from == len(o.keys) {
		if !p.injective(o.keys[from-1]) {
			return false
		}
		for directions := range 1 << len(o.keys) {
			if (!p.causal || directions == 0) && o.lexicographic(directions) {
				return true
			}
		}
		return false
	}
	for i := from; i < len(o.keys); i++ {
		next := o
		next.keys = slices.Clone(o.keys)
		next.keys[from], next.keys[i] = next.keys[i], next.keys[from]
		if p.ordered(next, from+1) {
			return true
		}
	}
	return false
}

// lexicographic reports whether the formula says "the key comes before the
// query": at the first s-op where they differ the key's is less, or greater
// where the direction's bit is set. All ways in which the s-ops can compare
// are tried.
func (o order) lexicographic(directions int) bool {
	signs := make([]int, len(o.keys)+len(o.same))
	var try func(i int) bool
	try = func(i int) bool {
		if i == len(signs) {
			return o.agrees(signs, directions)
		}
		for s := -1; s <= 1; s++ {
			if signs[i] = s; !try(i + 1) {
				return false
			}
		}
		return true
	}
	return try(0)
}

// agrees compares the formula with the order for one way to compare.
func (o order) agrees(signs []int, directions int) bool {
	differs := func(s int) bool { return s != 0 }
	keys, same := signs[:len(o.keys)], signs[len(o.keys):]
	differ := slices.IndexFunc(keys, differs)
	others := slices.ContainsFunc(same, differs)
	if keys[len(keys)-1] == 0 && (differ >= 0 || others) {
		return true // the last s-op is the same at one position only
	}
	// A key outside of those that agree must not count.
	before := !others && differ >= 0 && (keys[differ] < 0) == (directions>>differ&1 == 0)
	return before == o.f.Eval(func(a sop.Atom) bool {
		sign := 0
		if k := slices.Index(o.keys, a.Key); k >= 0 {
			sign = keys[k]
		} else if k := slices.Index(o.same, a.Key); k >= 0 {
			sign = same[k]
		}
		return compares(a.Cmp, sign)
	})
}

// compares evaluates a comparison of a key with a query by the sign of their
// difference.
func compares(c value.Cmp, sign int) bool {
	ok, err := c.Holds(value.IntOf(int64(sign)), value.IntOf(0))
	return err == nil && ok
}

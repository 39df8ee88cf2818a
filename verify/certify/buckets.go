package certify

import (
	"fmt"
	"maps"
	"slices"
)

// maxTable bounds the tables of functions of several atoms.
const maxTable = 1 << 14

// bucket is the groups that depend on the same atoms.
type bucket struct {
	atoms  []atomID
	groups []*group
	table  bool // tabulated over all combinations of the atoms
}

// buckets sorts the groups by their atoms.
func (p *proof) buckets(groups []*group) []*bucket {
	byKey := map[string]*bucket{}
	var all []*bucket
	for _, g := range groups {
		atoms := slices.Sorted(maps.Keys(p.atomSet(g.t)))
		size := 1
		listed := true
		for _, a := range atoms {
			listed = listed && p.prog.atoms[a].listed()
			size = min(size*max(1, len(p.prog.atoms[a].values)), 1<<30)
		}
		key := fmt.Sprint(atoms)
		table := listed && (len(atoms) <= 1 || size <= maxTable)
		if !table {
			key = fmt.Sprintf("%p", g)
		}
		b := byKey[key]
		if b == nil {
			b = &bucket{atoms: atoms, table: table}
			byKey[key] = b
			all = append(all, b)
		}
		b.groups = append(b.groups, g)
	}
	return all
}

// bucket adds the effects of a bucket.
func (p *proof) bucket(b *bucket, eff map[int]*effect) error {
	if b.table {
		return p.tabulate(b, eff)
	}
	return p.inner(b.groups[0], eff)
}

// tabulate makes what groups write functions of their atoms.
func (p *proof) tabulate(b *bucket, eff map[int]*effect) error {
	ls := p.prog.newLeaves()
	size := 1
	for _, a := range b.atoms {
		ls.identity(a)
		size *= len(p.prog.atoms[a].values)
	}
	states, err := ls.states()
	if err != nil {
		return err
	}
	total := map[int]*tally{}
	for at := range p.prog.each(states) {
		p.tallyState(b, at, size, total)
	}
	for _, c := range slices.Sorted(maps.Keys(total)) {
		t, e := total[c], of(eff, c)
		e.errs = append(e.errs, p.function(b.atoms, t.errs))
		e.sizes = append(e.sizes, p.function(b.atoms, t.sizes))
		e.size += t.size
		e.terms += t.terms
		e.rough = e.rough || t.rough
		e.ls = append(e.ls, p.function(b.atoms, t.table))
	}
	return nil
}

// tally adds up what is written to a column.
type tally struct {
	table, errs, sizes []float64
	size               float64
	terms              int
	rough              bool
}

// tallyState adds what all groups write at one state.
func (p *proof) tallyState(b *bucket, at assignment, size int, total map[int]*tally) {
	sums := map[int]*added{}
	m := &moment{}
	for _, g := range b.groups {
		if !p.moment(m, g, at) {
			return // the program is undefined here
		}
		if g.idle(m) {
			continue
		}
		for c, ws := range g.writes {
			a := g.effectOn(p, ws, m)
			s := sums[c]
			if s == nil {
				s = &added{}
				sums[c] = s
			}
			s.value, s.off, s.size, s.terms = s.value+a.value, s.off+a.off, s.size+a.size, s.terms+a.terms
			s.rough = s.rough || a.rough
		}
	}
	i := p.prog.jointIndex(b.atoms, at)
	for c, s := range sums {
		t := total[c]
		if t == nil {
			t = &tally{table: make([]float64, size), errs: make([]float64, size), sizes: make([]float64, size)}
			total[c] = t
		}
		t.table[i] = s.value
		t.sizes[i] = s.size
		if t.errs[i] = s.off; s.rough {
			t.errs[i] = widen(s.off, s.size)
		}
		t.size, t.terms = max(t.size, s.size), max(t.terms, s.terms)
		t.rough = t.rough || s.rough
	}
}

// function is a table over atoms.
func (p *proof) function(atoms []atomID, table []float64) *lin {
	switch len(atoms) {
	case 0:
		return constant(table[0])
	case 1:
		return tabulated(atoms[0], table)
	}
	return &lin{terms: []termPart{{p.prog.jointTerm(atoms), curve{table: table}}}}
}

// inner adds what a group writes as functions of what it reads.
func (p *proof) inner(g *group, eff map[int]*effect) error {
	states, err := p.statesOf(g)
	if err != nil {
		return err
	}
	total, m := map[int]*added{}, &moment{}
	for at := range p.prog.each(states) {
		ok := p.moment(m, g, at)
		if !ok || g.idle(m) {
			continue
		}
		for c, ws := range g.writes {
			a := g.effectOn(p, ws, m)
			t := total[c]
			if t == nil {
				t = &added{}
				total[c] = t
			}
			t.off, t.size, t.terms = max(t.off, a.off), max(t.size, a.size), max(t.terms, a.terms)
			t.rough = t.rough || a.rough
		}
	}
	t := &term{kind: innerTerm, inner: g.t, name: "an input of neurons"}
	p.prog.numbered(t)
	for _, c := range slices.Sorted(maps.Keys(total)) {
		e := of(eff, c)
		e.noise += total[c].off
		e.sizes = append(e.sizes, constant(total[c].size))
		e.size += total[c].size
		e.terms += total[c].terms
		e.rough = e.rough || total[c].rough
		var bends []bend
		for _, w := range g.writes[c] {
			n := &g.neurons[w.neuron]
			bends = append(bends, bend{w.w, n.in, n.off})
		}
		e.ls = append(e.ls, &lin{terms: []termPart{{t, curve{bends: bends}}}})
	}
	return nil
}

package certify

import (
	"maps"
	"slices"

	"github.com/raspc/raspc/frontend/value"
)

// rule says which values a sum can have at a position: the position's own part,
// if it is selected, and no more than the least and the largest summand for each
// of the others.
type rule struct {
	sum  *total
	ones *total // the number of keys that the core selects; nil where it is not known
	own  bool   // the position's own part is known
	// atoms are all that it speaks of.
	atoms map[atomID]bool
}

// ruled returns the leaves together with what decides the rules that speak of
// the same atoms.
func (ls *leaves) ruled() (*leaves, []rule) {
	involved := map[atomID]bool{}
	for _, l := range ls.all {
		for _, t := range l {
			involved[t.atom] = true
		}
	}
	with := &leaves{p: ls.p, all: slices.Clone(ls.all), seen: maps.Clone(ls.seen), node: maps.Clone(ls.node)}
	var rules []rule
	for _, t := range ls.p.sums {
		if r, ok := with.rule(t, involved); ok {
			rules = append(rules, r)
		}
	}
	if with.err != nil {
		return ls, nil
	}
	return with, rules
}

// within reports whether atoms are all among others.
func within(set, all map[atomID]bool) bool {
	for a := range set {
		if !all[a] {
			return false
		}
	}
	return true
}

// rule adds what decides the rule of one sum.
func (ls *leaves) rule(t *total, involved map[atomID]bool) (rule, bool) {
	p := ls.p
	set := map[atomID]bool{}
	t.addAtoms(set)
	r := rule{sum: t, atoms: maps.Clone(set)}
	if len(set) == 0 || !within(set, involved) || !t.bounded {
		return r, false
	}
	if ones := p.byKey[summation{core: t.def.core, source: none}.key()]; ones != nil && ones != t {
		set := map[atomID]bool{}
		ones.addAtoms(set)
		if within(set, involved) {
			r.ones = ones
		}
	}
	own := map[atomID]bool{}
	for _, id := range p.compared(t.def) {
		for a := range p.atomsOf(id) {
			own[a] = true
		}
	}
	r.own = within(own, involved)
	if !r.own && r.ones == nil && t.parts == nil {
		return r, false
	}
	ls.total(t)
	if r.ones != nil {
		ls.total(r.ones)
		r.ones.addAtoms(r.atoms)
	}
	if r.own {
		maps.Copy(r.atoms, own)
		for _, id := range p.compared(t.def) {
			ls.program(id)
		}
	}
	return r, true
}

// bound notes the least and the largest summand, and how many there are at most.
func (t *total) bound(p *program) {
	t.most, t.bounded = p.factOf(t.def.formula()).most, true
	if t.lo, t.hi = value.Int(0), value.Int(1); t.def.source == none {
		return
	}
	vals, err := p.set(t.def.source)
	if err == nil {
		var lo, hi value.Rat
		lo, hi, _, err = grid(vals)
		t.lo, t.hi = smaller(lo, value.Int(0)), larger(hi, value.Int(0))
	}
	t.bounded = err == nil
}

// total adds what decides a sum.
func (ls *leaves) total(t *total) {
	if l := ls.p.totalLin(t); len(l.terms) == 0 && l.denominator > 0 {
		ls.lin(l.lin)
		return
	}
	set := map[atomID]bool{}
	t.addAtoms(set)
	for _, a := range slices.Sorted(maps.Keys(set)) {
		ls.identity(a)
	}
}

// possible reports whether some input can have such a state, as far as the rules
// tell.
func (p *program) possible(at assignment, rules []rule) bool {
	for i := range rules {
		if !rules[i].permits(p, at) {
			return false
		}
	}
	return true
}

func (r *rule) permits(p *program, at assignment) bool {
	most := value.Int(int64(r.sum.most)) // that the selector takes
	core := most                         // that its core takes
	if r.ones != nil {
		core = p.amount(r.ones, at)
	}
	rest := p.amount(r.sum, at)
	if r.own {
		selected, defined := p.selects(r.sum.def.core, at, at)
		if !defined {
			return true
		}
		if selected {
			v, ok := p.summand(r.sum.def, at)
			if !ok {
				return true
			}
			rest = rest.Sub(v)
			if v.Sign() != 0 {
				most = most.Sub(value.Int(1))
			}
			if r.ones != nil {
				core = core.Sub(value.Int(1))
			}
		}
	}
	if r.ones != nil {
		most = smaller(most, core)
	}
	return rest.Cmp(r.sum.lo.Mul(most)) >= 0 && rest.Cmp(r.sum.hi.Mul(most)) <= 0
}

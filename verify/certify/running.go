package certify

import (
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// counts reports whether an s-op differs at any two positions that meet some
// conditions, as the number of a run differs at the starts of runs: it tells the
// values of a running total apart, whose summands are never negative and are
// positive at those positions.
func (p *program) counts(id nodeID, conditions []sop.Atom) bool {
	for _, t := range p.known {
		if p.running(t.def.core) && p.grows(t, conditions) && p.tells(id, t, conditions) {
			return true
		}
	}
	return false
}

// running reports whether each position selects all positions before it, all
// itself or none, and no later one.
func (p *program) running(core sop.Formula) bool {
	var ids []nodeID
	first := p.maxLen - 1 // the longest inputs tell, where the length does not matter
	for _, a := range core.Atoms() {
		for _, id := range []nodeID{a.Key, a.Query} {
			ids = append(ids, id)
			if p.atomsOf(id)[lengthAtom] {
				first = 0
			}
		}
	}
	if (p.maxLen-first)*p.maxLen*p.maxLen > maxPlaces {
		return false
	}
	for l := first; l < p.maxLen; l++ {
		rows := map[nodeID][]value.Value{}
		for _, id := range ids {
			row, ok := p.row(id, l)
			if !ok {
				return false
			}
			rows[id] = row
		}
		if !p.runs(core, rows, l+1) {
			return false
		}
	}
	return true
}

// runs is running for the inputs of one length.
func (p *program) runs(core sop.Formula, rows map[nodeID][]value.Value, n int) bool {
	selects := func(q, k int) bool {
		return (k <= q || !p.causal) && core.Eval(func(a sop.Atom) bool { return holds(a, rows[a.Key][k], rows[a.Query][q]) })
	}
	itself := selects(0, 0)
	for q := range n {
		for k := range n {
			if selects(q, k) != (k < q || k == q && itself) {
				return false
			}
		}
	}
	return true
}

// grows reports whether the summands of a total are never negative, and positive
// at the positions that meet some conditions.
func (p *program) grows(t *total, conditions []sop.Atom) bool {
	ls := p.newLeaves()
	t.def.decide(ls)
	for _, a := range conditions {
		ls.program(a.Key)
	}
	states, err := ls.states()
	if err != nil {
		return false
	}
	for _, at := range states {
		v, ok := p.summand(t.def, at)
		if !ok || v.Sign() < 0 {
			return false
		}
		if v.Sign() == 0 && p.meets(conditions, at) {
			return false
		}
	}
	return true
}

// meets evaluates conditions on a key. Where one is undefined the program is.
func (p *program) meets(conditions []sop.Atom, at assignment) bool {
	for _, a := range conditions {
		k, err := p.eval(a.Key, at)
		if err != nil {
			return false
		}
		if q, err := p.eval(a.Query, at); err != nil || !holds(a, k, q) {
			return false
		}
	}
	return true
}

// tells reports whether no value of an s-op goes with two values of a total, at the
// positions that meet some conditions.
func (p *program) tells(id nodeID, t *total, conditions []sop.Atom) bool {
	ls := p.newLeaves()
	ls.program(id)
	ls.total(t)
	for _, a := range conditions {
		ls.program(a.Key)
	}
	states, err := ls.states()
	if err != nil {
		return false
	}
	amounts := map[value.Key]value.Rat{}
	for _, at := range states {
		v, err := p.eval(id, at)
		if err != nil || !p.meets(conditions, at) {
			continue // here the program is undefined, or the position not selected
		}
		amount := p.amount(t, at)
		if known, ok := amounts[v.Key()]; ok && !known.Equal(amount) {
			return false
		}
		amounts[v.Key()] = amount
	}
	return true
}

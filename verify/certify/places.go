package certify

import (
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// maxPlaces bounds the work of counting keys by their places.
const maxPlaces = 1 << 25

// placesOnly reports whether a sum depends on index and length alone, and is
// worth being tabulated.
func (p *program) placesOnly(d summation) bool {
	n := p.maxLen
	for _, id := range p.compared(d) {
		for a := range p.atomsOf(id) {
			if a != indexAtom && a != lengthAtom {
				return false
			}
		}
	}
	return n*n*n <= maxPlaces
}

// compared returns the s-ops that decide a sum.
func (p *program) compared(d summation) []nodeID {
	var ids []nodeID
	for _, a := range d.formula().Atoms() {
		ids = append(ids, a.Key, a.Query)
	}
	if d.source != none {
		ids = append(ids, d.source)
	}
	return ids
}

// countPlaces tabulates a sum by length and index. Where the program is
// undefined the sum is 0: no input with such a position is looked at.
func (p *program) countPlaces(d summation) [][]value.Rat {
	f := d.formula()
	table := make([][]value.Rat, p.maxLen)
	for l := range table {
		at := func(id nodeID, i int) (value.Value, bool) {
			v, err := p.eval(id, p.place(i, l))
			return v, err == nil
		}
		vals := map[nodeID][]value.Value{}
		defined := true
		for _, id := range p.compared(d) {
			vals[id] = make([]value.Value, l+1)
			for i := range l + 1 {
				var ok bool
				vals[id][i], ok = at(id, i)
				defined = defined && ok
			}
		}
		table[l] = make([]value.Rat, l+1)
		if defined && p.alive() == nil {
			for q := range l + 1 {
				keys := l + 1
				if p.causal {
					keys = q + 1
				}
				table[l][q] = countRow(f, d.source, vals, q, keys)
			}
		}
	}
	return table
}

// place is the assignment of an index, in an input of length l+1.
func (p *program) place(i, l int) assignment {
	at := make(assignment, len(p.atoms))
	at[indexAtom], at[lengthAtom] = int32(i), int32(l)
	return at
}

// countRow adds up one row, over the first keys.
func countRow(f sop.Formula, source nodeID, vals map[nodeID][]value.Value, q, keys int) value.Rat {
	total := value.Int(0)
	for key := range keys {
		if !f.Eval(func(a sop.Atom) bool { return holds(a, vals[a.Key][key], vals[a.Query][q]) }) {
			continue
		}
		if source == none {
			total = total.Add(value.Int(1))
		} else {
			total = total.Add(vals[source][key].Rat())
		}
	}
	return total
}

// holds evaluates one comparison of a selector. Where it is undefined the
// program is, so that the answer does not count.
func holds(a sop.Atom, key, query value.Value) bool {
	ok, err := a.Cmp.Holds(key, query)
	return err == nil && ok
}

// depends tells on which of index and length a table depends.
func depends(places [][]value.Rat) (byIndex, byLength bool) {
	for l, row := range places {
		for i, v := range row {
			byIndex = byIndex || !v.Equal(row[0])
			byLength = byLength || l > 0 && i < l && !v.Equal(places[l-1][i])
		}
	}
	return byIndex, byLength
}

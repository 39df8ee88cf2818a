package certify

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// total is a sum over the keys that a selector selects: a function of index and
// length, an atom, or a sum of multiples of such.
type total struct {
	def    summation
	atom   atomID
	places [][]value.Rat // [length-1][index]; nil for others
	// byIndex and byLength tell on which of the two they depend.
	byIndex, byLength bool
	parts             []share // nil for others

	// Of one summand, 0 included, and how many there are.
	lo, hi  value.Rat
	most    int
	bounded bool // these are known
}

// share is a multiple of a total.
type share struct {
	of     *total
	factor value.Rat
}

// summation says what is summed over which keys. Comparisons of the key alone
// are taken out of the selector: what they leave out is 0.
type summation struct {
	core   sop.Formula // the rest of the selector
	alone  []sop.Atom  // of the key alone, all of which must hold
	source nodeID      // what is summed; none for ones
}

// summation takes a selector apart.
func (p *program) summation(k totalKey) summation {
	d := summation{core: sop.Formula{Kind: sop.All}, source: k.source}
	for _, c := range conjuncts(p.g.Formula(k.selector)) {
		if p.ofKey(c) {
			d.alone = append(d.alone, c.Atom)
		} else {
			d.core.Args = append(d.core.Args, c)
		}
	}
	return d
}

// formula is the whole selector of a summation.
func (d summation) formula() sop.Formula {
	f := sop.Formula{Kind: sop.All, Args: slices.Clone(d.core.Args)}
	for _, a := range d.alone {
		f.Args = append(f.Args, sop.Formula{Kind: sop.Literal, Atom: a})
	}
	return f
}

// key tells summations apart.
func (d summation) key() string { return fmt.Sprint(formulaKey(d.core), d.alone, d.source) }

// formulaKey spells a formula.
func formulaKey(f sop.Formula) string {
	if f.Kind == sop.Literal {
		return fmt.Sprint(f.Atom.Key, " ", f.Atom.Cmp, " ", f.Atom.Query)
	}
	parts := make([]string, len(f.Args))
	for i, a := range f.Args {
		parts[i] = formulaKey(a)
	}
	return fmt.Sprintf("%d(%s)", f.Kind, strings.Join(parts, ","))
}

// total returns a sum of the program.
func (p *program) total(k totalKey) (*total, error) {
	if t, ok := p.totals[k]; ok {
		return t, nil
	}
	t, err := p.summed(p.summation(k))
	if err == nil {
		p.totals[k] = t
	}
	return t, err
}

// summed returns a sum: one that is known, a function of index and length, a
// combination of sums over the same keys, or an atom.
func (p *program) summed(d summation) (*total, error) {
	key := d.key()
	if t, ok := p.byKey[key]; ok {
		return t, nil
	}
	t := &total{def: d}
	t.bound(p)
	core := formulaKey(d.core)
	switch {
	case p.placesOnly(d):
		t.places = p.countPlaces(d)
		t.byIndex, t.byLength = depends(t.places)
	case p.composed(t, core):
		p.byKey[key], p.sums, p.known = t, append(p.sums, t), append(p.known, t)
		return t, nil
	default:
		a, err := p.sumAtom(d)
		if err != nil {
			return nil, err
		}
		t.atom = p.addAtom(a, p.reach.total(d))
		p.sums = append(p.sums, t)
	}
	p.byKey[key], p.known = t, append(p.known, t)
	p.bases[core] = append(p.bases[core], t)
	return t, nil
}

// composed writes a sum as a combination of others over the same core, which
// it is where what it sums is that combination: every sum of one of two tokens,
// say, is the number of keys less that of the other.
func (p *program) composed(t *total, core string) bool {
	if t.def.source == none && len(t.def.alone) == 0 {
		return false
	}
	ones, err := p.summed(summation{core: t.def.core, source: none})
	if err != nil {
		return false
	}
	bases := slices.Clone(p.bases[core])
	if !slices.Contains(bases, ones) {
		bases = append(bases, ones)
	}
	factors, ok := p.combination(t, bases)
	if !ok {
		return false
	}
	for i, f := range factors {
		if f.Sign() != 0 {
			t.parts = append(t.parts, share{bases[i], f})
		}
	}
	if t.parts == nil {
		t.parts = []share{{ones, value.Int(0)}}
	}
	return true
}

// combination finds the exact factors of which a summand is the combination.
func (p *program) combination(t *total, bases []*total) ([]value.Rat, bool) {
	ls := p.newLeaves()
	for _, b := range append(slices.Clone(bases), t) {
		b.def.decide(ls)
	}
	states, err := ls.states()
	if err != nil {
		return nil, false
	}
	var rows [][]value.Rat
	var want []value.Rat
	for at := range p.each(states) {
		row, y, ok := p.summands(t, bases, at)
		if ok {
			rows, want = append(rows, row), append(want, y)
		}
	}
	return solveExactly(rows, want)
}

// decide adds what decides a summand of a key.
func (d summation) decide(ls *leaves) {
	for _, a := range d.alone {
		ls.program(a.Key)
	}
	if d.source != none {
		ls.program(d.source)
	}
}

// summands evaluates what is summed at one key.
func (p *program) summands(t *total, bases []*total, at assignment) (row []value.Rat, want value.Rat, ok bool) {
	for _, b := range bases {
		v, ok := p.summand(b.def, at)
		if !ok {
			return nil, want, false
		}
		row = append(row, v)
	}
	want, ok = p.summand(t.def, at)
	return row, want, ok
}

// summand evaluates what a summation adds for a key that its core selects.
func (p *program) summand(d summation, at assignment) (value.Rat, bool) {
	for _, a := range d.alone {
		k, err := p.eval(a.Key, at)
		if err != nil {
			return value.Rat{}, false
		}
		q, err := p.eval(a.Query, at)
		if err != nil {
			return value.Rat{}, false
		}
		holds, err := a.Cmp.Holds(k, q)
		if err != nil {
			return value.Rat{}, false
		}
		if !holds {
			return value.Int(0), true
		}
	}
	if d.source == none {
		return value.Int(1), true
	}
	v, err := p.eval(d.source, at)
	if err != nil || !v.IsNumber() {
		return value.Rat{}, false
	}
	return v.Rat(), true
}

// solveExactly solves a system that has more equations than unknowns by
// elimination, and checks all equations. Unknowns that are left open are 0.
func solveExactly(rows [][]value.Rat, want []value.Rat) ([]value.Rat, bool) {
	if len(rows) == 0 {
		return nil, false
	}
	unknowns := len(rows[0])
	var done [][]*big.Rat // reduced rows, with the right side
	var pivots []int
	for i := range rows {
		row := make([]*big.Rat, unknowns+1)
		for k, v := range rows[i] {
			row[k] = v.Big()
		}
		row[unknowns] = want[i].Big()
		for n, d := range done {
			reduce(row, d, pivots[n])
		}
		pivot := slices.IndexFunc(row[:unknowns], func(v *big.Rat) bool { return v.Sign() != 0 })
		if pivot < 0 {
			if row[unknowns].Sign() != 0 {
				return nil, false
			}
			continue
		}
		inverse := new(big.Rat).Inv(row[pivot])
		for k := range row {
			row[k] = new(big.Rat).Mul(row[k], inverse)
		}
		for _, d := range done {
			reduce(d, row, pivot)
		}
		done, pivots = append(done, row), append(pivots, pivot)
	}
	out := make([]value.Rat, unknowns)
	for i := range out {
		out[i] = value.Int(0)
	}
	for n, d := range done {
		out[pivots[n]] = value.FromBig(d[unknowns])
	}
	return out, true
}

// reduce takes a multiple of by from row, so that row is 0 at the pivot.
func reduce(row, by []*big.Rat, pivot int) {
	f := row[pivot]
	if f.Sign() == 0 {
		return
	}
	for k := range row {
		row[k] = new(big.Rat).Sub(row[k], new(big.Rat).Mul(f, by[k]))
	}
}

// maxValues bounds the listed values of a sum.
const maxValues = 1 << 17

// sumAtom lists what a sum can be: each multiple of the largest number that
// divides all summands, between the least and the largest sum.
func (p *program) sumAtom(d summation) (*atom, error) {
	f := p.factOf(d.formula())
	if d.source == none {
		var vals []value.Value
		for w := f.least; w <= f.most; w++ {
			vals = append(vals, value.IntOf(int64(w)))
		}
		return newAtom(p.widthName(d), vals), nil
	}
	name := "the sum of " + p.describe(d.source)
	vals, err := p.set(d.source)
	if err != nil {
		a, b := p.bounds(d.source)
		n := float64(p.maxLen)
		return &atom{name: name, lo: min(0, n*a), hi: max(0, n*b)}, nil
	}
	lo, hi, step, err := grid(vals)
	if err != nil {
		return nil, err
	}
	most := value.Int(int64(f.most))
	lo, hi = smaller(value.Int(0), lo.Mul(most)), larger(value.Int(0), hi.Mul(most))
	if hi.Sub(lo).Cmp(step.Mul(value.Int(maxValues))) > 0 {
		return &atom{name: name, lo: lo.Float64(), hi: hi.Float64()}, nil
	}
	kind := value.KindFloat
	if step.IsInt() {
		kind = value.KindInt
	}
	var all []value.Value
	for x := lo; x.Cmp(hi) <= 0; x = x.Add(step) {
		all = append(all, value.Number(kind, x))
	}
	return newAtom(name, all), nil
}

// addAtoms adds what a sum depends on.
func (t *total) addAtoms(set map[atomID]bool) {
	switch {
	case t.parts != nil:
		for _, s := range t.parts {
			s.of.addAtoms(set)
		}
	case t.places != nil:
		if t.byIndex {
			set[indexAtom] = true
		}
		if t.byLength {
			set[lengthAtom] = true
		}
	default:
		set[t.atom] = true
	}
}

// amount evaluates a sum.
func (p *program) amount(t *total, at assignment) value.Rat {
	switch {
	case t.parts != nil:
		sum := value.Int(0)
		for _, s := range t.parts {
			sum = sum.Add(s.factor.Mul(p.amount(s.of, at)))
		}
		return sum
	case t.places != nil:
		l, i := at[lengthAtom], at[indexAtom]
		if i > l { // only one of the two was asked for
			i, l = t.stand(i, l)
		}
		return t.places[l][i]
	}
	return p.atoms[t.atom].values[at[t.atom]].Rat()
}

// stand returns a valid index and length where only that counts which the sum
// depends on.
func (t *total) stand(i, l int32) (int32, int32) {
	if t.byIndex {
		return i, max(i, l)
	}
	return min(i, l), l
}

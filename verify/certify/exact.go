package certify

import (
	"errors"
	"math"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// errNotNumber says that an s-op is not a number everywhere.
var errNotNumber = errors.New("not a number")

// largeDenominator bounds the denominators that are kept count of.
const largeDenominator = 1 << 20

// lin returns a numeric s-op as a function of atoms: as a sum of functions of
// single atoms where it is one, else as a term of its own.
func (p *program) lin(id nodeID) (*exact, error) {
	if l, ok := p.lins[id]; ok {
		if l == nil {
			return nil, errNotNumber
		}
		return l, nil
	}
	p.making[id] = true
	l, err := p.makeLin(p.g.Node(id))
	delete(p.making, id)
	if err != nil {
		l = nil
	}
	p.lins[id] = l
	return l, err
}

func (p *program) makeLin(n *sop.Node) (*exact, error) {
	if a, ok := p.oneAtom(n.ID); ok {
		return p.tableLin(n.ID, a)
	}
	switch n.Op {
	case sop.Const:
		if !n.Value.IsNumber() {
			return nil, errNotNumber
		}
		return &exact{constant(n.Value.Rat().Float64()), denominator(n.Value.Rat())}, nil
	case sop.Add, sop.Sub, sop.Neg, sop.Mul, sop.Div:
		if l := p.linear(n); l != nil {
			return l, nil
		}
	case sop.Width:
		if l := p.totalLin(p.totals[totalKey{n.Args[0], none}]); l != nil {
			return l, nil
		}
	}
	vals, err := p.set(n.ID)
	for _, v := range vals {
		if !v.IsNumber() {
			return nil, errNotNumber
		}
	}
	if err != nil && n.Op == sop.Aggregate && !n.Value.IsNumber() {
		return nil, errNotNumber
	}
	return &exact{p.termOf(&term{kind: nodeTerm, node: n.ID, name: p.describe(n.ID)}), 0}, nil
}

// termOf is a term by itself.
func (p *program) termOf(t *term) *lin {
	p.numbered(t)
	return &lin{terms: []termPart{{t, curve{slope: 1}}}}
}

// oneAtom returns the only atom that an s-op depends on, if its values are
// listed.
func (p *program) oneAtom(id nodeID) (atomID, bool) {
	used := p.atomsOf(id)
	if len(used) != 1 {
		return 0, false
	}
	for a := range used {
		return a, p.atoms[a].listed()
	}
	return 0, false
}

// tableLin tabulates a number over one atom. Where the program is undefined,
// any number will do.
func (p *program) tableLin(id nodeID, a atomID) (*exact, error) {
	table := make([]float64, len(p.atoms[a].values))
	at := make(assignment, len(p.atoms))
	den := int64(1)
	some, floats := false, false
	for i := range table {
		at[a] = int32(i)
		v, err := p.eval(id, at)
		if err != nil {
			den = 0 // a sum would not tell that this state is none
			continue
		}
		if !v.IsNumber() {
			return nil, errNotNumber
		}
		table[i] = v.Rat().Float64()
		den = common(den, denominator(v.Rat()))
		float := v.Kind() == value.KindFloat
		if some && float != floats && p.kinds {
			den = 0
		}
		some, floats = true, float
	}
	return told(&exact{tabulated(a, table), den}), nil
}

// told takes the denominator from a function whose numbers are too large for
// sums in float64 to tell them all apart.
func told(e *exact) *exact {
	size := math.Abs(e.c)
	for _, t := range e.tabs {
		for _, v := range t.table {
			size = max(size, math.Abs(v)) // of the largest summand
		}
	}
	if !(size*float64(e.denominator)*float64(len(e.tabs)+1) < 1<<48) {
		e.denominator = 0
	}
	return e
}

// linear adds numbers, or multiplies one by a constant.
func (p *program) linear(n *sop.Node) *exact {
	var args []*exact
	for _, a := range n.Args {
		l, err := p.lin(a)
		if err != nil {
			return nil
		}
		args = append(args, l)
	}
	ws := []float64{1, 1}
	den := args[0].denominator
	if len(args) == 2 {
		den = common(den, args[1].denominator)
	}
	switch n.Op {
	case sop.Sub:
		ws[1] = -1
	case sop.Neg:
		ws[0] = -1
	case sop.Mul, sop.Div:
		return p.scaled(n, args)
	}
	ls := make([]*lin, len(args))
	for i, a := range args {
		ls[i] = a.lin
	}
	return told(&exact{combine(ls, ws[:len(ls)]), den})
}

// scaled multiplies by a constant or divides by one.
func (p *program) scaled(n *sop.Node, args []*exact) *exact {
	x, by := args[0], args[1]
	if n.Op == sop.Mul && x.isConstant() {
		x, by = by, x
	}
	if !by.isConstant() {
		return nil
	}
	f := by.konst()
	if n.Op == sop.Div {
		if f == 0 {
			return nil
		}
		f = 1 / f
	}
	den := int64(0)
	if x.denominator > 0 && by.denominator > 0 && f == math.Trunc(f) {
		den = x.denominator
	}
	return told(&exact{combine([]*lin{x.lin}, []float64{f}), den})
}

// totalLin writes a sum as a function of atoms; nil where it needs a term.
func (p *program) totalLin(t *total) *exact {
	if t.parts != nil {
		return p.sharesLin(t.parts)
	}
	if t.places == nil {
		a := p.atoms[t.atom]
		if !a.listed() {
			return &exact{&lin{tabs: []tab{{atom: t.atom, slope: 1}}}, 0}
		}
		den := int64(1)
		for _, v := range a.values {
			den = common(den, denominator(v.Rat()))
		}
		return told(&exact{tabulated(t.atom, a.nums), den})
	}
	joint := []atomID{indexAtom, lengthAtom}
	table := make([]float64, p.maxLen*p.maxLen)
	den := int64(1)
	for l, row := range t.places {
		for i, v := range row {
			at := p.place(i, l)
			table[p.jointIndex(joint, at)] = v.Float64()
			den = common(den, denominator(v))
		}
	}
	return told(&exact{p.placesLin(table), den})
}

// sharesLin adds multiples of sums.
func (p *program) sharesLin(parts []share) *exact {
	var ls []*lin
	var fs []float64
	den := int64(1)
	for _, s := range parts {
		l := p.totalLin(s.of)
		ls, fs = append(ls, l.lin), append(fs, s.factor.Float64())
		if den = common(den, l.denominator); !s.factor.IsInt() {
			den = 0
		}
	}
	return told(&exact{combine(ls, fs), den})
}

// placesLin is a function of index and length, given for each valid pair by
// jointIndex, in the simplest form.
func (p *program) placesLin(table []float64) *lin {
	n := p.maxLen
	at := func(i, l int) float64 { return table[i*n+l] }
	byIndex, byLength := make([]float64, n), make([]float64, n)
	indexOnly, lengthOnly := true, true
	for l := range n {
		byLength[l], byIndex[l] = at(0, l), at(l, l)
		for i := range l + 1 {
			lengthOnly = lengthOnly && at(i, l) == byLength[l]
			indexOnly = indexOnly && at(i, l) == at(i, i)
		}
	}
	switch {
	case indexOnly:
		return tabulated(indexAtom, byIndex)
	case lengthOnly:
		return tabulated(lengthAtom, byLength)
	}
	t := p.jointTerm([]atomID{indexAtom, lengthAtom})
	return &lin{terms: []termPart{{t, curve{table: table}}}}
}

// denominator returns a rational's, or 0 for a large one.
func denominator(r value.Rat) int64 {
	d := r.Big().Denom()
	if !d.IsInt64() || d.Int64() > largeDenominator {
		return 0
	}
	return d.Int64()
}

// common is the least common multiple; 0 where it is large or one is not known.
func common(a, b int64) int64 {
	if a == 0 || b == 0 {
		return 0
	}
	x, y := a, b
	for y != 0 {
		x, y = y, x%y
	}
	if m := a / x * b; m <= largeDenominator {
		return m
	}
	return 0
}

// decide adds what decides an s-op.
func (p *program) decide(id nodeID, ls *leaves) {
	if ls.node[id] {
		return
	}
	ls.node[id] = true
	n := p.g.Node(id)
	if a, ok := p.oneAtom(id); ok {
		ls.all = append(ls.all, leaf{{atom: a, table: p.classesOf(id, a)}})
		return
	}
	if !p.making[id] {
		if l, err := p.lin(id); err == nil && len(l.terms) == 0 && l.denominator > 0 {
			ls.lin(l.lin)
			return
		}
	}
	if n.Op.Elementwise() {
		for _, a := range n.Args {
			p.decide(a, ls)
		}
		return
	}
	for a := range p.atomsOf(id) {
		ls.identity(a)
	}
}

// classesOf numbers the values of an s-op by those of its atom.
func (p *program) classesOf(id nodeID, a atomID) []float64 {
	known := map[kindKey]int{}
	out := make([]float64, len(p.atoms[a].values))
	at := make(assignment, len(p.atoms))
	for i := range out {
		at[a] = int32(i)
		v, err := p.eval(id, at)
		if err != nil {
			out[i] = -1
			continue
		}
		k := p.kindKey(v)
		if _, ok := known[k]; !ok {
			known[k] = len(known)
		}
		out[i] = float64(known[k])
	}
	return out
}

// kindKey tells values apart, and floats from other numbers where that counts.
type kindKey struct {
	value.Key
	float bool
}

func (p *program) kindKey(v value.Value) kindKey {
	return kindKey{v.Key(), p.kinds && v.Kind() == value.KindFloat}
}

package certify

import (
	"math"

	"github.com/raspc/raspc/verify/network"
)

// length bounds the length of what is turned of a stream, errors included.
type length struct {
	x, bos float64
	// grid and bosGrid are powers of two of which all columns are multiples; 0 where
	// they are not exact.
	grid, bosGrid float64
}

// most is the larger of both.
func (l length) most() float64 { return max(l.x, l.bos) }

// measure bounds the length of what is turned of a stream.
func (p *proof) measure(s *stream) length {
	m := length{grid: math.Inf(1), bosGrid: math.Inf(1)}
	squares, bos, off, bosOff := []*lin(nil), 0.0, 0.0, 0.0
	for i := range p.turn.columns {
		c := &s.cols[i]
		squares = append(squares, p.square(c.l))
		bos += c.bos * c.bos
		e := p.offOf(c)
		off, bosOff = off+e*e, bosOff+c.bosNoise*c.bosNoise
		if m.grid = min(m.grid, p.divisor(c.l, 1)); !c.exact() {
			m.grid = 0
		}
		if m.bosGrid = min(m.bosGrid, divisorOf(c.bos)); c.bosNoise != 0 {
			m.bosGrid = 0
		}
	}
	_, hi := p.span(combine(squares, repeated(1, len(squares))))
	root := math.Sqrt(float64(p.turn.columns))
	m.x = up(math.Sqrt(max(hi, 0)) + math.Sqrt(off) + root*s.common + s.joint)
	m.bos = up(math.Sqrt(bos) + math.Sqrt(bosOff) + root*s.bosCommon + s.bosJoint)
	if s.common != 0 || s.joint != 0 {
		m.grid = 0
	}
	if s.bosCommon != 0 || s.bosJoint != 0 {
		m.bosGrid = 0
	}
	p.bounded(m.most())
	return m
}

// square bounds the square of a function by another one.
func (p *proof) square(l *lin) *lin {
	if a, ok := l.single(); ok {
		table := make([]float64, len(l.tabs[0].table))
		for i, v := range l.tabs[0].table {
			table[i] = (v + l.c) * (v + l.c)
		}
		return tabulated(a, table)
	}
	size := p.size(l)
	return constant(size * size)
}

// readsOf returns what output j of a matrix reads from the view.
func (p *proof) readsOf(l *network.Linear, j int) read {
	ws, bias := l.Columns[j], l.BiasOf(j)
	r := p.reads(ws, bias)
	if p.turn == nil {
		return r
	}
	loose, v := p.turn.loose[l][j], p.turn.measured
	long := p.turn.lengthOfWeights(ws) + loose
	grid, bosGrid, besides := divisorOf(bias), divisorOf(bias), []network.Weight(nil)
	for _, w := range ws {
		if w.Row < p.turn.columns {
			g := divisorOf(w.W) * p.turn.grid * p.turn.grid
			grid, bosGrid = min(grid, v.grid*g), min(bosGrid, v.bosGrid*g)
		} else {
			c := &p.view.cols[w.Row]
			grid, bosGrid = min(grid, p.divisor(c.l, w.W)), min(bosGrid, divisorOf(w.W*c.bos))
			besides = append(besides, w)
		}
	}
	rest := p.reads(besides, bias)
	r.abs = combine([]*lin{rest.abs, constant(up(long * v.x))}, []float64{1, 1})
	r.bosAbs = rest.bosAbs + up(long*v.bos)
	r.slip, r.bosSlip = rest.slip+up(loose*v.x), rest.bosSlip+up(loose*v.bos)
	r.terms = p.turn.columns + len(besides)
	if bias != 0 {
		r.terms++
	}
	r.exact = r.exact && loose == 0 && grid > 0 && exactly(grid, p.size(r.abs))
	r.bosExact = r.bosExact && loose == 0 && bosGrid > 0 && exactly(bosGrid, r.bosAbs)
	return r
}

// mixed is what a part adds to a rotated stream, as far as rounding goes.
type mixed struct {
	products, bosProducts float64 // sum of the lengths of what is added
	spill, bosSpill       float64 // of weights that are not followed
	terms                 int
	grid, bosGrid         float64 // powers of two of which all is a multiple; 0 where it is not exact
}

// join adds what another head adds.
func (a *mixed) join(b *mixed) {
	a.products, a.bosProducts = a.products+b.products, a.bosProducts+b.bosProducts
	a.spill, a.bosSpill = a.spill+b.spill, a.bosSpill+b.bosSpill
	a.terms, a.grid, a.bosGrid = a.terms+b.terms, min(a.grid, b.grid), min(a.bosGrid, b.bosGrid)
}

// roundTurned adds to what the columns err together what float32 rounds when a part is added to the
// rotated stream, whose length was as given.
func (p *proof) roundTurned(before length, a *mixed) {
	after := p.measure(&p.stream)
	g := gamma(a.terms) // each product is rounded, and added up with the others
	rounding := func(products, spill, before, after, grid float64) float64 {
		grid *= p.turn.grid
		if products == 0 && spill == 0 || spill == 0 && grid > 0 && exactly(grid, before+products) {
			return 0
		}
		lost := g * products
		return up(lost + unit*(after+lost) + spill + float64(a.terms)*tiny*math.Sqrt(float64(p.turn.columns)))
	}
	joint := rounding(a.products, a.spill, before.x, after.x, min(before.grid, after.grid, a.grid))
	atBOS := rounding(a.bosProducts, a.bosSpill, before.bos, after.bos, min(before.bosGrid, after.bosGrid, a.bosGrid))
	p.stream.joint, p.stream.bosJoint = up(p.stream.joint+joint), up(p.stream.bosJoint+atBOS)
}

// mix notes the products of a head, whose values are at most as given, and at BOS.
func (p *proof) mix(a *mixed, o *network.Linear, values, atBOS []float64) {
	rows := o.Rows(len(values))
	for k, v := range values {
		spill := 0.0
		if all := p.turn.spill[o]; k < len(all) {
			spill = all[k]
		}
		long := up(p.turn.lengthOfWeights(rows[k]) + spill)
		a.products, a.bosProducts = a.products+up(v*long), a.bosProducts+up(atBOS[k]*long)
		a.spill, a.bosSpill = a.spill+v*spill, a.bosSpill+atBOS[k]*spill
		if len(rows[k]) > 0 && (v != 0 || atBOS[k] != 0) {
			a.terms++
		}
	}
}

// mix notes the products of a head, and of what they are multiples if it copies.
func (h *head) mix(a *mixed) {
	p := h.p
	sizes, atBOS := make([]float64, len(h.values)), make([]float64, len(h.values))
	for k, v := range h.values {
		most := p.most(v)
		atBOS[k] = up(most * (1 + h.softmaxError()))
		if h.bosAlone() {
			atBOS[k] = math.Abs(v.bos) + v.bosOff()
		}
		if h.sums { // which weighs keys little, and BOS much
			share := float64(p.prog.maxLen) * (math.Exp(h.selected+h.off) + math.Exp(h.rest))
			most = min(most, share*most+math.Abs(v.bos)+v.bosOff())
		}
		sizes[k] = up(most * (1 + h.softmaxError()))
	}
	p.mix(a, &h.O, sizes, atBOS)
	for _, ws := range h.O.Columns[:p.turn.columns] {
		for _, w := range ws {
			v := h.values[w.Row]
			copied, bos := p.divisor(v.l, w.W), divisorOf(v.bos*w.W)
			if !v.exact || !v.bosExact {
				copied = 0
			}
			if a.grid = min(a.grid, copied, bos); h.bosAlone() && v.bosExact {
				a.bosGrid = min(a.bosGrid, bos)
			} else {
				a.bosGrid = min(a.bosGrid, copied, bos)
			}
		}
	}
}

// The columns beside the stream in which neurons note the lengths of what they add,
// and of what is too small to be followed.
const (
	lengths = -1
	spilled = -2
)

// besides returns what a neuron writes, with these columns where the stream is
// rotated.
func (p *proof) besides(l *network.Layer, j int, outs []network.Weight) []network.Weight {
	if p.turn == nil {
		return outs
	}
	spill := 0.0
	if all := p.turn.spill[&l.Out]; j < len(all) {
		spill = all[j]
	}
	all := append([]network.Weight{{Row: lengths, W: up(p.turn.lengthOfWeights(outs) + spill)}}, outs...)
	if spill != 0 {
		all = append(all, network.Weight{Row: spilled, W: spill})
	}
	return all
}

// mixedBy is what the neurons of a layer add, as far as rounding goes.
func (p *proof) mixedBy(l *network.Layer, eff map[int]*effect) *mixed {
	spill := p.turn.bias[&l.Out]
	bias := spill
	if l.Out.Bias != nil {
		bias += lengthOf(l.Out.Bias[:p.turn.columns])
	}
	a := &mixed{products: bias, bosProducts: bias, spill: spill, bosSpill: spill, grid: gridStep, bosGrid: gridStep}
	if bias != 0 {
		a.terms = 1
	}
	for c := range p.turn.columns {
		e, whole := of(eff, c), onGrid(l.Out.BiasOf(c))
		if e.rough || !whole {
			a.grid = 0
		}
		if e.bosRough || !whole {
			a.bosGrid = 0
		}
	}
	if e := eff[lengths]; e != nil {
		a.products, a.bosProducts = a.products+e.size, a.bosProducts+e.bosSize
		a.terms += max(e.terms, e.bosTerms) // a neuron that is off adds nothing to round
	}
	if e := eff[spilled]; e != nil {
		a.spill, a.bosSpill = a.spill+e.size, a.bosSpill+e.bosSize
	}
	return a
}

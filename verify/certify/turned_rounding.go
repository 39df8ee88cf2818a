package certify

import (
	"math"

	"github.com/raspc/raspc/verify/network"
)

// length bounds the length of what is turned of a stream, errors included.
type length struct {
	x, bos float64
	// grid is a power of two of which all columns are multiples; 0 where they are
	// not exact.
	grid float64
}

// most is the larger of both.
func (l length) most() float64 { return max(l.x, l.bos) }

// measure bounds the length of what is turned of a stream.
func (p *proof) measure(s *stream) length {
	m := length{grid: math.Inf(1)}
	squares, bos, off, bosOff := []*lin(nil), 0.0, 0.0, 0.0
	for i := range p.turn.columns {
		c := &s.cols[i]
		squares = append(squares, p.square(c.l))
		bos += c.bos * c.bos
		e := p.offOf(c)
		off, bosOff = off+e*e, bosOff+c.bosNoise*c.bosNoise
		if !c.exact() || c.bosNoise != 0 {
			m.grid = 0
		} else if m.grid > 0 {
			m.grid = min(m.grid, p.divisor(c.l, 1), divisorOf(c.bos))
		}
	}
	_, hi := p.span(combine(squares, repeated(1, len(squares))))
	root := math.Sqrt(float64(p.turn.columns))
	m.x = up(math.Sqrt(max(hi, 0)) + math.Sqrt(off) + root*s.common)
	m.bos = up(math.Sqrt(bos) + math.Sqrt(bosOff) + root*s.bosCommon)
	if s.common != 0 || s.bosCommon != 0 {
		m.grid = 0
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
	grid, besides := divisorOf(bias), []network.Weight(nil)
	for _, w := range ws {
		if w.Row < p.turn.columns {
			grid = min(grid, v.grid*divisorOf(w.W)*p.turn.grid*p.turn.grid)
		} else {
			c := &p.view.cols[w.Row]
			grid = min(grid, p.divisor(c.l, w.W), divisorOf(w.W*c.bos))
			besides = append(besides, w)
		}
	}
	rest := p.reads(besides, bias)
	r.abs = combine([]*lin{rest.abs, constant(up(long * v.x))}, []float64{1, 1})
	r.bosAbs = rest.bosAbs + up(long*v.bos)
	r.slip, r.bosSlip = rest.slip+up(loose*v.x), rest.bosSlip+up(loose*v.bos)
	r.terms = p.turn.columns + len(besides) + 1
	r.exact = r.exact && loose == 0 && grid > 0 && exactly(grid, max(p.size(r.abs), r.bosAbs))
	return r
}

// mixed is what a part adds to a rotated stream, as far as rounding goes.
type mixed struct {
	products, bosProducts float64 // sum of the lengths of what is added
	spill, bosSpill       float64 // of weights that are not followed
	terms                 int
	grid                  float64 // a power of two of which all is a multiple; 0 where it is not exact
}

// join adds what another head adds.
func (a *mixed) join(b *mixed) {
	a.products, a.bosProducts = a.products+b.products, a.bosProducts+b.bosProducts
	a.spill, a.bosSpill = a.spill+b.spill, a.bosSpill+b.bosSpill
	a.terms, a.grid = a.terms+b.terms, min(a.grid, b.grid)
}

// roundTurned adds to all columns what float32 rounds when a part is added to the
// rotated stream, whose length was as given.
func (p *proof) roundTurned(before length, a *mixed) {
	if a.products == 0 && a.bosProducts == 0 && a.spill == 0 && a.bosSpill == 0 {
		return
	}
	after := p.measure(&p.stream)
	grid := min(before.grid, after.grid, a.grid) * p.turn.grid
	exact := a.spill == 0 && a.bosSpill == 0 && grid > 0
	if exact && exactly(grid, max(before.x+a.products, before.bos+a.bosProducts)) {
		return
	}
	g := gamma(a.terms + 1)
	rounding := func(products, length, spill float64) float64 {
		lost := g * products
		return up(lost + unit*(length+lost) + spill + float64(a.terms)*tiny*math.Sqrt(float64(p.turn.columns)))
	}
	x, bos := rounding(a.products, after.x, a.spill), rounding(a.bosProducts, after.bos, a.bosSpill)
	for i := range p.turn.columns {
		c := &p.stream.cols[i]
		c.err = combine([]*lin{c.err, constant(x)}, []float64{1, 1})
		c.bosNoise += bos
	}
}

// mix notes the products of a head, whose values are at most as given.
func (p *proof) mix(a *mixed, o *network.Linear, values []float64) {
	rows := o.Rows(len(values))
	for k, v := range values {
		spill := 0.0
		if all := p.turn.spill[o]; k < len(all) {
			spill = all[k]
		}
		size := up(v * (p.turn.lengthOfWeights(rows[k]) + spill))
		a.products, a.bosProducts = a.products+size, a.bosProducts+size
		a.spill, a.bosSpill = a.spill+v*spill, a.bosSpill+v*spill
		if len(rows[k]) > 0 {
			a.terms++
		}
	}
}

// mix notes the products of a head, and of what they are multiples if it copies.
func (h *head) mix(a *mixed) {
	p := h.p
	sizes := make([]float64, len(h.values))
	for k, v := range h.values {
		most := p.most(v)
		if h.sums { // which weighs keys little, and BOS much
			share := float64(p.prog.maxLen) * (math.Exp(h.selected+h.off) + math.Exp(h.rest))
			most = min(most, share*most+math.Abs(v.bos)+v.bosOff())
		}
		sizes[k] = up(most * (1 + h.softmaxError()))
	}
	p.mix(a, &h.O, sizes)
	for _, ws := range h.O.Columns[:p.turn.columns] {
		for _, w := range ws {
			v := h.values[w.Row]
			if !v.exact {
				a.grid = 0
			}
			a.grid = min(a.grid, p.divisor(v.l, w.W), divisorOf(v.bos*w.W))
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
	a := &mixed{products: bias, bosProducts: bias, spill: spill, bosSpill: spill, grid: gridStep, terms: 1}
	for c := range p.turn.columns {
		if e := eff[c]; e != nil && (e.rough || e.bosRough) || !onGrid(l.Out.BiasOf(c)) {
			a.grid = 0
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

package certify

import (
	"fmt"
	"math"

	"github.com/raspc/raspc/verify/network"
)

// mlp adds a layer's neurons to the stream.
func (p *proof) mlp(layer int, l *network.Layer) error {
	eff := map[int]*effect{}
	groups, err := p.groups(l, eff)
	if err != nil {
		return err
	}
	p.atBOS(groups, eff)
	for _, b := range p.buckets(groups) {
		if err := p.bucket(b, eff); err != nil {
			return fmt.Errorf("layer %d, neurons: %w", layer, err)
		}
	}
	var before length
	if p.turn != nil {
		before = p.measure(&p.stream)
	}
	for c := range p.stream.cols {
		bias := l.Out.BiasOf(c)
		if e := eff[c]; e != nil || bias != 0 {
			p.stream.cols[c].apply(p, e, bias, p.turns(c))
		}
	}
	if p.turn != nil {
		p.roundTurned(before, p.mixedBy(l, eff))
	}
	return nil
}

// effect is what neurons do to one column.
type effect struct {
	ls    []*lin
	errs  []*lin // bounds of errors
	sizes []*lin // of what each bucket adds, which is rounded with all others
	noise float64
	size  float64 // of all that is added, at any position
	terms int     // that are not 0 at one position, at most
	rough bool    // not everywhere on the grid, so that sums are rounded

	bos, bosNoise, bosSize float64
	bosTerms               int
	bosRough               bool
}

// of returns the effect on a column.
func of(eff map[int]*effect, c int) *effect {
	if eff[c] == nil {
		eff[c] = &effect{}
	}
	return eff[c]
}

// apply adds an effect to a column. Where that is turned, what is rounded is a
// matter of all columns together.
func (c *column) apply(p *proof, e *effect, bias float64, turned bool) {
	if e == nil {
		e = &effect{}
	}
	b := math.Abs(bias)
	held, atHeld := p.held(c)
	if p.typ.narrow { // the sum with what the column held is rounded by itself
		held, atHeld = 0, 0
	}
	rounding := unit * sumSize(held, e.size+b)
	atBOS := gamma(e.bosTerms+1)*(e.bosSize+b) + unit*sumSize(atHeld, e.bosSize+b) + float64(e.bosTerms)*tiny
	// In whatever order products and bias are added up, each goes through so many
	// roundings.
	var sizes []*lin
	var gs []float64
	if e.rough || !onGrid(bias) || e.size+b >= gridSize {
		n := e.terms
		if b != 0 {
			n++
		}
		rounding += gamma(n)*b + float64(n)*tiny
		for _, s := range e.sizes {
			sizes, gs = append(sizes, s), append(gs, gamma(n)*(1+slack))
		}
	}
	p.bounded(held + e.size + b + atHeld + e.bosSize)
	if !e.rough && c.exact() && p.stream.common == 0 && onGrid(bias) && p.divisor(c.l, 1) >= gridStep && e.size+b+held < gridSize {
		rounding = 0
	}
	if !e.bosRough && c.bosNoise == 0 && p.stream.bosCommon == 0 && onGrid(bias) && onGrid(c.bos) && atHeld+e.bosSize+b < gridSize {
		atBOS = 0
	}
	if turned {
		rounding, atBOS, sizes, gs = 0, 0, nil, nil
	}
	if p.typ.narrow {
		by := column{l: combine(append(e.ls, constant(bias)), repeated(1, len(e.ls)+1)), bos: e.bos + bias}
		by.err = combine(append(e.errs, constant(widenInexact(e.noise+rounding, e.size))), repeated(1, len(e.errs)+1))
		by.err = combine(append(sizes, by.err), append(gs, 1))
		by.bosNoise = widenInexact(e.bosNoise+atBOS, e.bosSize)
		lost := atBOS + rounding
		if e.rough {
			lost += gamma(e.terms+1) * (e.size + b)
		}
		p.increase(c, by, lost, true)
		return
	}
	ls, fs := []*lin{c.l, constant(bias)}, []float64{1, 1}
	for _, l := range e.ls {
		ls, fs = append(ls, l), append(fs, 1)
	}
	c.err = combine(append(e.errs, c.err, constant(widenInexact(e.noise+rounding, e.size))), append(repeated(1, len(e.errs)), 1, 1))
	c.err = combine(append(sizes, c.err), append(gs, 1))
	c.l = combine(ls, fs)
	c.bosNoise = widenInexact(c.bosNoise+e.bosNoise+atBOS, e.bosSize)
	c.bos += e.bos + bias
}

// repeated is n times x.
func repeated(x float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = x
	}
	return out
}

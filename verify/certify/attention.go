package certify

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/verify/network"
)

// addition is what a layer's heads add to a column.
type addition struct {
	ls                  []*lin
	errs                []*lin
	bos, bosNoise, size float64
	bosSize             float64
	terms               int
}

// join adds what another head adds.
func (a *addition) join(b *addition) {
	a.ls, a.errs = append(a.ls, b.ls...), append(a.errs, b.errs...)
	a.bos, a.bosNoise, a.size, a.bosSize = a.bos+b.bos, a.bosNoise+b.bosNoise, a.size+b.size, a.bosSize+b.bosSize
	a.terms += b.terms
}

// attention adds a layer's heads to the stream.
func (p *proof) attention(layer int, l *network.Layer) error {
	adds := map[int]*addition{}
	var sizes []float64
	var before length
	if p.turn != nil {
		before = p.measure(&p.stream)
	}
	added := &mixed{grid: math.Inf(1), bosGrid: math.Inf(1)}
	for n := range l.Heads {
		h := &l.Heads[n]
		idle, own, ownAdded := p.idle(h), map[int]*addition{}, &mixed{grid: math.Inf(1), bosGrid: math.Inf(1)}
		err := errIdle
		if !idle || few(h) {
			err = p.addHead(layer, n, h, own, ownAdded)
		}
		if err != nil && idle {
			if sizes == nil {
				sizes = p.sizes()
			}
			own, ownAdded, err = map[int]*addition{}, &mixed{}, nil
			p.idleHead(h, sizes, own, ownAdded)
		}
		if err != nil {
			return err
		}
		added.join(ownAdded)
		for c, a := range own {
			if adds[c] == nil {
				adds[c] = &addition{}
			}
			adds[c].join(a)
		}
	}
	for c := range p.stream.cols {
		bias := 0.0
		if l.AttnBias != nil {
			bias = l.AttnBias[c]
		}
		if a := adds[c]; a != nil || bias != 0 {
			p.stream.cols[c].add(p, a, bias, p.turns(c))
			if err := p.resolve(layer, &p.stream.cols[c]); err != nil {
				return err
			}
		}
	}
	if p.turn != nil {
		p.roundTurned(before, added)
	}
	return nil
}

// add adds what heads write to a column. Where that is turned, what is rounded is a
// matter of all columns together.
func (c *column) add(p *proof, a *addition, bias float64, turned bool) {
	if a == nil {
		a = &addition{}
	}
	if p.typ.narrow {
		by := column{l: combine(append(a.ls, constant(bias)), repeated(1, len(a.ls)+1)), bos: a.bos + bias}
		lost := a.rounding(a.size, math.Abs(bias))
		by.err = combine(append(a.errs, constant(lost)), repeated(1+slack, len(a.errs)+1))
		by.bosNoise = up(a.bosNoise + a.rounding(a.bosSize, math.Abs(bias)))
		apart := 0.0
		if a.terms > 2 || bias != 0 { // products of two such numbers are exact in float32
			apart = lost
		}
		p.increase(c, by, apart, a.terms > 1 || bias != 0)
		return
	}
	held, atHeld := p.held(c)
	rounding := a.rounding(a.size, math.Abs(bias)) + unit*sumSize(held, a.size+math.Abs(bias))
	atBOS := a.rounding(a.bosSize, math.Abs(bias)) + unit*sumSize(atHeld, a.bosSize+math.Abs(bias))
	p.bounded(held + atHeld + a.size + a.bosSize + math.Abs(bias))
	if turned {
		rounding, atBOS = 0, 0
	} else if bias == 0 && c.settles(p, a) {
		return
	}
	ls, fs := []*lin{c.l, constant(bias)}, []float64{1, 1}
	for _, l := range a.ls {
		ls, fs = append(ls, l), append(fs, 1)
	}
	c.err = combine(append(a.errs, c.err, constant(rounding)), append(repeated(1+slack, len(a.errs)), 1, 1+slack))
	c.l = combine(ls, fs)
	c.bosNoise = up(c.bosNoise + a.bosNoise + atBOS)
	c.bos += a.bos + bias
}

// settles adds a single product to an exact column where float32 rounds the sum to
// the same number however far the product is off: to a large number, say. It does
// nothing where that is not known.
func (c *column) settles(p *proof, a *addition) bool {
	if a.terms != 1 || !c.exact() || c.bosNoise != 0 || p.stream.common != 0 || p.stream.bosCommon != 0 {
		return false
	}
	noise := up(p.size(combine(a.errs, repeated(1, len(a.errs)))))
	if noise == 0 {
		return false
	}
	l := combine(append([]*lin{c.l}, a.ls...), repeated(1, 1+len(a.ls)))
	at, ok := l.single()
	if !ok {
		return false
	}
	table := make([]float64, len(l.tabs[0].table))
	for i, v := range l.tabs[0].table {
		table[i], ok = settled(l.c+v, noise)
		if !ok {
			return false
		}
	}
	bos, ok := settled(c.bos+a.bos, a.bosNoise)
	if ok {
		c.l, c.err, c.bos = tabulated(at, table), nil, bos
	}
	return ok
}

// settled returns the float32 that all numbers within noise of x are rounded to.
func settled(x, noise float64) (y float64, ok bool) {
	noise = widen(noise, x)
	lo, hi := float32(x-noise), float32(x+noise)
	return float64(lo), lo == hi
}

// rounding bounds the rounding of the sum over heads and a bias.
func (a *addition) rounding(size, bias float64) float64 {
	n := a.terms - 1
	if bias != 0 {
		n++
	}
	return gamma(max(n, 0)) * (size + bias)
}

// addHead studies a head and notes what it adds to each column.
func (p *proof) addHead(layer, n int, h *network.Head, adds map[int]*addition, added *mixed) error {
	writes := false
	for _, ws := range h.O.Columns {
		writes = writes || len(ws) > 0
	}
	if !writes {
		p.bounded(p.headSize(h)) // what overflows counts even times 0
		return nil
	}
	if p.typ.narrow {
		p.bounded(p.headSize(h))
	}
	s, err := p.study(layer, n, h)
	if err != nil {
		return err
	}
	if p.turn != nil {
		s.mix(added)
	}
	outs := s.outputs()
	if len(outs) == 0 {
		return nil
	}
	selectors, err := s.matching()
	if err != nil {
		return s.errorf("%w", err)
	}
	for c := range p.stream.cols {
		o := outs[c]
		if o == nil {
			continue
		}
		a := adds[c]
		if a == nil {
			a = &addition{}
			adds[c] = a
		}
		if err := s.addTo(a, o, selectors); err != nil {
			return s.errorf("%w", err)
		}
	}
	return nil
}

// headSize bounds the numbers in a head.
func (p *proof) headSize(h *network.Head) float64 {
	scores, values := 0.0, 0.0
	for d := range h.Q.Columns {
		q, k := p.reads(h.Q.Columns[d], h.Q.BiasOf(d)), p.reads(h.K.Columns[d], h.K.BiasOf(d))
		scores += max(p.size(q.abs), q.bosAbs) * max(p.size(k.abs), k.bosAbs)
	}
	for d := range h.V.Columns {
		v := p.reads(h.V.Columns[d], h.V.BiasOf(d))
		values = max(values, p.size(v.abs), v.bosAbs)
	}
	return scores*max(1, h.Scale) + values*float64(p.prog.maxLen+1)
}

// addTo adds one head's output for one column.
func (h *head) addTo(a *addition, o *output, selectors []nodeID) error {
	var l, noise *lin
	if h.sums {
		l, noise = h.sum(o, selectors)
	} else {
		var off float64
		var err error
		if l, off, err = h.mean(o, selectors); err != nil {
			return err
		}
		noise = h.meanError(o, l, off, h.single(selectors))
	}
	bos, bosNoise, bosSize := h.bosResult(o)
	a.ls = append(a.ls, l)
	a.errs = append(a.errs, noise)
	a.bos += bos
	a.bosNoise += bosNoise
	a.terms += o.terms
	if a.bosSize += bosSize; h.sums && o.terms == 1 {
		a.size += float64(h.p.prog.maxLen)*(math.Exp(h.selected+h.off)+math.Exp(h.rest))*(o.size()+o.noise) + math.Abs(o.bos) + o.bosNoise
	} else {
		a.size += o.abs
	}
	return nil
}

// sum returns what a sum head adds, and a bound on its error.
func (h *head) sum(o *output, selectors []nodeID) (l, noise *lin) {
	l, off, keys, ok := h.summed(o, selectors)
	if !ok {
		if l, ok = h.counted(o); !ok {
			l = h.postpone(o)
		}
		return l, constant(h.sumError(o, h.p.prog.maxLen))
	}
	return l, h.sumErrorOf(o, l, off, keys)
}

// single reports whether one of the selectors that the head's is selects one
// position at most.
func (h *head) single(selectors []nodeID) bool {
	for _, sel := range selectors {
		if h.p.prog.fact(sel).single {
			return true
		}
	}
	return false
}

// matching lists the selectors of the program that are the head's.
func (h *head) matching() ([]nodeID, error) {
	var found []nodeID
	seen := map[nodeID]bool{}
	var wide error
	for _, id := range h.p.prog.order {
		n := h.p.prog.g.Node(id)
		if n.Op != sop.Aggregate && n.Op != sop.Width || seen[n.Args[0]] {
			continue
		}
		sel := n.Args[0]
		seen[sel] = true
		same, err := h.selects(sel)
		switch {
		case errors.Is(err, errPairs) || errors.Is(err, errTooMany):
			wide = fmt.Errorf("compared with %s: %w", h.p.prog.describe(sel), err)
		case err != nil:
			return nil, err
		case same:
			found = append(found, sel)
		}
	}
	if len(found) == 0 && !h.sums {
		if wide != nil {
			return nil, wide
		}
		return nil, fmt.Errorf("its scores, which depend on %s, select the keys of no selector of the program: it was compared with %s", h.scoredBy(), h.p.prog.described(slices.Sorted(maps.Keys(seen))))
	}
	return found, nil
}

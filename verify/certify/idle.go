package certify

import (
	"errors"
	"math"

	"github.com/raspc/raspc/verify/binary32"
	"github.com/raspc/raspc/verify/network"
)

// The output depends on some columns only. What writes to none of them, such as
// random weights in what is padding, is idle: it need not be the program's, and
// what it adds is bounded by the sizes of what it reads. Its columns still count, in
// the means of norms. Which columns are followed is a matter of effort and of
// what is reported, not of what is right: bounds hold for all.

// follow marks the columns that the output depends on, by way of any layer, and
// those that are named in the specification, or are to hold an s-op.
func (p *proof) follow() {
	p.followed = make([]bool, p.net.Width)
	for _, c := range p.spec.Named {
		if c >= 0 && c < len(p.followed) {
			p.followed[c] = true
		}
	}
	for _, c := range p.claims {
		for _, col := range c.Columns {
			p.followed[col.Index] = true
		}
	}
	p.followReads(p.net.Unembed)
	for more := true; more; {
		more = false
		for i := range p.net.Layers {
			l := &p.net.Layers[i]
			for n := range l.Heads {
				if h := &l.Heads[n]; !p.idle(h) {
					more = p.followReads(h.Q, h.K, h.V) || more
				}
			}
			for j, outs := range l.Out.Rows(len(l.In.Columns)) {
				if !p.idleRow(outs) {
					more = p.followReads(l.In.Outputs(j, j+1)) || more
				}
			}
		}
	}
}

// followReads marks what some matrices read, and reports whether that is new.
func (p *proof) followReads(ls ...network.Linear) bool {
	more := false
	for _, l := range ls {
		for _, ws := range l.Columns {
			for _, w := range ws {
				more = more || !p.followed[w.Row]
				p.followed[w.Row] = true
			}
		}
	}
	return more
}

// idle reports whether a head writes to no column that is followed. Bounds are those
// of float32: in narrower types all is followed.
func (p *proof) idle(h *network.Head) bool {
	if p.typ.narrow {
		return false
	}
	for c, ws := range h.O.Columns {
		if len(ws) > 0 && p.followed[c] {
			return false
		}
	}
	return true
}

// errIdle stands for a head that was not studied.
var errIdle = errors.New("an idle head")

// few reports whether a head reads so little that it may be worth a study though it
// is idle: what counts positions for others that are idle, say, is known far better
// than by its sizes.
func few(h *network.Head) bool {
	const most = 8
	n := 0
	for _, l := range []network.Linear{h.Q, h.K, h.V} {
		for _, ws := range l.Columns {
			n += len(ws)
		}
	}
	return n <= most
}

// idleRow is idle for the weights from one neuron to columns.
func (p *proof) idleRow(outs []network.Weight) bool {
	if p.typ.narrow {
		return false
	}
	for _, w := range outs {
		if p.followed[w.Row] {
			return false
		}
	}
	return true
}

// boundOf bounds the absolute value of a sum of products with numbers whose sizes
// are given, rounding included.
func boundOf(ws []network.Weight, bias float64, sizes []float64) float64 {
	sum := math.Abs(bias)
	for _, w := range ws {
		sum += math.Abs(w.W) * sizes[w.Row]
	}
	n := len(ws) + 1
	return up(sum*(1+gamma(n)) + float64(n)*tiny)
}

// boundOfRead is boundOf for output j of a matrix that reads the view.
func (p *proof) boundOfRead(l *network.Linear, j int, sizes []float64) float64 {
	most := boundOf(l.Columns[j], l.BiasOf(j), sizes)
	if p.turn != nil {
		r := p.readsOf(l, j)
		most += max(r.roundingOf(p.size(r.abs)), r.bosRounding())
	}
	return most
}

// sizes bounds what each column that is read holds, anywhere.
func (p *proof) sizes() []float64 {
	out := make([]float64, len(p.view.cols))
	for i := range p.view.cols {
		c := &p.view.cols[i]
		out[i] = max(p.size(c.l)+p.offOf(c)+p.view.common+p.view.joint, math.Abs(c.bos)+c.bosNoise+p.view.bosCommon+p.view.bosJoint)
	}
	return out
}

// idleHead bounds what an idle head adds: means of what it reads, and no more than
// the largest of it. What overflows counts even times 0.
func (p *proof) idleHead(h *network.Head, sizes []float64, adds map[int]*addition, added *mixed) {
	for d := range h.Q.Columns {
		p.bounded(p.boundOfRead(&h.Q, d, sizes) * p.boundOfRead(&h.K, d, sizes) * max(1, h.Scale) * float64(len(h.Q.Columns)))
	}
	means := make([]float64, len(h.V.Columns))
	n := p.prog.maxLen + 1
	for d := range h.V.Columns {
		v := p.boundOfRead(&h.V, d, sizes)
		means[d] = up(v*(1+binary32.Softmax(n)) + float64(n)*tiny)
		p.bounded(v * float64(n))
	}
	if p.turn != nil {
		p.mix(added, &h.O, means, means)
	}
	for c, ws := range h.O.Columns {
		if len(ws) == 0 {
			continue
		}
		size := boundOf(ws, 0, means)
		a := adds[c]
		if a == nil {
			a = &addition{}
			adds[c] = a
		}
		a.errs = append(a.errs, constant(size))
		a.bosNoise += size
		a.size, a.bosSize = a.size+size, a.bosSize+size
		a.terms += len(ws)
	}
}

// idleNeuron bounds what an idle neuron adds.
func (p *proof) idleNeuron(l *network.Layer, j int, outs []network.Weight, sizes []float64, eff map[int]*effect) {
	p.bounded(p.boundOfRead(&l.In, j, sizes))
	r := p.readsOf(&l.In, j)
	_, hi := p.span(r.l)
	most := up(max(0, hi+p.off(r), r.bos+r.bosOff()) + l.Act.Error(0, 1)) // what is large may cancel
	for _, w := range p.besides(l, j, outs) {
		e, size := of(eff, w.Row), up(math.Abs(w.W)*most)
		e.noise, e.bosNoise = e.noise+size, e.bosNoise+size
		e.sizes = append(e.sizes, constant(size))
		e.size, e.bosSize = e.size+size, e.bosSize+size
		e.terms, e.bosTerms = e.terms+1, e.bosTerms+1
		e.rough, e.bosRough = true, true
	}
}

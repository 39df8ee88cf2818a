package certify

import (
	"math"

	"github.com/raspc/raspc/verify/binary32"
	"github.com/raspc/raspc/verify/network"
)

// turnedNorm is normed for a rotated stream.
func (p *proof) turnedNorm(n *network.Norm) (stream, error) {
	m, d, turned := p.measure(&p.stream), float64(p.net.Width), math.Sqrt(float64(p.turn.columns))
	// Sums over all columns: of what they hold, its absolute values and squares.
	var ls []*lin
	abs, squares, noise := turned*m.x, m.most()*m.most(), 0.0
	bosAbs, bosNoise, bos := turned*m.bos, 0.0, 0.0
	for i := range p.stream.cols {
		c := &p.stream.cols[i]
		ls = append(ls, c.l)
		noise, bosNoise, bos = noise+p.offOf(c), bosNoise+c.bosNoise, bos+c.bos
		if i < p.turn.columns {
			continue
		}
		size, at := p.held(c)
		abs, bosAbs, squares = abs+size, bosAbs+at, squares+max(size, at)*max(size, at)
	}
	variance := squares / d
	if !(variance < n.Eps/1024) {
		return stream{}, errNorm
	}
	sum := combine(ls, repeated(1, len(ls)))
	exact, tiniest := exactNorm(n, variance), tiny*math.Sqrt(n.Eps)
	if exact && !n.Centres() {
		return p.keptTurned(n, m), nil
	}
	noise, bosNoise = noise+turned*p.stream.joint, bosNoise+turned*p.stream.bosJoint
	share := binary32.Mean(max(len(ls), p.net.Width))
	mean, common, bosCommon := combine([]*lin{sum}, []float64{1 / d}), noise/d+share*abs/d, bosNoise/d+share*bosAbs/d
	if size := p.size(mean); size <= near {
		mean, common = nil, common+size
	}
	if bos /= d; math.Abs(bos) <= near {
		bos, bosCommon = 0, bosCommon+math.Abs(bos)
	}
	if !n.Centres() {
		mean, common, bos, bosCommon = nil, p.stream.common, 0, p.stream.bosCommon
	}
	relative := variance/(2*n.Eps) + normRounding
	if exact {
		relative = unit // of x - mean
	}
	f := n.Weight[0] / math.Sqrt(n.Eps)
	scale := math.Abs(f) * (1 + relative)
	// lost bounds what rounding changes of something of a size from which a mean is
	// taken: a column, or a vector of which the root is that of its length.
	lost := func(size, mean, root float64) float64 {
		return up(max(math.Abs(f), 1) * (relative*(size+root*mean) + root*tiniest))
	}
	away, bosAway := p.size(mean)+common, math.Abs(bos)+bosCommon
	out := stream{
		cols: make([]column, len(p.stream.cols)), common: up(scale * common), bosCommon: up(scale * bosCommon),
		joint:    up(scale*p.stream.joint + lost(m.x, away, turned)),
		bosJoint: up(scale*p.stream.bosJoint + lost(m.bos, bosAway, turned)),
	}
	for i := range out.cols {
		c, to := &p.stream.cols[i], &out.cols[i]
		to.l = combine([]*lin{c.l, mean}, []float64{f, -f})
		to.bos = f * (c.bos - bos)
		to.err, to.bosNoise = combine([]*lin{c.err}, []float64{up(scale)}), up(scale*c.bosNoise)
		if !p.turns(i) {
			size, at := p.held(c)
			to.err = combine([]*lin{to.err, constant(lost(size, away, 1))}, []float64{1, 1})
			to.bosNoise += lost(at, bosAway, 1)
		}
	}
	return out, nil
}

// keptTurned is kept for a rotated stream of a length, of which nothing is lost where
// it is whole.
func (p *proof) keptTurned(n *network.Norm, m length) stream {
	out, tiniest := p.kept(n), tiny*math.Sqrt(n.Eps)
	copy(out.cols[:p.turn.columns], p.stream.cols)
	lost := func(grid float64) float64 {
		if grid*p.turn.grid >= tiniest {
			return 0
		}
		return tiniest * math.Sqrt(float64(p.turn.columns))
	}
	out.joint, out.bosJoint = up(out.joint+lost(m.grid)), up(out.bosJoint+lost(m.bosGrid))
	return out
}

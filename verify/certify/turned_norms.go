package certify

import (
	"math"

	"github.com/raspc/raspc/verify/network"
)

// turnedNorm is normed for a rotated stream.
func (p *proof) turnedNorm(n *network.Norm) (stream, error) {
	m, d, turned := p.measure(&p.stream), float64(p.net.Width), math.Sqrt(float64(p.turn.columns))
	// Sums over all columns: of what they hold, its absolute values and squares.
	var ls []*lin
	abs, squares, noise := turned*m.x, m.most()*m.most(), 0.0
	bosAbs, bosNoise, bos := turned*m.bos, 0.0, 0.0
	grid := m.grid * p.turn.grid
	for i := range p.stream.cols {
		c := &p.stream.cols[i]
		ls = append(ls, c.l)
		noise, bosNoise, bos = noise+p.offOf(c), bosNoise+c.bosNoise, bos+c.bos
		if i < p.turn.columns {
			continue
		}
		size, at := p.held(c)
		abs, bosAbs, squares = abs+size, bosAbs+at, squares+max(size, at)*max(size, at)
		if !c.exact() || c.bosNoise != 0 {
			grid = 0
		}
		grid = min(grid, p.divisor(c.l, 1), divisorOf(c.bos))
	}
	variance := squares / d
	if !(variance < n.Eps/1024) {
		return stream{}, errNorm
	}
	sum := combine(ls, repeated(1, len(ls)))
	exact, tiniest := exactNorm(n, variance), tiny*math.Sqrt(n.Eps)
	if exact && !n.Centres() {
		return p.keptTurned(n, m.grid*p.turn.grid >= tiniest), nil
	}
	if exact && bos == 0 && p.size(sum) == 0 && grid >= tiniest && exactly(grid, max(abs, bosAbs)) {
		return p.stream, nil
	}
	mean, common, bosCommon := combine([]*lin{sum}, []float64{1 / d}), noise/d+gamma(len(ls)+1)*abs/d, bosNoise/d+gamma(len(ls)+1)*bosAbs/d
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
	out := stream{cols: make([]column, len(p.stream.cols)), common: up(scale * common), bosCommon: up(scale * bosCommon)}
	away, bosAway := p.size(mean)+common, math.Abs(bos)+bosCommon
	for i := range out.cols {
		c, to := &p.stream.cols[i], &out.cols[i]
		size, at := p.held(c)
		lost, bosLost := relative*(size+away)+tiniest, relative*(at+bosAway)+tiniest
		if i < p.turn.columns {
			lost, bosLost = relative*(m.x+turned*away)+turned*tiniest, relative*(m.bos+turned*bosAway)+turned*tiniest
		}
		to.l = combine([]*lin{c.l, mean}, []float64{f, -f})
		to.bos = f * (c.bos - bos)
		to.err = combine([]*lin{c.err, constant(up(max(math.Abs(f), 1) * lost))}, []float64{up(scale), 1})
		to.bosNoise = up(scale*c.bosNoise + max(math.Abs(f), 1)*bosLost)
	}
	return out, nil
}

// keptTurned is kept for a rotated stream, of which nothing is lost if it is whole.
func (p *proof) keptTurned(n *network.Norm, whole bool) stream {
	out := p.kept(n)
	if whole {
		copy(out.cols[:p.turn.columns], p.stream.cols)
		return out
	}
	lost := tiny * math.Sqrt(n.Eps) * math.Sqrt(float64(p.turn.columns))
	for i := range p.turn.columns {
		c := &out.cols[i]
		c.err = combine([]*lin{c.err, constant(lost)}, []float64{1, 1})
		c.bosNoise += lost
	}
	return out
}

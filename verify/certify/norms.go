package certify

import (
	"errors"
	"math"
	"slices"

	"github.com/raspc/raspc/verify/binary32"
	"github.com/raspc/raspc/verify/network"
)

// stream is the residual stream, or what is read from it.
type stream struct {
	cols []column
	// common bounds what is added to all columns alike, at the positions of the
	// input and at BOS: the error of a norm's mean. Readers whose weights add up
	// to 0 do not see it.
	common, bosCommon float64
	// joint bounds the length of what the columns that are turned err together,
	// beside what each does for itself: readers see it times the length of their
	// weights.
	joint, bosJoint float64
}

// errNorm says that a norm changes more than an identity would.
var errNorm = errors.New("a layer norm is no identity: the variance of the stream cannot be bounded below its epsilon")

// look sets what is read next.
func (p *proof) look(n *network.Norm) error {
	p.view = p.stream
	var err error
	if n != nil {
		p.view, err = p.normed(n)
	}
	if p.turn != nil && err == nil {
		p.turn.measured = p.measure(&p.view)
	}
	return err
}

// norm replaces the stream by its norm.
func (p *proof) norm(n *network.Norm) error {
	if n == nil {
		return nil
	}
	s, err := p.normed(n)
	p.stream = s
	return err
}

// normRounding bounds the relative rounding of one norm: of the difference to
// the mean, of var+eps, its root, the quotient, the product and the sum, each
// with as much again for a runtime that takes a reciprocal root.
const normRounding = 6 * unit

// total bounds the sum of the absolute values of the columns, at the positions of the
// input. Of a one-hot s-op's one counts, whichever it is.
func (p *proof) total() float64 {
	var held []*lin
	off := 0.0
	for i := range p.stream.cols {
		c := &p.stream.cols[i]
		held, off = append(held, p.absolute(c.l)), off+p.offOf(c)+p.stream.common
	}
	return up(p.size(combine(held, repeated(1, len(held)))) + off)
}

// normed returns the norm of the stream. Its columns are x - mean, times a
// factor that is the same at all positions up to var/(2 eps). The mean of what
// the columns should hold is a function like theirs; its error is common to all.
// Where a norm subtracts no mean, that is 0. What stands beside the network's columns
// moves the mean, which is an error in common, too, and adds to the variance.
func (p *proof) normed(n *network.Norm) (stream, error) {
	if p.typ.narrow {
		return p.normedTo(n)
	}
	if p.turn != nil {
		return p.turnedNorm(n)
	}
	beside, err := p.beside()
	if err != nil {
		return stream{}, err
	}
	width := len(p.stream.cols) + beside.Columns
	d := float64(width)
	var ls []*lin
	var fs []float64
	bos, bosAbs, noise, bosNoise := 0.0, beside.size(), beside.Sum, beside.Sum
	abs := beside.size() + p.total()
	squares, bosSquares := beside.Length*beside.Length, beside.Length*beside.Length
	for i := range p.stream.cols {
		c := &p.stream.cols[i]
		ls, fs = append(ls, c.l), append(fs, 1/d)
		size := p.size(c.l) + p.offOf(c) + p.stream.common
		noise, squares = noise+p.offOf(c), squares+size*size
		at := math.Abs(c.bos) + c.bosNoise + p.stream.bosCommon
		bos, bosAbs, bosNoise, bosSquares = bos+c.bos/d, bosAbs+at, bosNoise+c.bosNoise, bosSquares+at*at
	}
	mean := combine(ls, fs)
	variance := max(squares, bosSquares) / d
	if !(variance < n.Eps/1024) {
		return stream{}, errNorm
	}
	out := stream{cols: make([]column, len(p.stream.cols))}
	common := noise/d + binary32.Mean(width)*abs/d
	bosCommon := bosNoise/d + binary32.Mean(width)*bosAbs/d
	if size := p.size(mean); size <= near {
		mean, common = nil, common+size
	}
	if math.Abs(bos) <= near {
		bos, bosCommon = 0, bosCommon+math.Abs(bos)
	}
	if !n.Centres() {
		mean, common, bos, bosCommon = nil, p.stream.common, 0, p.stream.bosCommon
	}
	scale := 1 / math.Sqrt(n.Eps)
	relative := variance/(2*n.Eps) + normRounding
	exact := exactNorm(n, variance)
	if exact && !n.Centres() {
		return p.kept(n), nil
	}
	if exact {
		relative = unit // of x - mean
	}
	usual := n.Weight[0] * scale
	out.common, out.bosCommon = up(math.Abs(usual)*common*(1+relative)), up(math.Abs(usual)*bosCommon*(1+relative))
	for i := range out.cols {
		c, to := &p.stream.cols[i], &out.cols[i]
		f := n.Weight[i] * scale
		to.l = combine([]*lin{c.l, mean, constant(n.BiasOf(i))}, []float64{f, -f, 1})
		to.bos = f*(c.bos-bos) + n.BiasOf(i)
		b, other := math.Abs(n.BiasOf(i)), math.Abs(f-usual)
		// own bounds what the common error becomes in this column and not in all.
		own := func(common, size float64) float64 {
			differs := (other + 2*math.Abs(f)*relative) * (1 + relative) * common
			return differs + unit*sumSize(b, size+math.Abs(f)*common) + tiny*math.Abs(n.Weight[i])
		}
		size, at := math.Abs(f)*(p.size(c.l)+p.size(mean)), math.Abs(f)*(math.Abs(c.bos)+math.Abs(bos))
		held := p.absolute(c.l)
		if mean != nil {
			held = constant(size)
		}
		rounding, atBOS := own(common, size+math.Abs(f)*p.offOf(c)), own(bosCommon, at+math.Abs(f)*c.bosNoise)
		if exact && mean == nil && p.blank(c) {
			rounding = 0 // blank columns stay alike
		}
		if exact && bos == 0 && c.bosBlank() {
			atBOS = 0
		}
		to.err = combine([]*lin{c.err, held, constant(up(rounding))}, []float64{up(math.Abs(f) * (1 + relative)), up(relative * max(math.Abs(f), 1)), 1})
		to.bosNoise = widenInexact(math.Abs(f)*c.bosNoise*(1+relative)+atBOS+relative*at, at)
	}
	return out, nil
}

// kept returns the stream behind a norm that subtracts no mean and multiplies by
// exactly 1, in two steps: what the first makes too small for float32 is lost.
func (p *proof) kept(n *network.Norm) stream {
	out := p.stream
	out.cols = slices.Clone(out.cols)
	lost := tiny * math.Sqrt(n.Eps)
	for i := range out.cols {
		c := &out.cols[i]
		if !c.exact() || c.bosNoise != 0 || min(p.divisor(c.l, 1), divisorOf(c.bos)) < lost {
			c.err = combine([]*lin{c.err, constant(lost)}, []float64{1, 1})
			c.bosNoise += lost
		}
	}
	return out
}

// exactNorm reports whether the factor of a norm is exactly 1: its epsilon is a
// power of four beside which the variance vanishes, and its weights are the root.
// That runtimes find the root and its reciprocal exactly is trusted.
func exactNorm(n *network.Norm, variance float64) bool {
	root := math.Sqrt(n.Eps)
	if f, _ := math.Frexp(root); f != 0.5 || root*root != n.Eps || variance > n.Eps*unit/4 {
		return false
	}
	for i, w := range n.Weight {
		if w != root || n.BiasOf(i) != 0 {
			return false
		}
	}
	return true
}

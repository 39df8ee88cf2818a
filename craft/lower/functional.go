package lower

import (
	"math"
	"slices"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/value"
)

// functional is a linear form over residual directions. Constants are weights
// on the real direction, so that a functional of nothing but constants is 0 at
// BOS.
type functional map[int]value.Rat

// unit is the rounding error of float32, in which sums are accumulated.
const unit = 1.0 / (1 << 24)

// coarse is what rounding a result to the type of the files loses beyond unit.
func (b *builder) coarse() float64 { return b.opts.Arithmetic.Coarse() }

// exactly reports whether a functional is read without error: all partial sums are
// exact, and the result is a number of the type.
func (b *builder) exactly(r reach) bool {
	return r.exact(1) && b.fits(r.size, r.grid.Float64())
}

// fits reports whether results that are multiples of a power of two, up to a size,
// are numbers of the type. Float32 is the type of their sums, too.
func (b *builder) fits(size, grid float64) bool {
	return b.coarse() == 0 || b.opts.Arithmetic.Fits(size, grid)
}

func constant(c value.Rat) functional { return functional{craft.Real: c} }

// with sets one weight of a functional that is still being built.
func (f functional) with(direction int, w value.Rat) functional {
	if w.Sign() != 0 {
		f[direction] = w
	}
	return f
}

// plus returns f + c g.
func (f functional) plus(g functional, c value.Rat) functional {
	sum := make(functional, len(f)+len(g))
	for d, w := range f {
		sum[d] = w
	}
	for d, w := range g {
		if s := sum[d].Add(w.Mul(c)); s.Sign() == 0 {
			delete(sum, d)
		} else {
			sum[d] = s
		}
	}
	return sum
}

func (f functional) times(c value.Rat) functional { return functional{}.plus(f, c) }

// directions returns the directions of f in increasing order.
func (f functional) directions() []int {
	dirs := make([]int, 0, len(f))
	for d := range f {
		dirs = append(dirs, d)
	}
	slices.Sort(dirs)
	return dirs
}

// entries returns f as weights to column to.
func (f functional) entries(to int) []craft.Entry {
	var es []craft.Entry
	for _, d := range f.directions() {
		es = append(es, craft.Entry{From: d, To: to, W: f[d]})
	}
	return es
}

// atBOS returns the value of f at the BOS position, which no input changes.
func (b *builder) atBOS(f functional) value.Rat {
	sum := f[craft.BOS]
	for i := range b.prog.Variables {
		v := &b.prog.Variables[i]
		for k, c := range v.AtBOS {
			if w, ok := f[v.First+k]; ok {
				sum = sum.Add(w.Mul(c))
			}
		}
	}
	return sum
}

// withBOS returns f with the weight on bos chosen so that it is x at BOS.
func (b *builder) withBOS(f functional, x value.Rat) functional {
	return f.plus(functional{craft.BOS: x.Sub(b.atBOS(f))}, value.Int(1))
}

// noise bounds the float32 error of f at real positions: what its directions
// bring, the rounding of its weights, and the rounding of products and of a
// sum in any order. It is 0 where every partial sum is exact.
func (b *builder) noise(f functional) float64 {
	r := b.reach(f)
	if b.exactly(r) {
		return 0
	}
	return r.brought + b.rounding(r)
}

// rounding bounds what a functional loses to the rounding of weights, of products
// and of their sum.
func (b *builder) rounding(r reach) float64 {
	return float64(r.terms+2)*unit*r.size + 2*b.coarse()*r.size
}

// noiseAtBOS bounds the float32 error at BOS of f, with the weight on bos that
// makes it x there. It is 0 where every partial sum is exact.
func (b *builder) noiseAtBOS(f functional, x value.Rat) float64 {
	r := reach{size: math.Abs(x.Float64()), terms: 1, grid: value.Int(1), onGrid: true}
	r.refine(x)
	for i := range b.prog.Variables {
		v := &b.prog.Variables[i]
		for k, c := range v.AtBOS {
			if w := f[v.First+k].Mul(c); w.Sign() != 0 {
				r.onGrid = r.onGrid && b.short(c) && b.short(f[v.First+k])
				r.refine(w)
				r.size += 2 * math.Abs(w.Float64()) // itself, and what takes it back
				r.terms++
			}
		}
	}
	if b.exactly(r) {
		return 0
	}
	return b.rounding(r)
}

// nearest bounds how far what is rounded to the type is off a number of the type,
// where it was off by noise before: by twice as much.
func (b *builder) nearest(noise float64) float64 {
	if b.coarse() == 0 {
		return noise // which counts that rounding
	}
	return 2 * noise
}

// short reports whether a number is one of the type of the files.
func (b *builder) short(x value.Rat) bool { return b.opts.Arithmetic.Holds(x) }

// reach bounds what a functional can take part in.
type reach struct {
	brought float64 // Σ|w| times the error of what it reads
	size    float64 // Σ|w h| over what is not zero at one time
	terms   int     // how many terms are not zero at one time
	grid    value.Rat
	onGrid  bool // all terms are integer multiples of grid, a power of two
}

// exact reports whether sums of the terms times scale stay integers below 2^24
// on one grid, so that float32 adds them without error in any order.
func (r reach) exact(scale float64) bool {
	return r.brought == 0 && r.onGrid && r.size*scale < (1<<24)*r.grid.Float64()*min(1, scale)
}

func (b *builder) reach(f functional) reach {
	r := reach{size: math.Abs(f[craft.Real].Float64()), terms: 1, grid: value.Int(1), onGrid: true}
	r.refine(f[craft.Real])
	for i := range b.prog.Variables {
		v := &b.prog.Variables[i]
		top, sum := 0.0, 0.0
		for k := range v.Size() {
			w, ok := f[v.First+k]
			if !ok {
				continue
			}
			top = max(top, math.Abs(w.Float64()))
			sum += math.Abs(w.Float64())
			if v.Encoding != craft.Numeric {
				r.refine(w)
				continue
			}
			n := b.numbers[varID(i)]
			r.onGrid = r.onGrid && n.short && b.short(w)
			for _, x := range n.set {
				r.refine(w.Mul(x.Quo(v.Scale)))
			}
		}
		if top == 0 {
			continue
		}
		r.brought += min(top*v.L1, sum*v.Noise)
		if v.Encoding == craft.Steps {
			r.size += sum
			r.terms += v.Size()
			continue
		}
		r.size += top * b.largest(varID(i))
		r.terms++
	}
	return r
}

// refine makes the grid fine enough for x.
func (r *reach) refine(x value.Rat) {
	for half := value.Frac(1, 2); r.onGrid && !x.Quo(r.grid).IsInt(); {
		r.grid = r.grid.Mul(half)
		r.onGrid = r.grid.Cmp(value.Frac(1, 1<<24)) >= 0
	}
}

// largest bounds the size of what one direction of a variable holds.
func (b *builder) largest(id varID) float64 {
	v := b.v(id)
	if v.Encoding != craft.Numeric {
		return 1
	}
	return b.numbers[id].size / v.Scale.Float64()
}

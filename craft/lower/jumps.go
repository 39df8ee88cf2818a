package lower

import (
	"fmt"
	"math"
	"slices"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/value"
)

// point is one value of a functional with the function's result there.
type point struct {
	s   value.Rat
	out int32
}

// jump is a place between two neighbouring values where the result changes.
type jump struct {
	from, to int32 // results below and above
	t        value.Rat
	slope    value.Rat // L, a power of two
	left     bool      // open below t instead of above
	size     float64   // of the larger neuron, at most
	grid     float64   // of which both neurons are multiples, in exact arithmetic; 0 where there is none
	err      float64   // of the difference of the neurons, where the step is on
}

// jumpsAt computes a function of one functional s, given by its results at the
// values of s, by two neurons for each place
// where neighbouring values of s have different results.
//
// Between neighbours at distance g put the step ReLU(L(s-t)+1) - ReLU(L(s-t))
// with L the power of two in [2/g, 4/g) and t near middle + 1/(2L): it rises
// from 0 to 1 within 1/(2L) <= g/4 of the middle, so that it is exactly 0
// below, where both neurons are off, and 1 above, as long as the error of s
// stays under g/2 - 1/(2L). Steps above a pivot open upwards, below it
// downwards, so that around the pivot all neurons are off. The result is the
// base, which holds at the pivot, plus the changes of the open steps.
//
// The pivot is 0 where s has one variable term, with a power of two as weight:
// a neuron's input is then the difference of two numbers of one sign, on the
// grid of the larger, and no larger than it, so exact in float32. The step is
// exactly 1, however inexact s is. Else the pivot is the middle of the range,
// which keeps the activations that cancel small.
//
// It returns nil where float32 cannot tell neighbours apart.
func (b *builder) jumpsAt(points []point, s functional, set []value.Value) *plan {
	falling := falls(points)
	if falling { // steps need results that rise with s
		s = s.times(value.Int(-1))
		points = mirrored(points)
	}
	base, r := b.pivot(points, s), b.reach(s)
	var js []jump
	for i := 1; i < len(points); i++ {
		lo, hi := points[i-1], points[i]
		if lo.out == hi.out {
			continue
		}
		j := newJump(lo, hi, hi.s.Cmp(base.s) <= 0, b.rise())
		if !b.bound(&j, s, r, hi.s.Sub(lo.s), points) {
			return nil
		}
		js = append(js, j)
	}
	p := &plan{
		neurons: 2 * len(js),
		steps:   rises(js),
		jumps:   js,
		why:     fmt.Sprintf("%d jumps of an affine form of %d values", len(js), len(points)),
		emit:    func(m *mlp) { m.jumps(s, js, base.out) },
		noise:   func(v *craft.Variable) { b.jumpNoise(v, js, set) },
	}
	return p
}

// falls reports whether the results fall, and do so at most once for each
// value.
func falls(points []point) bool {
	for i := 1; i < len(points); i++ {
		if points[i].out > points[i-1].out {
			return false
		}
	}
	return points[0].out > points[len(points)-1].out
}

func mirrored(points []point) []point {
	m := make([]point, len(points))
	for i, p := range points {
		m[len(points)-1-i] = point{p.s.Neg(), p.out}
	}
	return m
}

// rises reports whether every jump goes to a later value.
func rises(js []jump) bool {
	for _, j := range js {
		if j.to < j.from {
			return false
		}
	}
	return true
}

// pivot returns the point around which all neurons are off.
func (b *builder) pivot(points []point, s functional) point {
	at := value.Int(0)
	if !b.oneTerm(s) {
		at = points[0].s.Add(points[len(points)-1].s).Quo(value.Int(2))
	}
	return slices.MinFunc(points, func(p, q point) int {
		return p.s.Sub(at).Abs().Cmp(q.s.Sub(at).Abs())
	})
}

// oneTerm reports whether a functional has one term beside the constant, a
// numeric variable with a power of two as weight.
func (b *builder) oneTerm(s functional) bool {
	var w value.Rat
	for d, x := range s {
		if d == craft.Real {
			continue
		}
		if w.Sign() != 0 {
			return false
		}
		w = x
	}
	return w.Sign() != 0 && s[craft.Real].Sign() == 0 && isPowerOfTwo(w.Abs())
}

func isPowerOfTwo(w value.Rat) bool {
	frac, _ := math.Frexp(w.Float64())
	return frac == 0.5 && value.FromFloat(w.Float64()).Equal(w)
}

// rise is the form of steps.
type rise struct {
	steep int64   // the least product of the slope and of the distance that is bridged
	fine  int64   // the step is placed on a grid of so many parts of the slope's width
	kept  float64 // the share of the room that stays free for what norms round
}

// rise returns the form of steps: in float32 one that leaves a quarter of the
// distance to errors on both sides and keeps the neurons small. Where results are
// coarser than sums it leaves them more, and weights and results are integers, so
// that results are exact as far as the type's integers go; what norms are given there
// are numbers of the type, which they keep.
func (b *builder) rise() rise {
	if b.coarse() == 0 {
		return rise{steep: 2, fine: 8, kept: 1.0 / 2}
	}
	return rise{steep: 8, fine: 1, kept: 1.0 / 16}
}

// room is what is left of a distance for errors, on each side.
func (r rise) room(gap, slope float64) float64 {
	return gap/2 - (1+1/float64(r.fine))/(2*slope)
}

// newJump places a step between two neighbours, on a grid, so that the weights are
// short.
func newJump(lo, hi point, left bool, r rise) jump {
	gap := hi.s.Sub(lo.s)
	two := value.Int(2)
	slope, steep := value.Int(1), value.Int(r.steep)
	for slope.Mul(gap).Cmp(steep) < 0 {
		slope = slope.Mul(two)
	}
	for slope.Mul(gap).Cmp(steep.Mul(two)) >= 0 {
		slope = slope.Quo(two)
	}
	half := value.Int(1).Quo(slope.Mul(two))
	t := lo.s.Add(hi.s).Quo(two)
	if left {
		t = t.Sub(half)
	} else {
		t = t.Add(half)
	}
	grid := slope.Mul(value.Int(r.fine))
	return jump{from: lo.out, to: hi.out, t: t.Mul(grid).Round().Quo(grid), slope: slope, left: left}
}

// bound sets the error of a step, and reports whether the functional is exact
// enough for it. Both neurons read the same s, so that its error cancels where
// the step is on; what is left is their own rounding.
//
// The error is never taken for 0, although it is in exact arithmetic on a plain
// decoder: see the norms below.
func (b *builder) bound(j *jump, s functional, r reach, gap value.Rat, points []point) bool {
	r.refine(j.t)
	l, t := j.slope.Float64(), math.Abs(j.t.Float64())
	noise := r.brought + float64(r.terms+2)*unit*r.size
	r.size += t
	// The norms of stock architectures may take the last bit of the 1 that
	// constants are read from.
	j.err = unit * (l*t + 1)
	end := points[len(points)-1].s
	if j.left {
		end = points[0].s
	}
	j.size = l*math.Abs(end.Sub(j.t).Float64()) + 1
	if r.exact(l) && b.fits(j.size, r.grid.Float64()*min(1, l)) {
		j.grid = r.grid.Float64() * min(1, l)
		return r.size*unit/2 < b.rise().room(gap.Float64(), l)
	}
	switch {
	case b.coarse() == 0 && b.oneTerm(s) && j.size+l*t < 1<<20:
		noise = r.brought // what both neurons read is on a grid of 1/8 at most
	case b.coarse() > 0 && b.oneTerm(s) && b.fits(max(j.size, l*t+1), dyadic(j.t.Mul(j.slope))):
		noise = r.brought // and here on that of the constant, or of the number
	default:
		noise += 2 * b.coarse() * (r.size + 1/l)
		j.err += 4 * b.coarse() * j.size
		added := r.terms - 1
		if !r.onGrid {
			added++ // the constant is rounded as well
		}
		j.err += 2 * float64(added) * unit * (l*r.size + 1)
	}
	// A part of the room stays free for the rounding of the residual stream by
	// the norms of stock architectures. What is none of it is taken by the rise and
	// by the grid of t.
	return noise < b.rise().room(gap.Float64(), l)*(1-b.rise().kept)
}

// points returns the values of the functional in order, each with the result
// there, or false where one value has two results.
func (b *builder) points(f *function, s functional) ([]point, bool) {
	parts := b.contributions(f, s)
	at := map[value.Key]int{}
	var points []point
	combo := make([]int, len(f.vars))
	for _, out := range f.out {
		if out != undefined {
			x := s[craft.Real]
			for k, i := range combo {
				x = x.Add(parts[k][i])
			}
			key := value.Number(value.KindFloat, x).Key()
			if i, ok := at[key]; !ok {
				at[key] = len(points)
				points = append(points, point{x, out})
			} else if points[i].out != out {
				return nil, false
			}
		}
		f.advance(combo)
	}
	slices.SortFunc(points, func(p, q point) int { return p.s.Cmp(q.s) })
	return points, true
}

// contributions returns, for each variable and each of its values, what it
// adds to the functional.
func (b *builder) contributions(f *function, s functional) [][]value.Rat {
	parts := make([][]value.Rat, len(f.vars))
	for k, id := range f.vars {
		v := b.v(id)
		parts[k] = make([]value.Rat, len(f.sets[k]))
		for i, x := range f.sets[k] {
			switch {
			case v.Encoding == craft.Categorical:
				parts[k][i] = s[v.First+i]
			case v.Encoding == craft.Numeric:
				parts[k][i] = s[v.First].Mul(x.Rat().Quo(v.Scale))
			case i > 0:
				parts[k][i] = parts[k][i-1].Add(s[v.First+i-1])
			}
		}
	}
	return parts
}

// jumps emits the neurons of the steps.
func (m *mlp) jumps(s functional, js []jump, base int32) {
	m.base(base)
	for _, j := range js {
		slope, sign := j.slope, ">"
		if j.left {
			slope, sign = slope.Neg(), "<"
		}
		label := fmt.Sprintf("%s %s", sign, j.t)
		g := s.times(slope).plus(constant(value.Int(1)), j.t.Mul(slope).Neg())
		role := craft.Role{Kind: craft.Jump, At: j.t, Below: j.left}
		up := m.neuron(label, role, g.plus(constant(value.Int(1)), value.Int(1)))
		role.Saturates = true
		down := m.neuron(label+" (saturated)", role, g)
		from, to := j.from, j.to
		if j.left {
			from, to = to, from
		}
		m.writeChange(up, from, to, value.Int(1))
		m.writeChange(down, from, to, value.Int(-1))
	}
}

// jumpNoise bounds the errors of the variable that the steps write. Only steps
// on one side of the pivot are on at a time. A one-hot direction is touched by
// the steps at its ends, one of a variable in steps by one of them, a number by
// all.
func (b *builder) jumpNoise(v *craft.Variable, js []jump, set []value.Value) {
	v.Noise, v.L1 = 0, 0
	for _, left := range []bool{false, true} {
		var open []jump
		for _, j := range js {
			if j.left == left {
				open = append(open, j)
			}
		}
		noise, l1 := b.sideNoise(v, open, set)
		v.Noise, v.L1 = max(v.Noise, noise), max(v.L1, l1)
	}
}

func (b *builder) sideNoise(v *craft.Variable, open []jump, set []value.Value) (noise, l1 float64) {
	if v.Encoding == craft.Numeric {
		sum := opening{grid: 1}
		for _, j := range open {
			sum.add(j, set[j.to].Rat().Sub(set[j.from].Rat()))
		}
		noise = b.nearest(sum.noise())
		if n := b.numbersOf(set); !n.short {
			noise += unit*n.size + 2*b.coarse()*n.size // as the weights write it
		}
		return noise, noise
	}
	touched := make([]opening, v.Size())
	for i := range touched {
		touched[i].grid = 1
	}
	for _, j := range open {
		for _, at := range touches(v, j) {
			touched[at].add(j, value.Int(1))
		}
	}
	for _, t := range touched {
		noise = max(noise, b.nearest(t.noise()))
		l1 += b.nearest(t.noise())
	}
	return noise, l1
}

// opening is the sum that the neurons of open steps write to one direction.
type opening struct {
	neurons int
	err     float64 // what the steps are off by
	size    float64 // Σ|w h|
	grid    float64 // of which every term is a multiple; 0 where there is none
	plain   bool    // the last step is added as it is
}

// add adds a step that changes the direction by w.
func (o *opening) add(j jump, w value.Rat) {
	size := math.Abs(w.Float64())
	o.neurons += 2
	o.err += size * j.err
	o.size += 2 * size * j.size
	o.grid = min(o.grid, j.grid*dyadic(w))
	o.plain = w.Equal(value.Int(1))
}

// noise bounds the error of the sum. A sum of k products in any order is off by
// k+1 units of the sum of their sizes, and by nothing where they lie on a grid
// that is fine enough; of the two neurons of one step, the error of the step
// is that of their difference.
func (o *opening) noise() float64 {
	if o.size < (1<<24)*o.grid || o.neurons == 2 && o.plain {
		return o.err
	}
	return o.err + float64(o.neurons+1)*unit*o.size
}

// dyadic returns the largest power of two, 1 at most, of which w is a multiple,
// or 0 where that is below 2^-24.
func dyadic(w value.Rat) float64 {
	for p := 1.0; p >= unit; p /= 2 {
		if w.Quo(value.FromFloat(p)).IsInt() {
			return p
		}
	}
	return 0
}

// touches lists the directions of a variable that a step changes.
func touches(v *craft.Variable, j jump) []int {
	if v.Encoding == craft.Categorical {
		return []int{int(j.from), int(j.to)}
	}
	var dirs []int
	for i := min(j.from, j.to); i < max(j.from, j.to); i++ {
		dirs = append(dirs, int(i))
	}
	return dirs
}

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
	size     float64   // of the larger neuron, at most; 0 where all is exact
	err      float64   // of the difference of the neurons, where the step is on
}

// jumps computes a function of one functional s by two neurons for each place
// where neighbouring values of s have different results.
//
// Between neighbours at distance g put the step ReLU(L(s-t)+1) - ReLU(L(s-t))
// with L the power of two in [2/g, 4/g) and t = middle + 1/(2L): it rises from
// 0 to 1 within 1/(2L) <= g/4 of the middle, so that it is exactly 0 below,
// where both neurons are off, and 1 above, as long as the error of s stays
// under g/2 - 1/(2L) (at least g/4). Above the middle of the range steps open
// upwards, below it downwards: around the middle all neurons are off, and the
// activations that cancel are half as large. The result is the sum of the
// base, which holds at the middle, and the changes of the open steps.
//
// It returns nil where s does not determine the function or float32 cannot
// tell neighbours apart.
func (b *builder) jumps(f *function, s functional) *plan {
	points, ok := b.points(f, s)
	if !ok || len(points) == 0 {
		return nil
	}
	lowest, highest := points[0].s, points[len(points)-1].s
	middle := lowest.Add(highest).Quo(value.Int(2))
	base := slices.MinFunc(points, func(p, q point) int {
		return p.s.Sub(middle).Abs().Cmp(q.s.Sub(middle).Abs())
	})
	var js []jump
	for i := 1; i < len(points); i++ {
		lo, hi := points[i-1], points[i]
		if lo.out == hi.out {
			continue
		}
		j := newJump(lo, hi, hi.s.Cmp(base.s) <= 0)
		if !b.bound(&j, s, hi.s.Sub(lo.s), lowest, highest) {
			return nil
		}
		js = append(js, j)
	}
	return &plan{
		neurons: 2 * len(js),
		why:     fmt.Sprintf("%d jumps of an affine form of %d values", len(js), len(points)),
		emit:    func(m *mlp) { m.jumps(s, js, base.out) },
		noise:   func(v *craft.Variable) { jumpNoise(v, js, f.set) },
	}
}

// newJump places a step between two neighbours.
func newJump(lo, hi point, left bool) jump {
	gap := hi.s.Sub(lo.s)
	two := value.Int(2)
	slope := value.Int(1)
	for slope.Mul(gap).Cmp(two) < 0 {
		slope = slope.Mul(two)
	}
	for slope.Mul(gap).Cmp(value.Int(4)) >= 0 {
		slope = slope.Quo(two)
	}
	half := value.Int(1).Quo(slope.Mul(two))
	t := lo.s.Add(hi.s).Quo(two)
	if left {
		t = t.Sub(half)
	} else {
		t = t.Add(half)
	}
	return jump{from: lo.out, to: hi.out, t: t, slope: slope, left: left}
}

// bound sets the error of a step, and reports whether the functional is exact
// enough for it. Both neurons read the same s, so that its error cancels where
// the step is on; what is left is their own rounding and that of the sums that
// they take part in. With one term beside the constant this is relative to
// their values, else to the terms.
func (b *builder) bound(j *jump, s functional, gap, lowest, highest value.Rat) bool {
	r := b.reach(s)
	r.refine(j.t)
	l, t := j.slope.Float64(), math.Abs(j.t.Float64())
	r.size += t
	if r.exact(l) {
		return true
	}
	end := highest
	if j.left {
		end = lowest
	}
	j.size = l*math.Abs(end.Sub(j.t).Float64()) + 1
	j.err = 2 * unit * j.size
	if r.terms > 2 {
		j.err = 2 * float64(r.terms-1) * unit * (l*r.size + 1)
	}
	// Half of the room stays free for the rounding of the residual stream by
	// the norms of stock architectures.
	room := gap.Float64()/2 - 1/(2*l)
	return r.brought+float64(r.terms+2)*unit*r.size < room/2
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
			if v.Encoding == craft.Categorical {
				parts[k][i] = s[v.First+i]
			} else {
				parts[k][i] = s[v.First].Mul(x.Rat())
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
		up := m.neuron(label, g.plus(constant(value.Int(1)), value.Int(1)))
		down := m.neuron(label+" (saturated)", g)
		gained, lost := j.to, j.from
		if j.left {
			gained, lost = lost, gained
		}
		for _, w := range []struct {
			neuron int
			sign   value.Rat
		}{{up, value.Int(1)}, {down, value.Int(-1)}} {
			m.write(w.neuron, gained, w.sign)
			m.write(w.neuron, lost, w.sign.Neg())
		}
	}
}

// jumpNoise bounds the errors of the variable that the steps write. Only steps
// on one side of the middle are on at a time. A sum of k terms in any order is
// off by k units of the sum of their sizes; a one-hot direction is touched by
// the steps at its ends, a number by all.
func jumpNoise(v *craft.Variable, js []jump, set []value.Value) {
	v.Noise, v.L1 = 0, 0
	for _, left := range []bool{false, true} {
		var open []jump
		for _, j := range js {
			if j.left == left {
				open = append(open, j)
			}
		}
		noise, l1 := sideNoise(v, open, set)
		v.Noise, v.L1 = max(v.Noise, noise), max(v.L1, l1)
	}
}

func sideNoise(v *craft.Variable, open []jump, set []value.Value) (noise, l1 float64) {
	if v.Encoding == craft.Numeric {
		err, size := 0.0, 0.0
		for _, j := range open {
			w := math.Abs(set[j.to].Rat().Sub(set[j.from].Rat()).Float64())
			err += w * j.err
			size += w * 2 * j.size
		}
		noise = err + float64(2*len(open))*unit*size
		return noise, noise
	}
	type sum struct {
		terms     int
		err, size float64
	}
	touched := make([]sum, len(set))
	for _, j := range open {
		for _, at := range []int32{j.from, j.to} {
			t := touched[at]
			touched[at] = sum{t.terms + 2, t.err + j.err, t.size + 2*j.size}
		}
	}
	for _, t := range touched {
		e := t.err + float64(t.terms)*unit*t.size
		noise = max(noise, e)
		l1 += e
	}
	return noise, l1
}

package lower

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/value"
)

// rectangle is a set of combinations on which a function has one result: a
// set of values for each variable.
type rectangle struct {
	sets [][]int // value numbers, by variable
	out  int32
}

// rectangles computes a function of k categorical variables by one neuron for
// each rectangle of combinations whose result is not the commonest one, or by
// two where what it reads is not exact.
//
// Let s = 1_A1(x1) + … + 1_Ak(xk). Then ReLU(2s - (2k-1)) is the indicator of
// A1 x … x Ak: 1 where all indicators hold, and below -1, so exactly 0, where
// one does not. Where s has an error, the step ReLU(2(s-t)+1) - ReLU(2(s-t)) at
// t = k - 1/4 is exactly 1 or 0 as long as the error is under 1/4. Values that
// never make a difference are merged first; rectangles join the values of one
// variable, whichever gives the fewest.
//
// It returns nil where a variable is numeric.
func (b *builder) rectangles(f *function) *plan {
	for _, id := range f.vars {
		if b.v(id).Encoding == craft.Numeric {
			return nil
		}
	}
	r := f.reduce()
	base := r.commonest()
	best := r.fewest(base)
	noise := 0.0
	for _, rect := range best {
		noise = max(noise, b.reach(b.overlap(f, rect)).brought)
	}
	if noise > 1.0/8 {
		return nil
	}
	p := &plan{
		neurons: len(best),
		why:     fmt.Sprintf("%d rectangles of %d merged combinations", len(best), len(r.out)),
	}
	err := 0.0
	if noise > 0 {
		p.neurons *= 2
		err = 8*unit*float64(len(f.vars)+1) + 4*b.coarse()
	}
	p.emit = func(m *mlp) { m.rectangles(best, base, noise > 0) }
	p.noise = func(v *craft.Variable) { b.rectangleNoise(v, f.set, err) }
	return p
}

// overlap is the number of a rectangle's sets that the variables are in.
func (b *builder) overlap(f *function, r rectangle) functional {
	s := functional{}
	for k, set := range r.sets {
		s = s.plus(b.indicator(f.vars[k], set), value.Int(1))
	}
	return s
}

// reduced is a function of merged values.
type reduced struct {
	groups [][][]int // by variable and class: the value numbers
	out    []int32   // by classes, the last variable fastest
}

func (f *function) reduce() *reduced {
	r := &reduced{}
	class := make([][]int, len(f.sets))
	total := 1
	for k := range f.sets {
		var count int
		class[k], count = f.classes(k)
		groups := make([][]int, count)
		for i, c := range class[k] {
			groups[c] = append(groups[c], i)
		}
		r.groups = append(r.groups, groups)
		total *= count
	}
	r.out = make([]int32, total)
	combo := make([]int, len(f.sets))
	for _, out := range f.out {
		at := 0
		for k, i := range combo {
			at = at*len(r.groups[k]) + class[k][i]
		}
		r.out[at] = out
		f.advance(combo)
	}
	return r
}

// fewest returns the smallest cover.
func (r *reduced) fewest(base int32) []rectangle {
	var best []rectangle
	for k := range max(1, len(r.groups)) {
		if found := r.cover(base, k); k == 0 || len(found) < len(best) {
			best = found
		}
	}
	return best
}

// count returns the number of rectangles of the smallest cover.
func (r *reduced) count() int { return len(r.fewest(r.commonest())) }

// commonest returns the most frequent result, the smallest of equals.
func (r *reduced) commonest() int32 {
	count := map[int32]int{}
	for _, out := range r.out {
		if out != undefined {
			count[out]++
		}
	}
	best := int32(0)
	for out, n := range count {
		if n > count[best] || n == count[best] && out < best {
			best = out
		}
	}
	return best
}

// cover returns disjoint rectangles that join classes of variable k and cover
// every combination with a result other than base.
func (r *reduced) cover(base int32, k int) []rectangle {
	index := map[string]int{}
	var found []rectangle
	combo := make([]int, len(r.groups))
	for _, out := range r.out {
		if out != undefined && out != base {
			key := others(combo, k, out)
			at, ok := index[key]
			if !ok {
				at = len(found)
				index[key] = at
				found = append(found, r.start(combo, k, out))
			}
			if len(combo) > 0 {
				found[at].sets[k] = append(found[at].sets[k], r.groups[k][combo[k]]...)
			}
		}
		r.advance(combo)
	}
	return found
}

// others spells a combination without variable k, and the result.
func others(combo []int, k int, out int32) string {
	rest := append([]int(nil), combo...)
	if len(rest) > 0 {
		rest[k] = -1
	}
	return fmt.Sprint(rest, out)
}

// start is the rectangle of a combination, with no value yet for variable k.
func (r *reduced) start(combo []int, k int, out int32) rectangle {
	rect := rectangle{out: out, sets: make([][]int, len(combo))}
	for i, c := range combo {
		if i != k {
			rect.sets[i] = r.groups[i][c]
		}
	}
	return rect
}

func (r *reduced) advance(combo []int) {
	for k := len(combo) - 1; k >= 0; k-- {
		if combo[k]++; combo[k] < len(r.groups[k]) {
			return
		}
		combo[k] = 0
	}
}

func (m *mlp) rectangles(rects []rectangle, base int32, noisy bool) {
	m.base(base)
	two := value.Int(2)
	for _, r := range rects {
		var label []string
		role := craft.Role{Kind: craft.Rectangle}
		for k, set := range r.sets {
			sort.Ints(set)
			v := m.b.v(m.f.vars[k])
			label = append(label, fmt.Sprintf("%s in %s", v.Name, spell(v, set)))
			role.Where = append(role.Where, craft.Where{Variable: int(m.f.vars[k]), Values: set})
		}
		s, n := m.b.overlap(m.f, r).times(two), int64(len(r.sets))
		on, text := value.Int(1), strings.Join(label, " & ")
		if !noisy {
			m.writeChange(m.neuron(text, role, s.plus(constant(on), value.Int(1-2*n))), base, r.out, on)
			continue
		}
		below := s.plus(constant(on), value.Frac(1-4*n, 2)) // 2(s-t)
		m.writeChange(m.neuron(text, role, below.plus(constant(on), on)), base, r.out, on)
		role.Saturates = true
		m.writeChange(m.neuron(text+" (saturated)", role, below), base, r.out, on.Neg())
	}
}

// writeChange makes neuron i change the result from one number to another, w
// times.
func (m *mlp) writeChange(i int, from, to int32, w value.Rat) {
	m.write(i, to, w)
	m.write(i, from, w.Neg())
}

// spell lists some values of a variable.
func spell(v *craft.Variable, set []int) string {
	const most = 8
	var b strings.Builder
	b.WriteByte('{')
	for n, i := range set {
		if n > 0 {
			b.WriteByte(' ')
		}
		if n == most {
			fmt.Fprintf(&b, "… %d more", len(set)-most)
			break
		}
		b.WriteString(v.Values[i].Repr())
	}
	b.WriteByte('}')
	return b.String()
}

// rectangleNoise sets the error bounds of the variable that was written.
// Rectangles are disjoint, so that at most one neuron is on. Its input is a
// sum of small integers where the variables it reads are exact.
func (b *builder) rectangleNoise(v *craft.Variable, set []value.Value, err float64) {
	v.Noise, v.L1 = err, 2*err
	if v.Encoding == craft.Numeric {
		lo, hi := span(set)
		top := max(math.Abs(lo), math.Abs(hi))
		v.Noise = err*(hi-lo) + 4*unit*top
		if !b.numbersOf(set).short {
			v.Noise += 3 * b.coarse() * top
		}
		v.L1 = v.Noise
	}
}

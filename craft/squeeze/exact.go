package squeeze

import (
	"math"

	"github.com/raspc/raspc/craft"
)

// exact reports whether the type of files has all weights that a map reads the others
// of a relation by, and sums of these, in any order. What
// they are weights of is 0 or 1, or a copy, of which the sum is the old one.
func (s *squeezer) exact(m craft.Map, r relation) bool {
	sizes, grids := map[int]float64{}, map[int]float64{}
	for _, e := range m {
		if !r.uses(e.From) {
			continue
		}
		if !s.a.Holds(e.W) {
			return false
		}
		w := e.W.Float64()
		sizes[e.To] += math.Abs(w)
		if g, ok := grids[e.To]; !ok || unit(w) < g {
			grids[e.To] = unit(w)
		}
	}
	for to, size := range sizes {
		if !s.a.Fits(size, grids[to]) {
			return false
		}
	}
	return true
}

// unit is the largest power of two of which a number is a multiple.
func unit(x float64) float64 {
	frac, exp := math.Frexp(x)
	const bits = 53
	n := int64(math.Ldexp(math.Abs(frac), bits))
	return math.Ldexp(float64(n&-n), exp-bits)
}

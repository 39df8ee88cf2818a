package certify

import (
	"math"

	"github.com/raspc/raspc/verify/binary32"
)

// The errors of float32, by short names.
const (
	unit = binary32.Unit // of one rounding
	tiny = binary32.Tiny // what a product may lose that is too small
	huge = binary32.Huge // what is above may overflow
)

// gamma bounds the relative error of a sum of n products, in any order.
func gamma(n int) float64 { return binary32.Gamma(n) }

// exactly reports whether sums of multiples of a power of two are exact, in
// whatever order: those whose absolute values add up to less than 2^24 times it.
func exactly(grid, size float64) bool { return grid >= tiny && size <= grid/unit }

// lostIn bounds what rounding loses of a sum of one number of each list.
func lostIn(lists ...[]float64) float64 {
	grid, size, terms := math.Inf(1), 0.0, 0
	for _, list := range lists {
		most := 0.0
		for _, x := range list {
			grid, most = min(grid, divisorOf(x)), max(most, math.Abs(x))
		}
		if most != 0 {
			size, terms = size+most, terms+1
		}
	}
	if terms < 2 || exactly(grid, size) {
		return 0
	}
	return up(gamma(terms-1) * size)
}

// bounded notes a number that may be too large for the type.
func (p *proof) bounded(size float64) {
	p.over = p.over || !(size < huge) || p.typ.narrow && !(size < p.typ.most)
}

// slack is what bounds are widened by, since they are computed in float64
// themselves: far more than the errors of all operations that lead to one.
const slack = 1e-12

// up widens a bound by the errors of computing it.
func up(x float64) float64 { return x * (1 + slack) }

// widen returns a bound of x, to be added to a bound on numbers of some size
// that were computed in float64.
func widen(x, size float64) float64 { return up(x) + slack*1e-3*math.Abs(size) }

// widenInexact is widen where x is not 0: what is exact stays so.
func widenInexact(x, size float64) float64 {
	if x == 0 {
		return 0
	}
	return widen(x, size)
}

package craft

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/value"
)

// TestArithmeticRounds compares with float32's own rounding, and rounds in float64
// what is halfway between two numbers of each type.
func TestArithmeticRounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(-1e30, 1e30).Draw(t, "x")
		if got, want := Float32.Round(x), float64(float32(x)); got != want {
			t.Fatalf("%g becomes %g, not %g", x, got, want)
		}
		a := rapid.SampledFrom(Arithmetics()).Draw(t, "type")
		n := rapid.Int64Range(1<<(a.Bits-1), 1<<a.Bits-1).Draw(t, "fraction")
		least := int(math.Log2(a.Smallest)) + 1 - a.Bits
		e := rapid.IntRange(least, 4).Draw(t, "exponent")
		lo, hi := math.Ldexp(float64(n), e), math.Ldexp(float64(n+1), e)
		even := lo
		if n%2 == 1 {
			even = hi
		}
		if got := a.Round((lo + hi) / 2); got != even {
			t.Fatalf("%v: between %g and %g: %g", a, lo, hi, got)
		}
		if a.Round(lo) != lo || !a.Holds(value.FromFloat(-lo)) || a.Holds(value.FromFloat((lo+hi)/2)) {
			t.Fatalf("%v: %g, or what is between it and the next", a, lo)
		}
	})
	for _, a := range Arithmetics() {
		if a.Round(a.Largest) != a.Largest || !math.IsInf(a.Round(-a.Largest*(1+a.Unit())), -1) {
			t.Errorf("%v ends elsewhere than at %g", a, a.Largest)
		}
		if a.Holds(value.Frac(1, 3)) || !a.Fits(3, 1) || a.Fits(math.Ldexp(1, a.Bits), 1) {
			t.Errorf("%v holds other numbers", a)
		}
	}
}

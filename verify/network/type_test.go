package network

import (
	"math"
	"slices"
	"testing"
)

// decode is the number that 16 bits stand for, from the definition of their format.
func decode(t Type, bits int) float64 {
	exponentBits := 16 - t.Bits
	fraction, exponent := bits&(1<<(t.Bits-1)-1), bits>>(t.Bits-1)&(1<<exponentBits-1)
	sign := 1.0
	if bits>>15 == 1 {
		sign = -1
	}
	switch exponent {
	case 0:
		return sign * math.Ldexp(float64(fraction), t.Least+1-t.Bits)
	case 1<<exponentBits - 1:
		if fraction != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(float64(fraction+1<<(t.Bits-1)), exponent-1+t.Least+1-t.Bits)
}

// TestRoundAll16Bits rounds every number of each type, what is halfway to the next, and
// what is next to that in float32.
func TestRoundAll16Bits(t *testing.T) {
	for _, typ := range []Type{Float16, BFloat16} {
		var all []float64
		for bits := range 1 << 16 {
			x := decode(typ, bits)
			if got := float64(typ.Round(float32(x))); got != x && x == x {
				t.Fatalf("%v: %g becomes %g", typ, x, got)
			}
			if bits < 1<<15 && x-x == 0 {
				all = append(all, x)
			}
		}
		if largest := all[len(all)-1]; largest != typ.Largest() {
			t.Errorf("%v: the largest is %g, not %g", typ, largest, typ.Largest())
		}
		if !slices.Contains(all, typ.Smallest()) || slices.Contains(all, math.Nextafter(1, 2)) {
			t.Errorf("%v: %g is none of it", typ, typ.Smallest())
		}
		for i := 1; i < len(all); i++ {
			lo, hi := all[i-1], all[i]
			middle := float32((lo + hi) / 2)
			if float64(middle) != (lo+hi)/2 {
				continue // below what float32 holds
			}
			even := lo
			if i%2 == 0 { // all[i] has the bits i
				even = hi
			}
			for _, c := range []struct {
				x    float32
				want float64
			}{{middle, even}, {math.Nextafter32(middle, 0), lo}, {math.Nextafter32(middle, float32(math.Inf(1))), hi}} {
				if c.x == float32(lo) || c.x == float32(hi) {
					continue
				}
				for _, sign := range []float32{1, -1} {
					if got := typ.Round(sign * c.x); got != sign*float32(c.want) {
						t.Fatalf("%v: %g becomes %g, not %g", typ, sign*c.x, got, c.want)
					}
				}
			}
		}
		over := float32(typ.Largest() * (1 + typ.Unit()))
		if got := typ.Round(over); !math.IsInf(float64(got), 1) {
			t.Errorf("%v: %g becomes %g", typ, over, got)
		}
	}
	if x := math.Nextafter32(1, 2); Float32.Round(x) != x {
		t.Error("float32 is rounded")
	}
}

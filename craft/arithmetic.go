package craft

import (
	"math"

	"github.com/raspc/raspc/frontend/value"
)

// Arithmetic is the type in which a runtime keeps weights and results. Sums of
// products are accumulated in float32 whatever it is, and rounded to it once.
type Arithmetic struct {
	// Name is that of the type, as the command line has it.
	Name string
	// Bits are those of a number's fraction, the leading one included: integers
	// up to 2^Bits are numbers of the type.
	Bits int
	// Smallest and Largest are the least normal number above 0 and the largest.
	Smallest, Largest float64
}

// The types. IEEE 754 has the first two; the third is the upper half of the first.
var (
	Float32  = Arithmetic{Name: "f32", Bits: 24, Smallest: 0x1p-126, Largest: math.MaxFloat32}
	Float16  = Arithmetic{Name: "f16", Bits: 11, Smallest: 0x1p-14, Largest: 65504}
	BFloat16 = Arithmetic{Name: "bf16", Bits: 8, Smallest: 0x1p-126, Largest: 0x1.fep127}
)

// Arithmetics are all types, the default first.
func Arithmetics() []Arithmetic { return []Arithmetic{Float32, Float16, BFloat16} }

// String returns the type's name in full.
func (a Arithmetic) String() string {
	return map[string]string{"f32": "float32", "f16": "float16", "bf16": "bfloat16"}[a.Name]
}

// Unit bounds the relative error of rounding a number to the type.
func (a Arithmetic) Unit() float64 { return math.Ldexp(1, -a.Bits) }

// Coarse is how much larger that is than float32's: what a result loses beyond what
// its sum has lost already.
func (a Arithmetic) Coarse() float64 { return a.Unit() - Float32.Unit() }

// Fits reports whether all multiples of a power of two up to a size are numbers of
// the type.
func (a Arithmetic) Fits(size, grid float64) bool {
	return size < math.Ldexp(grid, a.Bits) && size <= a.Largest && grid >= a.Smallest*a.Unit()
}

// Round rounds a number to the type: to the nearest, of two the even one, and to an
// infinity beyond the largest.
func (a Arithmetic) Round(x float64) float64 {
	_, exponent := math.Frexp(x)
	_, least := math.Frexp(a.Smallest)
	step := math.Ldexp(1, max(exponent, least)-a.Bits)
	if y := math.RoundToEven(x/step) * step; math.Abs(y) <= a.Largest {
		return y
	}
	return math.Copysign(math.Inf(1), x)
}

// Holds reports whether a number is one of the type.
func (a Arithmetic) Holds(x value.Rat) bool {
	f := x.Float64()
	return a.Round(f) == f && value.FromFloat(f).Equal(x)
}

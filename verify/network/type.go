package network

import "math"

// Type is the floating-point type of a network's weights and of the results of its
// operations. Sums of products, norms and softmaxes are formed in float32 whatever it
// is, and their results rounded to it once. The zero value is float32.
type Type struct {
	Name string // as PyTorch and configurations have it
	Bits int    // of the fraction, the leading one included
	// Least is the exponent of the smallest normal number, Most that of the largest
	// power of two.
	Least, Most int
}

// The types: IEEE 754's single and half precision, and the upper half of a single.
var (
	Float32  = Type{}
	Float16  = Type{"float16", 11, -14, 15}
	BFloat16 = Type{"bfloat16", 8, -126, 127}
)

// Types are all types.
func Types() []Type { return []Type{Float32, Float16, BFloat16} }

// String returns the type's name.
func (t Type) String() string {
	if t == Float32 {
		return "float32"
	}
	return t.Name
}

// Unit bounds the relative error of rounding a number to the type.
func (t Type) Unit() float64 {
	if t == Float32 {
		return 1.0 / (1 << 24)
	}
	return math.Ldexp(1, -t.Bits)
}

// Smallest is the smallest normal number above 0.
func (t Type) Smallest() float64 {
	if t == Float32 {
		return 0x1p-126
	}
	return math.Ldexp(1, t.Least)
}

// Largest is the largest number.
func (t Type) Largest() float64 {
	if t == Float32 {
		return math.MaxFloat32
	}
	return math.Ldexp(2-2*t.Unit(), t.Most)
}

// Round rounds a number to the type: to the nearest, of two the even one, subnormal
// ones included, and to an infinity beyond the largest.
func (t Type) Round(x float32) float32 {
	if t == Float32 || x == 0 || x != x {
		return x
	}
	_, exponent := math.Frexp(float64(x))
	step := math.Ldexp(1, max(exponent-1, t.Least)+1-t.Bits)
	y := float32(math.RoundToEven(float64(x)/step) * step)
	if math.Abs(float64(y)) > t.Largest() {
		return float32(math.Inf(int(math.Copysign(1, float64(x)))))
	}
	return y
}

// RoundAll rounds all numbers.
func (t Type) RoundAll(x []float32) {
	if t == Float32 {
		return
	}
	for i, v := range x {
		x[i] = t.Round(v)
	}
}

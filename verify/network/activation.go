package network

import "math"

// Activation is what neurons make of what they read.
type Activation uint8

const (
	// ReLU is max(x, 0).
	ReLU Activation = iota
	// GELU is the approximation by tanh, as llama.cpp computes it: 0 up to -10, x
	// from 10 on, and between them with argument and result in float16, which it
	// looks up in a table.
	GELU
)

// flat is from where on a GELU is a ReLU.
const flat = 10

// off bounds how far a GELU is from a ReLU: 0.1701 at 0.75 by itself, and by less
// than 2^-7 from rounding to float16.
const off = 0.18

// Of returns what a neuron makes of a float32, rounded to float32.
func (a Activation) Of(x float64) float64 {
	if a == ReLU || x >= flat {
		return max(x, 0)
	}
	if x <= -flat {
		return 0
	}
	h := half(x)
	return half(h / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*h*(1+0.044715*h*h))))
}

// Error bounds how far a neuron that reads x, give or take r, is from a ReLU.
func (a Activation) Error(x, r float64) float64 {
	if a == ReLU || x+r <= -flat || x-r >= flat || x == 0 && r == 0 {
		return 0
	}
	return off
}

// half rounds a number below 2^15 to float16.
func half(x float64) float64 {
	_, exponent := math.Frexp(x)
	step := math.Ldexp(1, max(exponent-11, -24))
	return math.RoundToEven(x/step) * step
}

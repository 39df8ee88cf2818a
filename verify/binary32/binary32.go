// Package binary32 bounds the errors of IEEE 754's single precision, which PyTorch calls
// float32, with rounding to nearest, whatever the order in which a runtime adds up.
//
// Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, SIAM
// 2002, sections 2.2 and 3.1.
package binary32

const (
	// Unit is the unit roundoff u: the relative error of one rounding.
	Unit = 0x1p-24
	// Tiny is the smallest normal number. A product below it may lose all of itself, where
	// a runtime flushes it to 0.
	Tiny = 0x1p-126
	// Huge is what no number may exceed where bounds are to hold: far below what overflows,
	// so that sums do not either.
	Huge = 0x1p120
	// Exp is the relative error of exp, which is trusted: no standard bounds it.
	Exp = 0x1p-21
)

// Gamma is γ_n = nu / (1 - nu): it bounds the error of a sum of n products, in any
// order, relative to the sum of their absolute values.
func Gamma(n int) float64 {
	x := float64(n) * Unit
	return x / (1 - x)
}

// Softmax bounds the error of a mean over n keys with the weights of a softmax, relative to
// the largest absolute value of what is averaged: the errors of exp, of the sum by which it
// is divided, of the division and of the sum of products. Scores are exact.
func Softmax(n int) float64 { return float64(n+6)*Unit + Exp + Gamma(n) }

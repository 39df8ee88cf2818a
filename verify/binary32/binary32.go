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

// Mean bounds the error of the mean of n numbers, relative to that of their absolute
// values. A runtime need not add them up: PyTorch's moves a running mean towards each,
// m += (x - m)/k, and joins those of chunks (Chan, Golub and LeVeque 1983, "Algorithms for
// Computing the Sample Variance"), so that it is not exact where a sum would be. Each of
// at most n steps rounds m, which is no larger than the sum of all before over k and of
// which k/n is left in the end, and three times what it is moved by, which over all steps
// is at most three times the sum.
func Mean(n int) float64 { return Gamma(4 * (n + 1)) }

// Softmax bounds the error of a mean over n keys with the weights of a softmax, relative to
// the largest absolute value of what is averaged: the errors of exp, of the sum by which it
// is divided, of the division and of the sum of products. Scores are exact.
func Softmax(n int) float64 { return float64(n+6)*Unit + Exp + Gamma(n) }

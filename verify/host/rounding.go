package host

// The errors of float32, as package certify has them.
const (
	// unit is the relative error of one rounding.
	unit = 1.0 / (1 << 24)
	// tiny is what a product below the smallest normal number loses: all of it.
	tiny = 1.0 / (1 << 63) / (1 << 63)
	// huge is what no number may exceed, lest it overflow.
	huge = (1 << 60) * (1 << 60)
	// expError is the relative error of an exponential.
	expError = 1.0 / (1 << 21)
)

// gamma bounds the relative error of a sum of n products, in any order.
func gamma(n int) float64 {
	x := float64(n) * unit
	return x / (1 - x)
}

package binary32_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/raspc/raspc/verify/binary32"
)

// TestLimits holds the constants to what float32 does.
func TestLimits(t *testing.T) {
	u := binary32.Unit
	if float32(1+u) != 1 || float32(1+u*(1+0x1p-20)) == 1 {
		t.Errorf("%g is not half of what 1 and the next number are apart", u)
	}
	if tiny := math.Float32frombits(0x00800000); float64(tiny) != binary32.Tiny {
		t.Errorf("the smallest normal number is %g", tiny)
	}
	if !(64*binary32.Huge <= math.MaxFloat32) {
		t.Errorf("sums of %g overflow", binary32.Huge)
	}
}

// TestGamma adds up products in float32, in orders of all kinds: none is off by more, and
// some are off by a share of the bound that can be seen.
func TestGamma(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	worst := 0.0
	for range 2000 {
		n := 1 + rng.IntN(40)
		products, exact, size := make([]float32, n), 0.0, 0.0
		for i := range products {
			a, b := float32(rng.NormFloat64()), float32(rng.NormFloat64())
			products[i] = a * b
			exact += float64(a) * float64(b)
			size += math.Abs(float64(a) * float64(b))
		}
		off := math.Abs(float64(added(rng, products))-exact) / size
		if off > binary32.Gamma(n) {
			t.Errorf("%d products: off by %g, the bound is %g", n, off, binary32.Gamma(n))
		}
		worst = max(worst, off/binary32.Gamma(n))
	}
	if worst < 0.25 {
		t.Errorf("no sum is off by more than %g of the bound", worst)
	}
}

// added adds up numbers, any two of them first.
func added(rng *rand.Rand, xs []float32) float32 {
	for len(xs) > 1 {
		i := rng.IntN(len(xs) - 1)
		xs[i] += xs[len(xs)-1]
		xs = xs[:len(xs)-1]
	}
	return xs[0]
}

// TestSoftmax takes means in float32, with an exp that is as bad as it may be for each key:
// none is off by more, and some are off by a share of the bound that can be seen.
func TestSoftmax(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	worst := 0.0
	for range 2000 {
		n := 2 + rng.IntN(40)
		weights, values, all, exact := make([]float64, n), make([]float64, n), 0.0, 0.0
		for i := range weights {
			weights[i], values[i] = math.Exp(-4*rng.Float64()), float64(2*rng.IntN(2)-1)
			all += weights[i]
			exact += weights[i] * values[i]
		}
		exact /= all
		sum, mean := float32(0), float32(0)
		for i, v := range values {
			weights[i] *= 1 + math.Copysign(0.99*binary32.Exp, v-exact)
			sum += float32(weights[i])
		}
		for i, v := range values {
			mean += float32(weights[i]) / sum * float32(v)
		}
		off := math.Abs(float64(mean)-exact) / binary32.Softmax(n)
		if off > 1 {
			t.Errorf("%d keys: off by %g times the bound", n, off)
		}
		worst = max(worst, off)
	}
	if worst < 0.4 {
		t.Errorf("no mean is off by more than %g of the bound", worst)
	}
}

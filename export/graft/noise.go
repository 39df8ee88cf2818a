package graft

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// noise are random weights with mean 0. Each is a multiple of a power of two, so that sums
// of them are exact.
type noise struct {
	seed  uint64
	sigma float64 // standard deviation
	// centred makes each row sum to 0.
	centred bool
}

// start implements filling: the numbers depend on the seed and on the tensor's name and
// size, and on nothing else.
func (n noise) start(w *weight) (func(int, []float32), error) {
	name := fnv.New64a()
	name.Write([]byte(w.name))
	rng := rand.New(rand.NewPCG(n.seed, name.Sum64()))
	var at []int // of the row
	for c := range w.cols {
		if w.colsFrozen == nil || !w.colsFrozen[c] {
			at = append(at, c)
		}
	}
	_, exponent := math.Frexp(n.sigma)
	grid := math.Ldexp(1, exponent-gridBits)
	scale := n.sigma / grid / unit
	drawn := make([]int64, len(at))
	return func(_ int, row []float32) {
		for i := range drawn {
			drawn[i] = int64(math.RoundToEven(float64(normal(rng)) * scale))
		}
		if n.centred {
			centre(drawn)
		}
		for i, c := range at {
			row[c] = float32(float64(drawn[i]) * grid)
		}
	}, nil
}

// gridBits is how many bits the numbers have that are as large as the standard deviation.
// A few more leave them exact in float32.
const gridBits = 18

// unit is the standard deviation of normal, but for one part in 2^33.
const unit = 1 << 16

// normal draws an integer: a sum of twelve uniform numbers, which is nearly normal, and
// unlike a normal number the same on every machine.
func normal(rng *rand.Rand) int64 {
	const draws, bits = 12, 16
	sum := -int64(draws * (1<<bits - 1) / 2)
	for range draws * bits / 64 {
		x := rng.Uint64()
		for range 64 / bits {
			sum += int64(x & (1<<bits - 1))
			x >>= bits
		}
	}
	return sum
}

// centre makes numbers sum to 0, by subtracting from all of them their mean, rounded down,
// and 1 from as many as that leaves.
func centre(all []int64) {
	if len(all) == 0 {
		return
	}
	sum, n := int64(0), int64(len(all))
	for _, x := range all {
		sum += x
	}
	mean := sum / n
	if sum%n < 0 {
		mean--
	}
	rest := sum - mean*n
	for i := range all {
		all[i] -= mean
		if int64(i) < rest {
			all[i]--
		}
	}
}

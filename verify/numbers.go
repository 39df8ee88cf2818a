package verify

import (
	"maps"
	"math"
	"slices"

	"github.com/raspc/raspc/frontend/value"
)

// numbers are those that the program gives, which say how far off a file's may be.
type numbers struct {
	largest   float64 // of 1 and their sizes: sums in float32 are as far off for small results as for large ones
	fractions bool    // some are no integers
	seen      map[float64]bool
}

// maxSeen is how many numbers are told apart. More that are no integers are taken
// for a continuum, in which neighbours may be mistaken for each other.
const maxSeen = 1024

func newNumbers() numbers { return numbers{largest: 1, seen: map[float64]bool{}} }

// numbersOf returns those of some cases.
func numbersOf(cases []testCase) numbers {
	n := newNumbers()
	for _, tc := range cases {
		for i := range tc.want {
			n.see(&tc.want[i])
		}
	}
	return n
}

// see adds a value, if it is a number.
func (n *numbers) see(v *value.Value) {
	if !v.IsNumber() {
		return
	}
	x := v.Rat().Float64()
	n.largest = max(n.largest, math.Abs(x))
	n.fractions = n.fractions || !v.Rat().IsInt()
	n.keep(x)
}

func (n *numbers) keep(x float64) {
	if len(n.seen) <= maxSeen {
		n.seen[x] = true
	}
}

// add adds other numbers.
func (n *numbers) add(o numbers) {
	n.largest, n.fractions = max(n.largest, o.largest), n.fractions || o.fractions
	for x := range o.seen {
		n.keep(x)
	}
}

// allowed is the largest error that counts as none: a tolerance relative to the
// largest number, and less than half the distance of two numbers, so that none
// passes for another. Integers are 1 apart. Fractions may be closer than float32
// can tell apart, where two units in the last place are allowed.
func (n *numbers) allowed(tolerance float64) float64 {
	const half, units = 0.49, 0x1p-22
	most := half
	if n.fractions {
		most = max(half*n.gap(), units*n.largest)
	}
	return min(tolerance*n.largest, most)
}

// gap is the least distance of two numbers; infinite for a continuum.
func (n *numbers) gap() float64 {
	least := math.Inf(1)
	if len(n.seen) > maxSeen {
		return least
	}
	sorted := slices.Sorted(maps.Keys(n.seen))
	for i := 1; i < len(sorted); i++ {
		least = min(least, sorted[i]-sorted[i-1])
	}
	return least
}

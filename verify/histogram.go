package verify

import (
	"fmt"
	"math"
	"strings"
)

// histogram counts margins, or errors, by their binary exponents.
type histogram [48]int

// lowest is the exponent that the first count begins at; what is smaller falls
// into it, too.
const lowest = -36

// bucket returns where a margin or an error is counted; the infinite margin of an
// only label is not, and has -1.
func bucket(x float64) int {
	switch {
	case math.IsInf(x, 0):
		return -1
	case x == 0:
		return 0
	}
	_, e := math.Frexp(x) // x is at least 2^(e-1)
	return min(max(0, e-1-lowest), len(histogram{})-1)
}

func (h *histogram) add(bucket int) {
	if bucket >= 0 {
		h[bucket]++
	}
}

// Bucket counts the outputs whose margin, or error, is at least From and less than
// twice as much. In the first one From is 0, and its end that of the next.
type Bucket struct {
	From  float64
	Count int
}

// buckets returns what is not empty.
func (h *histogram) buckets() []Bucket {
	var all []Bucket
	for i, n := range h {
		if n == 0 {
			continue
		}
		from := math.Ldexp(1, i+lowest)
		if i == 0 {
			from = 0
		}
		all = append(all, Bucket{from, n})
	}
	return all
}

// spelled is a histogram in one line.
func spelled(all []Bucket) string {
	parts := make([]string, len(all))
	for i, b := range all {
		parts[i] = fmt.Sprintf("%d from %.2g", b.Count, b.From)
	}
	return strings.Join(parts, ", ")
}

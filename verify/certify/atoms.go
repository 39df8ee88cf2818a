package certify

import (
	"math"

	"github.com/raspc/raspc/frontend/value"
)

// atomID numbers the atoms of a proof.
type atomID int

// The atoms that every program has.
const (
	tokenAtom  atomID = iota
	indexAtom         // 0 … length-1
	lengthAtom        // 1 … max_len
	firstOwn          // of the program's own
)

// atom is a quantity that a position has: its token, index, the length of the
// input, or the result of an aggregate. Functions are tabulated over its
// values.
type atom struct {
	name string
	// values are all that it can have, as far as is known; nil where they are
	// too many to be listed.
	values []value.Value
	// nums are the values as numbers; NaN for a string.
	nums []float64
	// lo and hi bound the numbers, listed or not.
	lo, hi float64
}

// newAtom lists the values of an atom.
func newAtom(name string, values []value.Value) *atom {
	a := &atom{name: name, values: values, nums: make([]float64, len(values)), lo: math.Inf(1), hi: math.Inf(-1)}
	for i, v := range values {
		a.nums[i] = math.NaN()
		if v.IsNumber() {
			a.nums[i] = v.Rat().Float64()
			a.lo, a.hi = min(a.lo, a.nums[i]), max(a.hi, a.nums[i])
		}
	}
	return a
}

// listed reports whether the values of an atom are known.
func (a *atom) listed() bool { return a.values != nil }

// assignment gives each atom one of its values, by index; it holds only for
// the atoms that somebody asked about.
type assignment []int32

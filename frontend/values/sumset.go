package values

import (
	"math/bits"
	"slices"
)

// sumset is the set of all sums of some number of terms.
type sumset interface {
	// plus returns the sums of one term more.
	plus(terms []int64) sumset
	size() int
	// each yields the sums until it is told to stop, and reports whether it
	// was not.
	each(yield func(int64) bool) bool
}

// sparse holds sums that lie far apart.
type sparse map[int64]bool

func (s sparse) plus(terms []int64) sumset {
	next := make(sparse, len(s)+len(terms))
	for sum := range s {
		for _, t := range terms {
			next[sum+t] = true
		}
		if len(next) > MaxSet {
			break
		}
	}
	return next
}

func (s sparse) size() int { return len(s) }

func (s sparse) each(yield func(int64) bool) bool {
	for sum := range s {
		if !yield(sum) {
			return false
		}
	}
	return true
}

// dense holds sums that lie close together: bit k stands for first + k.
type dense struct {
	first int64
	least int64 // of the terms
	words []uint64
}

// newDense returns the sum of no terms, where the sums of width terms lie close
// enough together.
func newDense(terms []int64, width int) (sumset, bool) {
	const most = 1 << 22 // bits
	least, span := slices.Min(terms), slices.Max(terms)-slices.Min(terms)
	if span > most/int64(width) {
		return nil, false
	}
	s := &dense{least: least, words: make([]uint64, span*int64(width)/64+2)}
	s.words[0] = 1
	return s, true
}

func (s *dense) plus(terms []int64) sumset {
	next := &dense{first: s.first + s.least, least: s.least, words: make([]uint64, len(s.words))}
	top := len(s.words)
	for top > 0 && s.words[top-1] == 0 {
		top--
	}
	for _, t := range terms {
		by := t - s.least
		word, bit := int(by/64), uint(by%64)
		for i, w := range s.words[:top] {
			next.words[i+word] |= w << bit
			if high := w >> (64 - bit); high != 0 {
				next.words[i+word+1] |= high
			}
		}
	}
	return next
}

func (s *dense) size() int {
	n := 0
	for _, w := range s.words {
		n += bits.OnesCount64(w)
	}
	return n
}

func (s *dense) each(yield func(int64) bool) bool {
	for i, w := range s.words {
		for ; w != 0; w &= w - 1 {
			if !yield(s.first + int64(64*i+bits.TrailingZeros64(w))) {
				return false
			}
		}
	}
	return true
}

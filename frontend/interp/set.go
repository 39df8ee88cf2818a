package interp

import (
	"iter"
	"math/bits"
)

// set is a set of positions, the lowest bit first.
type set []uint64

// full returns the set of all positions below n.
func full(n int) set {
	s := make(set, (n+63)/64)
	for i := range s {
		s[i] = below(n - i*64)
	}
	return s
}

func (s set) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s set) has(i int) bool { return s[i/64]>>(i%64)&1 == 1 }

// fill makes s the union of its own and of others.
func (s set) fill(o set) {
	for i, word := range o {
		s[i] |= word
	}
}

func (s set) empty() bool {
	for _, word := range s {
		if word != 0 {
			return false
		}
	}
	return true
}

// meets reports whether the sets have a position in common.
func (s set) meets(o set) bool {
	for i, word := range s {
		if word&o[i] != 0 {
			return true
		}
	}
	return false
}

// all yields the positions in increasing order.
func (s set) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, word := range s {
			for ; word != 0; word &= word - 1 {
				if !yield(i*64 + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}

package values

import (
	"math/big"

	"github.com/raspc/raspc/frontend/value"
)

// meansOf returns all means of 2 to width numbers of the set, repetition
// allowed, or false where there may be more than MaxSet. Strings are skipped:
// they are never averaged.
func meansOf(set []value.Value, width int) ([]value.Value, bool) {
	c := collector{index: map[value.Key]int32{}}
	ok := eachSum(set, width, func(w int, sum value.Rat) bool {
		if w > 1 {
			c.add(value.Number(value.KindFloat, sum.Quo(value.Int(int64(w)))))
		}
		return len(c.set) <= MaxSet
	})
	return c.set, ok
}

// sumsOf returns all sums of 0 to width numbers of the set, or false where
// there may be more than MaxSet. A whole sum is an int here, though a program
// may see it as a float: of equal values the narrower kind is in more cases
// defined, and where it is not what the program sees, the program is not.
func sumsOf(set []value.Value, width int) ([]value.Value, bool) {
	c := collector{index: map[value.Key]int32{}}
	c.add(value.IntOf(0))
	ok := eachSum(set, width, func(_ int, sum value.Rat) bool {
		kind := value.KindFloat
		if sum.IsInt() {
			kind = value.KindInt
		}
		c.add(value.Number(kind, sum))
		return len(c.set) <= MaxSet
	})
	return c.set, ok
}

// eachSum yields the sums of w numbers of the set for w = 1 … width, each once
// a w, in no particular order. It returns false where there are too many or
// yield asks to stop.
func eachSum(set []value.Value, width int, yield func(w int, sum value.Rat) bool) bool {
	units, unit, ok := scaled(set)
	if !ok {
		return false
	}
	sums := map[int64]bool{0: true}
	for w := 1; w <= width; w++ {
		next := make(map[int64]bool, len(sums)+len(units))
		for s := range sums {
			for _, u := range units {
				next[s+u] = true
			}
		}
		if sums = next; len(sums) > MaxSet {
			return false
		}
		for s := range sums {
			if !yield(w, value.Int(s).Mul(unit)) {
				return false
			}
		}
	}
	return true
}

// scaled writes the numbers of the set as multiples of one unit, small enough
// for sums of many of them to fit.
func scaled(set []value.Value) ([]int64, value.Rat, bool) {
	lcm := big.NewInt(1)
	for _, v := range set {
		if v.IsNumber() {
			d := v.Rat().Big().Denom()
			g := new(big.Int).GCD(nil, nil, lcm, d)
			lcm.Mul(lcm, new(big.Int).Quo(d, g))
		}
	}
	const largest = 1 << 40 // leaves room for sums of 2^20 values
	unit := value.FromBig(new(big.Rat).SetFrac(big.NewInt(1), lcm))
	var units []int64
	for _, v := range set {
		if !v.IsNumber() {
			continue
		}
		u, ok := v.Rat().Quo(unit).Int64()
		if !ok || u > largest || u < -largest {
			return nil, unit, false
		}
		units = append(units, u)
	}
	return units, unit, true
}

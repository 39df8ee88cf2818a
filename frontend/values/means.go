package values

import (
	"math/big"
	"slices"

	"github.com/raspc/raspc/frontend/value"
)

// meansOf returns all means of 2 to width numbers of the set, repetition
// allowed, or false where there may be more than MaxSet. Strings are skipped:
// they are never averaged.
func meansOf(set []value.Value, width int) ([]value.Value, bool) {
	units, unit, ok := scaled(set)
	c := collector{index: map[value.Key]int32{}}
	ok = ok && eachSumset(units, width, func(w int, sums sumset) bool {
		return w < 2 || sums.each(func(s int64) bool {
			c.add(value.Number(value.KindFloat, value.Int(s).Mul(unit).Quo(value.Int(int64(w)))))
			return len(c.set) <= MaxSet
		})
	})
	return c.set, ok
}

// sumsOf returns all sums of 0 to width numbers of the set, or false where
// there may be more than MaxSet: the sums of width numbers, of which any may
// be 0. A whole sum is an int here, though a program may see it as a float: of
// equal values the narrower kind is in more cases defined, and where it is not
// what the program sees, the program is not.
func sumsOf(set []value.Value, width int) ([]value.Value, bool) {
	if width == 0 {
		return []value.Value{value.IntOf(0)}, true
	}
	var all []value.Value
	units, unit, ok := scaled(set)
	ok = ok && eachSumset(append(units, 0), width, func(w int, sums sumset) bool {
		return w < width || sums.each(func(s int64) bool {
			kind, sum := value.KindFloat, value.Int(s).Mul(unit)
			if sum.IsInt() {
				kind = value.KindInt
			}
			all = append(all, value.Number(kind, sum))
			return true
		})
	})
	return all, ok
}

// eachSumset yields the sums of w of the units, for w = 1 … width, until it is
// told to stop. It returns false if it was, or where there are too many sums.
func eachSumset(units []int64, width int, yield func(w int, sums sumset) bool) bool {
	if len(units) == 0 || width == 0 {
		return true
	}
	slices.Sort(units)
	units = slices.Compact(units)
	// There are no fewer sums than those of an arithmetic progression. Without
	// this bound a large set would be added up for minutes, only to be refused.
	if width > MaxSet || width*(len(units)-1)+1 > MaxSet {
		return false
	}
	var sums sumset = sparse{0: true}
	if s, ok := newDense(units, width); ok {
		sums = s
	}
	for w := 1; w <= width; w++ {
		if sums = sums.plus(units); sums.size() > MaxSet || !yield(w, sums) {
			return false
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

package pattern

import (
	"cmp"
	"fmt"
	"math"
)

// Count is a number of inputs, which may be beyond all float64: exact below 2^53,
// rounded above. The zero value is 0.
type Count struct {
	fraction float64 // 0, or from 0.5 to below 1
	exponent int     // of 2
}

// normal is n * 2^exponent.
func normal(n float64, exponent int) Count {
	f, e := math.Frexp(n)
	if f == 0 {
		return Count{}
	}
	return Count{f, e + exponent}
}

// IsZero reports whether there are none.
func (c Count) IsZero() bool { return c.fraction == 0 }

func (c Count) times(n int) Count { return normal(c.fraction*float64(n), c.exponent) }

func (c Count) plus(d Count) Count {
	switch {
	case c.IsZero():
		return d
	case d.IsZero():
		return c
	case c.exponent < d.exponent:
		c, d = d, c
	}
	return normal(c.fraction+math.Ldexp(d.fraction, d.exponent-c.exponent), c.exponent)
}

// over is the quotient of a count and one that is not zero and not less.
func (c Count) over(d Count) float64 {
	return math.Ldexp(c.fraction/d.fraction, c.exponent-d.exponent)
}

// Cmp compares two counts, as package cmp does.
func (c Count) Cmp(d Count) int {
	switch {
	case c.IsZero() || d.IsZero() || c.exponent == d.exponent:
		return cmp.Compare(c.fraction, d.fraction)
	}
	return cmp.Compare(c.exponent, d.exponent)
}

// AtMost returns the count where it is at most limit, and whether it is. Limits are
// below 2^53.
func (c Count) AtMost(limit int) (n int, ok bool) {
	if x := c.Float64(); x <= float64(limit) {
		return int(x), true
	}
	return 0, false
}

// Float64 is the count, +Inf where float64 cannot hold it.
func (c Count) Float64() float64 { return math.Ldexp(c.fraction, c.exponent) }

// String spells all digits up to 10^7, and two of larger numbers.
func (c Count) String() string {
	if n, ok := c.AtMost(10_000_000); ok {
		return fmt.Sprint(n)
	}
	power, digits := math.Modf(math.Log10(c.fraction) + float64(c.exponent)*math.Log10(2))
	mantissa := math.Round(10*math.Pow(10, digits)) / 10
	if mantissa >= 10 {
		mantissa, power = mantissa/10, power+1
	}
	return fmt.Sprintf("%.1fe%.0f", mantissa, power)
}

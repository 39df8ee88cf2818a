package value

import (
	"math"
	"math/big"
	"math/bits"
)

// Rat is an immutable exact rational. The zero Rat is 0. Numbers whose reduced
// numerator and denominator fit 63 bits are held inline; the rest in a
// big.Rat, so that the common case allocates nothing.
type Rat struct {
	n int64 // numerator, when big is nil
	d int64 // denominator minus 1, when big is nil
	b *big.Rat
}

// Int returns the rational n.
func Int(n int64) Rat {
	if n == math.MinInt64 {
		return normal(new(big.Rat).SetInt64(n))
	}
	return Rat{n: n}
}

// Frac returns n/d. It panics when d is 0.
func Frac(n, d int64) Rat { return Int(n).Quo(Int(d)) }

// FromBig returns the value of b, which must not change afterwards.
func FromBig(b *big.Rat) Rat { return normal(b) }

// FromFloat returns the exact value of a finite float.
func FromFloat(f float64) Rat {
	if r, ok := inlineFloat(f); ok {
		return r
	}
	b := new(big.Rat).SetFloat64(f)
	if b == nil {
		panic("value: FromFloat of a number that is not finite")
	}
	return normal(b)
}

// inlineFloat returns a float that the inline form holds: an odd number times a power
// of two, which nothing has to be divided out of.
func inlineFloat(f float64) (r Rat, ok bool) {
	fraction, exp := math.Frexp(f)
	if f == 0 || f-f != 0 {
		return Rat{}, f == 0
	}
	n := int64(fraction * (1 << 53))
	zeros := bits.TrailingZeros64(uint64(n))
	n, exp = n>>zeros, exp-53+zeros
	switch {
	case exp <= 0 && exp >= -62:
		return Rat{n: n, d: 1<<-exp - 1}, true
	case exp > 0 && bits.Len64(uint64(max(n, -n)))+exp <= 63:
		return Rat{n: n << exp}, true
	}
	return Rat{}, false
}

// normal brings b to the inline form where it fits.
func normal(b *big.Rat) Rat {
	if b.Num().IsInt64() && b.Denom().IsInt64() {
		if n := b.Num().Int64(); n != math.MinInt64 {
			return Rat{n: n, d: b.Denom().Int64() - 1}
		}
	}
	return Rat{b: b}
}

// Big returns the value as a new big.Rat.
func (r Rat) Big() *big.Rat {
	if r.b != nil {
		return new(big.Rat).Set(r.b)
	}
	return big.NewRat(r.n, r.d+1)
}

func (r Rat) view() *big.Rat {
	if r.b != nil {
		return r.b
	}
	return big.NewRat(r.n, r.d+1)
}

// small builds n/d from inline parts, d > 0, reducing the fraction.
func small(n, d int64) Rat {
	if d == 1 || n == 0 {
		return Rat{n: n}
	}
	g := gcd(abs64(n), uint64(d))
	return Rat{n: n / int64(g), d: d/int64(g) - 1}
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func abs64(n int64) uint64 {
	if n < 0 {
		return uint64(-n)
	}
	return uint64(n)
}

// mul multiplies and reports whether the product fits.
func mul(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(abs64(a), abs64(b))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	if (a < 0) != (b < 0) {
		return -int64(lo), true
	}
	return int64(lo), true
}

// Add returns r + s.
func (r Rat) Add(s Rat) Rat {
	if r.b == nil && s.b == nil {
		if r.d == s.d {
			if n := r.n + s.n; (n > r.n) == (s.n > 0) && n != math.MinInt64 {
				return small(n, r.d+1)
			}
		} else if a, ok := mul(r.n, s.d+1); ok {
			b, ok1 := mul(s.n, r.d+1)
			d, ok2 := mul(r.d+1, s.d+1)
			if n := a + b; ok1 && ok2 && (n > a) == (b > 0) && n != math.MinInt64 {
				return small(n, d)
			}
		}
	}
	return normal(new(big.Rat).Add(r.view(), s.view()))
}

// Neg returns -r.
func (r Rat) Neg() Rat {
	if r.b == nil {
		return Rat{n: -r.n, d: r.d}
	}
	return normal(new(big.Rat).Neg(r.b))
}

// Sub returns r - s.
func (r Rat) Sub(s Rat) Rat { return r.Add(s.Neg()) }

// Mul returns r * s.
func (r Rat) Mul(s Rat) Rat {
	if r.b == nil && s.b == nil {
		n, ok1 := mul(r.n, s.n)
		d, ok2 := mul(r.d+1, s.d+1)
		if ok1 && ok2 {
			return small(n, d)
		}
	}
	return normal(new(big.Rat).Mul(r.view(), s.view()))
}

// Quo returns r / s. It panics when s is 0.
func (r Rat) Quo(s Rat) Rat {
	if s.Sign() == 0 {
		panic("value: division by zero")
	}
	if r.b == nil && s.b == nil {
		n, ok1 := mul(r.n, s.d+1)
		d, ok2 := mul(r.d+1, s.n)
		if ok1 && ok2 {
			if d < 0 {
				n, d = -n, -d
			}
			return small(n, d)
		}
	}
	return normal(new(big.Rat).Quo(r.view(), s.view()))
}

// Sign returns -1, 0 or 1.
func (r Rat) Sign() int {
	switch {
	case r.b != nil:
		return r.b.Sign()
	case r.n > 0:
		return 1
	case r.n < 0:
		return -1
	}
	return 0
}

// Abs returns |r|.
func (r Rat) Abs() Rat {
	if r.Sign() < 0 {
		return r.Neg()
	}
	return r
}

// Cmp returns -1, 0 or 1 as r is less than, equal to or greater than s.
func (r Rat) Cmp(s Rat) int {
	if r.b == nil && s.b == nil {
		if r.d == s.d {
			switch {
			case r.n < s.n:
				return -1
			case r.n > s.n:
				return 1
			}
			return 0
		}
		a, ok1 := mul(r.n, s.d+1)
		b, ok2 := mul(s.n, r.d+1)
		if ok1 && ok2 {
			return Int(a).Cmp(Int(b))
		}
	}
	return r.view().Cmp(s.view())
}

// Equal reports r == s.
func (r Rat) Equal(s Rat) bool {
	if r.b == nil || s.b == nil { // each number has one form
		return r == s
	}
	return r.b.Cmp(s.b) == 0
}

// IsInt reports whether r is an integer.
func (r Rat) IsInt() bool {
	if r.b != nil {
		return r.b.IsInt()
	}
	return r.d == 0
}

// Int64 returns r when it is an integer that fits.
func (r Rat) Int64() (int64, bool) {
	if r.b == nil {
		return r.n, r.d == 0
	}
	// The least int64 is the one integer that fits and is not held inline.
	if r.b.IsInt() && r.b.Num().IsInt64() {
		return r.b.Num().Int64(), true
	}
	return 0, false
}

// Floor returns the largest integer not above r.
func (r Rat) Floor() Rat {
	if r.b == nil {
		q := r.n / (r.d + 1)
		if r.n < 0 && r.n%(r.d+1) != 0 {
			q--
		}
		return Int(q)
	}
	// Euclidean division: with a positive divisor the quotient is the floor.
	q := new(big.Int).Div(r.b.Num(), r.b.Denom())
	return normal(new(big.Rat).SetInt(q))
}

// Round returns the nearest integer, halves to the even one.
func (r Rat) Round() Rat {
	if r.IsInt() {
		return r
	}
	f := r.Floor()
	switch r.Sub(f).Cmp(Frac(1, 2)) {
	case -1:
		return f
	case 1:
		return f.Add(Int(1))
	}
	if f.Quo(Int(2)).IsInt() {
		return f
	}
	return f.Add(Int(1))
}

// Float64 returns the nearest double, halves to even.
func (r Rat) Float64() float64 {
	if r.b == nil && r.d == 0 {
		return float64(r.n)
	}
	const exact = 1 << 53 // up to here integers are doubles, and their quotient is rounded once
	if r.b == nil && abs64(r.n) <= exact && r.d < exact {
		return float64(r.n) / float64(r.d+1)
	}
	f, _ := r.view().Float64()
	return f
}

// Float32 returns the nearest single, rounded once.
func (r Rat) Float32() float32 {
	f, _ := r.view().Float32()
	return f
}

// BitLen returns the size of numerator and denominator together, in bits.
func (r Rat) BitLen() int {
	if r.b == nil {
		return bits.Len64(abs64(r.n)) + bits.Len64(uint64(r.d+1))
	}
	return r.b.Num().BitLen() + r.b.Denom().BitLen()
}

// String returns "3" or "-1/3".
func (r Rat) String() string { return r.view().RatString() }

// brief is String for messages: a long number as a decimal.
func (r Rat) brief() string {
	if r.BitLen() <= 128 {
		return r.String()
	}
	return floatRepr(r)
}

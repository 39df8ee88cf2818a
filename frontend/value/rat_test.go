package value_test

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/value"
)

// edge draws integers near the limits of the inline form, and plain ones.
func edge() *rapid.Generator[int64] {
	limits := []int64{
		0, 1, 2, 3, 5, 1 << 31, 1<<31 - 1, 3037000499, 3037000500, // around the root of 2^63
		1 << 62, 1<<62 - 1, 1<<62 + 1, math.MaxInt64 / 3, math.MaxInt64 - 1, math.MaxInt64,
	}
	return rapid.OneOf(
		rapid.Map(rapid.SampledFrom(limits), func(n int64) int64 { return n }),
		rapid.Map(rapid.SampledFrom(limits), func(n int64) int64 { return -n }),
		rapid.Just[int64](math.MinInt64),
		rapid.Int64Range(-20, 20),
		rapid.Int64(),
	)
}

// rat draws rationals that straddle the inline and the big form.
func rat() *rapid.Generator[value.Rat] {
	return rapid.Custom(func(t *rapid.T) value.Rat {
		b := new(big.Rat).SetInt64(edge().Draw(t, "num"))
		if d := edge().Draw(t, "den"); d != 0 {
			b.Quo(b, new(big.Rat).SetInt64(d))
		}
		if rapid.IntRange(0, 5).Draw(t, "wide") == 0 {
			b.Mul(b, new(big.Rat).SetInt64(edge().Draw(t, "factor")))
		}
		return value.FromBig(b)
	})
}

// same reports whether r is want and is in the one form that want has.
func same(t *rapid.T, op string, r value.Rat, want *big.Rat) {
	t.Helper()
	if r.Big().Cmp(want) != 0 {
		t.Fatalf("%s: got %s, want %s", op, r, want.RatString())
	}
	if r.String() != want.RatString() {
		t.Fatalf("%s: prints %s, want %s", op, r, want.RatString())
	}
	v, w := value.Number(value.KindFloat, r), value.Number(value.KindFloat, value.FromBig(want))
	if v.Key() != w.Key() {
		t.Fatalf("%s: %s has two keys, %v and %v", op, r, v.Key(), w.Key())
	}
}

func TestRatMatchesBigRat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := rat().Draw(t, "x"), rat().Draw(t, "y")
		a, b := x.Big(), y.Big()
		same(t, "add", x.Add(y), new(big.Rat).Add(a, b))
		same(t, "sub", x.Sub(y), new(big.Rat).Sub(a, b))
		same(t, "mul", x.Mul(y), new(big.Rat).Mul(a, b))
		if b.Sign() != 0 {
			same(t, "quo", x.Quo(y), new(big.Rat).Quo(a, b))
		}
		same(t, "neg", x.Neg(), new(big.Rat).Neg(a))
		same(t, "abs", x.Abs(), new(big.Rat).Abs(a))
		if got := x.Cmp(y); got != a.Cmp(b) {
			t.Fatalf("cmp %s %s = %d", x, y, got)
		}
		if x.Sign() != a.Sign() || x.IsInt() != a.IsInt() || x.Equal(y) != (a.Cmp(b) == 0) {
			t.Fatalf("sign, integrality or equality of %s is wrong", x)
		}
	})
}

func TestRatRounding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rat().Draw(t, "x")
		a := x.Big()
		floor := new(big.Int).Div(a.Num(), a.Denom()) // Euclidean: the floor, as the divisor is positive
		same(t, "floor", x.Floor(), new(big.Rat).SetInt(floor))
		same(t, "round", x.Round(), nearestEven(a))
		if f, _ := a.Float64(); x.Float64() != f {
			t.Fatalf("Float64 of %s is %v, want %v", x, x.Float64(), f)
		}
		if f, _ := a.Float32(); x.Float32() != f {
			t.Fatalf("Float32 of %s is %v, want %v", x, x.Float32(), f)
		}
		n, ok := x.Int64()
		if fits := a.IsInt() && a.Num().IsInt64(); fits != ok || ok && n != a.Num().Int64() {
			t.Fatalf("Int64 of %s is %d, %t", x, n, ok)
		}
		if got, want := x.BitLen(), a.Num().BitLen()+a.Denom().BitLen(); got != want {
			t.Fatalf("BitLen of %s is %d, want %d", x, got, want)
		}
	})
}

// nearestEven tries the integers around a.
func nearestEven(a *big.Rat) *big.Rat {
	floor := new(big.Int).Div(a.Num(), a.Denom())
	low := new(big.Rat).SetInt(floor)
	high := new(big.Rat).Add(low, big.NewRat(1, 1))
	below, above := new(big.Rat).Sub(a, low), new(big.Rat).Sub(high, a)
	switch c := below.Cmp(above); {
	case c < 0 || c == 0 && floor.Bit(0) == 0:
		return low
	default:
		return high
	}
}

func TestRatFieldLaws(t *testing.T) {
	equal := func(t *rapid.T, law string, a, b value.Rat) {
		t.Helper()
		if !a.Equal(b) || a.Cmp(b) != 0 {
			t.Fatalf("%s: %s and %s differ", law, a, b)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		x, y, z := rat().Draw(t, "x"), rat().Draw(t, "y"), rat().Draw(t, "z")
		equal(t, "commutative +", x.Add(y), y.Add(x))
		equal(t, "commutative *", x.Mul(y), y.Mul(x))
		equal(t, "associative +", x.Add(y).Add(z), x.Add(y.Add(z)))
		equal(t, "associative *", x.Mul(y).Mul(z), x.Mul(y.Mul(z)))
		equal(t, "distributive", x.Mul(y.Add(z)), x.Mul(y).Add(x.Mul(z)))
		equal(t, "inverse +", x.Add(x.Neg()), value.Rat{})
		equal(t, "neutral", x.Add(value.Rat{}).Mul(value.Int(1)), x)
		if x.Sign() != 0 {
			equal(t, "inverse *", x.Quo(x), value.Int(1))
			equal(t, "quotient", y.Mul(x).Quo(x), y)
		}
	})
}

func TestRatParse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"0", "0"}, {"-0", "0"}, {"007", "7"}, {"3", "3"}, {"+3", "3"}, {"-1/3", "-1/3"}, {"2/4", "1/2"}, {"010/012", "5/6"},
		{"0.25", "1/4"}, {"-2.50", "-5/2"}, {"9223372036854775808", "9223372036854775808"},
		{"-9223372036854775808", "-9223372036854775808"},
	} {
		r, ok := value.ParseRat(c.text)
		if !ok || r.String() != c.want {
			t.Errorf("ParseRat(%q) = %s, %t; want %s", c.text, r, ok, c.want)
		}
	}
	for _, text := range []string{
		"", "-", "+", "a", "1e5", "1E5", "0x10", "0b11", "0o17", "0b1/0b1", "1_000", "1/0", "1/", "/2", "1/-2", "+-3", "--3",
		"1.5/2", "1/2.5", ".5", "1.", ".", "1.2.3", " 1", "1 ", "1/2/3", "Inf", "NaN", "١",
	} {
		if r, ok := value.ParseRat(text); ok {
			t.Errorf("ParseRat(%q) = %s, want a refusal", text, r)
		}
	}
}

func TestRatMakers(t *testing.T) {
	if got := value.Frac(6, -4).String(); got != "-3/2" {
		t.Errorf("Frac(6, -4) = %s", got)
	}
	if got := value.Frac(math.MinInt64, math.MinInt64).String(); got != "1" {
		t.Errorf("Frac of the smallest integer by itself = %s", got)
	}
	if got := value.FromFloat(-0.75).String(); got != "-3/4" {
		t.Errorf("FromFloat(-0.75) = %s", got)
	}
	if got := value.FromFloat(0x1p-1074).BitLen(); got != 1076 {
		t.Errorf("the smallest float has %d bits", got)
	}
	mustPanic(t, "Quo by 0", func() { value.Int(1).Quo(value.Int(0)) })
	mustPanic(t, "Frac by 0", func() { value.Frac(1, 0) })
	mustPanic(t, "FromFloat of infinity", func() { value.FromFloat(math.Inf(1)) })
}

func mustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s does not panic", what)
		}
	}()
	f()
}

// TestBigIsACopy keeps Rat immutable: what Big hands out may be changed.
func TestBigIsACopy(t *testing.T) {
	for _, r := range []value.Rat{value.Int(7), value.Int(math.MinInt64)} {
		before := r.String()
		r.Big().Add(r.Big(), r.Big()).Neg(r.Big())
		b := r.Big()
		b.SetInt64(1)
		if r.String() != before {
			t.Errorf("%s became %s", before, r)
		}
	}
}

func FuzzParseRat(f *testing.F) {
	for _, s := range []string{"0", "-1/3", "0.25", "1e9", "0x1", "1/0", "99999999999999999999/3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, ok := value.ParseRat(s)
		if !ok {
			return
		}
		again, ok := value.ParseRat(r.String())
		if !ok || !again.Equal(r) {
			t.Errorf("%q reads as %s, which reads as %s", s, r, again)
		}
	})
}

// TestFromFloat compares with what math/big makes of floats of all sizes.
func TestFromFloat(t *testing.T) {
	check := func(f float64) {
		t.Helper()
		// As a quotient of integers it takes another way to the same form.
		b := new(big.Rat).SetFloat64(f)
		got, want := value.FromFloat(f), value.FromBig(b)
		if got.Big().Cmp(b) != 0 || !got.Equal(want) || got.IsInt() != want.IsInt() || got.BitLen() != want.BitLen() || got.Float64() != f {
			t.Errorf("FromFloat(%g) = %s, want %s", f, got, want)
		}
	}
	for exp := -1074; exp < 1024; exp++ {
		for _, m := range []float64{1, 1.5, 1 + 0x1p-52, 2 - 0x1p-52, 1.25 - 0x1p-40} {
			check(math.Ldexp(m, exp))
			check(-math.Ldexp(m, exp))
		}
	}
	for _, f := range []float64{0, math.Copysign(0, -1), 0x1p62, 0x1p63, -0x1p63, 0x1p63 - 0x1p10, 0x1p-62, 0x1p-63, 3 * 0x1p-62, math.MaxFloat64} {
		check(f)
	}
	mustPanic(t, "FromFloat of NaN", func() { value.FromFloat(math.NaN()) })
}

package value

import "math/big"

// Pow is a ^ b. An integer to a non-negative integer is an integer, all else
// is a float. A result that is no rational number is an error: exact
// arithmetic has no place for it.
func Pow(a, b Value) (Value, error) {
	if !a.IsNumber() || !b.IsNumber() {
		return unsupported("^", a, b)
	}
	kind := arith(a, b)
	if b.num.Sign() < 0 {
		kind = KindFloat
		if a.num.Sign() == 0 {
			return Value{}, Errorf(RuntimeError, "0 cannot be raised to a negative power")
		}
	}
	base := a.num
	exp := b.num.view()
	if !exp.IsInt() {
		root, err := root(a, b)
		if err != nil {
			return Value{}, err
		}
		base = root
	}
	r, err := intPow(base, exp.Num())
	if err != nil {
		return Value{}, err
	}
	return number(kind, r)
}

// intPow returns base^e for an integer e.
func intPow(base Rat, e *big.Int) (Rat, error) {
	one := Int(1)
	if base.Sign() == 0 && e.Sign() != 0 || base.Equal(one) {
		return base, nil
	}
	if base.Equal(Int(-1)) {
		if e.Bit(0) == 0 {
			return one, nil
		}
		return base, nil
	}
	// A number of b bits is at least 2^(b-1), so the power has at least the bits
	// counted here, and never more than twice as many.
	if !e.IsInt64() || abs64(e.Int64()) > maxBits || int64(base.BitLen()-2)*abs(e.Int64())+2 > maxBits {
		return Rat{}, Errorf(RuntimeError, "a power of more than %d bits", maxBits)
	}
	n := abs(e.Int64())
	r := one
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			r = r.Mul(base)
		}
		base = base.Mul(base)
	}
	if e.Sign() < 0 {
		r = one.Quo(r)
	}
	return r, nil
}

func abs(n int64) int64 { return int64(abs64(n)) }

// root returns the exact q-th root of a, where q is the denominator of b.
func root(a, b Value) (Rat, error) {
	irrational := &Error{
		Kind: RuntimeError,
		Msg:  a.num.brief() + " to the power " + b.num.brief() + " is not a rational number",
		Help: "numbers are exact here; use a power whose result is a fraction, or a table such as {4: 2.0}[x]",
	}
	if a.num.Sign() == 0 || a.num.Equal(Int(1)) {
		return a.num, nil
	}
	q := b.num.view().Denom()
	v := a.num.view()
	// The root of a number below 2^q is below 2, and 1 is no root of it.
	if a.num.Sign() < 0 || !q.IsInt64() || q.Int64() > int64(a.num.BitLen()) {
		return Rat{}, irrational
	}
	n, ok1 := exactRoot(v.Num(), uint(q.Int64()))
	d, ok2 := exactRoot(v.Denom(), uint(q.Int64()))
	if !ok1 || !ok2 {
		return Rat{}, irrational
	}
	return normal(new(big.Rat).SetFrac(n, d)), nil
}

// exactRoot returns the q-th root of x >= 0 when it is an integer.
func exactRoot(x *big.Int, q uint) (*big.Int, bool) {
	r := floorRoot(x, q)
	return r, new(big.Int).Exp(r, big.NewInt(int64(q)), nil).Cmp(x) == 0
}

// floorRoot returns the q-th root of x >= 0, rounded down. A short root is
// found bit by bit. A long one starts from the root of x's upper half, rounded
// up, from where Newton's method descends in a few steps and stops at the floor.
func floorRoot(x *big.Int, q uint) *big.Int {
	const short = 64 // bits; beyond them the start is right to 32 bits and more, so Newton converges at once
	length := uint(x.BitLen()) / q
	if length < short || q == 1 {
		return bisectRoot(x, q)
	}
	half := length / 2
	r := floorRoot(new(big.Int).Rsh(x, half*q), q)
	r.Lsh(r.Add(r, big.NewInt(1)), half)
	rest, exp := big.NewInt(int64(q-1)), big.NewInt(int64(q-1))
	for {
		next := new(big.Int).Quo(x, new(big.Int).Exp(r, exp, nil))
		next.Add(next, new(big.Int).Mul(rest, r)).Quo(next, big.NewInt(int64(q)))
		if next.Cmp(r) >= 0 {
			return r
		}
		r = next
	}
}

func bisectRoot(x *big.Int, q uint) *big.Int {
	r, exp := new(big.Int), big.NewInt(int64(q))
	for i := x.BitLen() / int(q); i >= 0; i-- {
		r.SetBit(r, i, 1)
		if new(big.Int).Exp(r, exp, nil).Cmp(x) > 0 {
			r.SetBit(r, i, 0)
		}
	}
	return r
}

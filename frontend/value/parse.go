package value

import (
	"math/big"
	"strconv"
	"strings"
)

// ParseRat reads "3", "-1/3" or "0.25": decimal digits, perhaps a sign before
// them, and either a denominator or a fraction with digits on both sides of
// the point. Exponents and the other notations of big.Rat are refused.
func ParseRat(s string) (Rat, bool) {
	const longest = 1 << 16 // keeps a hostile string of digits cheap
	body := strings.TrimLeft(s, "+-")
	num, den, isFraction := strings.Cut(body, "/")
	whole, decimals, isDecimal := strings.Cut(num, ".")
	switch {
	case len(s)-len(body) > 1, len(num) > longest, len(den) > longest,
		!digits(whole),
		isDecimal && !digits(decimals),
		isFraction && (isDecimal || !digits(den)):
		return Rat{}, false
	}
	r := integer(whole + decimals)
	if isDecimal {
		den = "1" + strings.Repeat("0", len(decimals))
	}
	if den != "" {
		d := integer(den)
		if d.Sign() == 0 {
			return Rat{}, false
		}
		r = r.Quo(d)
	}
	if strings.HasPrefix(s, "-") {
		r = r.Neg()
	}
	return r, true
}

// digits reports whether s is one or more ASCII digits.
func digits(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// integer reads a string of digits.
func integer(s string) Rat {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return Int(n)
	}
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		panic("value: not a string of digits: " + s)
	}
	return normal(new(big.Rat).SetInt(n))
}

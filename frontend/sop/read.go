package sop

import (
	"math"
	"strconv"
	"strings"

	"github.com/raspc/raspc/frontend/value"
)

// Of reads one input element as r says, by the rules of Python's str, int,
// float and bool.
func (r Read) Of(v value.Value) (value.Value, error) {
	switch r {
	case ReadStr:
		return value.Str(v.Display()), nil
	case ReadBool:
		return value.Bool(v.Truth()), nil
	case ReadInt:
		return readInt(v)
	case ReadFloat:
		return readFloat(v)
	}
	return v, nil
}

func readInt(v value.Value) (value.Value, error) {
	if v.IsNumber() {
		x := v.Rat()
		if x.Sign() < 0 {
			return value.Number(value.KindInt, x.Neg().Floor().Neg()), nil
		}
		return value.Number(value.KindInt, x.Floor()), nil
	}
	sign, body := cutSign(strings.TrimSpace(v.Text()))
	if run, ok := digits(body); ok {
		if x, ok := value.ParseRat(sign + run); ok {
			return value.Number(value.KindInt, x), nil
		}
	}
	return value.Value{}, value.Errorf(value.RuntimeError, "the token %s is not an integer", brief(v))
}

func readFloat(v value.Value) (value.Value, error) {
	x, ok := v.Rat(), true
	if v.IsString() {
		x, ok = decimal(strings.TrimSpace(v.Text()))
	}
	if !ok {
		return value.Value{}, value.Errorf(value.RuntimeError, "the token %s is not a number", brief(v))
	}
	if math.IsInf(x.Float64(), 0) {
		return value.Value{}, value.Errorf(value.RuntimeError, "the token %s is too large for a float", brief(v))
	}
	return value.Number(value.KindFloat, x), nil
}

// decimal reads what Python's float() accepts of ASCII, except inf and nan: a
// sign, digits with a point anywhere, and a power of ten. The number is exact.
func decimal(s string) (value.Rat, bool) {
	sign, body := cutSign(s)
	mantissa, power := body, "0"
	if i := strings.IndexAny(body, "eE"); i >= 0 {
		mantissa, power = body[:i], body[i+1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	w, ok1 := digits(whole)
	f, ok2 := digits(fraction)
	if !(ok1 && ok2 || ok1 && fraction == "" || ok2 && whole == "") {
		return value.Rat{}, false
	}
	x, ok := value.ParseRat(sign + "0" + w + "." + f + "0")
	if !ok {
		return value.Rat{}, false
	}
	scale, ok := powerOfTen(power)
	return x.Mul(scale), ok
}

// powerOfTen reads the exponent of a float. A longer one than any double has
// is refused, so that no token is expensive.
func powerOfTen(s string) (value.Rat, bool) {
	const longest = 400
	sign, body := cutSign(s)
	run, ok := digits(body)
	if !ok {
		return value.Rat{}, false
	}
	e, err := strconv.Atoi(run)
	if err != nil || e > longest {
		return value.Rat{}, false
	}
	scale, ok := value.ParseRat("1" + strings.Repeat("0", e))
	if sign == "-" {
		scale = value.Int(1).Quo(scale)
	}
	return scale, ok
}

func cutSign(s string) (sign, rest string) {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return s[:1], s[1:]
	}
	return "", s
}

// digits accepts one or more ASCII digits with single underscores between
// them, and returns them without the underscores.
func digits(s string) (string, bool) {
	if s == "" || strings.HasPrefix(s, "_") || strings.HasSuffix(s, "_") || strings.Contains(s, "__") {
		return "", false
	}
	for _, c := range s {
		if (c < '0' || c > '9') && c != '_' {
			return "", false
		}
	}
	return strings.ReplaceAll(s, "_", ""), true
}

// brief is v as messages show it: in full unless it is very long.
func brief(v value.Value) string {
	const most = 60
	if r := []rune(v.Repr()); len(r) > most {
		return string(r[:most]) + "…"
	}
	return v.Repr()
}

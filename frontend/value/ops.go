package value

import (
	"fmt"
	"strings"
)

// ErrorKind classifies what went wrong in an operator.
type ErrorKind uint8

// The classes of operator errors, as RASP interpreters report them.
const (
	RuntimeError ErrorKind = iota // unsupported operands, division by zero
	TypeError                     // a sequence that may not exist
	ValueError                    // an index or key that is not there
)

// String returns the name of the class.
func (k ErrorKind) String() string {
	return [...]string{"runtime_error", "type_error", "value_error"}[k]
}

// Error is the failure of a scalar operator.
type Error struct {
	Kind ErrorKind
	Msg  string
	Help string // how to avoid it; may be empty
}

func (e *Error) Error() string { return e.Msg }

// Errorf makes an Error.
func Errorf(k ErrorKind, format string, args ...any) *Error {
	return &Error{Kind: k, Msg: fmt.Sprintf(format, args...)}
}

func unsupported(op string, a, b Value) (Value, error) {
	return Value{}, Errorf(RuntimeError, "operator %s does not take %s and %s", op, article(a), article(b))
}

// article names v's kind in a message.
func article(v Value) string {
	switch v.kind {
	case KindInt:
		return "an int"
	case KindNone:
		return "None"
	}
	return "a " + v.kind.String()
}

// Limits on single values, so that no operator runs away.
const (
	maxBits = 1 << 16 // of a number's numerator and denominator
	maxText = 1 << 20 // bytes of a string
)

// arith is the kind of the result of + - * % on numbers.
func arith(a, b Value) Kind {
	if a.kind == KindFloat || b.kind == KindFloat {
		return KindFloat
	}
	return KindInt
}

func number(k Kind, r Rat) (Value, error) {
	if r.b != nil && r.BitLen() > maxBits {
		return Value{}, Errorf(RuntimeError, "a number of more than %d bits", maxBits)
	}
	return Value{kind: k, num: r}, nil
}

func text(s string) (Value, error) {
	if len(s) > maxText {
		return Value{}, Errorf(RuntimeError, "a string of more than %d bytes", maxText)
	}
	return Str(s), nil
}

// Add is a + b: the sum of numbers or the concatenation of strings.
func Add(a, b Value) (Value, error) {
	switch {
	case a.IsString() && b.IsString():
		return text(a.str + b.str)
	case !a.IsNumber() || !b.IsNumber():
		return unsupported("+", a, b)
	}
	return number(arith(a, b), a.num.Add(b.num))
}

// Sub is a - b.
func Sub(a, b Value) (Value, error) {
	if !a.IsNumber() || !b.IsNumber() {
		return unsupported("-", a, b)
	}
	return number(arith(a, b), a.num.Sub(b.num))
}

// Mul is a * b: a product, or the repetition of a string.
func Mul(a, b Value) (Value, error) {
	switch {
	case a.IsString() && b.IsNumber():
		return repeat(a, b)
	case a.IsNumber() && b.IsString():
		return repeat(b, a)
	case !a.IsNumber() || !b.IsNumber():
		return unsupported("*", a, b)
	}
	return number(arith(a, b), a.num.Mul(b.num))
}

func repeat(s, times Value) (Value, error) {
	n, ok := times.num.Int64()
	if times.kind == KindFloat {
		return unsupported("*", s, times)
	}
	switch {
	case times.num.Sign() <= 0 || s.str == "":
		return Str(""), nil
	case !ok || n > maxText || int(n)*len(s.str) > maxText:
		return Value{}, Errorf(RuntimeError, "a string of more than %d bytes", maxText)
	}
	return Str(strings.Repeat(s.str, int(n))), nil
}

// Div is a / b, always a float.
func Div(a, b Value) (Value, error) {
	if !a.IsNumber() || !b.IsNumber() {
		return unsupported("/", a, b)
	}
	if b.num.Sign() == 0 {
		return Value{}, Errorf(RuntimeError, "division by zero")
	}
	return number(KindFloat, a.num.Quo(b.num))
}

// Mod is a % b with the sign of the divisor; with a string on the left it is
// Python's formatting.
func Mod(a, b Value) (Value, error) {
	switch {
	case a.IsString():
		return format(a.str, b)
	case !a.IsNumber() || !b.IsNumber():
		return unsupported("%", a, b)
	case b.num.Sign() == 0:
		return Value{}, Errorf(RuntimeError, "modulo by zero")
	}
	q := a.num.Quo(b.num).Floor()
	return number(arith(a, b), a.num.Sub(q.Mul(b.num)))
}

// Neg is -a.
func Neg(a Value) (Value, error) {
	if !a.IsNumber() {
		return Value{}, Errorf(RuntimeError, "operator - does not take %s", article(a))
	}
	return number(arith(a, a), a.num.Neg())
}

// Pos is +a.
func Pos(a Value) (Value, error) {
	if !a.IsNumber() {
		return Value{}, Errorf(RuntimeError, "operator + does not take %s", article(a))
	}
	return number(arith(a, a), a.num)
}

// Not is the negation of a's truthiness.
func Not(a Value) Value { return Bool(!a.Truth()) }

// Round is round(a): the nearest integer, halves to even.
func Round(a Value) (Value, error) {
	if !a.IsNumber() {
		return Value{}, Errorf(RuntimeError, "round does not take %s", article(a))
	}
	return number(KindInt, a.num.Round())
}

// Cmp is one of the six comparisons.
type Cmp uint8

// The comparisons of select and of elementwise code.
const (
	EQ Cmp = iota
	NE
	LT
	LE
	GT
	GE
)

// String returns the operator's spelling.
func (c Cmp) String() string { return [...]string{"==", "!=", "<", "<=", ">", ">="}[c] }

// Holds is a c b. Equality never fails; order needs two numbers or two
// strings (code-point order).
func (c Cmp) Holds(a, b Value) (bool, error) {
	if c > NE && !ordered(&a, &b) {
		_, err := unsupported(c.String(), a, b)
		return false, err
	}
	switch c {
	case EQ:
		return equal(&a, &b), nil
	case NE:
		return !equal(&a, &b), nil
	case LT:
		return compare(&a, &b) < 0, nil
	case LE:
		return compare(&a, &b) <= 0, nil
	case GT:
		return compare(&a, &b) > 0, nil
	}
	return compare(&a, &b) >= 0, nil
}

// ordered reports whether < applies to two values.
func ordered(a, b *Value) bool {
	return a.IsNumber() && b.IsNumber() || a.kind == KindString && b.kind == KindString
}

package value

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Display is Python's str: a string as it is, numbers in full.
func (v Value) Display() string {
	switch v.kind {
	case KindString:
		return v.str
	case KindBool:
		if v.Truth() {
			return "True"
		}
		return "False"
	case KindInt:
		return v.num.String()
	case KindNone:
		return "None"
	case KindTuple:
		return v.tupleRepr()
	}
	return floatRepr(v.num)
}

// Repr is Python's repr: strings quoted and escaped, as inside a printed list.
// A byte that is no UTF-8 shows as the lone surrogate that Python makes of it.
func (v Value) Repr() string {
	if v.kind != KindString {
		return v.Display()
	}
	quote := '\''
	if strings.Contains(v.str, "'") && !strings.Contains(v.str, `"`) {
		quote = '"'
	}
	var b strings.Builder
	b.WriteRune(quote)
	for rest := v.str; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\udc%02x`, rest[0])
		} else {
			writeEscaped(&b, r, quote)
		}
		rest = rest[size:]
	}
	b.WriteRune(quote)
	return b.String()
}

func writeEscaped(b *strings.Builder, r, quote rune) {
	switch {
	case r == quote || r == '\\':
		b.WriteByte('\\')
		b.WriteRune(r)
	case unicode.IsPrint(r):
		b.WriteRune(r)
	case r == '\t':
		b.WriteString(`\t`)
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r <= 0xff:
		fmt.Fprintf(b, `\x%02x`, r)
	case r <= 0xffff:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}

// Element is how RASP prints v inside a sequence: strings bare, booleans T
// and F, floats rounded to three decimals.
func (v Value) Element() string {
	switch v.kind {
	case KindBool:
		return v.Display()[:1]
	case KindFloat:
		return roundedRepr(v.num)
	}
	return v.Display()
}

// floatRepr is Python's repr of the double nearest to r.
func floatRepr(r Rat) string {
	f := r.Float64()
	if math.IsInf(f, 0) {
		return new(big.Float).SetRat(r.view()).Text('g', 17)
	}
	return pythonFloat(f)
}

func pythonFloat(f float64) string {
	s := strconv.FormatFloat(f, 'e', -1, 64)
	mantissa, exp, _ := strings.Cut(s, "e")
	e, err := strconv.Atoi(exp)
	if err != nil {
		panic("value: FormatFloat gave no exponent: " + s)
	}
	if e < -4 || e >= 16 {
		return mantissa + "e" + exp
	}
	s = strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// roundedRepr rounds the double nearest to r to three decimals, halves of its
// exact binary value to even, and prints the result.
func roundedRepr(r Rat) string {
	f := r.Float64()
	if math.IsInf(f, 0) || math.Abs(f) >= 1<<53 {
		return floatRepr(r)
	}
	thousand := Int(1000)
	rounded := FromFloat(f).Mul(thousand).Round().Quo(thousand)
	if rounded.Sign() == 0 && math.Signbit(f) {
		return "-0.0"
	}
	return floatRepr(rounded)
}

// Type is the type of a sequence.
type Type uint8

// The types of sequences. RASP has no sequence of mixed type.
const (
	Strings Type = iota
	Bools
	Ints
	Floats
	Mixed
)

// String returns the name that RASP prints.
func (t Type) String() string { return [...]string{"strings", "bools", "ints", "floats", "mixed"}[t] }

// TypeOf returns the type of a sequence as RASP has it: that of AnyType, but what
// is mixed is a TypeError.
func TypeOf(vs []Value) (Type, error) {
	t := AnyType(vs)
	if t == Mixed {
		return t, Errorf(TypeError, "a sequence of strings and numbers mixed: %s", list(vs))
	}
	return t, nil
}

// AnyType returns the type of a sequence: all strings, all bools, ints (a mix
// with bools is allowed), floats (any numbers with at least one float), and mixed
// where it has strings and numbers, None or a tuple.
func AnyType(vs []Value) Type {
	var seen [numKinds]int
	for _, v := range vs {
		seen[v.kind]++
	}
	switch {
	case seen[KindString] == len(vs):
		return Strings
	case seen[KindString]+seen[KindNone]+seen[KindTuple] > 0:
		return Mixed
	case seen[KindFloat] > 0:
		return Floats
	case seen[KindInt] > 0:
		return Ints
	}
	return Bools
}

func list(vs []Value) string {
	const most = 12
	var b strings.Builder
	b.WriteByte('[')
	for i, v := range vs {
		if i > 0 {
			b.WriteString(", ")
		}
		if i == most {
			b.WriteString("…")
			break
		}
		b.WriteString(v.Repr())
	}
	b.WriteByte(']')
	return b.String()
}

// Sequence prints a sequence as RASP does: "[1, 2] (ints)", or "[1]*2 (ints)"
// where two or more elements are all equal.
func Sequence(vs []Value) (string, error) {
	if _, err := TypeOf(vs); err != nil {
		return "", err
	}
	return AnySequence(vs), nil
}

// AnySequence is Sequence of values of any types. Where they are mixed, strings
// have quotes.
func AnySequence(vs []Value) string {
	t := AnyType(vs)
	element := Value.Element
	if t == Mixed {
		element = Value.Repr
	}
	suffix := " (" + t.String() + ")"
	if len(vs) > 1 && allEqual(vs) {
		return "[" + element(vs[0]) + "]*" + strconv.Itoa(len(vs)) + suffix
	}
	parts := make([]string, len(vs))
	for i, v := range vs {
		parts[i] = element(v)
	}
	return "[" + strings.Join(parts, ", ") + "]" + suffix
}

func allEqual(vs []Value) bool {
	for _, v := range vs[1:] {
		if !Equal(vs[0], v) {
			return false
		}
	}
	return true
}

// List spells the first of some values, separated by commas; "…" stands for the others.
func List(vs []Value) string {
	text := ""
	for i, v := range vs {
		if i == MostListed {
			return text + ", …"
		}
		if i > 0 {
			text += ", "
		}
		text += v.Repr()
	}
	return text
}

// MostListed is how many values List spells.
const MostListed = 16

package value

import (
	"cmp"
	"slices"
	"strings"
)

// Kind is the kind of an atom.
type Kind uint8

// The kinds of atoms.
const (
	KindString Kind = iota
	KindBool
	KindInt
	KindFloat
)

// String returns the name used in messages and in JSON.
func (k Kind) String() string {
	return [...]string{"string", "bool", "int", "float"}[k]
}

// Value is an immutable atom. The zero Value is the empty string.
type Value struct {
	kind Kind
	str  string
	num  Rat
}

// Str returns a string atom.
func Str(s string) Value { return Value{kind: KindString, str: s} }

// Bool returns True or False.
func Bool(b bool) Value {
	if b {
		return Value{kind: KindBool, num: Int(1)}
	}
	return Value{kind: KindBool}
}

// IntOf returns the integer atom n.
func IntOf(n int64) Value { return Value{kind: KindInt, num: Int(n)} }

// Number returns a number of the given kind: KindBool, KindInt or KindFloat.
// Only a float may hold a fraction, and only 0 and 1 are booleans.
func Number(k Kind, r Rat) Value {
	switch {
	case k == KindString,
		k == KindInt && !r.IsInt(),
		k == KindBool && !r.Equal(Int(0)) && !r.Equal(Int(1)):
		panic("value: " + r.String() + " is not of kind " + k.String())
	}
	return Value{kind: k, num: r}
}

// Kind returns the kind of v.
func (v Value) Kind() Kind { return v.kind }

// IsString reports whether v is a string.
func (v Value) IsString() bool { return v.kind == KindString }

// IsNumber reports whether v is a bool, int or float.
func (v Value) IsNumber() bool { return v.kind != KindString }

// Text returns the string of a string atom.
func (v Value) Text() string { return v.str }

// Rat returns the number; a string has 0.
func (v Value) Rat() Rat { return v.num }

// Truth is Python's truthiness: 0, False and "" are false.
func (v Value) Truth() bool {
	if v.kind == KindString {
		return v.str != ""
	}
	return v.num.Sign() != 0
}

// Equal is RASP's ==: numeric between numbers, false between unlike kinds.
func Equal(a, b Value) bool { return equal(&a, &b) }

// equal spares callers that compare many values the copies.
func equal(a, b *Value) bool {
	if a.kind == KindString || b.kind == KindString {
		return a.kind == b.kind && a.str == b.str
	}
	return a.num.Equal(b.num)
}

// Identical reports whether a and b are Equal and of the same kind, so that
// they also print alike.
func Identical(a, b Value) bool { return a.kind == b.kind && Equal(a, b) }

// Compare is a total order for sorting value sets: numbers by size, then
// strings by code point. It returns 0 exactly for values that are Equal.
func Compare(a, b Value) int { return compare(&a, &b) }

func compare(a, b *Value) int {
	switch {
	case a.kind == KindString && b.kind == KindString:
		return strings.Compare(a.str, b.str)
	case a.kind == KindString:
		return 1
	case b.kind == KindString:
		return -1
	}
	return a.num.Cmp(b.num)
}

// Key is a comparable form of a Value: equal keys for Equal values.
type Key struct {
	text string
	n, d int64
	form uint8
}

// Key returns the key of v.
func (v Value) Key() Key {
	switch {
	case v.kind == KindString:
		return Key{text: v.str, form: 1}
	case v.num.b != nil:
		return Key{text: v.num.String(), form: 2}
	}
	return Key{n: v.num.n, d: v.num.d}
}

// SortUnique sorts vs by Compare, in place, and drops values Equal to an
// earlier one. Of equal values the one of the narrowest kind stays.
func SortUnique(vs []Value) []Value {
	slices.SortFunc(vs, func(a, b Value) int {
		return cmp.Or(Compare(a, b), cmp.Compare(a.kind, b.kind))
	})
	return slices.CompactFunc(vs, Equal)
}

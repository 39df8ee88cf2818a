package value

import (
	"cmp"
	"slices"
	"strings"
)

// Kind is the kind of an atom.
type Kind uint8

// The kinds of atoms. RASP has the first four; None and tuples are Tracr's, and
// no operator of RASP but equality takes them.
const (
	KindString Kind = iota
	KindBool
	KindInt
	KindFloat
	KindNone
	KindTuple

	numKinds
)

// String returns the name used in messages and in JSON.
func (k Kind) String() string {
	return [...]string{"string", "bool", "int", "float", "None", "tuple"}[k]
}

// Value is an immutable atom. The zero Value is the empty string.
type Value struct {
	kind Kind
	str  string // of a tuple, what spells it: equal for equal tuples
	num  Rat
	elem *[]Value // of a tuple
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
	case k < KindBool || k > KindFloat,
		k == KindInt && !r.IsInt(),
		k == KindBool && !r.Equal(Int(0)) && !r.Equal(Int(1)):
		panic("value: " + r.String() + " is not of kind " + k.String())
	}
	return Value{kind: k, num: r}
}

// Kind returns the kind of v.
func (v Value) Kind() Kind { return v.kind }

// None is Python's None.
func None() Value { return Value{kind: KindNone} }

// IsString reports whether v is a string.
func (v Value) IsString() bool { return v.kind == KindString }

// IsNumber reports whether v is a bool, int or float.
func (v Value) IsNumber() bool { return v.kind >= KindBool && v.kind <= KindFloat }

// Text returns the string of a string atom. Of a tuple it is a text that equal
// tuples share.
func (v Value) Text() string { return v.str }

// Rat returns the number; what is no number has 0.
func (v Value) Rat() Rat { return v.num }

// Truth is Python's truthiness: 0, False, "", None and the empty tuple are false.
func (v Value) Truth() bool {
	switch v.kind {
	case KindString:
		return v.str != ""
	case KindTuple:
		return len(*v.elem) > 0
	}
	return v.num.Sign() != 0
}

// Equal is RASP's ==: numeric between numbers, false between unlike kinds.
func Equal(a, b Value) bool { return equal(&a, &b) }

// equal spares callers that compare many values the copies.
func equal(a, b *Value) bool {
	if !a.IsNumber() || !b.IsNumber() {
		return a.kind == b.kind && a.str == b.str
	}
	return a.num.Equal(b.num)
}

// Identical reports whether a and b are Equal and of the same kind, so that
// they also print alike.
func Identical(a, b Value) bool {
	if a.kind == KindTuple && b.kind == KindTuple {
		return slices.EqualFunc(*a.elem, *b.elem, Identical)
	}
	return a.kind == b.kind && Equal(a, b)
}

// Compare is a total order for sorting value sets: numbers by size, then
// strings by code point, then None, then tuples. It returns 0 exactly for values
// that are Equal.
func Compare(a, b Value) int { return compare(&a, &b) }

func compare(a, b *Value) int {
	switch {
	case a.IsNumber() && b.IsNumber():
		return a.num.Cmp(b.num)
	case a.kind == KindTuple && b.kind == KindTuple:
		return slices.CompareFunc(*a.elem, *b.elem, Compare)
	}
	return cmp.Or(cmp.Compare(a.kind.class(), b.kind.class()), strings.Compare(a.str, b.str))
}

// class is the place of a kind in the order of values: all numbers have one.
func (k Kind) class() int {
	return [...]int{KindString: 1, KindBool: 0, KindInt: 0, KindFloat: 0, KindNone: 2, KindTuple: 3}[k]
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
	case !v.IsNumber():
		return Key{text: v.str, form: 1 + 2*uint8(v.kind)}
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

package onnxrun

import (
	"cmp"
	"fmt"
)

// comparisonOperators returns what yields truth values.
func comparisonOperators() map[string]operator {
	return map[string]operator{
		"Less":           plain(2, compare(less, less)),
		"LessOrEqual":    plain(2, compare(lessOrEqual, lessOrEqual)),
		"Greater":        plain(2, compare(greater, greater)),
		"GreaterOrEqual": plain(2, compare(greaterOrEqual, greaterOrEqual)),
		"Equal":          plain(2, equal),

		"And": plain(2, logical(func(x, y bool) bool { return x && y })),
		"Or":  plain(2, logical(func(x, y bool) bool { return x || y })),
		"Xor": plain(2, logical(func(x, y bool) bool { return x != y })),
		"Not": plain(1, not),
	}
}

func less[T cmp.Ordered](x, y T) bool           { return x < y }
func lessOrEqual[T cmp.Ordered](x, y T) bool    { return x <= y }
func greater[T cmp.Ordered](x, y T) bool        { return x > y }
func greaterOrEqual[T cmp.Ordered](x, y T) bool { return x >= y }
func same[T comparable](x, y T) bool            { return x == y }

// compare compares numbers, broadcasting.
func compare(ff func(x, y float64) bool, fi func(x, y int64) bool) func(b *budget, in []*value) (*value, error) {
	return func(b *budget, in []*value) (*value, error) {
		if in[0].kind == boolKind {
			return nil, fmt.Errorf("bool has no order")
		}
		out, err := truth(b, in[0], in[1])
		if err != nil {
			return nil, err
		}
		x, y := in[0], in[1]
		if x.kind.isInt() {
			combine(out.b, x.i, y.i, out.shape, x.shape, y.shape, fi)
		} else {
			combine(out.b, x.f, y.f, out.shape, x.shape, y.shape, ff)
		}
		return out, nil
	}
}

// equal compares elements of any one type, broadcasting.
func equal(b *budget, in []*value) (*value, error) {
	if in[0].kind == boolKind {
		return logical(same[bool])(b, in)
	}
	return compare(same[float64], same[int64])(b, in)
}

// logical combines truth values, broadcasting.
func logical(f func(x, y bool) bool) func(b *budget, in []*value) (*value, error) {
	return func(b *budget, in []*value) (*value, error) {
		x, y := in[0], in[1]
		if x.kind != boolKind {
			return nil, fmt.Errorf("want bool, got %s", x.kind)
		}
		out, err := truth(b, x, y)
		if err != nil {
			return nil, err
		}
		combine(out.b, x.b, y.b, out.shape, x.shape, y.shape, f)
		return out, nil
	}
}

// truth returns a bool tensor of the broadcast shape of two operands of one
// type.
func truth(b *budget, x, y *value) (*value, error) {
	if err := sameKind(x, y); err != nil {
		return nil, err
	}
	shape, err := broadcastShape(x.shape, y.shape)
	if err != nil {
		return nil, err
	}
	return b.newValue(boolKind, shape)
}

// not negates truth values.
func not(b *budget, in []*value) (*value, error) {
	if in[0].kind != boolKind {
		return nil, fmt.Errorf("want bool, got %s", in[0].kind)
	}
	out, err := b.newValue(boolKind, in[0].shape)
	if err != nil {
		return nil, err
	}
	for i, x := range in[0].b {
		out.b[i] = !x
	}
	return out, nil
}

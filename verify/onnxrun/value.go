package onnxrun

import (
	"fmt"
	"math"
	"slices"

	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/verify/fault"
)

// maxRank is the largest number of dimensions of a tensor.
const maxRank = 8

// kind is an element type.
type kind uint8

const (
	float32Kind kind = iota + 1
	float64Kind
	int64Kind
	int32Kind
	boolKind
)

// String returns the type's name in ONNX.
func (k kind) String() string {
	switch k {
	case float32Kind:
		return "float32"
	case float64Kind:
		return "float64"
	case int64Kind:
		return "int64"
	case int32Kind:
		return "int32"
	case boolKind:
		return "bool"
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// isFloat reports whether the elements lie in value.f.
func (k kind) isFloat() bool { return k == float32Kind || k == float64Kind }

// isInt reports whether the elements lie in value.i.
func (k kind) isInt() bool { return k == int64Kind || k == int32Kind }

// kindOf returns the kind of an ONNX element type.
func kindOf(t int32) (kind, error) {
	switch onnxpb.TensorProto_DataType(t) {
	case onnxpb.TensorProto_FLOAT:
		return float32Kind, nil
	case onnxpb.TensorProto_DOUBLE:
		return float64Kind, nil
	case onnxpb.TensorProto_INT64:
		return int64Kind, nil
	case onnxpb.TensorProto_INT32:
		return int32Kind, nil
	case onnxpb.TensorProto_BOOL:
		return boolKind, nil
	}
	return 0, fault.New(fault.WrongType, "element type %v is not supported", onnxpb.TensorProto_DataType(t))
}

// value is a dense row-major tensor. One of f, i and b holds the elements,
// depending on kind; float32 elements are float64 numbers that float32 can
// hold, and int32 elements int64 numbers that int32 can hold. A value is not changed once an operation has returned it, so values
// may share elements.
type value struct {
	kind  kind
	shape []int
	f     []float64
	i     []int64
	b     []bool
}

// size returns the number of elements.
func (v *value) size() int {
	switch {
	case v.kind.isInt():
		return len(v.i)
	case v.kind == boolKind:
		return len(v.b)
	}
	return len(v.f)
}

// count returns the number of elements of a shape, an error if the shape is
// malformed or the number exceeds limit. A dimension may be 0.
func count(shape []int, limit int64) (int, error) {
	if len(shape) > maxRank {
		return 0, fault.New(fault.TooLarge, "%d dimensions, more than %d", len(shape), maxRank)
	}
	for _, d := range shape {
		if d < 0 {
			return 0, fault.New(fault.WrongShape, "shape %v has a negative dimension", shape)
		}
	}
	if slices.Contains(shape, 0) {
		return 0, nil
	}
	n := int64(1)
	for _, d := range shape {
		if int64(d) > limit/n {
			return 0, fault.New(fault.TooLarge, "a tensor of shape %v exceeds the limit of %d elements", shape, limit)
		}
		n *= int64(d)
	}
	return int(n), nil
}

// newValue returns a tensor of zeros within the budget.
func (b *budget) newValue(k kind, shape []int) (*value, error) {
	n, err := count(shape, b.elements)
	if err != nil {
		return nil, err
	}
	if err := b.take(int64(n)); err != nil {
		return nil, err
	}
	if err := b.spend(int64(n)); err != nil {
		return nil, err
	}
	v := &value{kind: k, shape: slices.Clone(shape)}
	switch {
	case k.isInt():
		v.i = make([]int64, n)
	case k == boolKind:
		v.b = make([]bool, n)
	default:
		v.f = make([]float64, n)
	}
	return v, nil
}

// view returns v under another shape with the same number of elements, which
// the caller has made sure of. It counts against the budget like a copy, so
// that releasing it is no special case.
func (b *budget) view(v *value, shape []int) (*value, error) {
	n, err := count(shape, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	if n != v.size() {
		return nil, fmt.Errorf("shape %v does not hold the %d elements of shape %v", shape, v.size(), v.shape)
	}
	if err := b.take(int64(v.size())); err != nil {
		return nil, err
	}
	w := *v
	w.shape = slices.Clone(shape)
	return &w, nil
}

// round brings freshly computed elements to the precision of their type.
// Integers that are too large for it wrap around.
func (v *value) round() *value {
	switch v.kind {
	case float32Kind:
		for i, x := range v.f {
			v.f[i] = float64(float32(x))
		}
	case int32Kind:
		for i, x := range v.i {
			v.i[i] = int64(int32(x))
		}
	}
	return v
}

// axis returns the index of a dimension that may be counted from the end.
func axis(a int64, rank int) (int, error) {
	if a < 0 {
		a += int64(rank)
	}
	if a < 0 || a >= int64(rank) {
		return 0, fmt.Errorf("axis out of range for %d dimensions", rank)
	}
	return int(a), nil
}

// axes resolves a list of dimensions and refuses repetitions.
func axes(list []int64, rank int) ([]int, error) {
	out := make([]int, len(list))
	for i, a := range list {
		x, err := axis(a, rank)
		if err != nil {
			return nil, err
		}
		if slices.Contains(out[:i], x) {
			return nil, fmt.Errorf("axis %d is given twice", x)
		}
		out[i] = x
	}
	return out, nil
}

// product returns the product of dimensions of a shape that is known to be
// within limits.
func product(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

// intVector returns the elements of a short int64 tensor of rank 1, such as a
// shape or a list of axes.
func (v *value) intVector() ([]int64, error) {
	if v.kind != int64Kind || len(v.shape) != 1 {
		return nil, fmt.Errorf("want a vector of int64, got %s of shape %v", v.kind, v.shape)
	}
	const longest = 2 * maxRank
	if len(v.i) > longest {
		return nil, fmt.Errorf("a vector of %d dimensions or axes", len(v.i))
	}
	return v.i, nil
}

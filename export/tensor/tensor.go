// Package tensor turns sparse weights into the dense little-endian bytes that
// model files hold.
//
// A Source knows its shape and writes its elements row by row through one
// fixed buffer, so that a file of many gigabytes is written with the memory
// of its non-zero weights. Nothing dense is ever built.
package tensor

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// DType is the type of a tensor's elements.
type DType uint8

// The element types. All are written little-endian.
const (
	Float32 DType = iota + 1
	Int64
	Float16  // IEEE 754's half precision
	BFloat16 // the upper half of a Float32
	Int32
	Bool // one byte, 0 or 1
)

// Size returns the bytes of one element, 0 for an unknown type.
func (d DType) Size() int {
	switch d {
	case Float32, Int32:
		return 4
	case Int64:
		return 8
	case Float16, BFloat16:
		return 2
	case Bool:
		return 1
	}
	return 0
}

// String returns the type's name as numpy and PyTorch spell it.
func (d DType) String() string {
	switch d {
	case Float32:
		return "float32"
	case Int64:
		return "int64"
	case Int32:
		return "int32"
	case Float16:
		return "float16"
	case BFloat16:
		return "bfloat16"
	case Bool:
		return "bool"
	}
	return fmt.Sprintf("DType(%d)", uint8(d))
}

// Source is a dense tensor whose elements are produced while they are
// written. A Source is immutable and may be written any number of times, each
// time with the same bytes.
type Source interface {
	// Shape returns the dimensions, each at least 1. A scalar's shape is
	// empty and not nil. The caller owns the slice.
	Shape() []int
	// DType returns the type of the elements.
	DType() DType
	// WriteTo writes every element in row-major order and returns the number
	// of bytes written, Bytes(s) of them unless there is an error.
	WriteTo(w io.Writer) (int64, error)
}

// Elements returns the number of elements of s.
func Elements(s Source) int64 {
	n := int64(1)
	for _, d := range s.Shape() {
		n *= int64(d)
	}
	return n
}

// Bytes returns the number of bytes that s writes.
func Bytes(s Source) int64 {
	return Elements(s) * int64(s.DType().Size())
}

// maxElements keeps byte counts of every element type inside an int64.
const maxElements = math.MaxInt64 / 16

// errHuge reports a shape whose number of elements cannot be counted.
var errHuge = errors.New("tensor: too many elements")

// checkShape returns the number of elements of a shape.
func checkShape(shape []int) (int64, error) {
	n := int64(1)
	for _, d := range shape {
		if d < 1 {
			return 0, fmt.Errorf("tensor: shape %v has a dimension below 1", shape)
		}
		if int64(d) > maxElements/n {
			return 0, fmt.Errorf("%w: shape %v", errHuge, shape)
		}
		n *= int64(d)
	}
	return n, nil
}

// Reshape gives s another shape with the same number of elements; the bytes
// stay the same.
func Reshape(s Source, shape ...int) (Source, error) {
	n, err := checkShape(shape)
	if err != nil {
		return nil, err
	}
	if have := Elements(s); have != n {
		return nil, fmt.Errorf("tensor: cannot reshape %v (%d elements) to %v (%d elements)", s.Shape(), have, shape, n)
	}
	return reshaped{Source: s, shape: ownShape(shape)}, nil
}

// reshaped is a Source under another shape.
type reshaped struct {
	Source
	shape []int
}

// Shape returns the shape that Reshape was given.
func (r reshaped) Shape() []int { return ownShape(r.shape) }

// ownShape copies a shape; the copy of a scalar's shape is not nil.
func ownShape(shape []int) []int {
	return append(make([]int, 0, len(shape)), slices.Clone(shape)...)
}

package tensor

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
)

// bufferSize is the bytes that WriteTo gathers before each Write. It is a
// multiple of every element size.
const bufferSize = 64 << 10

// writeSparse writes n float32 elements, the cells at their offsets and 0
// elsewhere.
func writeSparse(w io.Writer, n int64, cells []cell) (int64, error) {
	const size = 4
	buf := make([]byte, min(n*size, bufferSize))
	var done int64
	for start := int64(0); start < n; {
		count := min(n-start, int64(len(buf)/size))
		chunk := buf[:count*size]
		clear(chunk)
		for len(cells) > 0 && cells[0].at < start+count {
			binary.LittleEndian.PutUint32(chunk[(cells[0].at-start)*size:], math.Float32bits(cells[0].w))
			cells = cells[1:]
		}
		k, err := w.Write(chunk)
		done += int64(k)
		if err != nil {
			return done, err
		}
		start += count
	}
	return done, nil
}

// Fill returns a float32 tensor whose elements are all v.
func Fill(v float32, shape ...int) (Source, error) {
	n, err := checkShape(shape)
	if err != nil {
		return nil, err
	}
	return filled{v: v, n: n, shape: ownShape(shape)}, nil
}

// filled is the Source of Fill.
type filled struct {
	v     float32
	n     int64
	shape []int
}

// Shape returns the shape that Fill was given.
func (f filled) Shape() []int { return ownShape(f.shape) }

// DType returns Float32.
func (f filled) DType() DType { return Float32 }

// WriteTo writes the value as often as there are elements.
func (f filled) WriteTo(w io.Writer) (int64, error) {
	const size = 4
	buf := make([]byte, min(f.n*size, bufferSize))
	for i := 0; i < len(buf); i += size {
		binary.LittleEndian.PutUint32(buf[i:], math.Float32bits(f.v))
	}
	var done int64
	for total := f.n * size; done < total; {
		k, err := w.Write(buf[:min(total-done, int64(len(buf)))])
		done += int64(k)
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// Int64s returns an int64 tensor with the given elements in row-major order.
// Without a shape it is a vector; Int64Scalar makes a scalar.
func Int64s(values []int64, shape ...int) (Source, error) {
	if len(shape) == 0 {
		shape = []int{len(values)}
	}
	n, err := checkShape(shape)
	if err != nil {
		return nil, err
	}
	if n != int64(len(values)) {
		return nil, fmt.Errorf("tensor: %d values for shape %v", len(values), shape)
	}
	return int64s{values: slices.Clone(values), shape: ownShape(shape)}, nil
}

// Int64Scalar returns v as an int64 tensor of rank 0.
func Int64Scalar(v int64) Source {
	return int64s{values: []int64{v}, shape: []int{}}
}

// int64s is the Source of Int64s and Int64Scalar. Its values are the indices
// and shapes of a graph, a handful each.
type int64s struct {
	values []int64
	shape  []int
}

// Shape returns the shape given at construction.
func (t int64s) Shape() []int { return ownShape(t.shape) }

// DType returns Int64.
func (t int64s) DType() DType { return Int64 }

// WriteTo writes the values.
func (t int64s) WriteTo(w io.Writer) (int64, error) {
	buf := make([]byte, 0, 8*len(t.values))
	for _, v := range t.values {
		buf = binary.LittleEndian.AppendUint64(buf, uint64(v))
	}
	n, err := w.Write(buf)
	return int64(n), err
}

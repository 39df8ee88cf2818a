package graft

import (
	"encoding/binary"
	"io"
	"math"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/safetensors"
	"github.com/raspc/raspc/export/tensor"
)

// FrozenFile is the name of the mask's file in a folder: for each tensor of the
// weights one of booleans, of the same name and shape, true where a weight is to stay
// as it is.
const FrozenFile = "frozen.safetensors"

// weight is a tensor of the host with what the circuit has in it.
type weight struct {
	name       string
	rows, cols int  // a vector has one row
	vector     bool // its shape is [cols]
	// rowsOf and colsOf say what the rows and columns are, in which layer.
	rowsOf, colsOf axis
	layer          int
	// rowsFrozen and colsFrozen are the rows and columns that are the circuit's or that
	// the circuit forbids to others; nil for none. What is in one of them is 0 unless
	// circuit says otherwise.
	rowsFrozen, colsFrozen []bool
	circuit                []decoder.Entry // sorted
	host                   filling         // of the rest; nil for zeros
}

// axis is what the rows or columns of a tensor are.
type axis uint8

const (
	others  axis = iota // tokens, positions, outputs; the one row of a vector
	stream              // columns of the residual stream
	heads               // dimensions of the heads, side by side
	qkv                 // of queries, keys and values: heads three times
	neurons             // of an MLP
)

// filling gives the weights of the host in a tensor.
type filling interface {
	// start returns a function that is called for each row that is not frozen, in order,
	// and sets its elements. Each time that it starts, they are the same.
	start(w *weight) (func(r int, row []float32), error)
}

// shape is the tensor's.
func (w *weight) shape() []int {
	if w.vector {
		return []int{w.cols}
	}
	return []int{w.rows, w.cols}
}

// frozen reports whether an element is to stay as it is.
func (w *weight) frozen(r, c int) bool {
	return w.rowsFrozen != nil && w.rowsFrozen[r] || w.colsFrozen != nil && w.colsFrozen[c]
}

// values is a weight as a source of its elements.
type values struct{ *weight }

// Shape returns the tensor's shape.
func (v values) Shape() []int { return v.shape() }

// DType returns Float32.
func (v values) DType() tensor.DType { return tensor.Float32 }

// WriteTo writes row by row.
func (v values) WriteTo(out io.Writer) (int64, error) {
	next := func(int, []float32) {}
	if v.host != nil {
		var err error
		if next, err = v.host.start(v.weight); err != nil {
			return 0, err
		}
	}
	row, circuit := make([]float32, v.cols), v.circuit
	return v.write(out, 4, func(r int, buf []byte) {
		clear(row)
		if v.rowsFrozen == nil || !v.rowsFrozen[r] {
			next(r, row)
		}
		for c := range row {
			if v.frozen(r, c) {
				row[c] = 0
			}
		}
		for ; len(circuit) > 0 && circuit[0].Row == r; circuit = circuit[1:] {
			row[circuit[0].Col] = circuit[0].W
		}
		for c, x := range row {
			binary.LittleEndian.PutUint32(buf[4*c:], math.Float32bits(x))
		}
	})
}

// mask is a weight as a source of what is frozen.
type mask struct{ *weight }

// Shape returns the tensor's shape.
func (m mask) Shape() []int { return m.shape() }

// DType returns Bool.
func (m mask) DType() tensor.DType { return tensor.Bool }

// WriteTo writes row by row.
func (m mask) WriteTo(out io.Writer) (int64, error) {
	return m.write(out, 1, func(r int, buf []byte) {
		clear(buf)
		for c := range buf {
			if m.frozen(r, c) {
				buf[c] = 1
			}
		}
	})
}

// write writes rows of elements of a size.
func (w *weight) write(out io.Writer, size int, row func(r int, buf []byte)) (int64, error) {
	buf := make([]byte, size*w.cols)
	var done int64
	for r := range w.rows {
		row(r, buf)
		n, err := out.Write(buf)
		done += int64(n)
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// tensors returns the weights, and their masks.
func tensors(all []*weight) (weights, masks []safetensors.Tensor) {
	for _, w := range all {
		weights = append(weights, safetensors.Tensor{Name: w.name, Source: values{w}})
		masks = append(masks, safetensors.Tensor{Name: w.name, Source: mask{w}})
	}
	return weights, masks
}

// flags is true at some of n numbers.
func flags(n int, at []int) []bool {
	all := make([]bool, n)
	for _, i := range at {
		all[i] = true
	}
	return all
}

// every is true at all of n numbers.
func every(n int) []bool { return flags(n, span(0, n)) }

package hf

import (
	"fmt"
	"math"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/safetensors"
	"github.com/raspc/raspc/export/stock"
	"github.com/raspc/raspc/export/tensor"
)

// frame is a decoder's residual stream inside that of a stock architecture.
type frame struct{ stock.Frame }

// newFrame frames a decoder, with the columns that layer norms need or without.
func newFrame(m *decoder.Model, numeric bool, d tensor.DType, normed bool) (frame, error) {
	f, err := stock.New(m, d, numeric, normed)
	if err != nil {
		return frame{}, fmt.Errorf("hf: %w", err)
	}
	return frame{f}, nil
}

// tensors collects the tensors of a weight file. The first error stays.
type tensors struct {
	dtype tensor.DType
	all   []safetensors.Tensor
	err   error
}

// add adds a tensor, or keeps the error of making it.
func (t *tensors) add(name string, src tensor.Source, err error) {
	if err == nil {
		src, err = tensor.As(src, t.dtype)
	}
	if t.err == nil && err != nil {
		t.err = fmt.Errorf("hf: %s: %w", name, err)
	}
	t.all = append(t.all, safetensors.Tensor{Name: name, Source: src})
}

// matrix adds blocks at their places in a rows x cols matrix of zeros.
func (t *tensors) matrix(name string, rows, cols int, blocks ...tensor.Block) {
	src, err := tensor.Place(rows, cols, blocks...)
	t.add(name, src, err)
}

// constant adds a vector of n equal values.
func (t *tensors) constant(name string, v float32, n int) {
	src, err := tensor.Fill(v, n)
	t.add(name, src, err)
}

// vector adds blocks of one row as a vector of n values.
func (t *tensors) vector(name string, n int, blocks ...tensor.Block) {
	src, err := tensor.Place(1, n, blocks...)
	if err == nil {
		src, err = tensor.Reshape(src, n)
	}
	t.add(name, src, err)
}

// norm adds an identity layer norm.
func (t *tensors) norm(name string, f frame) {
	t.gain(name+".weight", f)
	t.constant(name+".bias", 0, f.Width)
}

// gain adds the weight of an identity norm.
func (t *tensors) gain(name string, f frame) {
	t.constant(name, float32(math.Sqrt(f.Eps)), f.Width)
}

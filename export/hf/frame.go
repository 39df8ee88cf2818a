package hf

import (
	"fmt"
	"math"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/safetensors"
	"github.com/raspc/raspc/export/tensor"
)

// frame is a decoder's residual stream inside that of a stock architecture.
//
// The stock stream is normed where the decoder's is not. A layer norm returns
// its input unchanged when the row's mean is 0 and its weight is
// sqrt(var+eps). So one more column, behind the decoder's, always holds minus
// the sum of the others, which everything that writes to the stream keeps up;
// and eps is so large that var vanishes beside it in float32, which makes
// the weight the constant sqrt(eps). With eps a power of 4 both the division
// and the multiplication are exact. Where an architecture's norms subtract no
// mean, or are none, the stream has no such columns.
type frame struct {
	model    *decoder.Model
	extra    int // columns behind the decoder's: extraColumns under layer norms, else 0
	width    int // columns of the stock stream
	heads    int // at least 1
	headSize int // at least the decoder's d_head; width / heads but in llama
	inner    int // neurons, at least 1
	eps      float64
	logits   float64 // factor of the classifier
}

// sharpen multiplies the logits of categorical outputs, whose steps are about
// 1, so that a softmax over them reads 1.0 at the right label. A power of two
// changes no order and rounds nothing.
const sharpen = 32

// extraColumns are the compensation and the reference.
const extraColumns = 2

// newFrame sizes the stock stream: the smallest that has the decoder's
// columns and the extra ones, divides into heads, and gives each head the
// decoder's size.
func newFrame(m *decoder.Model, numeric bool, extra int) (frame, error) {
	if err := decoder.Check(m); err != nil {
		return frame{}, fmt.Errorf("hf: %w", err)
	}
	c := m.Config
	m = trimmed(m)
	f := frame{model: m, extra: extra, heads: max(c.Heads, 1), inner: max(c.DMLP, 1), eps: normEpsilon(varianceBound(m)), logits: sharpen}
	width := max(c.DModel, m.Config.DModel+extra)
	f.headSize = max((width+f.heads-1)/f.heads, c.DHead)
	f.width = f.heads * f.headSize
	if numeric {
		f.logits = 1
	}
	return f, nil
}

// normEpsilon returns the epsilon for rows of the given variance or less: the
// smallest power of 4 beside which the variance is below half a unit of
// float32's last place, between 2^40 and 2^80. A stream whose variance exceeds
// what 2^80 covers has values above 2^28, where float32 no longer holds
// every integer: it is the bound that is too wide there, not epsilon too small.
func normEpsilon(variance float64) float64 {
	eps := math.Ldexp(1, 40)
	enough := variance * (1 << 24)
	for !(eps >= enough) && eps < math.Ldexp(1, 80) { // so written, NaN goes to the end
		eps *= 4
	}
	return eps
}

// queryScale is what the architecture divides scores by. Where it is not a
// power of two the product with it and the division both round; a fully
// selected key scores 0 in spite of that.
func (f frame) queryScale() float64 { return math.Sqrt(float64(f.headSize)) }

// compensation returns minus the sum of each row, as one column.
func compensation(m decoder.Matrix) decoder.Matrix {
	out := decoder.Matrix{Rows: m.Rows, Cols: 1}
	for i := 0; i < len(m.Entries); {
		row, sum := m.Entries[i].Row, 0.0
		for ; i < len(m.Entries) && m.Entries[i].Row == row; i++ {
			sum += float64(m.Entries[i].W)
		}
		if w := float32(-sum); w != 0 {
			out.Entries = append(out.Entries, decoder.Entry{Row: row, W: w})
		}
	}
	return out
}

// writer returns the blocks of a matrix that writes to the stream, from the
// given row on.
func (f frame) writer(m decoder.Matrix, row int) []tensor.Block {
	blocks := []tensor.Block{{M: m, Row: row}}
	if f.extra > 0 {
		blocks = append(blocks, tensor.Block{M: compensation(m), Row: row, Col: f.model.Config.DModel})
	}
	return blocks
}

// reference returns minus the sum of each column, as one row.
func reference(m decoder.Matrix) decoder.Matrix {
	sums := make([]float64, m.Cols)
	for _, e := range m.Entries {
		sums[e.Col] += float64(e.W)
	}
	out := decoder.Matrix{Rows: 1, Cols: m.Cols}
	for col, sum := range sums {
		if w := float32(-sum); w != 0 {
			out.Entries = append(out.Entries, decoder.Entry{Col: col, W: w})
		}
	}
	return out
}

// reader returns the blocks of a matrix that reads the stream, from the given
// column on, multiplied by scale.
func (f frame) reader(m decoder.Matrix, col int, scale float64) []tensor.Block {
	blocks := []tensor.Block{{M: m, Col: col, Scale: scale}}
	if f.extra > 0 {
		blocks = append(blocks, tensor.Block{M: reference(m), Row: f.model.Config.DModel + 1, Col: col, Scale: scale})
	}
	return blocks
}

// projections returns the blocks of queries, keys, values and outputs of torch Linear
// layers, with the heads side by side.
func (f frame) projections(heads []decoder.Head) (query, key, value, out []tensor.Block) {
	for h, head := range heads {
		at := h * f.headSize
		query = append(query, transposed(f.reader(head.Q, at, f.queryScale()))...)
		key = append(key, transposed(f.reader(head.K, at, 1))...)
		value = append(value, transposed(f.reader(head.V, at, 1))...)
		out = append(out, transposed(f.writer(head.O, at))...)
	}
	return query, key, value, out
}

// transposed returns blocks for the transposed matrix.
func transposed(blocks []tensor.Block) []tensor.Block {
	out := make([]tensor.Block, len(blocks))
	for i, b := range blocks {
		b.Row, b.Col, b.Transpose = b.Col, b.Row, !b.Transpose
		out[i] = b
	}
	return out
}

// tensors collects the tensors of a weight file. The first error stays.
type tensors struct {
	all []safetensors.Tensor
	err error
}

// add adds a tensor, or keeps the error of making it.
func (t *tensors) add(name string, src tensor.Source, err error) {
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
	t.constant(name+".bias", 0, f.width)
}

// gain adds the weight of an identity norm.
func (t *tensors) gain(name string, f frame) {
	t.constant(name, float32(math.Sqrt(f.eps)), f.width)
}

// Package stock fits a decoder into the residual stream of a stock architecture,
// whose layer norms become identities and whose scale of attention is folded into
// the queries.
package stock

import (
	"math"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/tensor"
)

// Frame is a decoder's residual stream inside that of a stock architecture.
//
// The stock stream is normed where the decoder's is not. A layer norm returns
// its input unchanged when the row's mean is 0 and its weight is
// sqrt(var+eps). So one more column, behind the decoder's, always holds minus
// the sum of the others, which everything that writes to the stream keeps up;
// and eps is so large that var vanishes beside it in float32, which makes
// the weight the constant sqrt(eps). With eps a power of 4 both the division
// and the multiplication are exact. Where an architecture's norms subtract no
// mean, or are none, the stream has no such columns.
//
// In types of 16 bits that column would be rounded by more than the others can bear.
// There each column has a mirror image, which everything that writes to the column
// writes with the other sign: whatever rounds one rounds the other alike.
type Frame struct {
	DType    tensor.DType
	Model    *decoder.Model
	Width    int     // columns of the stock stream
	Heads    int     // at least 1
	HeadSize int     // at least the decoder's d_head; Width / Heads unless changed
	Inner    int     // neurons, at least 1
	Eps      float64 // of norms; the square of their weight
	Logits   float64 // factor of the unembedding

	extra    int // columns behind the decoder's: mirrors or extraColumns under layer norms, else 0
	mirrored bool
}

// sharpen multiplies the logits of categorical outputs, whose steps are about
// 1, so that a softmax over them reads 1.0 at the right label. A power of two
// changes no order and rounds nothing.
const sharpen = 32

// extraColumns are the compensation and the reference.
const extraColumns = 2

// New sizes the stock stream: the smallest that has the decoder's columns and,
// where norms subtract a mean, the extra ones, divides into heads, and gives each
// head the decoder's size. In a rotated stream the size is one that scales scores
// exactly: what a query reads as 0 is a sum there, which is 0 where all weights are few
// digits long. Where only queries are sums, their scale has few digits. See fit for types of 16 bits, for which the decoder is to be compiled.
func New(m *decoder.Model, d tensor.DType, numeric, normed bool) (Frame, error) {
	if err := decoder.Check(m); err != nil {
		return Frame{}, err
	}
	c, extra := m.Config, 0
	if normed {
		extra = extraColumns
	}
	m = Trimmed(m)
	if narrow(d) {
		m = padded(m)
	}
	f := Frame{Model: m, DType: d, extra: extra, Heads: max(c.Heads, 1), Inner: max(c.DMLP, 1), Eps: NormEpsilon(VarianceBound(m)), Logits: sharpen}
	width := max(c.DModel, m.Config.DModel+extra)
	f.HeadSize = max((width+f.Heads-1)/f.Heads, c.DHead)
	f.Width = f.Heads * f.HeadSize
	if numeric {
		f.Logits = 1
	}
	const least = 4 // llama.cpp takes no heads of one column
	switch {
	case narrow(d):
		f.fit(normed, c.DModel)
	case c.Rotated:
		f.setHeads(width, powerOf4(max(least, c.DHead)))
	case c.Sums:
		f.squareHeads(width, max(least, c.DHead))
	}
	return f, nil
}

// setHeads sets the size of a head, and adds as many heads as the width takes, of which
// there is a least.
func (f *Frame) setHeads(width, size int) {
	f.HeadSize = size
	f.Heads = max(f.Heads, (width+f.HeadSize-1)/f.HeadSize)
	f.Width = f.Heads * f.HeadSize
}

// squareHeads makes the size of a head a square from some size on, whose root is short, so
// that queries times it have few digits more: the one that makes the stream the narrowest, with the fewest heads.
func (f *Frame) squareHeads(width, size int) {
	best, heads := Frame{}, f.Heads
	for root := 1; best.Width == 0 || root*root <= best.Width; root++ {
		if root*root < size {
			continue
		}
		f.Heads = heads
		if f.setHeads(width, root*root); best.Width == 0 || f.Width <= best.Width {
			best = *f
		}
	}
	*f = best
}

// NormEpsilon returns the epsilon for rows of the given variance or less: the
// smallest power of 4 beside which the variance is below half a unit of
// float32's last place, between 2^40 and 2^80. A stream whose variance exceeds
// what 2^80 covers has values above 2^28, where float32 no longer holds
// every integer: it is the bound that is too wide there, not epsilon too small.
func NormEpsilon(variance float64) float64 {
	eps := math.Ldexp(1, 40)
	enough := variance * (1 << 24)
	for !(eps >= enough) && eps < math.Ldexp(1, 80) { // so written, NaN goes to the end
		eps *= 4
	}
	return eps
}

// QueryScale is what the architecture divides scores by. Where it is not a
// power of two the product with it and the division both round; a fully
// selected key scores 0 in spite of that.
func (f Frame) QueryScale() float64 { return math.Sqrt(float64(f.HeadSize)) }

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

// Writer returns the blocks of a matrix that writes to the stream, from the
// given row on.
func (f Frame) Writer(m decoder.Matrix, row int) []tensor.Block {
	blocks := []tensor.Block{{M: m, Row: row}}
	if f.mirrored {
		return append(blocks, tensor.Block{M: m, Row: row, Col: f.Model.Config.DModel, Scale: -1})
	}
	if f.extra > 0 {
		blocks = append(blocks, tensor.Block{M: compensation(m), Row: row, Col: f.Model.Config.DModel})
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

// Reader returns the blocks of a matrix that reads the stream, from the given
// column on, multiplied by scale.
func (f Frame) Reader(m decoder.Matrix, col int, scale float64) []tensor.Block {
	blocks := []tensor.Block{{M: m, Col: col, Scale: scale}}
	if f.extra > 0 && !f.mirrored {
		blocks = append(blocks, tensor.Block{M: reference(m), Row: f.Model.Config.DModel + 1, Col: col, Scale: scale})
	}
	return blocks
}

// Projections returns the blocks of queries, keys, values and outputs of torch Linear
// layers, with the heads side by side.
func (f Frame) Projections(heads []decoder.Head) (query, key, value, out []tensor.Block) {
	for h, head := range heads {
		at := h * f.HeadSize
		query = append(query, Transposed(f.Reader(head.Q, at, f.QueryScale()))...)
		key = append(key, Transposed(f.Reader(head.K, at, 1))...)
		value = append(value, Transposed(f.Reader(head.V, at, 1))...)
		out = append(out, Transposed(f.Writer(head.O, at))...)
	}
	return query, key, value, out
}

// Transposed returns blocks for the transposed matrix.
func Transposed(blocks []tensor.Block) []tensor.Block {
	out := make([]tensor.Block, len(blocks))
	for i, b := range blocks {
		b.Row, b.Col, b.Transpose = b.Col, b.Row, !b.Transpose
		out[i] = b
	}
	return out
}

// Norm adds the weight and the bias of a layer norm that changes nothing.
func (f Frame) Norm(t *tensor.List, name string) {
	f.Gain(t, name+".weight")
	t.Constant(name+".bias", 0, f.Width)
}

// Gain adds the weight of a norm that changes nothing.
func (f Frame) Gain(t *tensor.List, name string) {
	t.Constant(name, float32(math.Sqrt(f.Eps)), f.Width)
}

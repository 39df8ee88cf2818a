package decoder

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Forward evaluates a model in float64 on the weights as they are written.
type Forward struct {
	config        Config
	embed, pos    *mat.Dense
	unembed       *mat.Dense
	layers        []denseLayer
	attentionMask func(query, key int) bool
}

type denseLayer struct {
	heads            []denseHead
	in, out, outBias *mat.Dense
}

type denseHead struct{ q, k, v, o *mat.Dense }

// NewForward makes the weights dense.
func NewForward(m *Model) *Forward {
	f := &Forward{config: m.Config, embed: m.Embed.dense(), pos: m.Position.dense(), unembed: m.Unembed.dense()}
	for _, l := range m.Layers {
		d := denseLayer{in: l.In.dense(), out: l.Out.dense(), outBias: l.OutBias.dense()}
		for _, h := range l.Heads {
			d.heads = append(d.heads, denseHead{h.Q.dense(), h.K.dense(), h.V.dense(), h.O.dense()})
		}
		f.layers = append(f.layers, d)
	}
	f.attentionMask = func(query, key int) bool { return !m.Config.Causal || key <= query }
	return f
}

// dense returns nil for a matrix without rows or columns.
func (m Matrix) dense() *mat.Dense {
	if m.Rows == 0 || m.Cols == 0 {
		return nil
	}
	d := mat.NewDense(m.Rows, m.Cols, nil)
	for _, e := range m.Entries {
		d.Set(e.Row, e.Col, float64(e.W))
	}
	return d
}

// Run returns the logits, len(ids) x outputs, of one sequence of token ids
// that starts with BOS and holds no PAD.
func (f *Forward) Run(ids []int) (*mat.Dense, error) {
	if len(ids) == 0 || len(ids) > f.config.Positions {
		return nil, fmt.Errorf("a sequence of length %d: the model takes 1 to %d", len(ids), f.config.Positions)
	}
	x := mat.NewDense(len(ids), f.config.DModel, nil)
	for i, id := range ids {
		if id < 0 || id >= f.config.Vocab {
			return nil, fmt.Errorf("token id %d is not in 0 … %d", id, f.config.Vocab-1)
		}
		for d := range f.config.DModel {
			x.Set(i, d, f.embed.At(id, d)+f.pos.At(i, d))
		}
	}
	for _, l := range f.layers {
		f.attend(l, x)
		l.mlp(x)
	}
	var logits mat.Dense
	logits.Mul(x, f.unembed)
	return &logits, nil
}

// attend adds the outputs of all heads, each reading the same x.
func (f *Forward) attend(l denseLayer, x *mat.Dense) {
	n, d := x.Dims()
	sum := mat.NewDense(n, d, nil)
	for _, h := range l.heads {
		var q, k, v, scores, mixed, out mat.Dense
		q.Mul(x, h.q)
		k.Mul(x, h.k)
		v.Mul(x, h.v)
		scores.Mul(&q, k.T())
		for i := range n {
			f.softmax(scores.RawRowView(i), i)
		}
		mixed.Mul(&scores, &v)
		out.Mul(&mixed, h.o)
		sum.Add(sum, &out)
	}
	x.Add(x, sum)
}

func (f *Forward) softmax(row []float64, query int) {
	top := math.Inf(-1)
	for k, s := range row {
		if f.attentionMask(query, k) {
			top = max(top, s)
		}
	}
	sum := 0.0
	for k, s := range row {
		row[k] = 0
		if f.attentionMask(query, k) {
			row[k] = math.Exp(s - top)
		}
		sum += row[k]
	}
	for k := range row {
		row[k] /= sum
	}
}

func (l denseLayer) mlp(x *mat.Dense) {
	n, d := x.Dims()
	if l.in != nil {
		var hidden, out mat.Dense
		hidden.Mul(x, l.in)
		hidden.Apply(func(_, _ int, v float64) float64 { return max(0, v) }, &hidden)
		out.Mul(&hidden, l.out)
		x.Add(x, &out)
	}
	for i := range n {
		for j := range d {
			x.Set(i, j, x.At(i, j)+l.outBias.At(0, j))
		}
	}
}

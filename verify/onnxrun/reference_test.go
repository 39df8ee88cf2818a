package onnxrun_test

import (
	"math"
	"slices"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/backend/decoder"
)

// dense spells a sparse matrix out.
func dense(m decoder.Matrix) [][]float64 {
	d := make([][]float64, m.Rows)
	for i := range d {
		d[i] = make([]float64, m.Cols)
	}
	for _, e := range m.Entries {
		d[e.Row][e.Col] = float64(e.W)
	}
	return d
}

// times multiplies a row vector by a matrix.
func times(x []float64, m [][]float64) []float64 {
	if len(m) == 0 {
		return nil
	}
	y := make([]float64, len(m[0]))
	for i, row := range m {
		for j, w := range row {
			y[j] += x[i] * w
		}
	}
	return y
}

func dot(x, y []float64) float64 {
	var sum float64
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum
}

func add(x, y []float64) {
	for i := range y {
		x[i] += y[i]
	}
}

// forward is the definition of the decoder, written down once more: one
// sequence, float64, no batching. Logits of masked positions are computed
// like any others.
func forward(m *decoder.Model, ids, mask []int64) [][]float64 {
	states := residual(m, ids, mask)
	logits := make([][]float64, len(ids))
	for p, x := range states[len(states)-1] {
		logits[p] = times(x, dense(m.Unembed))
	}
	return logits
}

// residual is the residual stream before the first layer and after each.
func residual(m *decoder.Model, ids, mask []int64) (states [][][]float64) {
	embed, position := dense(m.Embed), dense(m.Position)
	xs := make([][]float64, len(ids))
	for p, id := range ids {
		xs[p] = make([]float64, m.Config.DModel)
		add(xs[p], embed[id])
		add(xs[p], position[p])
	}
	states = append(states, copied(xs))
	for _, l := range m.Layers {
		attend(m.Config, l, xs, mask)
		in, out, bias := dense(l.In), dense(l.Out), dense(l.OutBias)
		for _, x := range xs {
			hidden := times(x, in)
			for i := range hidden {
				hidden[i] = math.Max(hidden[i], 0)
			}
			add(x, times(hidden, out))
			if len(bias) > 0 {
				add(x, bias[0])
			}
		}
		states = append(states, copied(xs))
	}
	return states
}

func copied(xs [][]float64) [][]float64 {
	out := make([][]float64, len(xs))
	for i, x := range xs {
		out[i] = slices.Clone(x)
	}
	return out
}

// attend adds one layer's heads to the residual stream.
func attend(c decoder.Config, l decoder.Layer, xs [][]float64, mask []int64) {
	sums := make([][]float64, len(xs))
	for p := range sums {
		sums[p] = make([]float64, c.DModel)
	}
	for _, h := range l.Heads {
		q, k, v, o := dense(h.Q), dense(h.K), dense(h.V), dense(h.O)
		for p := range xs {
			query := times(xs[p], q)
			var scores []float64
			var keys []int
			top := math.Inf(-1)
			for s := range xs {
				if mask[s] == 0 || (c.Causal && s > p) {
					continue
				}
				score := dot(query, times(xs[s], k))
				scores, keys = append(scores, score), append(keys, s)
				top = math.Max(top, score)
			}
			mixed, total := make([]float64, c.DHead), 0.0
			for i, s := range keys {
				w := math.Exp(scores[i] - top)
				total += w
				for j, e := range times(xs[s], v) {
					mixed[j] += w * e
				}
			}
			for j := range mixed {
				mixed[j] /= total
			}
			add(sums[p], times(mixed, o))
		}
	}
	for p := range xs {
		add(xs[p], sums[p])
	}
}

// drawMatrix draws a sparse matrix with weights of a few bits.
func drawMatrix(t *rapid.T, name string, rows, cols int) decoder.Matrix {
	m := decoder.Matrix{Rows: rows, Cols: cols}
	seed := rapid.Uint64().Draw(t, name)
	for r := range rows {
		for c := range cols {
			seed = seed*6364136223846793005 + 1442695040888963407
			if x := seed >> 59; x < 12 {
				w := float32(int(x)-6) / 4
				if w != 0 {
					m.Entries = append(m.Entries, decoder.Entry{Row: r, Col: c, W: w})
				}
			}
		}
	}
	return m
}

// drawModel draws a decoder with any number of layers, heads and neurons, none
// included.
func drawModel(t *rapid.T) *decoder.Model {
	size := func(name string, low, high int) int { return rapid.IntRange(low, high).Draw(t, name) }
	c := decoder.Config{
		Layers: size("layers", 0, 3), Heads: size("heads", 0, 3),
		DModel: size("d_model", 1, 9), DHead: size("d_head", 1, 5), DMLP: size("d_mlp", 0, 7),
		Vocab: size("vocab", 2, 6), Positions: size("positions", 1, 7), Outputs: size("outputs", 1, 4),
		Causal: rapid.Bool().Draw(t, "causal"),
	}
	c.BOS, c.PAD = c.Vocab-2, c.Vocab-1
	m := &decoder.Model{
		Config:   c,
		Embed:    drawMatrix(t, "embed", c.Vocab, c.DModel),
		Position: drawMatrix(t, "position", c.Positions, c.DModel),
		Unembed:  drawMatrix(t, "unembed", c.DModel, c.Outputs),
	}
	for range c.Layers {
		l := decoder.Layer{
			In:      drawMatrix(t, "in", c.DModel, c.DMLP),
			Out:     drawMatrix(t, "out", c.DMLP, c.DModel),
			OutBias: drawMatrix(t, "bias", 1, c.DModel),
		}
		for range c.Heads {
			l.Heads = append(l.Heads, decoder.Head{
				Q: drawMatrix(t, "q", c.DModel, c.DHead), K: drawMatrix(t, "k", c.DModel, c.DHead),
				V: drawMatrix(t, "v", c.DModel, c.DHead), O: drawMatrix(t, "o", c.DHead, c.DModel),
			})
		}
		m.Layers = append(m.Layers, l)
	}
	return m
}

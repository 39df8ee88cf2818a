package hfrun_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/manifest"
)

// grid builds a sparse matrix from cells in any order.
type grid struct {
	rows, cols int
	cells      map[[2]int]float32
}

func newGrid(rows, cols int) *grid {
	return &grid{rows, cols, map[[2]int]float32{}}
}

func (g *grid) set(r, c int, w float32) *grid {
	if w != 0 {
		g.cells[[2]int{r, c}] = w
	}
	return g
}

func (g *grid) matrix() decoder.Matrix {
	m := decoder.Matrix{Rows: g.rows, Cols: g.cols}
	for at, w := range g.cells {
		m.Entries = append(m.Entries, decoder.Entry{Row: at[0], Col: at[1], W: w})
	}
	slices.SortFunc(m.Entries, func(a, b decoder.Entry) int {
		if a.Row != b.Row {
			return a.Row - b.Row
		}
		return a.Col - b.Col
	})
	return m
}

// copier returns each token, without a layer or a head.
func copier(tokens, maxLen int, causal bool) *decoder.Model {
	m := &decoder.Model{Config: decoder.Config{
		DModel: tokens, Vocab: tokens + 2, Positions: maxLen + 1, Outputs: tokens,
		BOS: tokens, PAD: tokens + 1, Causal: causal,
	}}
	embed, unembed := newGrid(tokens+2, tokens), newGrid(tokens, tokens)
	for i := range tokens {
		embed.set(i, i, 1)
		unembed.set(i, i, 1)
	}
	m.Embed, m.Position, m.Unembed = embed.matrix(), newGrid(maxLen+1, tokens).matrix(), unembed.matrix()
	return m
}

// mover returns the token at a distance of offset positions, or the last
// label where there is none. The columns are tokens, BOS, positions, moved
// tokens, moved BOS.
func mover(tokens, maxLen, offset int, causal bool) *decoder.Model {
	const strong = 256
	positions := maxLen + 1
	moved := tokens + 1 + positions
	d := moved + tokens + 1
	m := &decoder.Model{Config: decoder.Config{
		Layers: 1, Heads: 1, DModel: d, DHead: max(positions, tokens+1), Vocab: tokens + 2, Positions: positions,
		Outputs: tokens + 1, BOS: tokens, PAD: tokens + 1, Causal: causal,
	}}
	embed, position, unembed := newGrid(tokens+2, d), newGrid(positions, d), newGrid(d, tokens+1)
	q, k := newGrid(d, m.Config.DHead), newGrid(d, m.Config.DHead)
	v, o := newGrid(d, m.Config.DHead), newGrid(m.Config.DHead, d)
	for i := range tokens + 1 {
		embed.set(i, i, 1)
		v.set(i, i, 1)
		o.set(i, moved+i, 1)
		unembed.set(moved+i, i, 1)
	}
	for p := range positions {
		position.set(p, tokens+1+p, 1)
		k.set(tokens+1+p, p, strong)
		if from := p + offset; p > 0 && from > 0 && from < positions {
			q.set(tokens+1+p, from, 1)
		}
		// BOS wins where no token is selected.
		q.set(tokens+1+p, 0, 0.5)
	}
	m.Embed, m.Position, m.Unembed = embed.matrix(), position.matrix(), unembed.matrix()
	m.Layers = []decoder.Layer{{
		Heads: []decoder.Head{{Q: q.matrix(), K: k.matrix(), V: v.matrix(), O: o.matrix()}},
		In:    newGrid(d, 0).matrix(), Out: newGrid(0, d).matrix(), OutBias: newGrid(1, d).matrix(),
	}}
	return m
}

// shape are the sizes of a random model.
type shape struct {
	Tokens, MaxLen, Layers, Heads, DModel, DHead, DMLP, Outputs int
	Causal                                                      bool
}

// random returns a model with about a third of its weights non-zero.
func random(rng *rand.Rand, s shape) *decoder.Model {
	fill := func(rows, cols int) decoder.Matrix {
		g := newGrid(rows, cols)
		for r := range rows {
			for c := range cols {
				if rng.IntN(3) == 0 {
					g.set(r, c, float32(rng.NormFloat64()*0.7))
				}
			}
		}
		return g.matrix()
	}
	m := &decoder.Model{Config: decoder.Config{
		Layers: s.Layers, Heads: s.Heads, DModel: s.DModel, DHead: s.DHead, DMLP: s.DMLP,
		Vocab: s.Tokens + 2, Positions: s.MaxLen + 1, Outputs: s.Outputs,
		BOS: s.Tokens, PAD: s.Tokens + 1, Causal: s.Causal,
	}}
	m.Embed, m.Position = fill(s.Tokens+2, s.DModel), fill(s.MaxLen+1, s.DModel)
	m.Unembed = fill(s.DModel, s.Outputs)
	for range s.Layers {
		layer := decoder.Layer{In: fill(s.DModel, s.DMLP), Out: fill(s.DMLP, s.DModel), OutBias: fill(1, s.DModel)}
		for range s.Heads {
			layer.Heads = append(layer.Heads, decoder.Head{
				Q: fill(s.DModel, s.DHead), K: fill(s.DModel, s.DHead), V: fill(s.DModel, s.DHead), O: fill(s.DHead, s.DModel),
			})
		}
		m.Layers = append(m.Layers, layer)
	}
	return m
}

// describe returns a manifest for a model over the letters of the alphabet.
func describe(m *decoder.Model, kind string) *manifest.Manifest {
	man := &manifest.Manifest{
		Schema: manifest.Version, Raspc: "test",
		Program: manifest.Program{Name: "test.rasp", SHA256: "00"},
		Options: manifest.Options{Tokens: "str", MaxLen: m.Config.Positions - 1, Causal: m.Config.Causal, Output: "out"},
		Tokens:  manifest.Tokens{BOS: m.Config.BOS, PAD: m.Config.PAD},
		Output:  manifest.Output{Kind: kind},
	}
	for i := range m.Config.Vocab - 2 {
		token := string(rune('a' + i))
		man.Tokens.Vocab = append(man.Tokens.Vocab, token)
		man.Options.Vocab = append(man.Options.Vocab, manifest.Atom{Kind: "string", Text: token, Exact: token})
	}
	if kind == manifest.Categorical {
		for i := range m.Config.Outputs {
			text := fmt.Sprint("L", i)
			if i < len(man.Tokens.Vocab) {
				text = man.Tokens.Vocab[i]
			}
			man.Output.Labels = append(man.Output.Labels, manifest.Atom{Kind: "string", Text: text, Exact: text})
		}
	}
	return man
}

// forward evaluates the decoder as its documentation defines it, in float64,
// on tokens of which all are visible.
func forward(m *decoder.Model, ids []int64) [][]float64 {
	x := make([][]float64, len(ids))
	embed, position := dense(m.Embed, m.Config.Vocab, m.Config.DModel), dense(m.Position, m.Config.Positions, m.Config.DModel)
	for i, id := range ids {
		x[i] = plus(embed[id], position[i])
	}
	for _, layer := range m.Layers {
		next := slices.Clone(x)
		for _, h := range layer.Heads {
			for i, row := range attend(m.Config, h, x) {
				next[i] = plus(next[i], row)
			}
		}
		x = next
		for i := range x {
			hidden := times(x[i], layer.In, m.Config.DMLP)
			for j := range hidden {
				hidden[j] = max(hidden[j], 0)
			}
			x[i] = plus(plus(x[i], times(hidden, layer.Out, m.Config.DModel)), dense(layer.OutBias, 1, m.Config.DModel)[0])
		}
	}
	logits := make([][]float64, len(ids))
	for i := range x {
		logits[i] = times(x[i], m.Unembed, m.Config.Outputs)
	}
	return logits
}

// attend evaluates one head.
func attend(c decoder.Config, h decoder.Head, x [][]float64) [][]float64 {
	var q, k, v [][]float64
	for _, row := range x {
		q, k, v = append(q, times(row, h.Q, c.DHead)), append(k, times(row, h.K, c.DHead)), append(v, times(row, h.V, c.DHead))
	}
	out := make([][]float64, len(x))
	for i := range x {
		sum, mean := 0.0, make([]float64, c.DHead)
		for j := range x {
			if c.Causal && j > i {
				break
			}
			score := 0.0
			for t := range c.DHead {
				score += q[i][t] * k[j][t]
			}
			w := math.Exp(score)
			sum += w
			for t := range c.DHead {
				mean[t] += w * v[j][t]
			}
		}
		for t := range mean {
			mean[t] /= sum
		}
		out[i] = times(mean, h.O, c.DModel)
	}
	return out
}

func dense(m decoder.Matrix, rows, cols int) [][]float64 {
	out := make([][]float64, rows)
	for i := range out {
		out[i] = make([]float64, cols)
	}
	for _, e := range m.Entries {
		out[e.Row][e.Col] = float64(e.W)
	}
	return out
}

func times(x []float64, m decoder.Matrix, cols int) []float64 {
	out := make([]float64, cols)
	for _, e := range m.Entries {
		out[e.Col] += x[e.Row] * float64(e.W)
	}
	return out
}

func plus(a, b []float64) []float64 {
	out := slices.Clone(a)
	for i := range out {
		out[i] += b[i]
	}
	return out
}

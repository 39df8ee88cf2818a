package verify

import (
	"fmt"
	"math"

	"github.com/raspc/raspc/verify/network"
)

// stage is a point of a forward pass: 0 is behind the embedding, then come, for
// layer k, 2k+1 behind its attention and 2k+2 behind its neurons.
type stage int

// stageOf reads how the manifest says when a column is written.
func stageOf(written string) (s stage, ok bool) {
	switch written {
	case "embedding", "position":
		return 0, true
	}
	var layer int
	var part string
	if _, err := fmt.Sscanf(written, "layer %d %s", &layer, &part); err != nil || layer < 0 || layer > math.MaxInt32 {
		return 0, false
	}
	switch part {
	case "attention":
		return stage(2*layer + 1), true
	case "mlp":
		return stage(2*layer + 2), true
	}
	return 0, false
}

// layer returns the stage's layer; nil for the embedding.
func (s stage) layer() *int {
	if s == 0 {
		return nil
	}
	layer := int(s-1) / 2
	return &layer
}

// part is the word for what the stage is behind.
func (s stage) part() string {
	switch {
	case s == 0:
		return "embedding"
	case s%2 == 1:
		return "attention"
	}
	return "mlp"
}

// forward runs a network on an input, token ids without BOS, which it has the tokens
// and positions for, and returns the logits of each position, BOS's first. It calls
// visit with the residual streams of all positions at each stage. Every step's result
// is rounded to float32, sums within one are formed in float64. Numbers that overflow
// stay in the stream.
func forward(n *network.Network, ids []int, visit func(s stage, xs [][]float32)) [][]float32 {
	xs := make([][]float32, len(ids)+1)
	for i := range xs {
		token := n.BOS
		if i > 0 {
			token = ids[i-1]
		}
		xs[i] = embedded(n, token, i)
	}
	visit(0, xs)
	for i := range n.Layers {
		l := &n.Layers[i]
		xs = attended(l, xs, n.Causal)
		visit(stage(2*i+1), xs)
		xs = passed(l, xs)
		visit(stage(2*i+2), xs)
	}
	rows := make([][]float32, len(xs))
	for i, x := range xs {
		rows[i] = product(n.Unembed, normed(n.Final, x))
	}
	return rows
}

// work estimates the operations of a forward pass over some positions.
func work(n *network.Network, positions int) int {
	each, pair := 0, 0
	count := func(ls ...network.Linear) {
		for _, l := range ls {
			each += len(l.Columns)
			for _, column := range l.Columns {
				each += len(column)
			}
		}
	}
	for _, l := range n.Layers {
		each += 4 * n.Width
		count(l.In, l.Out)
		for _, h := range l.Heads {
			count(h.Q, h.K, h.V, h.O)
			pair += len(h.K.Columns) + len(h.V.Columns)
		}
	}
	count(n.Unembed)
	return positions * (each + positions*pair)
}

func embedded(n *network.Network, token, position int) []float32 {
	x := make([]float32, n.Width)
	for j := range x {
		sum := n.Tokens[token][j] + n.Positions[position][j]
		if n.TokenType != nil {
			sum += n.TokenType[j]
		}
		x[j] = float32(sum)
	}
	return normed(n.EmbedNorm, x)
}

// attended returns the streams behind a layer's heads.
func attended(l *network.Layer, xs [][]float32, causal bool) [][]float32 {
	sums := make([][]float64, len(xs))
	read := make([][]float32, len(xs))
	for i, x := range xs {
		sums[i], read[i] = make([]float64, len(x)), normed(l.AttnNorm, x)
		copy(sums[i], l.AttnBias)
	}
	for h := range l.Heads {
		addHead(sums, &l.Heads[h], read, causal)
	}
	out := make([][]float32, len(xs))
	for i, x := range xs {
		out[i] = normed(l.Between, plus(x, rounded(sums[i])))
	}
	return out
}

// addHead adds what a head makes of each position.
func addHead(sums [][]float64, h *network.Head, xs [][]float32, causal bool) {
	keys, vals := make([][]float32, len(xs)), make([][]float32, len(xs))
	for i, x := range xs {
		keys[i], vals[i] = product(h.K, x), product(h.V, x)
	}
	for i, x := range xs {
		seen := len(xs)
		if causal {
			seen = i + 1
		}
		mix := mixed(product(h.Q, x), keys[:seen], vals[:seen], h.Scale)
		for j, column := range h.O.Columns {
			for _, w := range column {
				sums[i][j] += float64(mix[w.Row]) * w.W
			}
		}
	}
}

// mixed is the mean of values, weighted by the softmax of their keys' scores.
func mixed(query []float32, keys, vals [][]float32, scale float64) []float32 {
	weights, top := make([]float64, len(keys)), math.Inf(-1)
	for k, key := range keys {
		sum := 0.0
		for j, q := range query {
			sum += float64(q) * float64(key[j])
		}
		weights[k] = float64(float32(float64(float32(sum)) * scale))
		top = max(top, weights[k])
	}
	total, mix := 0.0, make([]float64, len(vals[0]))
	for k, score := range weights {
		weight := math.Exp(score - top)
		total += weight
		for j, v := range vals[k] {
			mix[j] += weight * float64(v)
		}
	}
	for j := range mix {
		mix[j] /= total
	}
	return rounded(mix)
}

// passed returns the streams behind a layer's neurons.
func passed(l *network.Layer, xs [][]float32) [][]float32 {
	out := make([][]float32, len(xs))
	for i, x := range xs {
		if len(l.In.Columns) > 0 || l.Out.Bias != nil {
			hidden := product(l.In, normed(l.MLPNorm, x))
			for k, v := range hidden {
				if v < 0 {
					hidden[k] = 0
				}
			}
			x = plus(x, product(l.Out, hidden))
		}
		out[i] = normed(l.After, x)
	}
	return out
}

// product is x W + b.
func product(l network.Linear, x []float32) []float32 {
	y := make([]float32, len(l.Columns))
	for j, column := range l.Columns {
		sum := l.BiasOf(j)
		for _, w := range column {
			sum += float64(x[w.Row]) * w.W
		}
		y[j] = float32(sum)
	}
	return y
}

func plus(x, y []float32) []float32 {
	sum := make([]float32, len(x))
	for i, v := range x {
		sum[i] = v + y[i]
	}
	return sum
}

func rounded(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

// normed is the norm of x; a nil norm is none.
func normed(n *network.Norm, x []float32) []float32 {
	if n == nil {
		return x
	}
	d := float64(len(x))
	mean, variance := 0.0, 0.0
	for _, v := range x {
		mean += float64(v) / d
	}
	for _, v := range x {
		variance += (float64(v) - mean) * (float64(v) - mean) / d
	}
	root := math.Sqrt(variance + n.Eps)
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32((float64(v)-mean)/root*n.Weight[i] + n.Bias[i])
	}
	return y
}

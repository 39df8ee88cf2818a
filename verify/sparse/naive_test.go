package sparse_test

import (
	"math"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/verify/network"
)

// networks draws small networks: with and without norms as the stock
// architectures have them, causal or not, with no to three layers.
var networks = rapid.Custom(func(t *rapid.T) *network.Network {
	n := &network.Network{
		Width: rapid.IntRange(2, 5).Draw(t, "width"), Causal: rapid.Bool().Draw(t, "causal"),
		BOS: rapid.IntRange(0, 1).Draw(t, "BOS"),
	}
	style := rapid.SampledFrom([]string{"plain", "pre-norm", "post-norm", "mean square"}).Draw(t, "norms")
	norm := func(in string) *network.Norm {
		switch {
		case style == "mean square" && in == "pre-norm":
			return &network.Norm{Weight: row(t, n.Width), Eps: float64(float32(1e-2))}
		case style != in:
			return nil
		}
		return &network.Norm{Weight: row(t, n.Width), Bias: row(t, n.Width), Eps: float64(float32(1e-2))}
	}
	bias := func(size int) []float64 {
		if rapid.Bool().Draw(t, "bias") {
			return row(t, size)
		}
		return nil
	}
	linear := func(rows, cols int) network.Linear {
		return network.LinearOf(row(t, rows*cols), cols, bias(cols))
	}
	for range rapid.IntRange(2, 4).Draw(t, "tokens") {
		n.Tokens = append(n.Tokens, row(t, n.Width))
	}
	for range rapid.IntRange(2, 6).Draw(t, "positions") {
		n.Positions = append(n.Positions, row(t, n.Width))
	}
	if style == "post-norm" {
		n.TokenType = row(t, n.Width)
	}
	n.EmbedNorm = norm("post-norm")
	for range rapid.IntRange(0, 3).Draw(t, "layers") {
		l := network.Layer{AttnNorm: norm("pre-norm"), AttnBias: bias(n.Width), Between: norm("post-norm"), MLPNorm: norm("pre-norm"), After: norm("post-norm")}
		for range rapid.IntRange(0, 2).Draw(t, "heads") {
			size := rapid.IntRange(1, 3).Draw(t, "size")
			o := linear(size, n.Width)
			o.Bias = nil
			l.Heads = append(l.Heads, network.Head{
				Q: linear(n.Width, size), K: linear(n.Width, size), V: linear(n.Width, size), O: o,
				// Large scales make most weights vanish, as in compiled networks.
				Scale: rapid.SampledFrom([]float64{0.5, 1, 300}).Draw(t, "scale"),
			})
		}
		if len(l.Heads) == 0 {
			l.AttnBias = nil
		}
		hidden := rapid.IntRange(0, 4).Draw(t, "hidden")
		l.In, l.Out = linear(n.Width, hidden), linear(hidden, n.Width)
		n.Layers = append(n.Layers, l)
	}
	n.Final, n.Unembed = norm("pre-norm"), linear(n.Width, rapid.IntRange(1, 3).Draw(t, "outputs"))
	return n
})

// row draws quarters, of which many are 0.
func row(t *rapid.T, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(rapid.SampledFrom([]int{0, 0, 0, 1, -1, 2, 3, -4, 6}).Draw(t, "w")) / 4
	}
	return x
}

// inputs draws inputs, of which neighbours often begin alike.
func inputs(n *network.Network) *rapid.Generator[[][]int] {
	token, length := rapid.IntRange(0, len(n.Tokens)-1), len(n.Positions)-1
	return rapid.Custom(func(t *rapid.T) [][]int {
		var all [][]int
		var last []int
		for range rapid.IntRange(1, 12).Draw(t, "count") {
			keep := rapid.IntRange(0, len(last)).Draw(t, "keep")
			in := append([]int{}, last[:keep]...)
			in = append(in, rapid.SliceOfN(token, 0, length-keep).Draw(t, "rest")...)
			all, last = append(all, in), in
		}
		return all
	})
}

// naive is the textbook's forward pass in float64: dense, one input, no rounding.
// Tokens include BOS.
func naive(n *network.Network, tokens []int) [][]float64 {
	x := make([][]float64, len(tokens))
	for i, token := range tokens {
		x[i] = plus(n.Tokens[token], n.Positions[i], n.TokenType)
		x[i] = layerNorm(n.EmbedNorm, x[i])
	}
	for _, l := range n.Layers {
		x = heads(l, x, n.Causal)
		for i := range x {
			hidden := apply(l.In, layerNorm(l.MLPNorm, x[i]))
			for j, h := range hidden {
				hidden[j] = math.Max(h, 0)
			}
			x[i] = layerNorm(l.After, plus(x[i], apply(l.Out, hidden)))
		}
	}
	for i := range x {
		x[i] = apply(n.Unembed, layerNorm(n.Final, x[i]))
	}
	return x
}

// heads is the attention part of a layer.
func heads(l network.Layer, x [][]float64, causal bool) [][]float64 {
	out := make([][]float64, len(x))
	for i := range x {
		seen := x
		if causal {
			seen = x[:i+1]
		}
		out[i] = plus(x[i], l.AttnBias)
		for _, h := range l.Heads {
			q, weights, total, top := apply(h.Q, layerNorm(l.AttnNorm, x[i])), make([]float64, len(seen)), 0.0, math.Inf(-1)
			for j := range seen {
				for k, key := range apply(h.K, layerNorm(l.AttnNorm, x[j])) {
					weights[j] += q[k] * key
				}
				weights[j] *= h.Scale
				top = math.Max(top, weights[j])
			}
			for j := range weights {
				weights[j] = math.Exp(weights[j] - top)
				total += weights[j]
			}
			mix := make([]float64, len(h.V.Columns))
			for j := range seen {
				for k, v := range apply(h.V, layerNorm(l.AttnNorm, x[j])) {
					mix[k] += weights[j] / total * v
				}
			}
			out[i] = plus(out[i], apply(h.O, mix))
		}
		out[i] = layerNorm(l.Between, out[i])
	}
	return out
}

func apply(l network.Linear, x []float64) []float64 {
	y := make([]float64, len(l.Columns))
	for j, col := range l.Columns {
		y[j] = l.BiasOf(j)
		for _, w := range col {
			y[j] += x[w.Row] * w.W
		}
	}
	return y
}

func plus(x []float64, more ...[]float64) []float64 {
	sum := append([]float64{}, x...)
	for _, y := range more {
		for i, v := range y {
			sum[i] += v
		}
	}
	return sum
}

func layerNorm(n *network.Norm, x []float64) []float64 {
	if n == nil {
		return x
	}
	mean, variance, y := 0.0, 0.0, make([]float64, len(x))
	for _, v := range x {
		if n.Centres() {
			mean += v / float64(len(x))
		}
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	for i, v := range x {
		y[i] = (v-mean)/math.Sqrt(variance+n.Eps)*n.Weight[i] + n.BiasOf(i)
	}
	return y
}

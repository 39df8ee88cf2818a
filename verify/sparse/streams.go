package sparse

import (
	"math"

	"github.com/raspc/raspc/verify/network"
)

// Forward runs a network once, on token ids without BOS, for which it must have
// the rows, and returns the logits of each position, BOS's first. It calls visit
// with the residual streams of all positions, which visit must not keep, at each
// point: 0 is behind the embedding, then come, for layer k, 2k+1 behind its
// attention and 2k+2 behind its neurons. Nothing is remembered; numbers that
// overflow stay in the stream.
func Forward(n *network.Network, ids []int, visit func(point int, xs [][]float32)) [][]float32 {
	a, xs := arithmetic{n.Type}, make([][]float32, len(ids)+1)
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
		xs = a.attended(l, xs, n.Causal)
		visit(2*i+1, xs)
		for _, x := range xs {
			a.passed(l, x)
		}
		visit(2*i+2, xs)
	}
	rows := make([][]float32, len(xs))
	for i, x := range xs {
		rows[i] = make([]float32, len(n.Unembed.Columns))
		a.normed(x, n.Final, x)
		a.product(rows[i], n.Unembed, x)
	}
	return rows
}

// Work estimates the operations of a Forward over some positions.
func Work(n *network.Network, positions int) int {
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

// attended returns the streams behind a layer's heads.
func (a arithmetic) attended(l *network.Layer, xs [][]float32, causal bool) [][]float32 {
	sums, read := make([][]float64, len(xs)), make([][]float32, len(xs))
	for i, x := range xs {
		sums[i], read[i] = make([]float64, len(x)), make([]float32, len(x))
		copy(sums[i], l.AttnBias)
		a.normed(read[i], l.AttnNorm, x)
	}
	for h := range l.Heads {
		a.addHead(sums, &l.Heads[h], read, causal)
	}
	out := make([][]float32, len(xs))
	for i, x := range xs {
		out[i] = make([]float32, len(x))
		for j, v := range x {
			out[i][j] = a.Round(v + a.Round(float32(sums[i][j])))
		}
		a.normed(out[i], l.Between, out[i])
	}
	return out
}

// addHead adds what a head makes of each position.
func (a arithmetic) addHead(sums [][]float64, h *network.Head, xs [][]float32, causal bool) {
	keys, vals := make([][]float32, len(xs)), make([][]float32, len(xs))
	for i, x := range xs {
		keys[i], vals[i] = make([]float32, len(h.K.Columns)), make([]float32, len(h.V.Columns))
		a.product(keys[i], h.K, x)
		a.product(vals[i], h.V, x)
	}
	query := make([]float32, len(h.Q.Columns))
	for i, x := range xs {
		seen := len(xs)
		if causal {
			seen = i + 1
		}
		a.product(query, h.Q, x)
		mix := a.mixed(query, keys[:seen], vals[:seen], float32(h.Scale))
		for j, column := range h.O.Columns {
			for _, w := range column {
				sums[i][j] += float64(mix[w.Row]) * w.W
			}
		}
	}
}

// mixed is the mean of values, weighted by the softmax of their keys' scores.
func (a arithmetic) mixed(query []float32, keys, vals [][]float32, scale float32) []float32 {
	scores, top := make([]float32, len(keys)), float32(math.Inf(-1))
	for k, key := range keys {
		scores[k] = a.score(query, key, scale)
		top = max(top, scores[k])
	}
	var total float64
	for _, s := range scores {
		total += float64(exp(s, top))
	}
	sums, mix := make([]float64, len(vals[0])), make([]float32, len(vals[0]))
	for k, s := range scores {
		weight := a.weight(s, top, total)
		for j, v := range vals[k] {
			sums[j] += weight * float64(v)
		}
	}
	for j, s := range sums {
		mix[j] = a.Round(float32(s))
	}
	return mix
}

// passed replaces a stream by that behind a layer's neurons.
func (a arithmetic) passed(l *network.Layer, x []float32) {
	if len(l.In.Columns) > 0 || l.Out.Bias != nil {
		read, hidden, sum := make([]float32, len(x)), make([]float32, len(l.In.Columns)), make([]float32, len(x))
		a.normed(read, l.MLPNorm, x)
		a.product(hidden, l.In, read)
		activate(l.Act, hidden)
		a.product(sum, l.Out, hidden)
		a.add(x, sum)
	}
	a.normed(x, l.After, x)
}

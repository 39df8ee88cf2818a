package sparse

import (
	"errors"
	"math"

	"github.com/raspc/raspc/verify/network"
)

// errNotFinite reports an activation that float32 cannot hold.
var errNotFinite = errors.New("an activation overflows float32")

// finite reports whether no element is NaN or infinite.
func finite(x []float32) bool {
	var sum float32
	for _, v := range x {
		sum += v * 0
	}
	return sum == 0
}

// product writes x W + b.
func product(y []float32, l network.Linear, x []float32) {
	for j, column := range l.Columns {
		sum := l.BiasOf(j)
		for _, w := range column {
			sum += float64(x[w.Row]) * w.W
		}
		y[j] = float32(sum)
	}
}

// add adds y to x.
func add(x, y []float32) {
	for i, v := range y {
		x[i] += v
	}
}

// activate replaces what neurons read by what they make of it.
func activate(a network.Activation, x []float32) {
	for i, v := range x {
		switch {
		case a != network.ReLU:
			x[i] = float32(a.Of(float64(v)))
		case v < 0:
			x[i] = 0
		}
	}
}

// normed writes the norm of x, which may be y; a nil norm is none.
func normed(y []float32, n *network.Norm, x []float32) {
	if n == nil {
		copy(y, x)
		return
	}
	d := float64(len(x))
	var mean float32
	if n.Centres() {
		var sum float64
		for _, v := range x {
			sum += float64(v)
		}
		mean = float32(sum / d)
	}
	var squares float64
	for i, v := range x {
		y[i] = v - mean
		squares += float64(y[i]) * float64(y[i])
	}
	root := float32(math.Sqrt(float64(float32(squares/d) + float32(n.Eps))))
	inverse := 1 / root
	for i, v := range y {
		y[i] = float32(v*inverse*float32(n.Weight[i])) + float32(n.BiasOf(i))
	}
	if math.IsInf(float64(root), 0) {
		y[0] = root // an infinite variance would make the row 0, not a number out of range
	}
}

// embedded returns the stream that a token at a position begins with.
func embedded(n *network.Network, token, position int) []float32 {
	x := make([]float32, n.Width)
	for j, v := range n.Tokens[token] {
		x[j] = float32(v)
		if n.TokenType != nil {
			x[j] += float32(n.TokenType[j])
		}
		x[j] += float32(n.Positions[position][j])
	}
	normed(x, n.EmbedNorm, x)
	return x
}

// score is that of a key, which may be followed by its value.
func score(query, key []float32, scale float32) float32 {
	var sum float64
	for i, q := range query {
		sum += float64(q) * float64(key[i])
	}
	return float32(sum) * scale
}

// exp is the weight of a score beside the largest, before they are divided by
// their sum.
func exp(score, top float32) float32 { return float32(math.Exp(float64(score - top))) }

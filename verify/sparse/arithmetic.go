package sparse

import (
	"fmt"
	"math"

	"github.com/raspc/raspc/verify/network"
)

// finite reports whether no element is NaN or infinite.
func finite(x []float32) bool {
	var sum float32
	for _, v := range x {
		sum += v * 0
	}
	return sum == 0
}

// arithmetic does what a network does in its type.
type arithmetic struct{ network.Type }

// notFinite reports an activation that the type cannot hold.
func (a arithmetic) notFinite() error {
	return fmt.Errorf("an activation overflows %s", a.Type)
}

// product writes x W + b.
func (a arithmetic) product(y []float32, l network.Linear, x []float32) {
	for j, column := range l.Columns {
		sum := l.BiasOf(j)
		for _, w := range column {
			sum += float64(x[w.Row]) * w.W
		}
		y[j] = float32(sum)
	}
	a.RoundAll(y)
}

// add adds y to x.
func (a arithmetic) add(x, y []float32) {
	for i, v := range y {
		x[i] += v
	}
	a.RoundAll(x)
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
func (a arithmetic) normed(y []float32, n *network.Norm, x []float32) {
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
		if v *= inverse; !n.Centres() {
			v = a.Round(v) // stock code multiplies by the weight in the type
		}
		y[i] = float32(v*float32(n.Weight[i])) + float32(n.BiasOf(i))
	}
	a.RoundAll(y)
	if math.IsInf(float64(root), 0) {
		y[0] = root // an infinite variance would make the row 0, not a number out of range
	}
}

// embedded returns the stream that a token at a position begins with.
func embedded(n *network.Network, token, position int) []float32 {
	a, x := arithmetic{n.Type}, make([]float32, n.Width)
	for j, v := range n.Tokens[token] {
		x[j] = float32(v)
		if n.TokenType != nil {
			x[j] = a.Round(x[j] + float32(n.TokenType[j]))
		}
		x[j] = a.Round(x[j] + float32(n.Positions[position][j]))
	}
	a.normed(x, n.EmbedNorm, x)
	return x
}

// score is that of a key, which may be followed by its value.
func (a arithmetic) score(query, key []float32, scale float32) float32 {
	var sum float64
	for i, q := range query {
		sum += float64(q) * float64(key[i])
	}
	return a.Round(a.Round(float32(sum)) * scale)
}

// weight is that of a key among all.
func (a arithmetic) weight(score, top float32, total float64) float64 {
	return float64(a.Round(exp(score, top) / float32(total)))
}

// exp is the weight of a score beside the largest, before they are divided by
// their sum.
func exp(score, top float32) float32 { return float32(math.Exp(float64(score - top))) }

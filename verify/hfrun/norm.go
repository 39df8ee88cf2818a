package hfrun

import (
	"math"

	"github.com/raspc/raspc/verify/network"
)

// norm is what a stock architecture does to each row before a part or behind
// it.
type norm struct {
	arithmetic
	kind         normKind
	weight, bias []float64 // no bias for rootMeanSquare
	eps          float64   // none for scaling
}

// normKind says what a norm computes.
type normKind uint8

const (
	// layerNorm is (x - mean) / sqrt(var + eps) * weight + bias over the columns,
	// with the biased variance.
	layerNorm normKind = iota
	// rootMeanSquare is x / sqrt(mean of squares + eps) * weight.
	rootMeanSquare
	// scaling is x * weight + bias.
	scaling
)

// apply returns the normed rows.
func (n norm) apply(x []float64) ([]float64, error) {
	d := len(n.weight)
	y := make([]float64, len(x))
	for r := 0; r < len(x); r += d {
		if !n.row(y[r:r+d], x[r:r+d]) {
			return nil, n.notFinite()
		}
	}
	return y, n.roundAll(y)
}

// row norms one row and reports whether what it divides by is finite: an infinite
// number would make the whole row 0. The last operation is rounded by apply.
func (n norm) row(y, x []float64) bool {
	copy(y, x)
	if n.kind == scaling {
		for i := range y {
			y[i] = n.to(y[i]*n.weight[i]) + n.bias[i]
		}
		return true
	}
	d := float64(len(x))
	if n.kind == layerNorm {
		sum := 0.0
		for _, v := range x {
			sum += v
		}
		mean := round(sum / d)
		for i, v := range x {
			y[i] = round(v - mean)
		}
	}
	squares := 0.0
	for _, v := range y {
		squares += v * v
	}
	variance := round(squares / d)
	inverse := round(1 / round(math.Sqrt(round(variance+n.eps))))
	for i := range y {
		if y[i] = round(y[i] * inverse); n.kind == rootMeanSquare {
			y[i] = n.to(y[i]) // stock code multiplies by the weight in the type
		}
		y[i] *= n.weight[i]
		if n.kind == layerNorm {
			y[i] = round(y[i]) + n.bias[i]
		}
	}
	return variance-variance == 0
}

// plain returns the norm of a network; nil where it changes nothing.
func (n norm) plain() (*network.Norm, error) {
	if n.kind != scaling {
		return &network.Norm{Weight: n.weight, Bias: n.bias, Eps: n.eps}, nil
	}
	for i, w := range n.weight {
		if w != 1 || n.bias[i] != 0 {
			return nil, errScaled
		}
	}
	return nil, nil
}

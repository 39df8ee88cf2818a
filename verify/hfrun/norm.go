package hfrun

import "math"

// norm is a layer norm: (x - mean) / sqrt(var + eps) * weight + bias over the
// columns of each row, with the biased variance.
type norm struct {
	weight, bias []float64
	eps          float64
}

// apply returns the normed rows.
func (n norm) apply(x []float64) ([]float64, error) {
	d := len(n.weight)
	y := make([]float64, len(x))
	for r := 0; r < len(x); r += d {
		if !n.row(y[r:r+d], x[r:r+d]) {
			return nil, errNotFinite
		}
	}
	return y, roundAll(y)
}

// row norms one row and reports whether its variance is finite: an infinite
// one would make the whole row 0. The last sum is rounded by apply.
func (n norm) row(y, x []float64) bool {
	d := float64(len(x))
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	mean := round(sum / d)
	squares := 0.0
	for i, v := range x {
		y[i] = round(v - mean)
		squares += y[i] * y[i]
	}
	variance := round(squares / d)
	inverse := round(1 / round(math.Sqrt(round(variance+n.eps))))
	for i := range y {
		y[i] = round(round(y[i]*inverse)*n.weight[i]) + n.bias[i]
	}
	return variance-variance == 0
}

package hfrun

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/network"
)

// arithmetic rounds results to the type of a folder; the zero value is float32.
type arithmetic struct{ network.Type }

// notFinite reports an activation that the type cannot hold. A runtime
// would go on with an infinity or a NaN.
func (a arithmetic) notFinite() error {
	return fault.New(fault.Failing, "an activation overflows %s", a.Type)
}

// to rounds to float32 and then to the type.
func (a arithmetic) to(v float64) float64 { return float64(a.Round(float32(v))) }

// round rounds to float32.
func round(v float64) float64 { return float64(float32(v)) }

// toFloat32 narrows values that are float32 already.
func toFloat32(values []float64) []float32 {
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = float32(v)
	}
	return out
}

// linear is y = x W + b for rows x. Compiled weights are nearly all zero, so
// W is kept as rows of terms where that is shorter. Products of float32
// values are exact in float64 and weights are finite, so leaving out those
// with a zero changes nothing.
type linear struct {
	arithmetic
	in, out int
	bias    []float64
	dense   []float64 // in x out; nil where terms are used
	terms   [][]term  // per row of W
}

// term is one non-zero weight of a row.
type term struct {
	col int32
	w   float64
}

// sparseBelow is the share of non-zero weights up to which terms are used.
const sparseBelow = 0.25

// newLinear takes ownership of the weight, in x out, and the bias.
func newLinear(in, out int, weight, bias []float64) linear {
	l := linear{in: in, out: out, bias: bias, dense: weight}
	nonzero := 0
	for _, w := range weight {
		if w != 0 {
			nonzero++
		}
	}
	if weight == nil || float64(nonzero) > sparseBelow*float64(len(weight)) {
		return l
	}
	l.dense, l.terms = nil, make([][]term, in)
	for i := range l.terms {
		for j, w := range weight[i*out : (i+1)*out] {
			if w != 0 {
				l.terms[i] = append(l.terms[i], term{int32(j), w})
			}
		}
	}
	return l
}

// apply maps each row of x, rounding every result once.
func (l linear) apply(x []float64) ([]float64, error) {
	rows := len(x) / l.in
	y := make([]float64, 0, rows*l.out)
	for range rows {
		y = append(y, l.bias...)
	}
	if l.dense != nil {
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, general(rows, l.in, x), general(l.in, l.out, l.dense), 1, general(rows, l.out, y))
	} else {
		for r := range rows {
			l.addTerms(y[r*l.out:(r+1)*l.out], x[r*l.in:(r+1)*l.in])
		}
	}
	return y, l.roundAll(y)
}

// addTerms adds one row's products.
func (l linear) addTerms(y, x []float64) {
	for i, v := range x {
		if v == 0 {
			continue
		}
		for _, t := range l.terms[i] {
			y[t.col] += v * t.w
		}
	}
}

// general views a slice as a matrix.
func general(rows, cols int, data []float64) blas64.General {
	return blas64.General{Rows: rows, Cols: cols, Stride: cols, Data: data}
}

// roundAll rounds every value and reports one that has become infinite or NaN.
func (a arithmetic) roundAll(values []float64) error {
	for i, v := range values {
		v = a.to(v)
		if v-v != 0 {
			return a.notFinite()
		}
		values[i] = v
	}
	return nil
}

// add adds y to x in place, rounding each sum.
func (a arithmetic) add(x, y []float64) error {
	for i := range x {
		x[i] += y[i]
	}
	return a.roundAll(x)
}

// activate replaces what neurons read by what they make of it.
func activate(act network.Activation, x []float64) {
	for i, v := range x {
		x[i] = act.Of(v)
	}
}

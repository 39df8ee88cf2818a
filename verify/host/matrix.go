package host

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/raspc/raspc/verify/network"
)

// slack is what bounds are widened by, since they are computed in float64: far more than
// its errors.
const slack = 1e-9

// up widens a bound by the errors of computing it.
func up(x float64) float64 { return x * (1 + slack) }

// dense writes out a matrix with the given number of inputs, but for outputs that are left
// out.
func dense(l network.Linear, inputs int, with func(output int) bool) blas64.General {
	var kept []int
	for j := range l.Columns {
		if with == nil || with(j) {
			kept = append(kept, j)
		}
	}
	m := general(inputs, len(kept))
	for k, j := range kept {
		for _, w := range l.Columns[j] {
			m.Data[w.Row*m.Stride+k] = w.W
		}
	}
	return m
}

// general is a matrix of zeros. BLAS wants at least one column to step over.
func general(rows, cols int) blas64.General {
	return blas64.General{Rows: rows, Cols: cols, Stride: max(1, cols), Data: make([]float64, rows*max(1, cols))}
}

// stacked puts matrices of so many columns on top of each other.
func stacked(all []blas64.General, cols int) blas64.General {
	out := blas64.General{Cols: cols, Stride: max(1, cols)}
	for _, m := range all {
		out.Rows += m.Rows
		out.Data = append(out.Data, m.Data...)
	}
	return out
}

// times is the product of two matrices, either of which may be transposed.
func times(a blas64.General, aT blas.Transpose, b blas64.General, bT blas.Transpose) blas64.General {
	rows, cols := a.Rows, b.Cols
	if aT == blas.Trans {
		rows = a.Cols
	}
	if bT == blas.Trans {
		cols = b.Rows
	}
	out := general(rows, cols)
	if rows > 0 && cols > 0 {
		blas64.Gemm(aT, bT, 1, a, b, 0, out)
	}
	return out
}

// length is the root of the sum of the squares of all elements of a matrix.
func length(m blas64.General) float64 { return vector(m.Data) }

// vector is the length of a vector.
func vector(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	return up(blas64.Nrm2(blas64.Vector{N: len(x), Inc: 1, Data: x}))
}

// gram returns the product of a matrix with its own transpose, the smaller of the two,
// whose largest eigenvalue is the square of its norm; and how far that is off.
func gram(m blas64.General) (g blas64.General, off float64) {
	f := length(m)
	off = up(rounding(max(m.Rows, m.Cols)) * f * f)
	if m.Rows < m.Cols {
		return times(m, blas.NoTrans, m, blas.Trans), off
	}
	return times(m, blas.Trans, m, blas.NoTrans), off
}

// norm bounds the norm of a matrix: by how much it makes a vector longer at most.
func norm(m blas64.General) float64 {
	g, off := gram(m)
	return min(length(m), up(math.Sqrt(radius(g, off))))
}

// normOfProduct bounds the norm of a b, of which the square is the largest eigenvalue of
// aᵀa bbᵀ.
func normOfProduct(a, b blas64.General) float64 {
	left, leftOff := times(a, blas.Trans, a, blas.NoTrans), up(rounding(a.Rows)*square(length(a)))
	right, rightOff := times(b, blas.NoTrans, b, blas.Trans), up(rounding(b.Cols)*square(length(b)))
	l, r := length(left), length(right)
	off := up(l*rightOff + r*leftOff + leftOff*rightOff + rounding(a.Cols)*l*r)
	return min(up(norm(a)*norm(b)), up(math.Sqrt(radius(times(left, blas.NoTrans, right, blas.NoTrans), off))))
}

// radius bounds the absolute values of the eigenvalues of a square matrix that is known
// up to an error, both in length: |λ|ⁿ is at most the length of the matrix's nth
// power, for any n.
func radius(m blas64.General, off float64) float64 {
	const squarings = 5
	bound, scale, n := math.Inf(1), 0.0, 1.0 // the power is m times 2^scale
	for i := 0; ; i++ {
		f := length(m)
		most := up(f + off)
		if most == 0 {
			return 0
		}
		bound = min(bound, up(math.Exp2((math.Log2(most)+scale)/n)))
		if i == squarings || !(most < math.MaxFloat64) {
			return bound
		}
		_, e := math.Frexp(most)
		shrink := math.Ldexp(1, -e)
		for k := range m.Data {
			m.Data[k] *= shrink
		}
		f, off, scale = f*shrink, off*shrink, scale+float64(e)
		m = times(m, blas.NoTrans, m, blas.NoTrans)
		off = up(2*f*off + off*off + rounding(m.Rows)*f*f)
		scale, n = 2*scale, 2*n
	}
}

// rounding bounds the error of a sum of n products in float64, relative to the lengths of
// what is multiplied; what is too small for a float64 is within the slack of a bound that
// is not.
func rounding(n int) float64 { return float64(n+2) * 0x1p-52 }

func square(x float64) float64 { return x * x }

// rowSums sums each row of a matrix; see total.
func rowSums(m blas64.General) []float64 {
	out := make([]float64, m.Rows)
	for i := range out {
		out[i] = total(m.Data[i*m.Stride : i*m.Stride+m.Cols])
	}
	return out
}

// weighted bounds the length of a matrix times a vector.
func weighted(m blas64.General, x []float64) float64 {
	out := make([]float64, m.Rows)
	for i := range out {
		out[i] = product(m.Data[i*m.Stride:i*m.Stride+m.Cols], x)
	}
	return vector(out)
}

// applied bounds the length of a vector, which may be nil, times a matrix.
func applied(x []float64, m blas64.General) float64 {
	out := make([]float64, m.Cols)
	for i, v := range x {
		for j := range out {
			out[j] += v * m.Data[i*m.Stride+j]
		}
	}
	return vector(out) + rounding(len(x))*vector(x)*length(m)
}

// product bounds the size of the product of two vectors, of which one may be nil.
func product(x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += v * y[i]
	}
	return math.Abs(sum) + rounding(len(x))*vector(x)*vector(y)
}

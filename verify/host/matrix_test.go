package host

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// random is a matrix of normal numbers.
func random(rng *rand.Rand, rows, cols int, size float64) blas64.General {
	m := general(rows, cols)
	for i := range m.Data {
		m.Data[i] = size * rng.NormFloat64()
	}
	return m
}

// stretched is how much longer a matrix makes vectors, at least: a lower bound, found by
// multiplying one with the matrix and its transpose many times.
func stretched(rng *rand.Rand, m blas64.General) float64 {
	x, y := make([]float64, m.Cols), make([]float64, m.Rows)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	most := 0.0
	for range 2000 {
		f := 1 / math.Sqrt(blas64.Dot(vec(x), vec(x)))
		blas64.Gemv(blas.NoTrans, f, m, vec(x), 0, vec(y))
		most = max(most, math.Sqrt(blas64.Dot(vec(y), vec(y))))
		blas64.Gemv(blas.Trans, 1, m, vec(y), 0, vec(x))
	}
	return most
}

func vec(x []float64) blas64.Vector { return blas64.Vector{N: len(x), Inc: 1, Data: x} }

// TestNorm holds bounds of norms to what vectors show: they are above it, and by little.
func TestNorm(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 60 {
		rows, inner, cols := 1+rng.IntN(40), 1+rng.IntN(12), 1+rng.IntN(40)
		size := math.Exp2(rng.Float64()*200 - 100)
		a, b := random(rng, rows, inner, size), random(rng, inner, cols, 1/size)
		for _, m := range []struct {
			what  string
			bound float64
			of    blas64.General
		}{
			{"a matrix", norm(a), a},
			{"a product", normOfProduct(a, b), times(a, blas.NoTrans, b, blas.NoTrans)},
			{"a row", norm(random(rand.New(rand.NewPCG(2, 2)), 1, cols, 1)), random(rand.New(rand.NewPCG(2, 2)), 1, cols, 1)},
		} {
			if least := stretched(rng, m.of); m.bound < least*(1-1e-12) || m.bound > 1.06*least {
				t.Errorf("%s of %dx%dx%d: the bound is %g, a vector shows %g", m.what, rows, inner, cols, m.bound, least)
			}
		}
	}
}

// TestNormOfNothing takes matrices without rows or columns, and zeros.
func TestNormOfNothing(t *testing.T) {
	for _, m := range []blas64.General{general(0, 3), general(3, 0), general(0, 0), general(4, 2)} {
		if got := norm(m); got != 0 {
			t.Errorf("the norm of a %dx%d matrix of zeros is %g", m.Rows, m.Cols, got)
		}
		if got := normOfProduct(general(2, m.Rows), m); got != 0 {
			t.Errorf("the norm of zeros times a %dx%d matrix of zeros is %g", m.Rows, m.Cols, got)
		}
	}
}

// TestRadius bounds eigenvalues of matrices that are not symmetric, which powers shrink
// to nothing, or that are known roughly.
func TestRadius(t *testing.T) {
	rotation := func(by, size float64) blas64.General {
		m := general(2, 2)
		copy(m.Data, []float64{size * math.Cos(by), -size * math.Sin(by), size * math.Sin(by), size * math.Cos(by)})
		return m
	}
	nilpotent := general(2, 2)
	nilpotent.Data[1] = 1e8
	for _, c := range []struct {
		what        string
		m           blas64.General
		off         float64
		least, most float64
	}{
		{"a rotation", rotation(1, 3), 0, 3, 3.1},
		{"one that is known roughly", rotation(1, 3), 1, 4, 8},
		{"a shift", nilpotent, 0, 0, 10},
	} {
		if got := radius(c.m, c.off); got < c.least || got > c.most {
			t.Errorf("%s: %g, want %g to %g", c.what, got, c.least, c.most)
		}
	}
}

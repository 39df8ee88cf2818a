package onnxrun

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// linearOperators returns the matrix products.
func linearOperators() map[string]operator {
	return map[string]operator{
		"MatMul": plain(2, matMul),
		"Gemm":   {2, 3, 1, makeGemm},
	}
}

// floatPair reports operands that are not of one floating-point type.
func floatPair(x, y *value) error {
	if !x.kind.isFloat() {
		return fmt.Errorf("%s elements are not supported", x.kind)
	}
	return sameKind(x, y)
}

// matMul multiplies matrices as numpy does: leading axes are broadcast, and a
// vector is a row on the left and a column on the right.
func matMul(b *budget, in []*value) (*value, error) {
	x, y := in[0], in[1]
	if err := floatPair(x, y); err != nil {
		return nil, err
	}
	if len(x.shape) == 0 || len(y.shape) == 0 {
		return nil, fmt.Errorf("shapes %v and %v: a scalar is no matrix", x.shape, y.shape)
	}
	xs, ys := x.shape, y.shape
	if len(xs) == 1 {
		xs = []int{1, xs[0]}
	}
	if len(ys) == 1 {
		ys = []int{ys[0], 1}
	}
	k := xs[len(xs)-1]
	if ys[len(ys)-2] != k {
		return nil, fmt.Errorf("shapes %v and %v do not multiply", x.shape, y.shape)
	}
	batch, err := broadcastShape(xs[:len(xs)-2], ys[:len(ys)-2])
	if err != nil {
		return nil, err
	}
	out, err := b.newValue(x.kind, matMulShape(batch, x.shape, y.shape))
	if err != nil {
		return nil, err
	}
	if len(out.f) == 0 || k == 0 {
		return out, nil
	}
	if err := b.spend(int64(len(out.f)) * int64(k)); err != nil {
		return nil, err
	}
	multiplyAll(out.f, x.f, y.f, batch, xs, ys)
	return out.round(), nil
}

// multiplyAll multiplies matrices whose leading axes broadcast to batch. None
// of the shapes has a 0.
func multiplyAll(out, x, y []float64, batch, xs, ys []int) {
	m, k, n := xs[len(xs)-2], xs[len(xs)-1], ys[len(ys)-1]
	multiply := method(x, y)
	if len(ys) == 2 { // one matrix on the right: a single product serves all rows
		multiply(out, x, y, len(out)/n, k, n)
		return
	}
	w := newWalk(batch, broadcastStrides(xs[:len(xs)-2], batch), broadcastStrides(ys[:len(ys)-2], batch))
	w.rows(func(o int, at [maxOperands]int) {
		for i := range w.n {
			xa, ya := (at[0]+i*w.step[0])*m*k, (at[1]+i*w.step[1])*k*n
			multiply(out[(o+i)*m*n:][:m*n], x[xa:][:m*k], y[ya:][:k*n], m, k, n)
		}
	})
}

// matMulShape returns the shape of a product: the axes that a vector lacks
// are missing from it.
func matMulShape(batch, x, y []int) []int {
	shape := append([]int(nil), batch...)
	if len(x) > 1 {
		shape = append(shape, x[len(x)-2])
	}
	if len(y) > 1 {
		shape = append(shape, y[len(y)-1])
	}
	return shape
}

// mulFunc computes the m x n product of an m x k by a k x n matrix, none of
// them empty, into zeros.
type mulFunc func(out, x, y []float64, m, k, n int)

// method chooses how to multiply operands with these elements. BLAS skips
// zeros on the left, so that 0 times infinity would be 0; a file with a NaN
// or an infinite weight must not look better than it is.
func method(x, y []float64) mulFunc {
	if finite(x) && finite(y) {
		return blasMultiply
	}
	return plainMultiply
}

// finite reports whether no element is NaN or infinite.
func finite(x []float64) bool {
	var sum float64
	for _, e := range x {
		sum += e * 0
	}
	return sum == 0
}

// blasMultiply is mulFunc for finite elements.
func blasMultiply(out, x, y []float64, m, k, n int) {
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1,
		blas64.General{Rows: m, Cols: k, Stride: k, Data: x},
		blas64.General{Rows: k, Cols: n, Stride: n, Data: y}, 0,
		blas64.General{Rows: m, Cols: n, Stride: n, Data: out})
}

// plainMultiply is mulFunc for any elements.
func plainMultiply(out, x, y []float64, m, k, n int) {
	for i := range m {
		row := out[i*n : (i+1)*n]
		for l, a := range x[i*k : (i+1)*k] {
			for j, b := range y[l*n : (l+1)*n] {
				row[j] += a * b
			}
		}
	}
}

// makeGemm makes Gemm: alpha x y + beta c, with x and y matrices that may be
// transposed and c broadcast to the product.
func makeGemm(a *attributes) (kernel, error) {
	alpha, beta := float64(get(a, "alpha", float32(1))), float64(get(a, "beta", float32(1)))
	transX, transY := get(a, "transA", int64(0)) != 0, get(a, "transB", int64(0)) != 0
	return one(func(b *budget, in []*value) (*value, error) {
		x, err := matrix(b, in[0], transX)
		if err != nil {
			return nil, err
		}
		y, err := matrix(b, in[1], transY)
		if err != nil {
			return nil, err
		}
		out, err := matMul(b, []*value{x, y})
		if err != nil {
			return nil, err
		}
		for i := range out.f {
			out.f[i] *= alpha
		}
		if len(in) == 3 && in[2] != nil {
			err = addScaled(out, in[2], beta)
		}
		b.release(int64(x.size() + y.size()))
		return out.round(), err
	}), nil
}

// matrix returns v, which must have two axes, transposed if asked for.
func matrix(b *budget, v *value, transpose bool) (*value, error) {
	if len(v.shape) != 2 {
		return nil, fmt.Errorf("shape %v is not a matrix", v.shape)
	}
	by := rowMajor(v.shape)
	if !transpose {
		return b.view(v, v.shape)
	}
	return b.gatherStrided(v, []int{v.shape[1], v.shape[0]}, 0, strides{by[1], by[0]})
}

// addScaled adds beta times c, broadcast, to out.
func addScaled(out, c *value, beta float64) error {
	if err := sameKind(out, c); err != nil {
		return err
	}
	shape, err := broadcastShape(out.shape, c.shape)
	if err != nil {
		return err
	}
	if len(shape) != 2 || shape[0] != out.shape[0] || shape[1] != out.shape[1] {
		return fmt.Errorf("shape %v does not broadcast to %v", c.shape, out.shape)
	}
	combine(out.f, out.f, c.f, shape, out.shape, c.shape, func(x, y float64) float64 { return x + beta*y })
	return nil
}

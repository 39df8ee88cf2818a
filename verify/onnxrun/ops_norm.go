package onnxrun

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// normOperators returns what looks at all elements along an axis.
func normOperators() map[string]operator {
	return map[string]operator{
		"Softmax":            {1, 1, 1, makeSoftmax},
		"LayerNormalization": {2, 3, 1, makeLayerNorm},
		"ReduceMean":         {1, 2, 1, makeReduce(func(sum float64, n int) float64 { return sum / float64(n) }, 18)},
		"ReduceSum":          {1, 2, 1, makeReduce(func(sum float64, _ int) float64 { return sum }, 13)},
	}
}

// makeSoftmax makes Softmax along one axis.
func makeSoftmax(a *attributes) (kernel, error) {
	along := get(a, "axis", int64(-1))
	return one(func(b *budget, in []*value) (*value, error) {
		v := in[0]
		if !v.kind.isFloat() {
			return nil, fmt.Errorf("%s elements are not supported", v.kind)
		}
		x, err := axis(along, len(v.shape))
		if err != nil {
			return nil, err
		}
		out, err := b.newValue(v.kind, v.shape)
		if err != nil || len(out.f) == 0 {
			return out, err
		}
		n, step := v.shape[x], product(v.shape[x+1:])
		for o := range product(v.shape[:x]) {
			for i := range step {
				at := o*n*step + i
				softmax(out.f[at:], v.f[at:], n, step)
			}
		}
		return out.round(), nil
	}), nil
}

// softmax writes the softmax of n elements that lie step apart.
func softmax(dst, src []float64, n, step int) {
	top := math.Inf(-1)
	for i := range n {
		top = math.Max(top, src[i*step]) // NaN wins, and makes the row NaN
	}
	var sum float64
	for i := range n {
		e := math.Exp(src[i*step] - top)
		dst[i*step] = e
		sum += e
	}
	for i := range n {
		dst[i*step] /= sum
	}
}

// makeLayerNorm makes LayerNormalization over the axes from axis on; its
// optional second and third outputs are not provided.
func makeLayerNorm(a *attributes) (kernel, error) {
	along, epsilon := get(a, "axis", int64(-1)), float64(get(a, "epsilon", float32(1e-5)))
	if get(a, "stash_type", int64(1)) != 1 {
		return nil, errors.New("stash_type other than float32")
	}
	return one(func(b *budget, in []*value) (*value, error) {
		v, scale := in[0], in[1]
		if err := floatPair(v, scale); err != nil {
			return nil, err
		}
		x, err := axis(along, len(v.shape))
		if err != nil {
			return nil, err
		}
		shape := v.shape[x:]
		var bias *value
		if len(in) == 3 {
			bias = in[2]
		}
		for _, p := range []*value{scale, bias} {
			if p != nil && (p.kind != v.kind || !slices.Equal(p.shape, shape)) {
				return nil, fmt.Errorf("parameters are %s of shape %v, not %s of shape %v", p.kind, p.shape, v.kind, shape)
			}
		}
		out, err := b.newValue(v.kind, v.shape)
		if err != nil || len(out.f) == 0 {
			return out, err
		}
		n := product(shape)
		for at := 0; at < len(v.f); at += n {
			layerNorm(out.f[at:at+n], v.f[at:at+n], scale, bias, epsilon)
		}
		return out.round(), nil
	}), nil
}

// layerNorm normalizes one row.
func layerNorm(dst, src []float64, scale, bias *value, epsilon float64) {
	n := float64(len(src))
	var mean, variance float64
	for _, e := range src {
		mean += e
	}
	mean /= n
	for _, e := range src {
		variance += (e - mean) * (e - mean)
	}
	inv := 1 / math.Sqrt(variance/n+epsilon)
	for i, e := range src {
		dst[i] = (e - mean) * inv * scale.f[i]
		if bias != nil {
			dst[i] += bias.f[i]
		}
	}
}

// makeReduce makes a reduction of sums along axes. From the opset on that is
// given the axes are an input, before they are an attribute.
func makeReduce(of func(sum float64, n int) float64, axesAreInput int64) func(a *attributes) (kernel, error) {
	return func(a *attributes) (kernel, error) {
		keep := get(a, "keepdims", int64(1)) != 0
		var fixed []int64
		noop := false
		if a.opset < axesAreInput {
			fixed = get(a, "axes", []int64(nil))
		} else {
			noop = get(a, "noop_with_empty_axes", int64(0)) != 0
		}
		return one(func(b *budget, in []*value) (*value, error) {
			list := fixed
			if len(in) == 2 {
				if a.opset < axesAreInput {
					return nil, fmt.Errorf("axes are an attribute in opset %d", a.opset)
				}
				if in[1] != nil {
					var err error
					if list, err = in[1].intVector(); err != nil {
						return nil, err
					}
				}
			}
			if len(list) == 0 && noop {
				return b.view(in[0], in[0].shape)
			}
			return reduce(b, in[0], list, keep, of)
		}), nil
	}
}

// reduce sums along axes, all of them if none is given.
func reduce(b *budget, v *value, list []int64, keep bool, of func(sum float64, n int) float64) (*value, error) {
	if !v.kind.isFloat() {
		return nil, fmt.Errorf("%s elements are not supported", v.kind)
	}
	along, err := axes(list, len(v.shape))
	if err != nil {
		return nil, err
	}
	var shape, kept []int
	by, n := strides{}, 1
	for a, d := range v.shape {
		if len(along) == 0 || slices.Contains(along, a) {
			n *= d
			kept = append(kept, 1)
			continue
		}
		shape, kept = append(shape, d), append(kept, d)
	}
	own := rowMajor(kept)
	for a, d := range kept {
		if d == v.shape[a] {
			by[a] = own[a]
		}
	}
	if keep {
		shape = kept
	}
	out, err := b.newValue(v.kind, shape)
	if err != nil {
		return nil, err
	}
	if len(v.f) > 0 {
		w := newWalk(v.shape, by)
		w.rows(func(from int, at [maxOperands]int) {
			for i := range w.n {
				out.f[at[0]+i*w.step[0]] += v.f[from+i]
			}
		})
	}
	for i, sum := range out.f {
		out.f[i] = of(sum, n)
	}
	return out.round(), nil
}

package onnxrun

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// shapeOperators returns what rearranges elements without looking at them.
func shapeOperators() map[string]operator {
	return map[string]operator{
		"Shape":     {1, 1, 1, makeShape},
		"Reshape":   {2, 2, 1, makeReshape},
		"Transpose": {1, 1, 1, makeTranspose},
		"Squeeze":   {1, 2, 1, func(*attributes) (kernel, error) { return one(squeeze), nil }},
		"Unsqueeze": plain(2, unsqueeze),
		"Expand":    plain(2, expand),
		"Concat":    {1, manyInputs, 1, makeConcat},
	}
}

// makeShape makes Shape, the dimensions from start to end as a vector.
func makeShape(a *attributes) (kernel, error) {
	start, end := get(a, "start", int64(0)), get(a, "end", int64(math.MaxInt64))
	return one(func(b *budget, in []*value) (*value, error) {
		rank := int64(len(in[0].shape))
		from, to := clampIndex(start, rank, 0, rank), clampIndex(end, rank, 0, rank)
		dims := in[0].shape[from:max(from, to)]
		out, err := b.newValue(int64Kind, []int{len(dims)})
		if err != nil {
			return nil, err
		}
		for i, d := range dims {
			out.i[i] = int64(d)
		}
		return out, nil
	}), nil
}

// clampIndex resolves an index that may count from the end of n elements and
// brings it between low and high.
func clampIndex(i, n, low, high int64) int64 {
	if i < 0 {
		i += n
	}
	return min(max(i, low), high)
}

// makeReshape makes Reshape: 0 keeps a dimension unless allowzero, -1 takes
// what is left.
func makeReshape(a *attributes) (kernel, error) {
	allowZero := get(a, "allowzero", int64(0)) != 0
	return one(func(b *budget, in []*value) (*value, error) {
		want, err := in[1].intVector()
		if err != nil {
			return nil, err
		}
		shape, err := reshape(in[0], want, allowZero)
		if err != nil {
			return nil, err
		}
		return b.view(in[0], shape)
	}), nil
}

// reshape resolves the shape that Reshape asks for.
func reshape(v *value, want []int64, allowZero bool) ([]int, error) {
	shape := make([]int, len(want))
	free := -1
	for i, d := range want {
		switch {
		case d == -1 && free < 0:
			free = i
			shape[i] = 1
		case d == 0 && !allowZero:
			if i >= len(v.shape) {
				return nil, fmt.Errorf("shape %v keeps dimension %d of %v", want, i, v.shape)
			}
			shape[i] = v.shape[i]
		case d < 0 || d > math.MaxInt32:
			return nil, fmt.Errorf("shape %v", want)
		default:
			shape[i] = int(d)
		}
	}
	if free >= 0 {
		n, err := count(shape, math.MaxInt64)
		if err != nil {
			return nil, err
		}
		if n == 0 || v.size()%n != 0 {
			return nil, fmt.Errorf("shape %v does not divide the %d elements of %v", want, v.size(), v.shape)
		}
		shape[free] = v.size() / n
	}
	return shape, nil
}

// makeTranspose makes Transpose; without perm it reverses the axes.
func makeTranspose(a *attributes) (kernel, error) {
	perm := get(a, "perm", []int64(nil))
	return one(func(b *budget, in []*value) (*value, error) {
		x := in[0]
		order := make([]int, len(x.shape))
		for i := range order {
			order[i] = len(order) - 1 - i
		}
		if perm != nil {
			var err error
			if order, err = axes(perm, len(x.shape)); err != nil {
				return nil, err
			}
		}
		if len(order) != len(x.shape) {
			return nil, fmt.Errorf("permutation %v of %d axes", perm, len(x.shape))
		}
		own := rowMajor(x.shape)
		shape := make([]int, len(order))
		var by strides
		for i, a := range order {
			shape[i], by[i] = x.shape[a], own[a]
		}
		return b.gatherStrided(x, shape, 0, by)
	}), nil
}

// squeeze removes axes of size 1: the given ones, or all.
func squeeze(b *budget, in []*value) (*value, error) {
	x := in[0]
	var drop []int
	if len(in) == 2 && in[1] != nil {
		list, err := in[1].intVector()
		if err != nil {
			return nil, err
		}
		if drop, err = axes(list, len(x.shape)); err != nil {
			return nil, err
		}
	} else {
		for a, d := range x.shape {
			if d == 1 {
				drop = append(drop, a)
			}
		}
	}
	var shape []int
	for a, d := range x.shape {
		if !slices.Contains(drop, a) {
			shape = append(shape, d)
		} else if d != 1 {
			return nil, fmt.Errorf("axis %d of shape %v is not 1", a, x.shape)
		}
	}
	return b.view(x, shape)
}

// unsqueeze inserts axes of size 1; they count in the result.
func unsqueeze(b *budget, in []*value) (*value, error) {
	x := in[0]
	list, err := in[1].intVector()
	if err != nil {
		return nil, err
	}
	rank := len(x.shape) + len(list)
	insert, err := axes(list, rank)
	if err != nil {
		return nil, err
	}
	shape := make([]int, 0, rank)
	rest := x.shape
	for a := range rank {
		if slices.Contains(insert, a) {
			shape = append(shape, 1)
		} else {
			shape = append(shape, rest[0])
			rest = rest[1:]
		}
	}
	return b.view(x, shape)
}

// expand broadcasts a tensor to the shape that it and the second input give
// together.
func expand(b *budget, in []*value) (*value, error) {
	list, err := in[1].intVector()
	if err != nil {
		return nil, err
	}
	to := make([]int, len(list))
	for i, d := range list {
		if d < 0 || d > math.MaxInt32 {
			return nil, fmt.Errorf("shape %v", list)
		}
		to[i] = int(d)
	}
	shape, err := broadcastShape(in[0].shape, to)
	if err != nil {
		return nil, err
	}
	if len(shape) > maxRank {
		return nil, fmt.Errorf("%d dimensions, more than %d", len(shape), maxRank)
	}
	return b.gatherStrided(in[0], shape, 0, broadcastStrides(in[0].shape, shape))
}

// makeConcat makes Concat along an axis.
func makeConcat(a *attributes) (kernel, error) {
	if !a.has("axis") {
		return nil, errors.New("no axis")
	}
	along := get(a, "axis", int64(0))
	return one(func(b *budget, in []*value) (*value, error) {
		x, shape, err := concatShape(in, along)
		if err != nil {
			return nil, err
		}
		out, err := b.newValue(in[0].kind, shape)
		if err != nil || out.size() == 0 {
			return out, err
		}
		// Seen as matrices whose rows end at the axis, the inputs stand side
		// by side.
		rows, width := product(shape[:x]), product(shape[x:])
		at := 0
		for _, v := range in {
			n := product(v.shape[x:])
			for r := range rows {
				to, from := r*width+at, r*n
				copyRun(out.f, v.f, to, from, n)
				copyRun(out.i, v.i, to, from, n)
				copyRun(out.b, v.b, to, from, n)
			}
			at += n
		}
		return out, nil
	}), nil
}

// concatShape returns the axis and the shape of a concatenation.
func concatShape(in []*value, along int64) (int, []int, error) {
	x, err := axis(along, len(in[0].shape))
	if err != nil {
		return 0, nil, err
	}
	shape := slices.Clone(in[0].shape)
	for _, v := range in[1:] {
		if v == nil {
			return 0, nil, errors.New("an input is missing")
		}
		if err := sameKind(in[0], v); err != nil {
			return 0, nil, err
		}
		if len(v.shape) != len(shape) {
			return 0, nil, fmt.Errorf("shapes %v and %v", in[0].shape, v.shape)
		}
		for a, d := range v.shape {
			if a != x && d != shape[a] {
				return 0, nil, fmt.Errorf("shapes %v and %v differ on axis %d", in[0].shape, v.shape, a)
			}
		}
		shape[x] += v.shape[x]
	}
	return x, shape, nil
}

// copyRun copies n elements where the slice is the one in use.
func copyRun[T any](dst, src []T, to, from, n int) {
	if len(dst) > 0 && n > 0 {
		copy(dst[to:to+n], src[from:from+n])
	}
}

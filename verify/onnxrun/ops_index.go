package onnxrun

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// indexOperators returns what picks elements by position.
func indexOperators() map[string]operator {
	return map[string]operator{
		"Gather": {2, 2, 1, makeGather},
		"Range":  plain(3, rangeOf),
		"Slice":  {3, 5, 1, func(*attributes) (kernel, error) { return one(slice), nil }},
		"Split":  {1, 2, manyInputs, makeSplit},
	}
}

// makeGather makes Gather: blocks along an axis, picked by an index tensor of
// any shape. An index outside the axis is an error.
func makeGather(a *attributes) (kernel, error) {
	along := get(a, "axis", int64(0))
	return one(func(b *budget, in []*value) (*value, error) {
		data, index := in[0], in[1]
		if !index.kind.isInt() {
			return nil, fmt.Errorf("indices are %s, not integers", index.kind)
		}
		x, err := axis(along, len(data.shape))
		if err != nil {
			return nil, err
		}
		picks, err := resolve(index.i, data.shape[x])
		if err != nil {
			return nil, err
		}
		shape := slices.Concat(data.shape[:x], index.shape, data.shape[x+1:])
		out, err := b.newValue(data.kind, shape)
		if err != nil || out.size() == 0 {
			return out, err
		}
		n := product(data.shape[x+1:])
		to := 0
		for o := range product(data.shape[:x]) {
			for _, i := range picks {
				from := (o*data.shape[x] + i) * n
				copyRun(out.f, data.f, to, from, n)
				copyRun(out.i, data.i, to, from, n)
				copyRun(out.b, data.b, to, from, n)
				to += n
			}
		}
		return out, nil
	}), nil
}

// resolve turns indices that may count from the end into offsets.
func resolve(indices []int64, n int) ([]int, error) {
	out := make([]int, len(indices))
	for k, i := range indices {
		if i < -int64(n) || i >= int64(n) {
			return nil, fmt.Errorf("index %d is out of range for %d entries", i, n)
		}
		if i < 0 {
			i += int64(n)
		}
		out[k] = int(i)
	}
	return out, nil
}

// rangeOf is Range on integers: start, start+delta, … below limit.
func rangeOf(b *budget, in []*value) (*value, error) {
	var arg [3]int64
	for i, v := range in {
		if v.kind != int64Kind || len(v.i) != 1 {
			return nil, fmt.Errorf("argument %d is %s of shape %v, not one int64", i, v.kind, v.shape)
		}
		arg[i] = v.i[0]
	}
	start, limit, delta := arg[0], arg[1], arg[2]
	if delta == 0 {
		return nil, errors.New("delta is 0")
	}
	n := rangeCount(start, limit, delta)
	if n > uint64(b.elements) {
		return nil, fmt.Errorf("a range of %d elements exceeds the limit", n)
	}
	out, err := b.newValue(int64Kind, []int{int(n)})
	if err != nil {
		return nil, err
	}
	for i := range out.i {
		out.i[i] = start + int64(i)*delta
	}
	return out, nil
}

// rangeCount returns the number of steps from start to limit. Differences are
// formed as unsigned numbers, in which they cannot overflow.
func rangeCount(start, limit, delta int64) uint64 {
	distance, step := uint64(limit)-uint64(start), uint64(delta)
	if delta < 0 {
		distance, step = -distance, -step
	}
	if (delta > 0 && limit <= start) || (delta < 0 && limit >= start) {
		return 0
	}
	return (distance-1)/step + 1
}

// slice is Slice: data, starts, ends, and optionally axes and steps.
func slice(b *budget, in []*value) (*value, error) {
	x := in[0]
	starts, err := in[1].intVector()
	if err != nil {
		return nil, err
	}
	ends, err := in[2].intVector()
	if err != nil {
		return nil, err
	}
	list, err := optionalVector(in, 3, len(starts), func(i int) int64 { return int64(i) })
	if err != nil {
		return nil, err
	}
	steps, err := optionalVector(in, 4, len(starts), func(int) int64 { return 1 })
	if err != nil {
		return nil, err
	}
	if len(ends) != len(starts) || len(list) != len(starts) || len(steps) != len(starts) {
		return nil, fmt.Errorf("%d starts, %d ends, %d axes, %d steps", len(starts), len(ends), len(list), len(steps))
	}
	along, err := axes(list, len(x.shape))
	if err != nil {
		return nil, err
	}
	shape, by, offset := slices.Clone(x.shape), rowMajor(x.shape), 0
	for i, a := range along {
		from, n, err := sliceRange(starts[i], ends[i], steps[i], int64(x.shape[a]))
		if err != nil {
			return nil, err
		}
		shape[a] = n
		offset += from * by[a]
		if n > 1 { // else the step is not used, and may be of any size
			by[a] *= int(steps[i])
		}
	}
	return b.gatherStrided(x, shape, offset, by)
}

// optionalVector returns an optional list of integers, or n defaults.
func optionalVector(in []*value, i, n int, other func(int) int64) ([]int64, error) {
	if i < len(in) && in[i] != nil {
		return in[i].intVector()
	}
	out := make([]int64, n)
	for k := range out {
		out[k] = other(k)
	}
	return out, nil
}

// sliceRange returns the first index and the number of elements that a slice
// takes of an axis of n elements.
func sliceRange(start, end, step, n int64) (from, taken int, err error) {
	if step == 0 || step == math.MinInt64 {
		return 0, 0, fmt.Errorf("step %d", step)
	}
	if step > 0 {
		start, end = clampIndex(start, n, 0, n), clampIndex(end, n, 0, n)
	} else {
		start, end = clampIndex(start, n, 0, n-1), clampIndex(end, n, -1, n-1)
	}
	if n == 0 {
		return 0, 0, nil
	}
	return int(start), int(rangeCount(start, end, step)), nil
}

// makeSplit makes Split: into parts of the given sizes, or into equal parts,
// of which the last may be smaller.
func makeSplit(a *attributes) (kernel, error) {
	along := get(a, "axis", int64(0))
	parts := a.outputs
	if n := get(a, "num_outputs", int64(parts)); n != int64(parts) {
		return nil, fmt.Errorf("num_outputs is %d, but there are %d", n, parts)
	}
	return func(b *budget, in []*value) ([]*value, error) {
		v := in[0]
		x, err := axis(along, len(v.shape))
		if err != nil {
			return nil, err
		}
		sizes, err := splitSizes(in, v.shape[x], parts)
		if err != nil {
			return nil, err
		}
		by := rowMajor(v.shape)
		outs := make([]*value, parts)
		offset := 0
		for i, n := range sizes {
			shape := slices.Clone(v.shape)
			shape[x] = n
			if outs[i], err = b.gatherStrided(v, shape, offset, by); err != nil {
				return nil, err
			}
			offset += n * by[x]
		}
		return outs, nil
	}, nil
}

// splitSizes returns the sizes of the parts of an axis of n elements.
func splitSizes(in []*value, n, parts int) ([]int, error) {
	sizes := make([]int, parts)
	if len(in) < 2 || in[1] == nil {
		each, rest := (n+parts-1)/parts, n
		for i := range sizes {
			sizes[i] = min(each, rest)
			rest -= sizes[i]
		}
		return sizes, nil
	}
	given := in[1]
	if given.kind != int64Kind || len(given.i) != parts {
		return nil, fmt.Errorf("%d sizes for %d parts", given.size(), parts)
	}
	rest := int64(n)
	for i, s := range given.i {
		if s < 0 || s > rest {
			return nil, fmt.Errorf("sizes %v of an axis of %d", given.i, n)
		}
		sizes[i] = int(s)
		rest -= s
	}
	if rest != 0 {
		return nil, fmt.Errorf("sizes %v of an axis of %d", given.i, n)
	}
	return sizes, nil
}

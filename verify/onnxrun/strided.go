package onnxrun

import "fmt"

// strides are the distances, in elements, between neighbours along each axis
// of an operand. 0 repeats the operand along the axis.
type strides [maxRank]int

// rowMajor returns the strides of a dense tensor.
func rowMajor(shape []int) strides {
	var s strides
	n := 1
	for a := len(shape) - 1; a >= 0; a-- {
		s[a] = n
		n *= shape[a]
	}
	return s
}

// broadcastShape returns the shape to which all shapes broadcast.
func broadcastShape(shapes ...[]int) ([]int, error) {
	rank := 0
	for _, s := range shapes {
		rank = max(rank, len(s))
	}
	out := make([]int, rank)
	for a := range out {
		out[a] = 1
		for _, s := range shapes {
			i := a - (rank - len(s))
			if i < 0 || s[i] == 1 {
				continue
			}
			if out[a] != 1 && out[a] != s[i] {
				return nil, fmt.Errorf("shapes %v do not broadcast", shapes)
			}
			out[a] = s[i]
		}
	}
	return out, nil
}

// broadcastStrides returns the strides by which an operand of one shape is
// read as if it had the broadcast shape.
func broadcastStrides(shape, to []int) strides {
	own := rowMajor(shape)
	var s strides
	for i, d := range shape {
		if d != 1 {
			s[i+len(to)-len(shape)] = own[i]
		}
	}
	return s
}

// maxOperands is the largest number of operands that are walked together.
const maxOperands = 3

// walk visits the elements of shape in row-major order as rows: maximal runs
// of n elements, of which the first lies at out in a dense result and at
// at[k] in operand k, and the others step[k] further each.
type walk struct {
	shape  []int
	by     []strides
	n      int
	step   [maxOperands]int
	visits int // rows
}

// newWalk prepares a walk of a shape without 0 over the operands. Axes that
// all operands cross in the same stride are merged, so that rows are long.
func newWalk(shape []int, by ...strides) *walk {
	w := &walk{by: make([]strides, len(by))}
	for a, d := range shape {
		if d == 1 {
			continue
		}
		last := len(w.shape) - 1
		if last >= 0 && mergeable(w.by, by, last, a, d) {
			w.shape[last] *= d
		} else {
			w.shape = append(w.shape, d)
			last++
		}
		for k := range by {
			w.by[k][last] = by[k][a]
		}
	}
	if len(w.shape) == 0 {
		w.shape = []int{1}
	}
	last := len(w.shape) - 1
	w.n = w.shape[last]
	for k := range by {
		w.step[k] = w.by[k][last]
	}
	w.visits = product(w.shape[:last])
	return w
}

// mergeable reports whether axis a, of d elements, continues the merged axis
// last in all operands.
func mergeable(merged, by []strides, last, a, d int) bool {
	for k := range by {
		if merged[k][last] != by[k][a]*d {
			return false
		}
	}
	return true
}

// rows calls visit for each row.
func (w *walk) rows(visit func(out int, at [maxOperands]int)) {
	var index [maxRank]int
	var at [maxOperands]int
	outer := len(w.shape) - 1
	for row := range w.visits {
		visit(row*w.n, at)
		for a := outer - 1; a >= 0; a-- {
			index[a]++
			for k := range w.by {
				at[k] += w.by[k][a]
			}
			if index[a] < w.shape[a] {
				break
			}
			for k := range w.by {
				at[k] -= w.by[k][a] * w.shape[a]
			}
			index[a] = 0
		}
	}
}

// copyStrided fills dst, of the given shape, from src.
func copyStrided[T any](dst, src []T, shape []int, offset int, by strides) {
	if len(dst) == 0 {
		return
	}
	w := newWalk(shape, by)
	w.rows(func(out int, at [maxOperands]int) {
		from, step := offset+at[0], w.step[0]
		if step == 1 {
			copy(dst[out:out+w.n], src[from:from+w.n])
			return
		}
		for i := range w.n {
			dst[out+i] = src[from+i*step]
		}
	})
}

// gatherStrided returns a tensor of the given shape whose elements are read
// from v at offset by the strides.
func (b *budget) gatherStrided(v *value, shape []int, offset int, by strides) (*value, error) {
	out, err := b.newValue(v.kind, shape)
	if err != nil {
		return nil, err
	}
	copyStrided(out.f, v.f, shape, offset, by)
	copyStrided(out.i, v.i, shape, offset, by)
	copyStrided(out.b, v.b, shape, offset, by)
	return out, nil
}

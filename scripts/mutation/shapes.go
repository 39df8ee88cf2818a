package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
)

// truncate loses data: the end of the file, of a tensor, or all of a tensor.
func truncate(ctx context.Context, s *subject, rng *rand.Rand) (*mutant, error) {
	if rng.IntN(4) == 0 {
		name := weightsFile[s.format]
		data := s.files[name]
		n := rng.IntN(len(data))
		return &mutant{what: fmt.Sprintf("%s ends after %d bytes", name, n), files: map[string][]byte{name: data[:n]}}, nil
	}
	return onWeights(shorten)(ctx, s, rng)
}

// shorten loses a tensor, its last row, or the numbers behind some place, which
// are read as zeros.
func shorten(w *weights, rng *rand.Rand) string {
	i := rng.IntN(len(w.tensors))
	t := w.tensors[i]
	switch rng.IntN(4) {
	case 0:
		w.tensors = slices.Delete(w.tensors, i, i+1)
		return t.name + " is missing"
	case 1:
		t.data = t.data[:len(t.data)-len(t.data)/t.dims[0]]
		t.dims[0]--
		return t.name + " lacks its last row"
	}
	from := rng.IntN(len(t.data))
	clear(t.data[from:])
	return fmt.Sprintf("%s is zeros from number %d on", t.name, from)
}

// reorder has the right numbers at wrong places: two lines of a tensor exchanged,
// two tensors exchanged, or columns stored where rows belong.
func reorder(w *weights, rng *rand.Rand) string {
	t := one(rng, w.tensors...)
	switch rng.IntN(4) {
	case 0:
		return transpose(t)
	case 1:
		var alike []*tensor
		for _, u := range w.tensors {
			if u != t && slices.Equal(u.dims, t.dims) {
				alike = append(alike, u)
			}
		}
		if len(alike) == 0 {
			return ""
		}
		u := one(rng, alike...)
		t.data, u.data = u.data, t.data
		return t.name + " and " + u.name + " are exchanged"
	}
	axis := rng.IntN(len(t.dims))
	if t.dims[axis] < 2 {
		return ""
	}
	i, j := two(rng, t.dims[axis])
	exchange(t, t, axis, i, j)
	return fmt.Sprintf("%s has %s %d and %d exchanged", t.name, [...]string{"rows", "columns"}[axis], i, j)
}

// transpose keeps the shape and stores the data column by column.
func transpose(t *tensor) string {
	if len(t.dims) < 2 {
		return ""
	}
	var data []float32
	for c := range t.dims[1] {
		for r := range t.dims[0] {
			data = append(data, t.data[t.index(1, c, r)])
		}
	}
	t.data = data
	return t.name + " is stored column by column"
}

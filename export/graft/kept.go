package graft

// kept are the weights that a model had, in the larger one, and new ones beside them that
// leave what it computes as it was:
//
//   - New columns of the stream are written by nothing but the circuit, and hold 0 else.
//   - The model reads none of the circuit's columns. It reads other new columns with random
//     weights; they hold 0.
//   - New heads and neurons read with random weights, and write 0.
//   - Layer norms subtract the mean of all columns, of which there are more now. So what
//     writes is centred: the mean of each row over the columns that there were is taken
//     away, and that of the stream is 0 from then on. What a norm returned is the same,
//     because it took the mean away itself, and nothing reads the stream but through one.
type kept struct {
	*grown
	kind  kind
	noise noise
}

// start implements filling. It needs memory for the tensor.
func (k kept) start(w *weight) (func(int, []float32), error) {
	old, err := k.tensor(w)
	if err != nil {
		return nil, err
	}
	rows, cols := k.before(w.rowsOf, w.layer, w.rows), k.before(w.colsOf, w.layer, w.cols)
	width := k.length(w.colsOf, w.cols)
	fresh := func(int, []float32) {}
	if k.kind == reader {
		if fresh, err = k.noise.start(w); err != nil {
			return nil, err
		}
	}
	return func(r int, row []float32) {
		fresh(r, row)
		for c, at := range cols {
			switch {
			case rows[r] >= 0 && at >= 0:
				row[c] = old[rows[r]*width+at]
			case k.circuits(w, r, c):
				row[c] = 0
			}
		}
		if k.kind == writer && k.normed {
			subtractMean(row[:k.sizes.DModel])
		}
	}, nil
}

// circuits reports whether an element reads a column of the circuit.
func (k kept) circuits(w *weight, r, c int) bool {
	at := c
	if w.rowsOf == stream {
		at = r
	}
	return at >= k.sizes.DModel && at < k.sizes.DModel+len(k.parts.place.Columns)
}

// subtractMean makes numbers sum to about 0.
func subtractMean(row []float32) {
	sum := 0.0
	for _, x := range row {
		sum += float64(x)
	}
	mean := sum / float64(len(row))
	for c, x := range row {
		row[c] = float32(float64(x) - mean)
	}
}

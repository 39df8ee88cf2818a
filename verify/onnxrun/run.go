package onnxrun

import (
	"fmt"
	"slices"

	"github.com/raspc/raspc/verify/fault"
)

// Run computes the output for a batch: logits, or values. The result is indexed
// by row, position and output. ids holds the token ids of each row, mask 1 at
// every position that holds a token and 0 at padding. All rows have the same
// length, at least 1.
//
// A row longer than the model's positions, or an id outside its vocabulary,
// is an error of the operation that looks it up.
func (m *Model) Run(ids, mask [][]int64) ([][][]float32, error) {
	all, err := m.run(ids, mask, []Port{m.output})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// RunHidden computes the hidden states of a batch that are outputs, the first
// one first, each as Run computes the output.
func (m *Model) RunHidden(ids, mask [][]int64) ([][][][]float32, error) {
	return m.run(ids, mask, m.states)
}

// run computes some of the outputs.
func (m *Model) run(ids, mask [][]int64, wanted []Port) ([][][][]float32, error) {
	b := newBudget(m.limits)
	x, err := batch(b, InputIDs, m.ids, ids)
	if err != nil {
		return nil, err
	}
	y, err := batch(b, AttentionMask, m.ids, mask)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(x.shape, y.shape) {
		return nil, fmt.Errorf("onnxrun: %s is %dx%d, but %s is %dx%d", InputIDs, x.shape[0], x.shape[1], AttentionMask, y.shape[0], y.shape[1])
	}
	for _, p := range m.inputs {
		if err := p.accepts(x.shape); err != nil {
			return nil, err
		}
	}
	values, err := m.program.run(b, map[string]*value{InputIDs: x, AttentionMask: y})
	if err != nil {
		return nil, fmt.Errorf("onnxrun: %w", err)
	}
	all := make([][][][]float32, len(wanted))
	for i, p := range wanted {
		if all[i], err = p.unpack(values[m.program.names[p.Name]], x.shape); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// unpack checks an output for a batch of the given shape.
func (p Port) unpack(out *value, batch []int) ([][][]float32, error) {
	if out.kind != float32Kind || len(out.shape) != 3 || !slices.Equal(out.shape[:2], batch) {
		return nil, fault.New(fault.Failing, "onnxrun: %s came out as %s of shape %v for %d rows of %d tokens", p.Name, out.kind, out.shape, batch[0], batch[1])
	}
	if err := p.accepts(out.shape); err != nil {
		return nil, err
	}
	return unpack(out), nil
}

// batch packs rows of integers into a tensor of type k.
func batch(b *budget, name string, k kind, rows [][]int64) (*value, error) {
	if len(rows) == 0 || len(rows[0]) == 0 {
		return nil, fmt.Errorf("onnxrun: %s has no rows, or rows of length 0", name)
	}
	v, err := b.newValue(k, []int{len(rows), len(rows[0])})
	if err != nil {
		return nil, fmt.Errorf("onnxrun: %s: %w", name, err)
	}
	for i, row := range rows {
		if len(row) != len(rows[0]) {
			return nil, fmt.Errorf("onnxrun: row %d of %s has %d entries, row 0 has %d", i, name, len(row), len(rows[0]))
		}
		for _, id := range row {
			if k == int32Kind && int64(int32(id)) != id {
				return nil, fmt.Errorf("onnxrun: %d in %s does not fit int32", id, name)
			}
		}
		copy(v.i[i*len(row):], row)
	}
	return v, nil
}

// accepts reports a shape that the file rules out.
func (p Port) accepts(shape []int) error {
	for i, d := range p.Dims {
		if d >= 0 && d != int64(shape[i]) {
			return fault.New(fault.Failing, "onnxrun: %s has shape %v, but the file declares %v (-1 is free)", p.Name, shape, p.Dims)
		}
	}
	return nil
}

// unpack turns a tensor into nested slices over one array.
func unpack(v *value) [][][]float32 {
	rows, length, width := v.shape[0], v.shape[1], v.shape[2]
	flat := make([]float32, len(v.f))
	for i, x := range v.f {
		flat[i] = float32(x)
	}
	positions := make([][]float32, rows*length)
	for i := range positions {
		positions[i] = flat[i*width : (i+1)*width : (i+1)*width]
	}
	out := make([][][]float32, rows)
	for i := range out {
		out[i] = positions[i*length : (i+1)*length : (i+1)*length]
	}
	return out
}

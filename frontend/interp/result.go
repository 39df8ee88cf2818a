package interp

import (
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// Result holds the values of all evaluated nodes on one input. It does not
// change once Run has returned it.
type Result struct {
	slots slots
	cells []cell
}

// cell is what one step gave: values of one type, or a matrix.
type cell struct {
	seq []value.Value
	typ value.Type
	mat *Matrix
	// fixed are the positions whose values in seq are patches.
	fixed fixed
}

// newResult makes room for every step at once: one block of values, one of
// matrix rows.
func (e *Evaluator) newResult(size int) *Result {
	r := &Result{slots: e.slots, cells: make([]cell, len(e.steps))}
	values := make([]value.Value, e.seqs*size)
	mats := newMatrices(len(e.steps)-e.seqs, size)
	for i := range e.steps {
		if e.steps[i].node.Selector() {
			r.cells[i].mat, mats = &mats[0], mats[1:]
		} else {
			r.cells[i].seq, values = values[:size:size], values[size:]
		}
	}
	return r
}

// Sequence returns the values of an s-op, one a position; nil for a node that
// was not evaluated or is a selector. The caller must not change them.
func (r *Result) Sequence(id sop.ID) []value.Value {
	if i := r.slots.of(id); i >= 0 {
		return r.cells[i].seq
	}
	return nil
}

// Patched reports whether a patch gave the s-op its value at a position.
func (r *Result) Patched(id sop.ID, position int) bool {
	i := r.slots.of(id)
	return i >= 0 && r.cells[i].fixed.at(position)
}

// Type returns the type of the values of an s-op that was evaluated.
func (r *Result) Type(id sop.ID) value.Type {
	if i := r.slots.of(id); i >= 0 {
		return r.cells[i].typ
	}
	return 0
}

// Matrix returns the matrix of a selector, with causality applied; nil for a
// node that was not evaluated or is an s-op.
func (r *Result) Matrix(id sop.ID) *Matrix {
	if i := r.slots.of(id); i >= 0 {
		return r.cells[i].mat
	}
	return nil
}

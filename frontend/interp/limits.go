package interp

import (
	"fmt"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// limits bound a run.
type limits struct {
	// work counts comparisons, positions selected and operators applied, and more
	// for those on long numbers and strings: some ten nanoseconds each.
	work int
	// room is the memory of a result in bytes.
	room int
}

// usual are the limits of every run. Programs and inputs that people write stay
// far below.
var usual = limits{work: 1 << 33, room: 1 << 30}

// valueBytes is the memory of a value beside what its text or long number takes.
const valueBytes = 56

// LimitError says that a run was given up because it takes too much time or
// memory. The program may well have a meaning on the input.
type LimitError struct {
	Length int    // of the input
	Most   string // what the run would have exceeded
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("the program takes more than %s on this input of length %d: try a shorter one", e.Most, e.Length)
}

// budget is what a run may still use.
type budget struct {
	left, limits limits
	length       int
}

// step charges for elementary steps.
func (b *budget) step(n int) error {
	if b.left.work -= n; b.left.work < 0 {
		return &LimitError{b.length, fmt.Sprintf("%d steps", b.limits.work)}
	}
	return nil
}

// store charges for bytes that the result holds.
func (b *budget) store(n int) error {
	if n > b.left.room {
		return &LimitError{b.length, fmt.Sprintf("%d MiB of memory", b.limits.room>>20)}
	}
	b.left.room -= n
	return nil
}

// made charges for a value that an operator made.
func (b *budget) made(v value.Value) error {
	if size := len(v.Text()) + v.Rat().BitLen()/8; size > valueBytes {
		if err := b.store(size); err != nil {
			return err
		}
	}
	return b.step(work(v))
}

// work is that of an operator on v, or with v as its result. Arithmetic takes
// time by the square of the length of numbers, and a hundred times as much where
// fractions are to be reduced.
func work(v value.Value) int {
	if !v.IsNumber() {
		return 1 + len(v.Text())/64
	}
	words := v.Rat().BitLen() / 64
	if v.Rat().IsInt() {
		return 1 + len(v.Text())/64 + words*words/32
	}
	return 1 + 4*words*words
}

// search is the work of finding a value in the node's table, if it is searched.
func search(n *sop.Node) int {
	switch {
	case n.Op == sop.In:
		return len(n.Table.Vals)
	case n.Op == sop.Lookup && n.Table.Dict:
		return 1
	}
	return 0
}

// room is the memory of a result on an input of the given length, but for long
// strings and numbers.
func (e *Evaluator) room(length int) int {
	matrix := length * (length + 63) / 8
	mats := len(e.steps) - e.seqs
	return e.seqs*length*valueBytes + mats*min(matrix, e.limits.room+1)
}

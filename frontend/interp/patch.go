package interp

import (
	"fmt"
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// Input stands for the input's tokens where a node is expected: what all
// readings of tokens read.
const Input sop.ID = -1

// Patch is an intervention: the s-op has the value at the position, whatever it
// is computed from. All that depends on it is computed from that value, and
// what it depends on stays as it is. At the position itself the s-op is not
// computed, so that it cannot be undefined there.
type Patch struct {
	Node     sop.ID // an s-op, or Input
	Position int
	Value    value.Value
}

// PatchError says that a run has no place for a patch.
type PatchError struct {
	Patch Patch
	Msg   string
}

func (e *PatchError) Error() string { return e.Msg }

// fixed marks the positions of an s-op that a run does not compute; nil for none.
type fixed []bool

func (f fixed) at(i int) bool { return f != nil && f[i] }

// patch writes the values of patches into the cells, and returns the input that
// is left for the others to read. Where two patches meet, the later one holds.
func (e *Evaluator) patch(cells []cell, input []value.Value, patches []Patch) ([]value.Value, error) {
	read := input
	for _, p := range patches {
		if p.Position < 0 || p.Position >= len(input) {
			return nil, &PatchError{p, fmt.Sprintf("position %d is outside of the input, whose positions are 0 to %d", p.Position, len(input)-1)}
		}
		if p.Node == Input {
			if &read[0] == &input[0] {
				read = slices.Clone(input)
			}
			read[p.Position] = p.Value
			continue
		}
		i := e.slots.of(p.Node)
		if i < 0 || cells[i].mat != nil {
			return nil, &PatchError{p, fmt.Sprintf("node %d is no s-op that is evaluated", p.Node)}
		}
		c := &cells[i]
		if c.fixed == nil {
			c.fixed = make(fixed, len(input))
		}
		c.fixed[p.Position], c.seq[p.Position] = true, p.Value
	}
	return read, nil
}

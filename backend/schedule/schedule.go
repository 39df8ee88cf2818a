// Package schedule assigns the parts of a craft program to layers.
//
// Layer l runs its heads at time 2l and its MLP at time 2l+1. A part runs
// after everything that it reads was written, so the least depth is the
// longest path in the graph of reads and writes, where a head may feed the MLP
// of its own layer but an MLP feeds only later layers.
package schedule

import (
	"fmt"

	"github.com/raspc/raspc/craft"
)

// Schedule gives the layer of each part of a program, in its order.
type Schedule struct {
	Layer  []int
	Layers int
}

// embedded is the time of what embeddings write.
const embedded = -1

// Make gives the program the fewest layers that it can have, and moves what has
// slack such that the widest layer, to which all others are padded, is narrow.
func Make(p *craft.Program) *Schedule {
	s := earliestOf(p)
	newBalance(p, s).run()
	return s
}

// earliestOf runs each part as early as it can.
func earliestOf(p *craft.Program) *Schedule {
	written := make([]int, len(p.Residual))
	for i := range written {
		written[i] = embedded
	}
	s := &Schedule{Layer: make([]int, len(p.Parts))}
	for i, part := range p.Parts {
		t := earliest(part, written)
		for _, to := range part.Writes() {
			written[to] = max(written[to], t)
		}
		s.Layer[i] = t / 2
		s.Layers = max(s.Layers, t/2+1)
	}
	return s
}

// earliest returns the first time of the part's kind after all its reads.
func earliest(part craft.Part, written []int) int {
	ready := embedded
	for _, from := range part.Reads() {
		ready = max(ready, written[from])
	}
	t := ready + 1
	if isMLP := part.MLP != nil; isMLP != (t%2 == 1) {
		t++
	}
	return t
}

func time(part craft.Part, layer int) int {
	if part.MLP != nil {
		return 2*layer + 1
	}
	return 2 * layer
}

// Check verifies that every part runs after all parts that write what it
// reads.
func Check(p *craft.Program, s *Schedule) error {
	if len(s.Layer) != len(p.Parts) {
		return fmt.Errorf("%d parts are scheduled, the program has %d", len(s.Layer), len(p.Parts))
	}
	last := make([]int, len(p.Residual)) // last write, by direction
	for i := range last {
		last[i] = embedded
	}
	for i, part := range p.Parts {
		for _, to := range part.Writes() {
			last[to] = max(last[to], time(part, s.Layer[i]))
		}
	}
	for i, part := range p.Parts {
		t := time(part, s.Layer[i])
		if s.Layer[i] < 0 || s.Layer[i] >= s.Layers {
			return fmt.Errorf("part %d (%s) is in layer %d of %d", i, part.Name(), s.Layer[i], s.Layers)
		}
		for _, from := range part.Reads() {
			if last[from] >= t {
				return fmt.Errorf("part %d (%s) reads %s at time %d, written at %d", i, part.Name(), p.Residual[from], t, last[from])
			}
		}
	}
	return nil
}

package hfrun

import (
	"fmt"

	"github.com/raspc/raspc/verify/fault"
)

// Streams runs one sequence on a GPT-2 or a Llama and shows what its residual stream is:
// behind the embedding, at point 0, and of layer k behind its attention, 2k+1, and
// behind its neurons, 2k+2. It has the columns of one position after the other, and must
// neither be changed nor kept. The errors are those of Run, and one for another
// architecture.
func (m *Model) Streams(ids []int64, visit func(point int, x []float64)) error {
	mask := make([]int64, len(ids))
	for i := range mask {
		mask[i] = 1
	}
	switch m.net.(type) {
	case *gpt2, *llama:
	default:
		return fault.New(fault.Unsupported, "the residual stream of a %s is not shown", m.arch)
	}
	if err := m.check([][]int64{ids}, [][]int64{mask}); err != nil {
		return fmt.Errorf("a sequence of %d tokens: %w", len(ids), err)
	}
	in := flatten([][]int64{ids}, [][]int64{mask})
	in.visit = visit
	_, err := m.net.forward(in)
	return err
}

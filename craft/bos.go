package craft

import (
	"fmt"

	"github.com/raspc/raspc/frontend/value"
)

// leastBOSScore is how far the BOS key's score must lie above those of all
// other keys, for a query at BOS, so that exp of the difference is 0 in
// float32.
var leastBOSScore = value.Int(104)

// checkBOS follows the BOS position through the program, in exact arithmetic,
// and verifies that no input can change it: its queries select BOS alone, all
// neurons are off, and at the end every variable holds its AtBOS code.
func (p *Program) checkBOS() error {
	x := make([]value.Rat, len(p.Residual))
	p.Embed.rowAt(len(p.Vocab), x)
	p.Position.rowAt(0, x)
	for _, part := range p.Parts {
		var err error
		if part.Head != nil {
			err = part.Head.atBOS(x)
		} else {
			err = part.MLP.atBOS(x)
		}
		if err != nil {
			return err
		}
	}
	for _, v := range p.Variables {
		for k, code := range v.AtBOS {
			if !x[v.First+k].Equal(code) {
				return fmt.Errorf("at BOS %s holds %s, its code is %s", p.Residual[v.First+k], x[v.First+k], code)
			}
		}
	}
	return nil
}

// rowAt adds row i of the map to x.
func (m Map) rowAt(i int, x []value.Rat) {
	for _, e := range m {
		if e.From == i {
			x[e.To] = x[e.To].Add(e.W)
		}
	}
}

// times returns x M, of the given size.
func (m Map) times(x []value.Rat, size int) []value.Rat {
	y := make([]value.Rat, size)
	for _, e := range m {
		y[e.To] = y[e.To].Add(x[e.From].Mul(e.W))
	}
	return y
}

// atBOS adds what the head writes at BOS to x, and fails unless the query
// there attends to BOS alone: it may score only dimensions that no other key
// has, and must score BOS far above 0.
func (h *Head) atBOS(x []value.Rat) error {
	q, k := h.Q.times(x, len(h.Score)), h.K.times(x, len(h.Score))
	for _, e := range h.K {
		if e.From != BOS && q[e.To].Sign() != 0 {
			return fmt.Errorf("head %s: at BOS the query scores %s, which other keys have", h.Name, h.Score[e.To])
		}
	}
	score := value.Int(0)
	for d := range q {
		score = score.Add(q[d].Mul(k[d]))
	}
	if score.Cmp(leastBOSScore) < 0 {
		return fmt.Errorf("head %s: at BOS the query scores BOS %s, less than %s", h.Name, score, leastBOSScore)
	}
	out := h.O.times(h.V.times(x, len(h.Value)), len(x))
	for i := range x {
		x[i] = x[i].Add(out[i])
	}
	return nil
}

// atBOS adds what the MLP writes at BOS to x, and fails unless all neurons are
// off there by a margin that rounding cannot bridge.
func (m *MLP) atBOS(x []value.Rat) error {
	for i, in := range m.In.times(x, len(m.Hidden)) {
		if in.Cmp(value.Frac(-1, 2)) > 0 {
			return fmt.Errorf("mlp %s: neuron %s has input %s at BOS", m.Name, m.Hidden[i], in)
		}
	}
	m.Bias.rowAt(0, x)
	return nil
}

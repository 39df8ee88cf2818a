package layout_test

import (
	"testing"

	"github.com/raspc/raspc/backend/layout"
	"github.com/raspc/raspc/backend/schedule"
)

// TestReuse lets directions share columns, each with a neuron that clears it
// between the last that reads the old one and the first that writes the new
// one. That nothing else changes is what TestGeneratedPrograms shows.
func TestReuse(t *testing.T) {
	p, plain := placed(t, uneven)
	s := schedule.Make(p)
	l := layout.Make(p, s, layout.Options{Reuse: true})
	if err := layout.Check(p, l); err != nil {
		t.Fatal(err)
	}
	before, after := plain.Model.Config.DModel, l.Model.Config.DModel
	if after >= before {
		t.Errorf("%d columns, were %d", after, before)
	}
	holders, cleared := map[int][]int{}, map[int]int{}
	for d, col := range l.Columns {
		if col >= 0 {
			holders[col] = append(holders[col], d)
		}
	}
	for _, c := range l.Cleared {
		cleared[c.Direction] = c.Layer
	}
	if len(holders) != after || len(l.Cleared) < before-after {
		t.Errorf("%d columns in use of %d, %d clearings for %d", len(holders), after, len(l.Cleared), before-after)
	}
	for i, part := range p.Parts {
		at := 2 * s.Layer[i]
		if part.MLP != nil {
			at++
		}
		for _, d := range part.Reads() {
			if layer, ok := cleared[d]; ok && at > 2*layer+1 {
				t.Errorf("part %d reads %s, which layer %d clears", i, p.Residual[d], layer)
			}
		}
		for _, d := range part.Writes() {
			for _, other := range holders[l.Columns[d]] {
				layer, ok := cleared[other]
				if ok && l.Columns[d] >= 0 && other < d && at < 2*layer+1 {
					t.Errorf("part %d writes %s over %s, cleared by layer %d", i, p.Residual[d], p.Residual[other], layer)
				}
			}
		}
	}
}

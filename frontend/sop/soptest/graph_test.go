package soptest_test

import (
	"testing"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/sop/soptest"
	"github.com/raspc/raspc/frontend/value"
)

// TestEveryOperatorOccurs keeps the generator from going blind on one side.
func TestEveryOperatorOccurs(t *testing.T) {
	ops, reads, cmps, inputs := map[sop.Op]bool{}, map[sop.Read]bool{}, map[value.Cmp]bool{}, map[value.Kind]bool{}
	defaults := map[bool]bool{}
	graphs, elements := soptest.Graph(25), soptest.Input(6)
	for seed := range 300 {
		g := graphs.Example(seed)
		if err := sop.Check(g); err != nil {
			t.Fatal(err)
		}
		for id := range sop.ID(g.Len()) {
			n := g.Node(id)
			ops[n.Op] = true
			switch n.Op {
			case sop.Tokens:
				reads[n.Read] = true
			case sop.Select:
				cmps[n.Cmp] = true
			case sop.Aggregate:
				defaults[n.HasDefault] = true
			}
		}
		for _, v := range elements.Example(seed) {
			inputs[v.Kind()] = true
		}
	}
	if want := int(sop.Width) + 1; len(ops) != want {
		t.Errorf("%d of %d operators occur", len(ops), want)
	}
	if len(reads) != 5 || len(cmps) != 6 || len(defaults) != 2 || len(inputs) != 4 {
		t.Errorf("%d readings, %d comparisons, %d sorts of default, %d kinds of input", len(reads), len(cmps), len(defaults), len(inputs))
	}
}

package values_test

import (
	"testing"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

func TestLooksBack(t *testing.T) {
	var at sop.Pos
	type graph = *sop.Graph
	index := func(g graph) sop.ID { return g.Indices(at) }
	token := func(g graph) sop.ID { return g.Tokens(sop.ReadStr, at) }
	number := func(g graph, n int64) sop.ID { return g.Const(value.IntOf(n), at) }
	position := func(c value.Cmp) func(graph) sop.ID {
		return func(g graph) sop.ID { return g.Select(index(g), index(g), c, at) }
	}
	target := func(op sop.Op, n int64) func(graph) sop.ID {
		return func(g graph) sop.ID {
			return g.Select(index(g), g.Map(op, at, index(g), number(g, n)), value.EQ, at)
		}
	}
	earlier := position(value.LT)
	same := func(g graph) sop.ID { return g.Select(token(g), token(g), value.EQ, at) }
	for name, c := range map[string]struct {
		sel  func(g graph) sop.ID
		want bool
	}{
		"earlier":      {earlier, true},
		"up to here":   {position(value.LE), true},
		"later":        {position(value.GT), false},
		"everything":   {func(g graph) sop.ID { return g.Full(at) }, false},
		"same token":   {same, false},
		"earlier same": {func(g graph) sop.ID { return g.SelAnd(same(g), earlier(g), at) }, true},
		"earlier or":   {func(g graph) sop.ID { return g.SelOr(same(g), earlier(g), at) }, false},
		"not later":    {func(g graph) sop.ID { return g.SelNot(position(value.GT)(g), at) }, true},
		"two before":   {target(sop.Sub, 2), true},
		"next":         {target(sop.Add, 1), false},
		"parity":       {target(sop.Mod, 2), true},
		"first":        {func(g graph) sop.ID { return g.Select(index(g), number(g, 0), value.EQ, at) }, true},
		"second":       {func(g graph) sop.ID { return g.Select(index(g), number(g, 1), value.EQ, at) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := sop.NewGraph()
			out := g.Width(c.sel(g), at)
			table, err := values.Infer(g, out, values.Domain{Vocab: []value.Value{value.Str("a"), value.Str("b")}, MaxLen: 4})
			if err != nil {
				t.Fatal(err)
			}
			if got := table.LooksBack(); got != c.want {
				t.Errorf("looks back: %t, want %t", got, c.want)
			}
		})
	}
}

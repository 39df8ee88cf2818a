package simplify_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/simplify"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/sop/soptest"
	"github.com/raspc/raspc/frontend/value"
)

// count returns how many aggregates an output is computed with.
func count(g *sop.Graph, output sop.ID) int {
	n := 0
	for _, id := range g.Reachable(output) {
		if g.Node(id).Op == sop.Aggregate {
			n++
		}
	}
	return n
}

func TestLinear(t *testing.T) {
	var at sop.Pos
	one := value.IntOf(1)
	type graph = *sop.Graph
	past := func(g graph) sop.ID { return g.Select(g.Indices(at), g.Indices(at), value.LT, at) }
	mean := func(g graph, v sop.ID) sop.ID { return g.Aggregate(past(g), v, nil, at) }
	is := func(g graph, n int64) sop.ID {
		return g.Map(sop.Indicator, at, g.Compare(value.EQ, g.Indices(at), g.Const(value.IntOf(n), at), at))
	}
	for name, c := range map[string]struct {
		build func(g graph) sop.ID
		want  int
	}{
		"difference": {func(g graph) sop.ID { return g.Map(sop.Sub, at, mean(g, is(g, 0)), mean(g, is(g, 1))) }, 1},
		"three": {func(g graph) sop.ID {
			two := g.Map(sop.Add, at, mean(g, is(g, 0)), mean(g, is(g, 1)))
			return g.Map(sop.Sub, at, two, mean(g, is(g, 2)))
		}, 1},
		"defaults": {func(g graph) sop.ID {
			return g.Map(sop.Add, at, g.Aggregate(past(g), is(g, 0), &one, at), mean(g, is(g, 1)))
		}, 1},
		"other selector": {func(g graph) sop.ID {
			return g.Map(sop.Sub, at, mean(g, is(g, 0)), g.Aggregate(g.Full(at), is(g, 1), nil, at))
		}, 2},
		"read twice": {func(g graph) sop.ID {
			m := mean(g, is(g, 0))
			return g.Map(sop.Mul, at, m, g.Map(sop.Sub, at, m, mean(g, is(g, 1))))
		}, 2},
		"booleans": {func(g graph) sop.ID {
			b := g.Compare(value.EQ, g.Indices(at), g.Const(value.IntOf(1), at), at)
			return g.Map(sop.Sub, at, mean(g, b), mean(g, is(g, 1)))
		}, 2},
		"perhaps strings": {func(g graph) sop.ID {
			return g.Map(sop.Add, at, mean(g, g.Tokens(sop.ReadAsIs, at)), mean(g, is(g, 1)))
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			g := sop.NewGraph()
			out := c.build(g)
			s, o, _ := simplify.Linear(g, out, nil)
			if err := sop.Check(s); err != nil {
				t.Fatal(err)
			}
			if got := count(s, o); got != c.want {
				t.Errorf("%d aggregates, want %d:\n%s", got, c.want, sop.Dump(s, o))
			}
		})
	}
}

// TestLinearKeepsMeaning compares random graphs before and after: wherever the
// program is defined, and only there, the result is, with the same values.
func TestLinearKeepsMeaning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := soptest.Graph(30).Draw(t, "graph")
		var out sop.ID
		for out = sop.ID(g.Len() - 1); g.Node(out).Selector(); out-- {
		}
		s, o, _ := simplify.Linear(g, out, nil)
		in := soptest.Input(6).Draw(t, "input")
		for _, causal := range []bool{false, true} {
			want, before := interp.New(g, causal, out).Run(in)
			got, after := interp.New(s, causal, o).Run(in)
			if (before == nil) != (after == nil) {
				t.Fatalf("before: %v, after: %v\n%s\n%s", before, after, sop.Dump(g, out), sop.Dump(s, o))
			}
			if before != nil {
				continue
			}
			for i, w := range want.Sequence(out) {
				if v := got.Sequence(o)[i]; !value.Equal(v, w) {
					t.Fatalf("position %d is %s, was %s\n%s\n%s", i, v.Repr(), w.Repr(), sop.Dump(g, out), sop.Dump(s, o))
				}
			}
		}
	})
}

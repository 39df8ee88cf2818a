package lower_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/craft/lower"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/sop/soptest"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// TestClaimsOfRandomPrograms executes random programs in float32.
func TestClaimsOfRandomPrograms(t *testing.T) {
	compiled := 0
	rapid.Check(t, func(t *rapid.T) {
		g := soptest.Graph(40).Draw(t, "graph")
		d := values.Domain{
			Vocab: []value.Value{value.IntOf(0), value.IntOf(1), value.IntOf(3)}, MaxLen: rapid.IntRange(2, 12).Draw(t, "length"),
			Causal: rapid.Bool().Draw(t, "causal"),
		}
		out := root(g)
		s, err := attemptGraph(g, out, d, lower.Options{MaterializeAll: rapid.Bool().Draw(t, "materialize")})
		var le *lower.Error
		var limit *values.LimitError
		var unsupported *values.UnsupportedError
		if errors.As(err, &le) || errors.As(err, &limit) || errors.As(err, &unsupported) {
			return
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, sop.Dump(g, out))
		}
		compiled++
		for k, ids := range append(s.inputs(3), s.random(12, 1)...) {
			want, err := s.oracle.Run(s.tokens(ids))
			if err != nil {
				continue
			}
			x, logits := newSingle(s.prog, uint64(k)).run(ids)
			s.claims(t, ids, want, x)
			s.logits(t, ids, want, widened(logits))
		}
	})
	t.Logf("%d programs compiled", compiled)
}

// root is the last s-op of a graph.
func root(g *sop.Graph) sop.ID {
	for id := sop.ID(g.Len() - 1); ; id-- {
		if !g.Node(id).Selector() {
			return id
		}
	}
}

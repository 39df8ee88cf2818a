package verify

import (
	"context"
	"errors"
	"testing"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// TestOracleGivesUp: an input that is too large for the oracle is no input on
// which the program is undefined, which would be left out.
func TestOracleGivesUp(t *testing.T) {
	g := sop.NewGraph()
	out := g.Tokens(sop.ReadInt, sop.Pos{})
	for range 300 {
		out = g.Map(sop.Add, sop.Pos{}, out, g.Indices(sop.Pos{}))
	}
	s := &subject{graph: g, oracle: interp.New(g, false, out), output: out, vocab: []value.Value{value.IntOf(7), value.Str("a")}}
	_, _, err := s.expect(context.Background(), [][]int{{0}, make([]int, 100_000), {1}})
	var limit *interp.LimitError
	if !errors.As(err, &limit) || limit.Length != 100_000 {
		t.Errorf("error %v", err)
	}
	cases, undefined, err := s.expect(context.Background(), [][]int{{0}, {1}})
	if len(cases) != 1 || undefined.total() != 1 || err != nil {
		t.Errorf("%d cases,%v undefined, error %v", len(cases), undefined, err)
	}
}

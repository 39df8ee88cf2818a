package values_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// TestLimits refuses sets that grow too large.
func TestLimits(t *testing.T) {
	for name, text := range map[string]string{
		"means":    "#: vocab = 0..255\n#: max_len = 128\nx = aggregate(full_s, tokens);",
		"sums":     "#: vocab = 0..255\n#: max_len = 1100\nx = aggregate(full_s, tokens) * length;",
		"a set":    "#: vocab = 0..999\n#: max_len = 999\nx = tokens / (indices + 1);",
		"operands": "#: vocab = 0..1999\n#: max_len = 1000\nx = tokens + indices;",
	} {
		t.Run(name, func(t *testing.T) {
			defer time.AfterFunc(time.Minute, func() { panic(name + " hangs") }).Stop()
			p := parse(t, "#: tokens = int\n"+text)
			_, err := values.Infer(p.Graph, p.Output.ID, p.domain)
			var limit *values.LimitError
			if !errors.As(err, &limit) || limit.Node != p.id(t, "x") || len(limit.Chain) == 0 {
				t.Error(err)
			}
		})
	}
}

// TestLimitChain says which s-ops a set that is too large comes from, each once.
func TestLimitChain(t *testing.T) {
	for divisor, want := range map[string]string{
		"y":       "y (999 values), indices (999 values)",
		"indices": "tokens (1000 values), indices (999 values)",
	} {
		p := parse(t, `
			#: tokens = int
			#: vocab = 0..999
			#: max_len = 999
			y = indices + 1;
			x = tokens / `+divisor+`;`)
		_, err := values.Infer(p.Graph, p.Output.ID, p.domain)
		var limit *values.LimitError
		if !errors.As(err, &limit) || limit.Node != p.id(t, "x") || limit.Size <= values.MaxSet {
			t.Fatalf("%s: %v", divisor, err)
		}
		if msg := err.Error(); !strings.HasSuffix(msg, want) {
			t.Errorf("%s: %s", divisor, msg)
		}
	}
}

// TestUnsupported refuses what sets cannot describe.
func TestUnsupported(t *testing.T) {
	g := sop.NewGraph()
	var at sop.Pos
	d := values.Domain{Vocab: []value.Value{value.Str("a"), value.Str("b")}, MaxLen: 3}
	mean := g.Aggregate(g.Full(at), g.Const(value.IntOf(3), at), nil, at)
	shown := g.Map(sop.Mod, at, g.Const(value.Str("%s"), at), g.Map(sop.Add, at, mean, g.Const(value.IntOf(0), at)))
	wide := g.Select(g.Indices(at), g.Const(value.IntOf(0), at), value.EQ, at)
	for k := range 10 {
		other := g.Select(g.Indices(at), g.Const(value.IntOf(int64(k+1)), at), value.EQ, at)
		wide = g.SelOr(g.SelAnd(wide, other, at), g.SelNot(wide, at), at)
	}
	for name, out := range map[string]sop.ID{"format": shown, "formula": g.Width(wide, at)} {
		_, err := values.Infer(g, out, d)
		var unsupported *values.UnsupportedError
		if !errors.As(err, &unsupported) || unsupported.Help == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	fine := g.Map(sop.Mod, at, g.Const(value.Str("%s"), at), g.Indices(at))
	if _, err := values.Infer(g, fine, d); err != nil {
		t.Error(err)
	}
}

// TestSharing infers programs whose parts are shared, deep or many: whoever
// looks at a part once for each use of it does not come to an end.
func TestSharing(t *testing.T) {
	head := "#: tokens = int\n#: vocab = 0..2\n#: max_len = 6\n"
	tests := map[string]string{
		"diamonds":         repeat(40, "x = x + x - 1;", "x = tokens * indices;"),
		"boolean diamonds": repeat(40, "x = (x and p) or (x and q);", "p = tokens > 1; q = indices > 1; x = p;"),
		"maps":             repeat(500, "x = (x * 3 + 1) % 17;", "x = tokens + indices;"),
		"ranks of ranks": repeat(40, "r = selector_width(select(r, r, >));",
			"r = selector_width(select(tokens, tokens, <) or (select(tokens, tokens, ==) and select(indices, indices, >)));") +
			"x = aggregate(select(r, indices, ==), tokens);",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			defer time.AfterFunc(time.Minute, func() { panic(name + " hangs") }).Stop()
			parse(t, head+text).infer(t)
		})
	}
}

func repeat(n int, line, first string) string {
	return fmt.Sprintf("%s\n%s", first, strings.Repeat(line+"\n", n))
}

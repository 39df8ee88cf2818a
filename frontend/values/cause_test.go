package values_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/sop/soptest"
	"github.com/raspc/raspc/frontend/values"
)

func spellChain(g *sop.Graph, chain []values.Link) []string {
	var all []string
	for _, l := range chain {
		all = append(all, fmt.Sprintf("%s: %d: %s", g.Call(l.Node), l.Values, l.From))
	}
	return all
}

// TestCauses follows sets to where their sizes come from.
func TestCauses(t *testing.T) {
	const hist = "h = selector_width(select(tokens, tokens, ==));"
	for text, want := range map[string][]string{
		"x = tokens;": {"x: 3: the vocabulary of 3"},
		"x = 7;y = x * indices;": {
			"y: 4: indices (4)", "indices: 4: 4 positions"},
		hist + "x = h * 2;": {
			"x: 4: h (4)", "h: 4: selector_width over up to 4 positions"},
		hist + "x = h * 10 + tokens;": {
			"x: 12: h * 10 (4) × tokens (3)", "h * 10: 4: h (4)", "h: 4: selector_width over up to 4 positions"},
		hist + "x = h + tokens;": {
			"x: 7: h (4) and tokens (3)", "h: 4: selector_width over up to 4 positions"},
		"x = aggregate(select(indices, indices, <), tokens, 9);": {
			"x: 12: means of up to 3 of tokens (3), or the default 9", "tokens: 3: the vocabulary of 3"},
		"x = aggregate(select(indices, 0, ==), tokens);": {
			"x: 3: copies of tokens (3)", "tokens: 3: the vocabulary of 3"},
		"x = length * aggregate(full_s, tokens);": {
			"x: 12: sums of up to 4 of tokens (3)", "tokens: 3: the vocabulary of 3"},
		"x = tokens if indices > 2 else 5;": {
			"x: 4: tokens (3)", "tokens: 3: the vocabulary of 3"},
	} {
		p := parse(t, ints+text)
		if diff := cmp.Diff(want, spellChain(p.Graph, p.infer(t).Causes(p.Output.ID))); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

// TestCausesOfLimits explains sets that are refused by their operands.
func TestCausesOfLimits(t *testing.T) {
	p := parse(t, `
		#: tokens = int
		#: vocab = 0..99
		#: max_len = 100
		hist = selector_width(select(tokens, tokens, ==));
		product = hist * tokens;
		x = aggregate(select(tokens, tokens, <), product / 7 + 1 / (indices + 1));`)
	_, err := values.Infer(p.Graph, p.Output.ID, p.domain)
	var limit *values.LimitError
	if !errors.As(err, &limit) {
		t.Fatal(err)
	}
	want := []string{
		"product / 7: 2906: product (2906)", "product: 2906: hist (100) and tokens (100)",
		"hist: 100: selector_width over up to 100 positions",
		"1 / (indices + 1): 100: indices + 1 (100)", "indices + 1: 100: indices (100)", "indices: 100: 100 positions",
	}
	if diff := cmp.Diff(want, spellChain(p.Graph, limit.Chain)); diff != "" {
		t.Error(diff)
	}
}

// TestCausesOfRandomGraphs holds chains to the sets that they speak of: each
// link is an argument of the one before, none of whose arguments has more
// values, but for conditions.
func TestCausesOfRandomGraphs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := soptest.Graph(30).Draw(t, "graph")
		table := values.Describe(g, domains(t), sop.ID(g.Len()-1)).Table
		for id := range sop.ID(g.Len()) {
			if !table.Has(id) || g.Node(id).Selector() {
				continue
			}
			chain := table.Causes(id)
			if len(chain) == 0 || chain[0].Node != id {
				t.Fatalf("n%d: %v", id, chain)
			}
			for k, l := range chain {
				if l.Values != len(table.Set(l.Node)) || l.From == "" {
					t.Fatalf("n%d: %+v has %d values", id, l, len(table.Set(l.Node)))
				}
				if k > 0 {
					follows(t, g, table, chain[k-1].Node, l)
				}
			}
		}
	})
}

func follows(t *rapid.T, g *sop.Graph, table *values.Table, user sop.ID, l values.Link) {
	n := g.Node(user)
	args := n.Args
	switch total := table.Total(user); {
	case total != nil:
		args = []sop.ID{total.Value}
	case n.Op == sop.If:
		args = args[1:]
	}
	found := false
	for _, a := range args {
		found = found || a == l.Node
		if !g.Node(a).Selector() && len(table.Set(a)) > l.Values {
			t.Fatalf("n%d: n%d has more values than n%d", user, a, l.Node)
		}
	}
	if !found {
		t.Fatalf("n%d is no argument of n%d", l.Node, user)
	}
}

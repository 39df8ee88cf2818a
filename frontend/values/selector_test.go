package values_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// TestSelectorFacts says what is proved of single selectors.
func TestSelectorFacts(t *testing.T) {
	const (
		width1 = "no two positions have the same key"
		places = "the key depends on the position alone"
		others = "no position selects itself"
		never  = "the comparison never holds"
	)
	bos := "#: vocab = \"§abc\"\n#: bos = \"§\"\n#: max_len = 4\n"
	rank := "r = selector_width(select(tokens, tokens, <) or (select(tokens, tokens, ==) and select(indices, indices, <)));\n"
	tests := []struct {
		name, text string
		want       values.SelectorFacts
	}{
		{"everything", letters + "s = full_s;", values.SelectorFacts{MaxWidth: 4, NonEmpty: true, Full: true}},
		{"everything, by tautology", letters + "s = select(tokens, \"a\", ==) or full_s;", values.SelectorFacts{MaxWidth: 4, NonEmpty: true, Full: true}},
		{"nothing", letters + "s = not full_s;", values.SelectorFacts{MaxWidth: 0, Why: never}},
		{"unknown token", letters + "s = select(tokens, \"z\", ==);", values.SelectorFacts{MaxWidth: 0, Why: never}},
		{"same token", letters + "s = select(tokens, tokens, ==);", values.SelectorFacts{MaxWidth: 4, NonEmpty: true}},
		{"other tokens", letters + "s = select(tokens, tokens, !=);", values.SelectorFacts{MaxWidth: 3, Why: others}},
		{"not after here", letters + "s = select(indices, indices, <=);", values.SelectorFacts{MaxWidth: 4, NonEmpty: true}},
		{"before here", letters + "s = select(indices, indices, <);", values.SelectorFacts{MaxWidth: 3, Why: places}},
		{"the previous", letters + "s = select(indices, indices-1, ==);", values.SelectorFacts{MaxWidth: 1, Why: places}},
		{"the first", letters + "s = select(indices, 0, ==);", values.SelectorFacts{MaxWidth: 1, NonEmpty: true, Why: places}},
		{"the second", letters + "s = select(indices, 1, ==);", values.SelectorFacts{MaxWidth: 1, Why: places}},
		{"the last", letters + "s = select(indices, length-1, ==);", values.SelectorFacts{MaxWidth: 1, NonEmpty: true, Why: places}},
		{"the last, keyed", letters + "s = select(indices+1, length, ==);", values.SelectorFacts{MaxWidth: 1, Why: places}},
		{"beyond the last", letters + "s = select(indices, length, ==);", values.SelectorFacts{MaxWidth: 1, Why: places}},
		{"the opposite", letters + "s = select(indices, length-1-indices, ==);", values.SelectorFacts{MaxWidth: 1, NonEmpty: true, Why: places}},
		{"the opposite, causal", letters + causal + "s = select(indices, length-1-indices, ==);", values.SelectorFacts{MaxWidth: 1, NonEmpty: true, Why: places}},
		{"the middle, causal", letters + causal + "s = select(indices, 1, ==);", values.SelectorFacts{MaxWidth: 1, Why: places}},
		{"even places", letters + "s = select(indices % 2, 0, ==);", values.SelectorFacts{MaxWidth: 2, NonEmpty: true, Why: places}},
		{"a place half way", letters + "s = select(indices, indices / 2, ==);", values.SelectorFacts{MaxWidth: 1, Why: places}},
		{"by rank", letters + rank + "s = select(r, indices, ==);", values.SelectorFacts{MaxWidth: 1, NonEmpty: true, Why: width1}},
		{"by rank, from the last", letters + rank + "s = select(r, length-1-indices, ==);", values.SelectorFacts{MaxWidth: 1, NonEmpty: true, Why: width1}},
		{"by rank, the one before", letters + rank + "s = select(r, indices-1, ==);", values.SelectorFacts{MaxWidth: 1, Why: width1}},
		{"by rank, the one after", letters + rank + "s = select(r, indices+1, ==);", values.SelectorFacts{MaxWidth: 1, Why: width1}},
		{"smaller or equal and earlier", letters + "s = select(tokens, tokens, <) or (select(tokens, tokens, ==) and select(indices, indices, <));", values.SelectorFacts{MaxWidth: 3, Why: others}},
		{"by rank, causal", letters + causal + rank + "s = select(r, indices, ==);", values.SelectorFacts{MaxWidth: 4}},
		{"by a function of the rank", letters + rank + "s = select(2*r+1, indices, ==);", values.SelectorFacts{MaxWidth: 1, Why: width1}},
		{"by half the rank", letters + rank + "s = select(round(r/2), indices, ==);", values.SelectorFacts{MaxWidth: 4}},
		{"intersection", letters + "s = select(tokens, tokens, ==) and select(indices, indices, <);", values.SelectorFacts{MaxWidth: 3, Why: places}},
		{"intersection with here", letters + "s = select(tokens, tokens, ==) and select(indices, indices, <=);", values.SelectorFacts{MaxWidth: 4, NonEmpty: true}},
		{"union of two places", letters + "s = select(indices, 0, ==) or select(indices, indices-1, ==);", values.SelectorFacts{MaxWidth: 2, NonEmpty: true, Why: places}},
		{"union beyond the length", letters + "s = select(indices, 3, <) or select(indices, 2, <);", values.SelectorFacts{MaxWidth: 4, NonEmpty: true}},
		{"complement of a union", letters + "s = not (select(indices, 1, <) or select(indices, 2, >));", values.SelectorFacts{MaxWidth: 3, Why: places}},
		{"first token with BOS", bos + "s = select(tokens, \"§\", ==);", values.SelectorFacts{MaxWidth: 4, NonEmpty: true}},
		{"first token without BOS", letters + "s = select(tokens, \"a\", ==);", values.SelectorFacts{MaxWidth: 4}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := parse(t, tt.text+"\nx = selector_width(s);")
			if diff := cmp.Diff(tt.want, p.infer(t).Selector(p.id(t, "s"))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestRandomSelectors combines comparisons of positions, lengths, tokens, ranks
// and counts, and checks what is claimed of the selectors on every input.
func TestRandomSelectors(t *testing.T) {
	proved := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		d := domains(t)
		g := sop.NewGraph()
		b := &selectors{t: t, g: g}
		b.operands(d)
		sel := b.formula(3)
		out := g.Aggregate(sel, g.Indices(sop.Pos{}), nil, sop.Pos{})
		table, err := values.Infer(g, out, d)
		if err != nil {
			t.Fatal(err)
		}
		f := table.Selector(sel)
		for name, holds := range map[string]bool{
			"narrow": f.MaxWidth < d.MaxLen, "non-empty": f.NonEmpty && !f.Full, "full": f.Full, "to look back": table.LooksBack() && !d.Causal,
		} {
			if holds {
				proved[name]++
			}
		}
		o := &observer{table: table, guard: table.Guard(), graph: g, domain: d, nodes: g.Reachable(out)}
		for _, in := range every(d) {
			o.input(t, in, out)
		}
		o.conclude(t)
	})
	for _, name := range []string{"narrow", "non-empty", "full"} { // the fourth is rare
		if proved[name] == 0 {
			t.Errorf("no selector was proved %s", name)
		}
	}
}

// selectors draws selectors over a fixed list of operands.
type selectors struct {
	t        *rapid.T
	g        *sop.Graph
	numbers  []sop.ID
	declared sop.ID
}

func (b *selectors) operands(d values.Domain) {
	var at sop.Pos
	g, idx, tok := b.g, b.g.Indices(at), b.g.Tokens(sop.ReadAsIs, at)
	c := func(n int64) sop.ID { return g.Const(value.IntOf(n), at) }
	length := g.Width(g.Full(at), at)
	same := g.Select(tok, tok, value.EQ, at)
	earlier := g.SelAnd(same, g.Select(idx, idx, value.LT, at), at)
	rank := g.Width(g.SelOr(g.Select(tok, tok, value.LT, at), earlier, at), at)
	last := g.Map(sop.Sub, at, length, c(1))
	b.numbers = []sop.ID{
		idx, length, last, g.Map(sop.Sub, at, last, idx), g.Map(sop.Sub, at, idx, c(1)), g.Map(sop.Mul, at, idx, c(2)),
		g.Width(same, at), g.Width(earlier, at), rank, c(0), c(1), c(2),
	}
	b.declared = g.Compare(value.EQ, tok, g.Const(d.Vocab[0], at), at)
}

func (b *selectors) formula(depth int) sop.ID {
	var at sop.Pos
	if depth == 0 || rapid.IntRange(0, 3).Draw(b.t, "leaf") == 0 {
		k := rapid.SampledFrom(append(b.numbers, b.declared)).Draw(b.t, "key")
		q := rapid.SampledFrom(append(b.numbers, b.declared)).Draw(b.t, "query")
		return b.g.Select(k, q, value.Cmp(rapid.IntRange(0, 5).Draw(b.t, "cmp")), at)
	}
	switch rapid.IntRange(0, 2).Draw(b.t, "combination") {
	case 0:
		return b.g.SelAnd(b.formula(depth-1), b.formula(depth-1), at)
	case 1:
		return b.g.SelOr(b.formula(depth-1), b.formula(depth-1), at)
	}
	return b.g.SelNot(b.formula(depth-1), at)
}

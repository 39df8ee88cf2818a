package certify

import (
	"testing"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
)

// TestCounts claims of selectors that look for a running total that each of their
// rows selects one position at most: where that is so, and nowhere else.
func TestCounts(t *testing.T) {
	const totals = `starts = not (tokens == aggregate(select(indices, indices - 1, ==), tokens, "-"));
upto = select(indices, indices, <=);
before = select(indices, indices, <);
all = select(1, 1, ==);
near = select(indices, indices, ==) or select(indices, indices - 1, ==);
run = round((indices + 1) * aggregate(upto, indicator(starts)));
`
	for _, c := range []struct {
		selector       string
		single, causal bool
	}{
		{`select(run, run, ==) and select(starts, True, ==)`, true, false},
		{`select(run, 2, ==) and select(starts, True, ==)`, true, false},
		{`select(2 * run + 1, indices, ==) and select(starts, True, ==)`, true, false},
		{`select(selector_width(before and select(tokens, "a", ==)), indices, ==) and select(tokens, "a", ==)`, true, false},
		{`select(selector_width(before and select(tokens, "a", ==)), indices, ==) and select(tokens, "c", !=)`, false, false},
		{`select(run, run, ==) and select(starts, False, ==)`, false, false},
		{`select(run, run, ==)`, false, false},
		{`select(run, run, <=) and select(starts, True, ==)`, false, false},
		{`select(run > 1, run > 1, ==) and select(starts, True, ==)`, false, false},
		{`select(run + indicator(tokens == "a"), run, ==) and select(starts, True, ==)`, false, false},
		{`select(run - indices, run, ==) and select(starts, True, ==)`, false, false},
		{`select(selector_width(all and select(tokens, "a", ==)), 2, ==) and select(tokens, "a", ==)`, true, true},
		// The first of its kind.
		{`select(tokens == "a" and selector_width(before and select(tokens, "a", ==)) == 0, True, ==)`, true, false},
		{`select(tokens == "a" and selector_width(before and select(tokens, "a", ==)) < 2, True, ==)`, false, false},
		{`select(tokens == "a" and selector_width(before and select(tokens, "b", ==)) == 0, True, ==)`, false, false},
		{`select(tokens == "a" and selector_width(before and select(tokens, "a", ==)) == 0, False, ==)`, false, false},
		// A total that falls, too, comes to a value again.
		{`select(selector_width(upto and select(tokens, "a", ==)) - selector_width(upto and select(tokens, "b", ==)), 1, ==) and select(tokens, "a", ==)`, false, false},
		{`select(round((indices + 1) * aggregate(upto, indicator(tokens == "a") - indicator(tokens == "b"))), 1, ==) and select(tokens, "a", ==)`, false, false},
		// Nor do these run.
		{`select(selector_width(all and select(tokens, "a", ==)), 2, ==) and select(tokens, "a", ==)`, false, false},
		{`select(selector_width(near and select(tokens, "a", ==)), 1, ==) and select(tokens, "a", ==)`, false, false},
		{`select(selector_width(select(indices, indices, !=) and select(tokens, "a", ==)), 1, ==) and select(tokens, "a", ==)`, false, false},
	} {
		t.Run(c.selector, func(t *testing.T) {
			text := totals + "result = selector_width(" + c.selector + ");"
			p, list := resolve.Run(diag.NewSource("counts.rasp", text), resolve.Options{Overrides: []resolve.Override{
				{Flag: "--vocab", Text: `vocab = "abc"`}, {Flag: "--max-len", Text: "max_len = 4"},
			}})
			if err := list.Err(); err != nil {
				t.Fatal(err)
			}
			s := Spec{Graph: p.Graph, Output: p.Output.ID, Causal: c.causal, MaxLen: 4, Vocab: p.Settings.Alphabet()}
			free, err := newProgram(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			sel := free.g.Node(s.Output).Args[0]
			if got := free.fact(sel).single; got != c.single {
				t.Errorf("claimed: %v, want %v", got, c.single)
			}
			if _, r := reached(t, s); r.single(free.g.Formula(sel)) != c.single {
				t.Errorf("on all inputs: %v, want %v", !c.single, c.single)
			}
		})
	}
}

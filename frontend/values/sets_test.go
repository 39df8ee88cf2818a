package values_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// TestSets compares whole value sets, each written out by hand.
func TestSets(t *testing.T) {
	prev := "prev = aggregate(select(indices, indices-1, ==), tokens"
	hist := "hist = selector_width(select(tokens, tokens, ==));\n"
	tests := []struct{ name, text, want string }{
		{"tokens", letters + "x = tokens;", `"a" "b" "c"`},
		{"int tokens", ints + "x = tokens;", "0 1 3"},
		{"indices", ints + "x = indices;", "0 1 2 3"},
		{"length", ints + "x = length;", "1 2 3 4"},
		{"sum", ints + "x = tokens + tokens;", "0 2 6"},
		{"correlated difference", ints + "x = tokens - tokens;", "0"},
		{"correlated through another name", ints + "y = tokens + 1; x = (y - tokens) * 2;", "2"},
		{"independent sum", ints + "x = tokens + indices;", "0 1 2 3 4 5 6"},
		{"product", ints + "x = tokens * indices;", "0 1 2 3 6 9"},
		{"quotient", ints + "x = tokens / 2;", "0 1/2 3/2"},
		{"modulo", ints + "x = (0 - tokens) % 2;", "0 1"},
		{"power", ints + "x = tokens ^ 2;", "0 1 9"},
		{"negation", ints + "x = -tokens;", "-3 -1 0"},
		{"comparison", ints + "x = tokens > indices;", "False True"},
		{"comparison that always holds", ints + "x = tokens >= 0;", "True"},
		{"and or not", letters + `x = not (tokens == "a" or tokens == "b") and tokens == "c";`, "False True"},
		{"contradiction", letters + `x = tokens == "a" and tokens == "b";`, "False"},
		{"round", ints + "x = round(tokens / 2);", "0 2"},
		{"indicator", letters + `x = indicator(tokens == "b");`, "0 1"},
		{"choice", ints + "x = tokens if tokens > 0 else indices;", "0 1 2 3"},
		{"choice of one side", ints + "x = tokens if length > 0 else 7;", "0 1 3"},
		{"in", letters + `x = tokens in ["a", "c"];`, "False True"},
		{"lookup", letters + `x = {"a": 5, "b": 5, "c": 2.5}[tokens];`, "5/2 5"},
		{"equal kinds merge", letters + `x = {"a": True, "b": 1, "c": 1.0}[tokens];`, "True"},
		{"string concatenation", letters + `x = tokens + "!";`, `"a!" "b!" "c!"`},
		{"length and position", ints + "x = length - indices;", "1 2 3 4"},
		{"opposite position", ints + "x = length - 1 - indices;", "0 1 2 3"},
		{"causal length", ints + causal + "x = length - indices;", "1"},
		{"width", letters + hist + "x = hist;", "1 2 3 4"},
		{"width of what may be empty", letters + `x = selector_width(select(tokens, "a", ==));`, "0 1 2 3 4"},
		{"width of nothing", letters + `x = selector_width(select(tokens, "q", ==));`, "0"},
		{"width bounded by positions", letters + "x = selector_width(select(indices, 2, <));", "1 2"},
		{"width of a union", letters + "x = selector_width(select(indices, indices-1, ==) or select(indices, indices, ==));", "1 2"},
		{"width of an intersection", letters + "x = selector_width(select(tokens, tokens, ==) and select(indices, 1, <=));", "0 1 2"},
		{"move without default", letters + prev + `, "z"); x = prev;`, `"a" "b" "c" "z"`},
		{"move that always selects", letters + "x = aggregate(select(indices, indices, ==), tokens);", `"a" "b" "c"`},
		{"mean", ints + "x = aggregate(select(indices, indices, <=), tokens);", means013},
		{"mean with default", ints + "x = aggregate(select(indices, indices, <), tokens, 9);", "0 1/3 1/2 2/3 1 4/3 3/2 5/3 2 7/3 3 9"},
		{"mean of few", ints + "x = aggregate(select(indices, 2, <), tokens);", "0 1/2 1 3/2 2 3"},
		{"total", ints + "x = (indices + 1) * aggregate(select(indices, indices, <=), tokens);", "0 1 2 3 4 5 6 7 8 9 10 12"},
		{"constant", letters + "x = indices * 0 + 4;", "4"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := parse(t, tt.text)
			if diff := cmp.Diff(tt.want, spell(p.infer(t).Set(p.id(t, "x")))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// means013 are the means of 1 to 4 numbers out of 0, 1 and 3.
const means013 = "0 1/4 1/3 1/2 2/3 3/4 1 5/4 4/3 3/2 5/3 7/4 2 9/4 7/3 5/2 3"

// TestKinds holds kinds to what can occur, also where a set shows the narrowest
// of several.
func TestKinds(t *testing.T) {
	p := parse(t, letters+`
		b = tokens == "a";
		h = selector_width(select(tokens, tokens, ==));
		k = selector_width(select(tokens, tokens, ==) and select(0, indices, <=));
		y = indicator(b) if h == k else b;
		w = y if h == k else y;
		m = aggregate(full_s, 3);
		s = m + 0;
		x = w + s;`)
	table := p.infer(t)
	for name, want := range map[string][]value.Kind{
		"b": {value.KindBool},
		"y": {value.KindBool, value.KindInt},
		"w": {value.KindBool, value.KindInt},
		"m": {value.KindInt, value.KindFloat},
		"s": {value.KindInt, value.KindFloat},
		"h": {value.KindInt},
	} {
		got := table.Kinds(p.id(t, name))
		for _, k := range []value.Kind{value.KindString, value.KindBool, value.KindInt, value.KindFloat} {
			wanted := false
			for _, w := range want {
				wanted = wanted || w == k
			}
			if got.Has(k) != wanted {
				t.Errorf("%s: has %s: %t", name, k, got.Has(k))
			}
		}
	}
}

// TestAverageOfBooleansAndInts is an aggregate of what is shown as booleans and
// is ints at run time: a mean, not a move.
func TestAverageOfBooleansAndInts(t *testing.T) {
	p := parse(t, letters+`
		b = tokens == "a";
		h = selector_width(select(tokens, tokens, ==));
		k = selector_width(select(tokens, tokens, ==) and select(0, indices, <=));
		y = indicator(b) if h == k else b;
		x = aggregate(full_s, y if h == k else y);`)
	table, x := p.infer(t), p.id(t, "x")
	if table.Aggregate(x).Move {
		t.Error("taken for a move")
	}
	if got, want := spell(table.Set(x)), "False 1/4 1/3 1/2 2/3 3/4 True"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestLeaves says what elementwise s-ops are functions of.
func TestLeaves(t *testing.T) {
	p := parse(t, ints+`
		h = selector_width(select(tokens, tokens, ==));
		c = indices * 0 + 4;
		y = tokens + 1;
		z = y * h - h;
		x = z + c;`)
	table := p.infer(t)
	h, idx := p.id(t, "h"), p.Graph.Indices(sop.Pos{})
	for name, want := range map[string][]sop.ID{
		"y": {values.RawToken},
		"h": {h},
		"z": {values.RawToken, h},
		"c": {idx},
	} {
		if diff := cmp.Diff(want, table.Leaves(p.id(t, name))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestLargeExpression is a function of too many combinations of variables: it
// is evaluated over its arguments' values and becomes a variable.
func TestLargeExpression(t *testing.T) {
	p := parse(t, `
		#: vocab = "abcd"
		#: max_len = 40
		a = selector_width(select(tokens, "a", ==));
		b = selector_width(select(tokens, "b", ==));
		c = selector_width(select(tokens, "c", ==));
		d = selector_width(select(tokens, "d", ==));
		x = (a + b) - (c + d);
		y = x + a;`)
	table, x := p.infer(t), p.id(t, "x")
	if diff := cmp.Diff([]sop.ID{x}, table.Leaves(x)); diff != "" {
		t.Error(diff)
	}
	if set := table.Set(x); len(set) != 161 || spell(set[:1]) != "-80" {
		t.Errorf("%d values from %s", len(set), spell(set[:1]))
	}
	if diff := cmp.Diff([]sop.ID{p.id(t, "a"), x}, table.Leaves(p.id(t, "y"))); diff != "" {
		t.Error(diff)
	}
}

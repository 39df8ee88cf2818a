package lower_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/craft/lower"
	"github.com/raspc/raspc/frontend/sop"
)

// TestMoves copies values of every kind, with every kind of default.
func TestMoves(t *testing.T) {
	const (
		prev = "aggregate(select(indices, indices - 1, ==), "
		here = "aggregate(select(indices, indices, ==), "
	)
	for _, tt := range []struct {
		text  string
		moves int
		enc   craft.Encoding // of the variable that is moved to
	}{
		{"x = " + prev + "tokens_str, \"none\");", 1, craft.Digits}, // the output
		{"x = " + prev + "tokens_str, \"none\") == \"1\";", 1, craft.Categorical},
		{"x = " + prev + "tokens_str, \"1\");", 1, craft.Digits},
		{"x = " + prev + "tokens_str, \"1\") == \"1\";", 1, craft.Categorical},
		{"x = " + prev + "tokens, 9) == 1;", 1, craft.Categorical},
		{"x = " + prev + "tokens, 1) == 1;", 1, craft.Categorical},
		{"x = " + prev + "tokens, 0.5) == 1;", 1, craft.Categorical},
		{"x = " + prev + "tokens > 0) == 1;", 1, craft.Categorical},
		{"x = " + here + "tokens, 1000000) == 1;", 1, craft.Categorical},
		{"x = " + prev + "tokens + indices, 9);", 1, craft.Numeric},
		{"x = " + prev + "tokens + indices, 1/3) + 0.5;", 1, craft.Numeric},
		{"x = " + here + "tokens + indices / 3, 1000000);", 1, craft.Numeric},
		{"h = selector_width(select(tokens, tokens, ==)); x = " + prev + "h, -1);", 1, craft.Numeric},
		{"x = " + prev + prev + "tokens, 7), 8) == 1;", 2, craft.Categorical},
		{"x = aggregate(select(indices, length - 1 - indices, ==), tokens) == 1;", 1, craft.Categorical},
		{"x = aggregate(select(indices, length - 1 - indices, ==), tokens);", 1, craft.Numeric}, // the output
		{"x = " + prev + "tokens, 9);", 1, craft.Numeric},
		{"x = " + prev + "tokens, 1000);", 1, craft.Digits}, // too many squares
		{"x = " + prev + "5, 6) == 5;", 1, craft.Categorical},
	} {
		for _, causal := range []string{"", "#: causal = on\n"} {
			s := lowered(t, causal+pragmas("int", "[0, 1, 3]", 4)+tt.text, lower.Options{})
			if n := len(s.heads(craft.Move)); n != tt.moves {
				t.Errorf("%s: %d moves", tt.text, n)
			}
			for _, h := range s.heads(craft.Move) {
				for _, v := range s.prog.Variables {
					if v.SOp == h.SOp && v.Encoding != tt.enc {
						t.Errorf("%s: held %s", tt.text, v.Encoding)
					}
				}
			}
			s.exact(t, s.inputs(4))
			s.attention(t, s.inputs(3))
			s.bounded(t, s.inputs(4)[:40], 2)
		}
	}
}

// TestMeans averages, with defaults in the set and outside of it, used and not.
func TestMeans(t *testing.T) {
	for _, text := range []string{
		"x = aggregate(select(indices, indices, <=), tokens);",
		"x = aggregate(select(indices, indices, <), tokens);",
		"x = aggregate(select(indices, indices, <), tokens, -7);",
		"x = aggregate(select(indices, indices, <), tokens, 1/3);",
		"x = aggregate(full_s, tokens, 1000000);",
		"x = aggregate(select(tokens, tokens, ==), tokens + indices / 3, 9);",
		"x = aggregate(select(tokens, tokens, ==) or select(indices, indices, <), 1000 * indices - tokens);",
		"h = selector_width(select(tokens, tokens, ==)); x = aggregate(select(h, h, ==), h + tokens);",
		"m = aggregate(select(indices, indices, <=), tokens); x = aggregate(select(m, m, ==), indices);",
		"m = aggregate(select(indices, indices, <=), tokens); x = aggregate(select(indices, indices, <=), m);",
		"x = aggregate(not full_s, tokens, 4) + 0.5;",
		"x = aggregate(select(tokens, 9, ==), tokens, 4) + 0.5;",
	} {
		for _, causal := range []string{"", "#: causal = on\n"} {
			s := lowered(t, causal+pragmas("int", "[0, 1, 3]", 4)+text, lower.Options{})
			s.exact(t, s.inputs(4))
			s.attention(t, s.inputs(3))
			s.bounded(t, s.inputs(4)[:40], 2)
		}
	}
}

// TestUnusedDefault leaves a default that no row takes out of the model, where
// it would only bring its size.
func TestUnusedDefault(t *testing.T) {
	s := lowered(t, pragmas("int", "[0, 1]", 4)+"x = aggregate(full_s, tokens, 1000000);", lower.Options{})
	for _, v := range s.prog.Variables {
		for _, c := range v.AtBOS {
			if c.Abs().Float64() > 1 {
				t.Errorf("%s holds %s at BOS", v.Name, c)
			}
		}
	}
}

// TestSums counts and adds up, by one head for each of the disjoint parts of a
// selector.
func TestSums(t *testing.T) {
	const lt, eq = "select(tokens, tokens, <)", "select(tokens, tokens, ==)"
	for text, heads := range map[string]int{
		"x = selector_width(full_s);":                                                               1,
		"x = selector_width(" + eq + ");":                                                           1,
		"x = selector_width(not " + eq + ");":                                                       1,
		"x = selector_width(" + lt + " and select(indices, indices, <));":                           1,
		"x = selector_width(" + lt + " or select(indices, indices, <));":                            2,
		"x = selector_width(" + lt + " or (" + eq + " and select(indices, indices, <)));":           2,
		"x = selector_width(not (" + eq + " and select(indices, indices, <)));":                     2,
		"x = selector_width(" + lt + " or " + eq + ");":                                             2,
		"x = selector_width(select(tokens, 9, ==) or " + eq + ");":                                  1, // nothing is 9
		"x = selector_width(select(tokens, 9, ==));":                                                0,
		"x = aggregate(full_s, tokens) * length;":                                                   1,
		"x = aggregate(" + eq + ", indices - tokens / 2) * selector_width(" + eq + ");":             1,
		"x = aggregate(select(indices, indices, <=), tokens) * (indices + 1);":                      1,
		"x = selector_width(" + eq + ") - selector_width(" + lt + ");":                              2,
		"x = selector_width(select(tokens + indices, 3, ==) or select(tokens, 1, ==)) + indices/2;": 2,
	} {
		for _, causal := range []string{"", "#: causal = on\n"} {
			s := lowered(t, causal+pragmas("int", "[0, 1, 3]", 4)+text, lower.Options{})
			if n := len(s.heads(craft.Sum)); n > heads {
				t.Errorf("%s%s: %d sum heads, want %d", causal, text, n, heads)
			}
			s.exact(t, s.inputs(4))
			s.attention(t, s.inputs(3))
			s.bounded(t, s.random(6, 1), 2)
		}
	}
}

// TestProducts joins variables where a disjunction compares several, and holds
// no more classes than the selector tells apart.
func TestProducts(t *testing.T) {
	for text, classes := range map[string][2]int{ // of keys and of queries; 0 where none are joined
		"select(tokens, tokens, ==) or select(indices, indices, <)":  {3 * 4, 3 * 4},
		"select(tokens, 1, ==) or select(indices, 2, ==)":            {2, 0},
		"select(1, tokens, ==) or select(2, indices, >)":             {0, 2},
		"select(tokens, tokens, ==) or select(indices, 2, ==)":       {4, 0},
		"select(tokens, tokens, ==) and select(indices, indices, <)": {0, 0},
		"select(tokens, tokens, <) or select(tokens, tokens, >)":     {0, 0},
		"not (select(tokens, tokens, ==) and select(indices, 2, <))": {4, 0},
	} {
		s := lowered(t, pragmas("int", "[0, 1, 3]", 4)+"x = aggregate("+text+", indices + 0.5, 9);", lower.Options{})
		got := [2]int{}
		for _, v := range s.prog.Variables {
			if strings.Contains(v.Name, "key class of") {
				got[0] = len(v.Values)
			}
			if strings.Contains(v.Name, "query class of") {
				got[1] = len(v.Values)
			}
		}
		if got != classes {
			t.Errorf("%s: %v classes, want %v", text, got, classes)
		}
		s.exact(t, s.inputs(4))
		s.attention(t, s.inputs(3))
		s.bounded(t, s.random(6, 1), 2)
	}
}

// TestUnembedding chooses how the output is held.
func TestUnembedding(t *testing.T) {
	const h = "h = selector_width(select(tokens, tokens, ==));\n"
	for text, want := range map[string]struct {
		enc     craft.Encoding
		labels  int
		neurons int
	}{
		"x = tokens;":                               {craft.Categorical, 3, 0},
		"x = tokens_str;":                           {craft.Categorical, 3, 0},
		"x = tokens / 2;":                           {craft.Numeric, 0, 0},
		"x = tokens + indices;":                     {craft.Categorical, 7, 0}, // squares
		h + "x = h;":                                {craft.Categorical, 4, 0},
		h + "x = 3 * h - 5;":                        {craft.Categorical, 4, 0},
		h + "x = h > 2;":                            {craft.Categorical, 2, 2},
		"x = indices * 0 + 1;":                      {craft.Categorical, 1, 0},
		"x = aggregate(full_s, tokens);":            {craft.Numeric, 0, 0},
		"x = 10 * tokens + 100000 * indices;":       {craft.Categorical, 12, 12}, // too many gaps for squares
		"x = 100 * tokens + 7 * indices;":           {craft.Categorical, 12, 0},
		"x = tokens * 1000000 - indices * 1000000;": {craft.Categorical, 7, 0}, // in gaps, this is small
	} {
		s := lowered(t, pragmas("int", "[0, 1, 3]", 4)+text, lower.Options{})
		if s.prog.Output.Encoding != want.enc || len(s.prog.Output.Labels) != want.labels || (s.neurons() == 0) != (want.neurons == 0) {
			t.Errorf("%s: %s with %d labels, %d neurons", text, s.prog.Output.Encoding, len(s.prog.Output.Labels), s.neurons())
		}
		s.exact(t, s.inputs(4))
		s.bounded(t, s.random(6, 1), 2)
	}
}

// TestSquaresOfLargeTerms reads a small difference of large numbers: logits of
// squares would be rounded by more than their margin.
func TestSquaresOfLargeTerms(t *testing.T) {
	for _, vocab := range []string{"1000000..1000030", "300000..300050"} {
		s, err := attempt(t, pragmas("int", vocab, 3)+"p = aggregate(select(indices, indices - 1, ==), tokens, 1000000); x = tokens - p;", lower.Options{})
		var le *lower.Error
		if errors.As(err, &le) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		s.bounded(t, append(s.inputs(1), s.random(4, 1)...), 1)
	}
}

// TestEncodings obeys what is asked for.
func TestEncodings(t *testing.T) {
	text := pragmas("int", "[0, 1, 3]", 4) + "x = tokens / 2;"
	base := lowered(t, text, lower.Options{})
	for _, enc := range []craft.Encoding{craft.Categorical, craft.Numeric} {
		s, err := attemptGraph(base.graph, base.out, base.domain, lower.Options{Encode: encode(base, enc)})
		if err != nil || s.prog.Output.Encoding != enc {
			t.Fatalf("%s: %v", enc, err)
		}
		s.exact(t, s.inputs(4))
	}
	words := lowered(t, pragmas("int", "[0, 1, 3]", 4)+"x = tokens_str;", lower.Options{})
	_, err := attemptGraph(words.graph, words.out, words.domain, lower.Options{Encode: encode(words, craft.Numeric)})
	var le *lower.Error
	if !errors.As(err, &le) || !strings.Contains(le.Msg, "not numbers") || le.Help == "" {
		t.Errorf("got %v", err)
	}
}

// TestDigits moves labels as one digit or two, with and without a default among
// them.
func TestDigits(t *testing.T) {
	for _, c := range []struct{ last, directions int }{{3, 1}, {127, 1}, {128, 2}, {150, 2}} {
		for _, def := range []string{"\"none\"", "\"1\""} {
			text := pragmas("int", fmt.Sprintf("0..%d", c.last), 3) + "x = aggregate(select(indices, indices - 1, ==), tokens_str, " + def + ");"
			s := lowered(t, text, lower.Options{})
			v := s.prog.Variables[len(s.prog.Variables)-1]
			want := c.directions
			if def == "\"none\"" && c.last == 127 {
				want = 2 // one label more
			}
			if v.Encoding != craft.Digits || v.Size() != want {
				t.Errorf("%s: %s in %d directions", text, v.Encoding, v.Size())
			}
			s.exact(t, s.random(20, 1))
			s.bounded(t, s.random(2, 2), 1)
		}
	}
}

// TestRefusals names what cannot be computed, and what would help.
func TestRefusals(t *testing.T) {
	for name, tt := range map[string]struct{ text, msg string }{
		"weights beyond float32":    {pragmas("int", "[0, 1]", 2) + "x = tokens * 10^45 + 0.5;", "does not fit float32"},
		"weights below float32":     {pragmas("int", "[0, 1]", 2) + "x = tokens / 10^45;", "does not fit float32"},
		"a table of too many cells": {pragmas("int", "0..40", 40) + "x = aggregate(select(tokens, tokens, <) or select(indices, indices, <), tokens);", "table of more than"},
		"too many heads":            {pragmas("int", "0..3", 4) + manyParts(8), "disjoint"},
		"strings that are averaged": {"#: vocab = \"ab\"\n#: max_len = 3\nx = aggregate(select(tokens, \"a\", ==), indices, \"none\");", "not all numbers"},
		"undefined on every input":  {pragmas("int", "[0]", 3) + "x = 1 / tokens;", "undefined on every input"},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := attempt(t, tt.text, lower.Options{})
			var le *lower.Error
			if !errors.As(err, &le) || !strings.Contains(le.Msg, tt.msg) {
				t.Errorf("got %v", err)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// leaky sums numbers whose codes at BOS do not cancel in float32.
const leaky = `
	a = aggregate(select(indices, indices - 1, ==), indices, 50);
	b = aggregate(select(indices, indices - 2, ==), indices, 61);
	same = select(tokens, tokens, ==);
	x = aggregate(same, a / 3 + b / 7) * selector_width(same);`

// manyParts is the width of a conjunction of disjunctions of unlike pairs.
func manyParts(n int) string {
	var b strings.Builder
	b.WriteString("s = full_s;\n")
	for k := range n {
		b.WriteString("s = s and (select(tokens + " + string(rune('0'+k)) + " * indices, tokens, <) or select(indices, tokens + " + string(rune('0'+k)) + " * indices, >));\n")
	}
	return b.String() + "x = selector_width(s);"
}

func encode(s *subject, enc craft.Encoding) map[sop.ID]craft.Encoding {
	return map[sop.ID]craft.Encoding{s.out: enc}
}

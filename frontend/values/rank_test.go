package values_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/value"
)

// TestRanks tells widths that are a permutation of the positions, and so can be
// asked for by position, from widths that only look like it. Each verdict is
// compared with all inputs: a proof must hold, and what is refused must have a
// counterexample, unless the rule is known not to reach it.
func TestRanks(t *testing.T) {
	const (
		proved   = iota // by the rule
		wrong           // it is no permutation
		unproved        // it is one, beyond the rule
	)
	tests := []struct {
		name, head, order string
		verdict           int
	}{
		{"ascending, ties by position", ints, "tokens < | tokens == & indices <", proved},
		{"descending, ties by position", ints, "tokens > | tokens == & indices <", proved},
		{"ascending, ties backwards", ints, "tokens < | tokens == & indices >", proved},
		{"descending, ties backwards", ints, "tokens > | tokens == & indices >", proved},
		{"strings", letters, "tokens < | tokens == & indices <", proved},
		{"the position", ints, "indices <", proved},
		{"the position, backwards", ints, "indices >", proved},
		{"written as at most", ints, "tokens <= & tokens != | tokens == & indices <", proved},
		{"without the first part's strictness", ints, "tokens <= & indices < | tokens < & indices >=", proved},
		{"by negation", ints, "! tokens > & ( tokens < | ! indices >= )", proved},
		{"by two keys", ints, "half < | half == & tokens > | half == & tokens == & indices <", proved},
		{"by two keys, mixed directions", ints, "half > | half == & tokens < | half == & tokens == & indices >", proved},
		{"an injective key beside ties", ints, "twice <", proved},
		{"by a rank", ints, "rank >", proved},
		{"ties by a rank", ints, "half < | half == & rank <", proved},

		{"no tie-break", ints, "tokens <", wrong},
		{"at most", ints, "tokens <=", wrong},
		{"ties count themselves", ints, "tokens < | tokens == & indices <=", wrong},
		{"ties by an equal key", ints, "tokens < | tokens == & half <", wrong},
		{"ties both ways", ints, "tokens < | tokens == & indices !=", wrong},
		{"both directions", ints, "tokens < & indices < | tokens > & indices >", wrong},
		{"conjunction for disjunction", ints, "tokens < & indices <", wrong},
		{"disjunction for conjunction", ints, "tokens < | indices <", wrong},
		{"second key without its tie", ints, "half < | tokens > | half == & tokens == & indices <", wrong},
		{"a key that is not injective", ints, "half2 <", wrong},
		{"causal", ints + causal, "tokens < | tokens == & indices <", wrong},
		{"causal, backwards", ints + causal, "tokens > | tokens == & indices >", wrong},
		{"causal, the position backwards", ints + causal, "indices >", wrong},

		{"causal, the position", ints + causal, "indices <", unproved},
		{"other keys than queries", ints, "twice < indices2", unproved},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := parse(t, tt.head+`
				half = round(tokens / 2);
				half2 = round(indices / 2);
				twice = 3 - 2 * indices;
				indices2 = 3 - 2 * indices + 0;
				rank = selector_width(select(tokens, tokens, <) or (select(tokens, tokens, ==) and select(indices, indices, <)));
				r = selector_width(`+order(tt.order)+`);
				s = select(r, indices, ==);
				x = aggregate(s, indices, 9);`)
			f := p.infer(t).Selector(p.id(t, "s"))
			permutes := p.permutes(t, "r")
			if got := f.MaxWidth <= 1; got != (tt.verdict == proved) || permutes != (tt.verdict != wrong) {
				t.Errorf("proved: %t; a permutation: %t", got, permutes)
			}
		})
	}
}

// order spells a short form of a selector: "a <" is select(a, a, <), "a < b" is
// select(a, b, <), and | binds weaker than &.
func order(short string) string {
	tokens, at := strings.Fields(short), 0
	var union func() string
	factor := func() string {
		switch {
		case tokens[at] == "!":
			at += 3
			return "(not " + pair(tokens[at-2], tokens[at-1], tokens[at-2]) + ")"
		case tokens[at] == "(":
			at++
			inner := union()
			at++
			return inner
		}
		k, c, q := tokens[at], tokens[at+1], tokens[at]
		if at += 2; at < len(tokens) && !slices.Contains([]string{"&", "|", ")"}, tokens[at]) {
			q = tokens[at]
			at++
		}
		return pair(k, c, q)
	}
	product := func() string {
		text := factor()
		for at < len(tokens) && tokens[at] == "&" {
			at++
			text = "(" + text + " and " + factor() + ")"
		}
		return text
	}
	union = func() string {
		text := product()
		for at < len(tokens) && tokens[at] == "|" {
			at++
			text = "(" + text + " or " + product() + ")"
		}
		return text
	}
	return union()
}

func pair(k, c, q string) string { return "select(" + k + ", " + q + ", " + c + ")" }

// permutes reports whether an s-op is a permutation of the positions on every
// input.
func (p *program) permutes(t *testing.T, name string) bool {
	id := p.id(t, name)
	e := interp.New(p.Graph, p.domain.Causal, id)
	for _, in := range every(p.domain) {
		r, err := e.Run(in)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[value.Key]bool{}
		for _, v := range r.Sequence(id) {
			seen[v.Key()] = true
		}
		for i := range in {
			if !seen[value.IntOf(int64(i)).Key()] {
				return false
			}
		}
	}
	return true
}

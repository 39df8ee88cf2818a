package resolve_test

import (
	"slices"
	"testing"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
)

// TestFixes makes each fix that is offered, alone.
func TestFixes(t *testing.T) {
	tests := []struct {
		text string
		code diag.Code
		want []string
	}{
		{"a = tokns;", diag.Undefined, []string{"a = tokens;"}},
		{"a = zzz;", diag.Undefined, nil},
		{"a = true;", diag.Undefined, []string{"a = True;"}},
		{"a = FALSE;", diag.Undefined, []string{"a = False;"}},
		{"a = select \t(tokens);", diag.Undefined, []string{"a = select(tokens);"}},
		{"a = len + 1;", diag.Undefined, nil},
		{"load \"no.rasp\";", diag.LoadFailed, []string{"load \"no\";"}},
		{"#: output = hits\nhist = tokens;", diag.UnknownTarget, []string{"#: output = hist\nhist = tokens;"}},
		{"#: encode hits = numerical\nhist = indices;", diag.UnknownTarget, []string{"#: encode hist = numerical\nhist = indices;"}},
		{"# head\n#: vocab = 0..9\ntokens;", diag.TokenKindClash, []string{"# head\n#: tokens = int\n#: vocab = 0..9\ntokens;"}},
		{"#: tokens = str\n#: vocab = [1.5]\ntokens;", diag.TokenKindClash, []string{"#: tokens = float\n#: vocab = [1.5]\ntokens;"}},
		{"a = 1;\ndraw(tokens);\nb = 2;", diag.ConsoleOnly, []string{"a = 1;\nb = 2;"}},
		{"a = not (tokens == [\"a\"]);", diag.ListNeverEqual, []string{"a = not ((tokens in [\"a\"]));"}},
		{"a = [\"a\"] == tokens;", diag.ListNeverEqual, nil},

		{"def f(max) { return max + f(max); }", diag.ShadowsLibrary, []string{"def f(max_) { return max_ + f(max_); }"}},
		{"def f(x) { max = x; return max; }\na = f(1);", diag.ShadowsLibrary, []string{"def f(x) { max_ = x; return max_; }\na = f(1);"}},
		{"def f(x) { max = max(x, 1); return max; }\na = f(1);", diag.ShadowsLibrary, nil},
		{"def f(max) { max_ = max; return max_; }", diag.ShadowsLibrary, nil},
		{"def f(max) { return [max for max in [max]]; }\na = f(1);", diag.ShadowsLibrary,
			[]string{"def f(max_) { return [max_ for max_ in [max_]]; }\na = f(1);", "def f(max) { return [max_ for max_ in [max]]; }\na = f(1);"}},
		{"a = {max(1, 2): 3 for sort in [max]};", diag.ShadowsLibrary, []string{"a = {max(1, 2): 3 for sort_ in [max]};"}},

		{"a = aggregate(full_s, tokens == \"a\");", diag.UndefinedMean, []string{"a = aggregate(full_s, indicator(tokens == \"a\"));"}},
		{"a = average(not (indices == 0)) + 1;", diag.UndefinedMean, []string{"a = average(indicator(not (indices == 0))) + 1;"}},
		{"a = average(tokens);", diag.UndefinedMean, nil},
		{"a = aggregate(select(indices, indices - 1, ==), (tokens));", diag.NoDefault,
			[]string{"a = aggregate(select(indices, indices - 1, ==), (tokens), \"\");"}},
	}
	for _, tt := range tests {
		src := diag.NewSource("t.rasp", tt.text)
		_, list := resolve.Run(src, resolve.Options{Read: missing})
		var got []string
		found := false
		for _, d := range list {
			found = found || d.Code == tt.code
			for _, f := range d.Fixes {
				got = append(got, diag.Apply(src, f.Edits))
				if f.Safe {
					t.Errorf("%q: the fix %q claims to be safe", tt.text, f.Title)
				}
			}
		}
		if !found || !slices.Equal(got, tt.want) {
			t.Errorf("%q: %v offers %q, want %q", tt.text, list, got, tt.want)
		}
	}
}

// TestNoFixOfFlags checks that what a flag says is not to be edited.
func TestNoFixOfFlags(t *testing.T) {
	for _, o := range []resolve.Override{{Flag: "--output", Text: "output = hits"}, {Flag: "--vocab", Text: "vocab = 0..9"}} {
		_, list := resolve.Run(diag.NewSource("t.rasp", "hist = tokens;"), resolve.Options{Overrides: []resolve.Override{o}})
		if len(list) != 1 || len(list[0].Fixes) != 0 {
			t.Errorf("%s: got %v", o.Flag, list)
		}
	}
}

// TestAggregateAdvice checks of which aggregates is warned: those that go wrong
// on every input that is long enough, and no others.
func TestAggregateAdvice(t *testing.T) {
	const before, after = "select(indices, indices - 1, ==)", "select(indices, indices + 2, ==)"
	tests := []struct {
		text string
		want diag.Code
	}{
		{"average(tokens == \"a\");", diag.UndefinedMean},
		{"average(True if tokens == \"a\" else not True);", diag.UndefinedMean},
		{"average({\"a\": True}[tokens]);", diag.UndefinedMean},
		{"average({\"a\": \"b\"}[tokens]);", diag.UndefinedMean},
		{"#: tokens = bool\naverage(tokens);", diag.UndefinedMean},
		{"aggregate(select(indices, indices, <=), tokens);", diag.UndefinedMean},
		{"aggregate(select(indices, indices, >) or " + before + ", tokens, \"\");", diag.UndefinedMean},
		{"aggregate(" + before + ", tokens);", diag.NoDefault},
		{"aggregate(" + after + ", tokens);", diag.NoDefault},
		{"load_from_location(tokens, indices - 1);", diag.NoDefault},
		{"average(10^16 * indices);", diag.LargeMean},
		{"average(indices + aggregate(" + before + ", 1, 0 - 10^16));", diag.LargeMean},
		{"#: tokens = int\n#: vocab = [0, 9007199254740993]\naverage(tokens);", diag.LargeMean},

		{"average(indicator(tokens == \"a\"));", ""},
		{"average(1 if tokens == \"a\" else True);", ""},
		{"#: max_len = 1\naverage(tokens == \"a\");", ""},
		{"#: max_len = 2\naggregate(" + after + ", tokens);", ""},
		{"#: inputs = \".\"\naverage(tokens == \"a\");", ""},
		{"#: causal = on\naggregate(select(indices, indices, >), tokens);", ""},
		{"#: causal = on\naggregate(" + after + ", tokens);", ""},
		{"aggregate(" + before + ", tokens == \"a\");", ""},
		{"aggregate(" + before + ", tokens, \"\");", ""},
		{"aggregate(select(indices, 3, ==), tokens);", ""},
		{"aggregate(select(indices, length - 1 - indices, ==), tokens);", ""},
		{"aggregate(select(tokens, tokens, ==), indices);", ""},
		{"tokens[1];", ""},
		{"average(2^53 * indicator(indices == 0));", ""},
		{"average(indices / 10^20 + indicator(indices > 10^20));", ""},
		{"aggregate(" + before + ", 10^20 * indices);", ""},
		{"sort(tokens, tokens);", ""},
	}
	for _, tt := range tests {
		_, list := resolve.Run(diag.NewSource("t.rasp", "\n"+tt.text), resolve.Options{})
		switch {
		case tt.want == "" && len(list) > 0, tt.want != "" && (len(list) != 1 || list[0].Code != tt.want):
			t.Errorf("%q: got %v, want %q", tt.text, list, tt.want)
		}
	}
}

// TestManyShadows checks that a function that runs often costs no search each
// time.
func TestManyShadows(t *testing.T) {
	text := "def f(x) { max = x; return max; }\nfor i in range(50000) { a = f(i); }\n"
	_, list := resolve.Run(diag.NewSource("t.rasp", text), resolve.Options{})
	if len(list) != 1 || list[0].Code != diag.ShadowsLibrary || len(list[0].Fixes) != 1 {
		t.Errorf("got %v", list)
	}
}

package values_test

import (
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// TestBreach patches one s-op at a position, and wants the fact that breaks then.
func TestBreach(t *testing.T) {
	const ints = "#: tokens = int\n#: vocab = 0..3\n#: max_len = 4\n"
	for name, c := range map[string]struct {
		text  string
		sop   string // that is patched, or "input"
		at    int
		value int64
		want  string // s-op and fact; empty for none
	}{
		"a value of the set": {ints + "x = tokens_int + 1; y = x * 2;", "x", 1, 4, ""},
		"no value of it":     {ints + "x = tokens_int + 1; y = x * 2;", "x", 1, 9, "x: its value is one of 1, 2, 3, 4"},
		"what depends on it": {ints + "x = tokens_int + 1; y = x - tokens_int;", "x", 1, 4, "y: its value is one of 1"},
		"a token":            {ints + "y = tokens_int + 1;", "input", 1, 3, ""},
		"no token":           {ints + "y = tokens_int + 1;", "input", 1, 7, "the token is one of the vocabulary"},
		"an opening token": {
			"#: vocab = \"§ab\"\n#: bos = \"§\"\n#: max_len = 4\ni = indices; y = (tokens == \"a\") and i > 1;", "i", 1, 0,
			"i: token, position and length"},
		"a rank twice":              {ints + "r = selector_width(select(indices, indices, <)); y = aggregate(select(r, indices, ==), tokens_int);", "r", 1, 2, "y: some position"},
		"a rank for all":            {ints + "r = selector_width(select(indices, indices, <)); y = aggregate(select(r, 0, ==), tokens_int);", "r", 1, 0, "y: at most one position"},
		"a width is free":           {ints + "r = selector_width(select(tokens_int, tokens_int, ==)); y = aggregate(select(r, indices, ==), indices);", "r", 1, 2, ""},
		"a row that is empty":       {ints + "s = select(indices, indices, <=); i = indices * 1; y = aggregate(select(indices, i, ==), tokens_int);", "i", 1, 3, "y: some position"},
		"a later position":          {ints + "i = indices * 1; y = aggregate(select(indices, i, ==), tokens_int);", "i", 1, 2, "y: no later position"},
		"two ways":                  {ints + "i = indices * 1; y = aggregate(select(indices, i, ==), tokens_int) + aggregate(select(indices, indices + 1, ==), tokens_int);", "i", 1, 2, ""},
		"another length":            {ints + "n = length; i = indices; y = n - i;", "n", 1, 1, "i: token, position and length"},
		"a length that is free":     {ints + "n = length; y = n * 2;", "n", 1, 2, ""},
		"a length beyond the place": {ints + "n = length; i = indices; y = n - i;", "n", 1, 2, ""},
		"a place out of order":      {ints + "i = indices; y = aggregate(select(i, 0, ==) and select(i, i, <=), tokens_int);", "i", 1, 3, "i: no earlier position"},
		"a place in order":          {ints + "i = indices; y = selector_width(select(i, i, <=) and select(tokens_int, 1, ==));", "i", 1, 2, ""},
		"a sum itself":              {ints + "y = aggregate(select(tokens_int, tokens_int, <), tokens_int) * selector_width(select(tokens_int, tokens_int, <));", "y", 2, 2, ""},
		"a place behind":            {ints + "i = indices; y = length - i;", "i", 1, 3, "i: token, position and length"},
		"causal": {
			ints + "#: causal = on\ni = indices; y = selector_width(full_s) - i;", "i", 1, 0, "i: token, position and length"},
		"a sum": {ints + "m = aggregate(select(tokens_int, tokens_int, <), tokens_int); w = selector_width(select(tokens_int, tokens_int, <)); y = m * w;", "w", 2, 0, "y: it is the sum"},
	} {
		t.Run(name, func(t *testing.T) {
			p := parse(t, c.text)
			id := interp.Input
			if c.sop != "input" {
				id = p.id(t, c.sop)
			}
			input := []value.Value{value.IntOf(1), value.IntOf(0), value.IntOf(2)}
			if p.domain.BOS != nil {
				input = []value.Value{*p.domain.BOS, value.Str("a"), value.Str("b")}
			}
			r, err := interp.New(p.Graph, p.domain.Causal, p.Output.ID).Run(input, interp.Patch{Node: id, Position: c.at, Value: value.IntOf(c.value)})
			if err != nil {
				t.Fatal(err)
			}
			if id == interp.Input {
				input[c.at] = value.IntOf(c.value)
			}
			table := p.infer(t)
			if got := p.spell(table.Guard().Breach(input, r)); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
				t.Errorf("got %q, want %q\n%s", got, c.want, sop.Dump(p.Graph, p.Output.ID))
			}
		})
	}
}

func (p *program) spell(b *values.Breach) string {
	switch {
	case b == nil:
		return ""
	case b.Node == values.RawToken:
		return b.Fact
	}
	return p.Graph.Label(b.Node) + ": " + b.Fact
}

package values_test

import (
	"testing"

	"github.com/raspc/raspc/frontend/sop"
)

// TestTotals tells sums, written as a mean times the number of the selected,
// from other products.
func TestTotals(t *testing.T) {
	tests := []struct {
		name, text string
		want       bool
	}{
		{"mean times width", "s = select(tokens, tokens, ==); x = aggregate(s, tokens) * selector_width(s);", true},
		{"width times mean", "s = select(tokens, tokens, ==); x = selector_width(s) * aggregate(s, tokens);", true},
		{"with a number as default", "s = select(tokens, 1, ==); x = aggregate(s, tokens, 7) * selector_width(s);", true},
		{"of everything", "x = aggregate(full_s, tokens) * length;", true},
		{"up to here", "x = aggregate(select(indices, indices, <=), tokens) * (indices + 1);", true},
		{"up to here, one first", "x = (1 + indices) * aggregate(select(indices, indices, <=), tokens);", true},
		{"before here", "x = aggregate(select(indices, indices, <), tokens) * indices;", true},
		{"of fractions", "x = aggregate(full_s, tokens / 3) * length;", true},

		{"width of another selector", "x = aggregate(full_s, tokens) * selector_width(select(tokens, tokens, ==));", false},
		{"up to here times the position", "x = aggregate(select(indices, indices, <=), tokens) * indices;", false},
		{"up to here times the position plus two", "x = aggregate(select(indices, indices, <=), tokens) * (indices + 2);", false},
		{"before here times the position plus one", "x = aggregate(select(indices, indices, <), tokens) * (indices + 1);", false},
		{"after here times the position", "x = aggregate(select(indices, indices, >), tokens) * indices;", false},
		{"mean plus width", "s = select(tokens, tokens, ==); x = aggregate(s, tokens) + selector_width(s);", false},
		{"of booleans", "s = select(indices, indices, ==); x = aggregate(s, tokens == 1) * selector_width(s);", false},
		{"mean times mean", "s = select(tokens, tokens, ==); x = aggregate(s, tokens) * aggregate(s, tokens);", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := parse(t, "#: tokens = int\n#: vocab = [0, 1, 2]\n#: max_len = 3\n"+tt.text)
			table, x := p.infer(t), p.id(t, "x")
			total := table.Total(x)
			if (total != nil) != tt.want {
				t.Fatalf("got %+v", total)
			}
			if total == nil {
				return
			}
			var mean *sop.Node
			for _, a := range p.Graph.Node(x).Args {
				if n := p.Graph.Node(a); n.Op == sop.Aggregate {
					mean = n
				}
			}
			if total.Selector != mean.Args[0] || total.Value != mean.Args[1] {
				t.Errorf("got %+v, the mean is of %v", total, mean.Args)
			}
			if table.Has(mean.ID) {
				t.Error("the mean's values were inferred")
			}
		})
	}
}

// TestInverseShares tells widths, written as the inverse of the share of the
// first position, from other quotients.
func TestInverseShares(t *testing.T) {
	const first = "first = select(indices, 0, ==); s = select(tokens, tokens, ==); "
	for text, want := range map[string]bool{
		first + "x = 1 / aggregate(s or first, indicator(indices == 0));":                                  true,
		first + "x = 1 / aggregate(full_s, indicator(indices == 0));":                                      true,
		first + "x = 1 / aggregate(select(indices, indices, <=), indicator(indices == 0));":                true,
		first + "x = 1 / aggregate((s and select(indices, indices, <)) or first, indicator(indices < 1));": true,
		first + "x = 1 / aggregate(s, indicator(indices == 0), 5);":                                        false, // not always selected
		first + "x = 1 / aggregate(select(indices, indices, <), indicator(indices == 0), 5);":              false,
		first + "x = 2 / aggregate(s or first, indicator(indices == 0));":                                  false,
		first + "x = 1 / aggregate(s or first, indicator(indices <= 1));":                                  false, // two of them
		first + "x = 1 / aggregate(s or first, indicator(indices == 1) + 1);":                              false,
		first + "x = 1 / aggregate(s or first, 2 * indicator(indices == 0));":                              false,
		first + "x = 1 / aggregate(s or first, indicator(tokens == 0) + 1);":                               false,
		first + "x = aggregate(s or first, indicator(indices == 0)) / 1;":                                  false,
		first + "x = 1 / (aggregate(s or first, indicator(indices == 0)) + 1);":                            false,
		first + "x = 1 / aggregate(first, indicator(indices == 0));":                                       true,
		first + "x = 1 / aggregate(select(indices, length - 1, ==) or first, indicator(indices == 0));":    true,
	} {
		p := parse(t, "#: tokens = int\n#: vocab = [0, 1, 2]\n#: max_len = 3\n"+text)
		if total := p.infer(t).Total(p.id(t, "x")); (total != nil) != want {
			t.Errorf("%s: got %+v", text, total)
		}
	}
}

// TestTotalWithManyMeans infers the few sums of a mean that has too many values.
func TestTotalWithManyMeans(t *testing.T) {
	p := parse(t, `
		#: tokens = int
		#: vocab = 0..255
		#: max_len = 128
		x = aggregate(full_s, tokens) * length;`)
	if n := len(p.infer(t).Set(p.id(t, "x"))); n != 255*128+1 {
		t.Errorf("%d sums", n)
	}
}

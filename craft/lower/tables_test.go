package lower_test

import (
	"fmt"
	"testing"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/craft/lower"
)

// TestSelectors builds heads for selectors of every form and compares their
// scores with the selector's matrix, on all inputs. As aggregates, and as
// widths, where disjunctions take several heads.
func TestSelectors(t *testing.T) {
	const (
		same    = "select(tokens, tokens, ==)"
		earlier = "select(indices, indices, <)"
		ahead   = "select(indices, indices, >)"
		h       = "h = selector_width(select(tokens, tokens, ==));\n"
	)
	selectors := map[string]string{
		"one":                   "select(tokens, 1, ==)",
		"query only":            "select(1, tokens, ==)",
		"all":                   "full_s",
		"none":                  "not full_s",
		"conjunction":           same + " and " + earlier,
		"three conjuncts":       same + " and " + earlier + " and select(tokens, 0, >)",
		"same pair twice":       "select(tokens, tokens, <=) and select(tokens, tokens, >=)",
		"contradiction":         "select(tokens, tokens, <) and select(tokens, tokens, >)",
		"disjunction":           same + " or " + earlier,
		"disjunction of pairs":  "(" + same + " and " + earlier + ") or (select(tokens, tokens, <) and " + ahead + ")",
		"complement":            "not (" + same + " and " + earlier + ")",
		"key and query apart":   "select(tokens, indices, ==)",
		"or of key and query":   "select(tokens, 1, ==) or select(0, indices, ==)",
		"computed key":          "select(tokens + indices, 3, ==)",
		"computed both":         "select(tokens + indices, tokens + indices, <)",
		"a count":               "select(h, h, ==)",
		"a count against fixed": "select(h, 2, >=)",
		"counts and order":      "select(h, h, ==) and " + earlier,
		"counts or order":       "select(h, h, <) or " + earlier,
	}
	for _, c := range []string{"==", "!=", "<", "<=", ">", ">="} {
		selectors["comparison "+c] = fmt.Sprintf("select(tokens, tokens, %s)", c)
		selectors["of positions "+c] = fmt.Sprintf("select(indices, indices, %s)", c)
		selectors["of unlike sets "+c] = fmt.Sprintf("select(tokens, 2 * indices, %s)", c)
	}
	for name, sel := range selectors {
		for _, causal := range []string{"", "#: causal = on\n"} {
			head := causal + pragmas("int", "[0, 1, 3]", 4) + h
			t.Run(name+causal, func(t *testing.T) {
				width := lowered(t, head+"x = selector_width("+sel+");", lower.Options{})
				mean := lowered(t, head+"x = aggregate("+sel+", indices, 7);", lower.Options{})
				for _, s := range []*subject{width, mean} {
					all := s.inputs(4)
					s.exact(t, all)
					s.attention(t, all)
					s.bounded(t, s.random(4, 1), 2)
				}
			})
		}
	}
}

// TestScoreDimensions holds heads to the number of score dimensions that merged
// values need, BOS included.
func TestScoreDimensions(t *testing.T) {
	head := pragmas("int", "0..4", 5)
	for sel, want := range map[string]int{
		"full_s":                                                            1, // all keys score 0
		"select(tokens, 2, ==)":                                             2, // one class of keys misses
		"select(2, tokens, ==)":                                             2,
		"select(tokens, tokens, ==)":                                        5,
		"select(tokens, tokens, <)":                                         6,
		"select(tokens, tokens, !=)":                                        6,
		"select(tokens, indices, ==)":                                       5,
		"select(tokens, tokens > 2, ==)":                                    3, // two classes of queries
		"select(tokens > 2, tokens, ==)":                                    3,
		"select(tokens, 2, >) and select(indices, 2, >)":                    3,
		"select(tokens, tokens, <=) and select(tokens, tokens, >=)":         5, // one table
		"select(tokens, tokens, ==) and select(indices, indices, <)":        10,
		"select(tokens, tokens, ==) and select(tokens, 9, !=)":              5,
		"select(tokens, 2, ==) or select(tokens, 3, ==)":                    2,
		"select(tokens, 2, ==) or (select(tokens, 3, ==) and full_s)":       2,
		"not (select(tokens, tokens, <) or select(tokens, tokens, >))":      5,
		"select(tokens, indices, <) and select(tokens, indices, >=)":        2, // nothing: one dimension for all keys
		"select(indices, indices, <=) and select(indices, indices - 1, >=)": 4, // of causal attention
	} {
		s := lowered(t, head+"x = aggregate("+sel+", tokens + 0.5, 0);", lower.Options{})
		var heads []*craft.Head
		for _, kind := range []craft.HeadKind{craft.Mean, craft.Move} {
			heads = append(heads, s.heads(kind)...)
		}
		if len(heads) != 1 || len(heads[0].Score) != want {
			t.Errorf("%s: %d heads, %v", sel, len(heads), heads[0].Score)
		}
	}
}

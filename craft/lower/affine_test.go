package lower_test

import (
	"testing"

	"github.com/raspc/raspc/craft/lower"
)

// TestFree lists what costs no neuron: functions of one categorical variable,
// and sums of functions of different ones.
func TestFree(t *testing.T) {
	const h = "h = selector_width(select(tokens, tokens, ==));\n"
	for _, text := range []string{
		"x = tokens;", "x = -tokens;", "x = tokens ^ 2 % 5;", "x = {0: 7, 1: 0.5, 3: -1}[tokens];", "x = round(tokens / 2);",
		"x = indicator(tokens > 1);", "x = tokens in [1, 3];", "x = tokens if tokens > 1 else 9;", "x = tokens_str + \"!\";",
		"x = tokens + indices + 0.5;", "x = 3 * tokens - indices / 4;", "x = tokens * 2 / 3 - tokens;", "x = -(tokens - indices) + 0.5;",
		"x = indicator(tokens > 1) + indicator(indices > 2) + 0.5;", "x = round(tokens - 2 * indices) + 0.5;",
		h + "x = h;", h + "x = h - indices;", h + "x = 2 * h + tokens;", h + "x = round(h) + 1;",
		"x = aggregate(select(indices, indices - 1, ==), tokens, 5) + indices;",
		"x = aggregate(full_s, indicator(tokens == 1)) - aggregate(full_s, indicator(indices > 1)) / 2;",
		"x = indices * 0 + 4;",
	} {
		s := lowered(t, pragmas("int", "[0, 1, 3]", 4)+text, lower.Options{})
		if n := s.neurons(); n != 0 {
			t.Errorf("%s: %d neurons", text, n)
		}
		s.exact(t, s.inputs(4))
		s.bounded(t, s.random(3, 1), 2)
	}
}

// TestNeurons holds code to the fewest neurons of the known constructions.
func TestNeurons(t *testing.T) {
	const h = "h = selector_width(select(tokens, tokens, ==));\n"
	for text, want := range map[string]int{
		"x = tokens + indices > 3;":                                  2, // one jump
		"x = tokens + indices == 3;":                                 3, // one rectangle a token
		h + "x = h + tokens + indices == 3;":                         3, // three bends, up and down again
		"x = tokens == 1 and indices == 2;":                          1, // one rectangle
		"x = tokens == 1 or indices == 2;":                           1, // the rectangle of neither
		"x = not (tokens == 1 and indices > 1);":                     1,
		"x = tokens == indices;":                                     3, // one rectangle a common value
		h + "x = h > 1;":                                             1,
		h + "x = h == 2;":                                            2,
		h + "x = h % 2 == 0;":                                        3, // a bend at each but one
		h + "x = round(h / 2);":                                      1, // 0, 1, 2, 2: one bend
		h + "x = h > 1 and tokens == 3;":                             2, // one jump of h minus a penalty
		h + "x = h >= 1;":                                            0, // always so
		"a = tokens > 0; b = indices > 1; x = a and b and (a or b);": 1,
	} {
		s := lowered(t, pragmas("int", "[0, 1, 3]", 4)+text, lower.Options{})
		if n := s.neurons(); n != want {
			t.Errorf("%s: %d neurons, want %d", text, n, want)
		}
		s.exact(t, s.inputs(4))
		s.bounded(t, s.random(3, 1), 2)
	}
}

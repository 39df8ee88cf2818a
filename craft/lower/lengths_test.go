package lower_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/raspc/raspc/craft/lower"
)

// TestLengths executes well-known programs in float32 at the lengths where
// other compilers go wrong.
func TestLengths(t *testing.T) {
	const letters = "#: vocab = \"abcd\"\n"
	const digits = "#: tokens = int\n#: vocab = 0..9\n"
	for name, text := range map[string]string{
		"histogram":     letters + "x = selector_width(select(tokens, tokens, ==));",
		"length":        letters + "x = length;",
		"sort":          digits + "x = sort(tokens, tokens);",
		"reverse":       letters + "x = aggregate(select(indices, length - 1 - indices, ==), tokens);",
		"share so far":  letters + "x = aggregate(select(indices, indices, <=), indicator(tokens == \"a\"));",
		"most so far":   letters + "x = aggregate(select(indices, indices, <=), indicator(tokens == \"a\")) > 1/2;",
		"balance":       "#: vocab = \"()\"\n#: causal = on\nd = (indices + 1) * aggregate(select(indices, indices, <=), indicator(tokens == \"(\") - indicator(tokens == \")\")); x = round(d);",
		"well balanced": "#: vocab = \"()\"\nu = select(indices, indices, <=); d = round((indices + 1) * aggregate(u, indicator(tokens == \"(\") - indicator(tokens == \")\"))); x = selector_width(select(d, 0, <)) == 0 and d[-1] == 0;",
		"frequencies":   letters + "h = selector_width(select(tokens, tokens, ==)); x = selector_width(select(h, h, ==));",
		"most frequent": letters + "h = selector_width(select(tokens, tokens, ==)); m = aggregate(select(selector_width(select(h, h, >)), 0, ==) and select(indices, indices, <=), indicator(h > 2)); x = m > 1/2;",
		"earlier equal": letters + "x = has_focus(select(tokens, tokens, ==) and select(indices, indices, <));",
	} {
		for _, n := range []int{16, 32, 64} {
			t.Run(fmt.Sprint(name, " ", n), func(t *testing.T) {
				s := lowered(t, fmt.Sprintf("#: max_len = %d\n%s", n, text), lower.Options{})
				s.exact(t, s.random(3, 1))
				s.bounded(t, s.random(2, 2), 1)
			})
		}
	}
}

// TestQuick lowers programs whose parts are shared, deep or many.
func TestQuick(t *testing.T) {
	many := func(n int, line func(k int) string) string {
		text := ""
		for k := range n {
			text += line(k) + "\n"
		}
		return text
	}
	for name, text := range map[string]string{
		"diamonds":         "x = tokens * indices;\n" + many(40, func(int) string { return "x = x + x - 1;" }),
		"boolean diamonds": "p = tokens > 1; q = indices > 1; x = tokens + indices > 2;\n" + many(40, func(int) string { return "x = (x and p) or (x and q);" }),
		"maps":             "x = tokens + indices;\n" + many(500, func(int) string { return "x = (x * 3 + 1) % 17;" }),
		"a long sum":       "x = tokens + indices;\n" + many(500, func(k int) string { return fmt.Sprintf("x = x + (tokens == %d);", k%3) }),
		"nested choices":   "x = tokens;\n" + many(60, func(k int) string { return fmt.Sprintf("x = x if x > indices else x + %d;", k%2) }),
		"counts of counts": "x = selector_width(select(tokens, tokens, ==));\n" + many(20, func(int) string { return "x = selector_width(select(x, x, ==));" }),
	} {
		for _, all := range []bool{false, true} {
			if all && name == "maps" {
				continue // five hundred layers
			}
			t.Run(fmt.Sprintf("%s, all %t", name, all), func(t *testing.T) {
				start := time.Now()
				s := lowered(t, pragmas("int", "0..2", 4)+text, lower.Options{MaterializeAll: all})
				if took := time.Since(start); took > 3*time.Second {
					t.Errorf("took %v", took)
				}
				s.exact(t, s.random(6, 1))
			})
		}
	}
}

// TestMaterialize holds s-ops under their names, whatever they are.
func TestMaterialize(t *testing.T) {
	text := pragmas("int", "[0, 1, 3]", 4) + `
		t = tokens;
		i = indices;
		h = selector_width(select(t, t, ==));
		double = 2 * h;
		words = tokens_str;
		shout = words + "!";
		flag = t > 1;
		c = i * 0 + 5;
		x = aggregate(select(i, i - 1, ==), double + t) + c - flag;
		y = shout if flag else words;
		z = x if y == "3!" else c;`
	for _, name := range []string{"t", "i", "h", "double", "words", "shout", "flag", "c", "x", "y", "z"} {
		s := lowered(t, text, lower.Options{}, name)
		s.exact(t, s.inputs(4))
		found := false
		for _, v := range s.prog.Variables {
			found = found || v.Name == name
		}
		// Tokens and constants need no place of their own.
		if want := name != "t" && name != "words" && name != "c" && name != "i"; want && !found {
			t.Errorf("no variable is called %s", name)
		}
	}
	s := lowered(t, text, lower.Options{MaterializeAll: true})
	s.exact(t, s.inputs(4))
	for _, name := range []string{"h", "double", "shout", "flag", "x", "y", "z"} {
		found := false
		for _, v := range s.prog.Variables {
			found = found || v.Name == name
		}
		if !found {
			t.Errorf("with everything held, no variable is called %s", name)
		}
	}
}

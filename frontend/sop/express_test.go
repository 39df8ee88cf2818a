package sop_test

import (
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/sop"
)

// TestExpress writes nodes as RASP.
func TestExpress(t *testing.T) {
	for _, tt := range []struct{ dump, want string }{
		{"n0 = tokens_int\nn1 = indices\nn2 = mul n0 n1\nn3 = const 2\nn4 = sub n2 n3", "(tokens_int * indices) - 2"},
		{"n0 = tokens_int\nn1 = indices  # i\nn2 = mul n0 n1  # product\nn3 = const 2\nn4 = pow n2 n3  # square", "product ^ 2"},
		{"n0 = tokens_str\nn1 = const \"a\"\nn2 = compare n0 == n1\nn3 = not n2\nn4 = indicator n3", `indicator(not (tokens_str == 'a'))`},
		{"n0 = tokens_bool\nn1 = const 1\nn2 = const 2\nn3 = if n0 n1 n2", "1 if tokens_bool else 2"},
		{"n0 = tokens_str\nn1 = in n0 [\"a\", \"b\"]", `tokens_str in ["a", "b"]`},
		{"n0 = tokens_str\nn1 = lookup n0 {\"a\": 1, \"b\": 2, \"c\": 3, \"d\": 4}", `{"a": 1, "b": 2, "c": …}[tokens_str]`},
		{"n0 = indices\nn1 = select n0 <= n0\nn2 = sel_not n1\nn3 = width n2", "selector_width(not select(indices, indices, <=))"},
		{"n0 = indices\nn1 = select n0 <= n0  # back\nn2 = aggregate n1 n0 default 7", "aggregate(back, indices, 7)"},
		{"n0 = indices\nn1 = neg n0\nn2 = round n1", "round(-indices)"},
		{"n0 = indices\n" + nested(9), "round(round(round(round(round(round(…))))))"},
	} {
		g, _, err := sop.Parse(tt.dump + "\n")
		if err != nil {
			t.Fatal(err)
		}
		if got := g.Express(sop.ID(g.Len() - 1)); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

// nested is round(round(…)) of n0.
func nested(deep int) string {
	var b strings.Builder
	for k := range deep {
		b.WriteString(strings.NewReplacer("TO", string(rune('1'+k)), "OF", string(rune('0'+k))).Replace("nTO = round nOF\n"))
	}
	return b.String()
}

// TestExpressIsShort cuts what would fill a screen.
func TestExpressIsShort(t *testing.T) {
	g, _, err := sop.Parse("n0 = tokens_str\nn1 = const \"" + strings.Repeat("ä", 200) + "\"\nn2 = add n0 n1\nn3 = select n2 == n0\n")
	if err != nil {
		t.Fatal(err)
	}
	for most, text := range map[int]string{72: g.Express(2), 160: g.Positions(3)} {
		if n := len([]rune(text)); n != most || !strings.HasSuffix(text, "…") {
			t.Errorf("%d runes: %s", n, text)
		}
	}
}

// TestPositions words selectors.
func TestPositions(t *testing.T) {
	const head = "n0 = tokens_str  # tokens\nn1 = indices\nn2 = const 1\nn3 = const 2\nn4 = sub n1 n2\n"
	for dump, want := range map[string]string{
		"n5 = select n2 == n2": "every position",
		"n5 = select n2 == n3": "no position",
		"n5 = select n1 == n1": "this position",
		"n5 = select n1 != n1": "other positions",
		"n5 = select n1 < n1":  "earlier positions",
		"n5 = select n1 <= n1": "positions up to here",
		"n5 = select n1 > n1":  "later positions",
		"n5 = select n1 >= n1": "positions from here on",
		"n5 = select n1 == n4": "positions where indices there == (indices - 1) here",
		"n5 = select n1 == n2": "positions where indices there == 1",
		"n5 = select n0 == n0\nn6 = select n1 < n1\nn7 = sel_and n5 n6":                                         "positions where tokens there == tokens here and indices there < indices here",
		"n5 = select n0 < n0\nn6 = select n0 == n0\nn7 = select n1 < n1\nn8 = sel_and n6 n7\nn9 = sel_or n5 n8": "positions where tokens there < tokens here or (tokens there == tokens here and indices there < indices here)",
		"n5 = select n0 < n0\nn6 = sel_not n5":                                                                  "positions where tokens there >= tokens here",
	} {
		g, _, err := sop.Parse(head + dump + "\n")
		if err != nil {
			t.Fatal(err)
		}
		if got := g.Positions(sop.ID(g.Len() - 1)); got != want {
			t.Errorf("%s: got %s, want %s", dump, got, want)
		}
	}
}

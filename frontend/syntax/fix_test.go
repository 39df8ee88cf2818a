package syntax_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
)

// reported parses a text and returns what is reported of it.
func reported(src *diag.Source) diag.List {
	var report diag.Report
	syntax.Parse(src, &report)
	return report.List()
}

// TestSafeFixes checks what the safe fixes make of a text.
func TestSafeFixes(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"nothing to fix":         {"a = 1;\n", "a = 1;\n"},
		"not before ==":          {"a = not b == c;", "a = (not b) == c;"},
		"not before <, spread":   {"a = c and\n  not\n b < c;", "a = c and\n  (not\n b) < c;"},
		"not in":                 {"a = not t in [1];", "a = (not t) in [1];"},
		"and behind or":          {"a = b or c and d;", "a = (b or c) and d;"},
		"two levels":             {"a = b or c and d or e and f;", "a = ((b or c) and d or e) and f;"},
		"comparisons":            {"a = 0 < b < 3;", "a = (0 < b) < 3;"},
		"three comparisons":      {"a = 0 < b < 3 == c;", "a = ((0 < b) < 3) == c;"},
		"conditionals":           {"a = 1 if b else 2 if c else 3;", "a = (1 if b else 2) if c else 3;"},
		"in, left":               {"a = b or t in l;", "a = (b or t) in l;"},
		"in, right":              {"a = t in l and u;", "a = t in (l and u);"},
		"in, both":               {"a = b == c in l if d else m;", "a = (b == c) in (l if d else m);"},
		"in behind not":          {"a = not t in l and u;", "a = (not t) in (l and u);"},
		"inside brackets":        {"a = f([not b == c]);", "a = f([(not b) == c]);"},
		"missing ;":              {"a = 1\nb = 2", "a = 1;\nb = 2;"},
		"missing ; and comment":  {"a = 1 # one\nb = 2;", "a = 1; # one\nb = 2;"},
		"missing ; in a body":    {"def f(x) { y = x return y }", "def f(x) { y = x return y }"},
		"missing ; before }":     {"def f(x) { y = x\n return y }", "def f(x) { y = x;\n return y; }"},
		"comma":                  {"a = f([1, 2 , ], 3,);", "a = f([1, 2 ], 3);"},
		"comma on its line":      {"a = [1\n  ,\n];", "a = [1\n];"},
		"stray ;":                {"a = 1;;\n;\nb = 2; ; ;", "a = 1;\nb = 2;"},
		"stray ; at a console":   {"examples on;\na = 1;", "examples on\na = 1;"},
		"stray ; that separates": {"examples on;a = 1;", "examples on;a = 1;"},
		"comment":                {"  a = [1, # one\n2];", "  # one\n  a = [1,\n2];"},
		"comments":               {"a = [1, # one\n 2 # two\n, 3];", "# one\na = [1,\n # two\n 2\n, 3];"},
		"no pragma is made":      {"a = [1, #: vocab = \"ab\"\n2];", "a = [1, #: vocab = \"ab\"\n2];"},
		"nor behind a comma":     {"a = [1\n, #: vocab = \"ab\"\n];", "a = [1\n, #: vocab = \"ab\"\n];"},
		"CR LF":                  {"a = [1, # one\r\n2]\r\nb = not c == d;\r\n", "# one\r\na = [1,\r\n2];\r\nb = (not c) == d;\r\n"},
		"CR":                     {"a = [1, # one\r2]\rb = 3", "# one\ra = [1,\r2];\rb = 3;"},
		"byte order mark":        {"\uFEFFa = [1, # one\n2];", "\uFEFF# one\na = [1,\n2];"},
		"no line end":            {"a = not b == c", "a = (not b) == c;"},
		"no call is made":        {"set example a\"x\" == b == c;", "set example a\"x\" == b == c;"},
		"a line break suffices":  {"set example a\nnot b == c;", "set example a\n(not b) == c;"},
		"other errors stay":      {"a = 1 2;\nb = not c == d\ne = ;", "a = 1 2;\nb = (not c) == d;\ne = ;"},
		"letters":                {"é = 1;\na = not \"日\" == b;", "é = 1;\na = (not \"日\") == b;"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			fixed := checkFix(t, tt.text)
			if d := cmp.Diff(tt.want, fixed.Source.Text()); d != "" {
				t.Errorf("%q becomes (-want +got):\n%s", tt.text, d)
			}
			if changed := tt.text != tt.want; changed != (len(fixed.Done) > 0) {
				t.Errorf("fixed: %v", fixed.Done)
			}
		})
	}
}

// TestOfferedFixes makes the fixes that are not safe, each alone.
func TestOfferedFixes(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{"a = not b == c and d;", []string{"a = not (b == c) and d;"}},
		{"a = not t in l;", []string{"a = not (t in l);"}},
		{"a = b or c and d;", []string{"a = b or (c and d);"}},
		{"a = 0 < b < 3;", []string{"a = 0 < b and b < 3;"}},
		{"a = e and 0 < b < 3;", []string{"a = e and (0 < b and b < 3);"}},
		{"a = 1 if b else 2 if c else 3;", []string{"a = 1 if b else (2 if c else 3);"}},
		{"a = b or t in l;", []string{"a = b or (t in l);"}},
		{"a = t in l and u and v;", []string{"a = (t in l) and u and v;"}},
		{"a = 1 if b else t in l;", []string{"a = 1 if b else (t in l);"}},
		{"a = t in l if b else 1;", []string{"a = (t in l) if b else 1;"}},
		{"a = b == t in l;", nil},
		{"a = b != c;", []string{"a = (not (b == c));"}},
		{"a = 1; #: max_len = 3\n", []string{"#: max_len = 3\na = 1;\n"}},
		{"a = 1.;", []string{"a = 1.0;"}},
		{"a = .5;", []string{"a = 0.5;"}},
		{"a = 'x';", []string{"a = \"x\";"}},
		{"a = 'x\"';", nil},
		{"a = b&&c;", []string{"a = b and c;"}},
		{"a = b || c;", []string{"a = b or c;"}},
		{"a = !b;", []string{"a = not b;"}},
		{"a = b ** 2;", []string{"a = b ^ 2;"}},
		{"a = b is 2;", []string{"a = b == 2;"}},
		{"a = b is not 2;", nil},
		{"a = f([1, 2);", nil},
		{"a = f((1;", []string{"a = f((1);"}},
		{"a = select(b, c, =);", []string{"a = select(b, c, ==);"}},
		{"#: vocba = \"ab\"\na;", []string{"#: vocab = \"ab\"\na;"}},
	}
	for _, tt := range tests {
		src := diag.NewSource("t.rasp", tt.text)
		var got []string
		for _, d := range reported(src) {
			for _, f := range d.Fixes {
				if !f.Safe {
					got = append(got, diag.Apply(src, f.Edits))
				}
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q offers %q, want %q", tt.text, got, tt.want)
		}
	}
}

// tester is a *testing.T or a *rapid.T.
type tester interface {
	Helper()
	Fatalf(string, ...any)
}

// understood is the text of the tree that a source has, without places.
func understood(t tester, src *diag.Source) string {
	t.Helper()
	var report diag.Report
	var b strings.Builder
	if err := syntax.Dump(&b, syntax.Parse(src, &report)); err != nil {
		t.Fatalf("%v", err)
	}
	var trees []string
	for line := range strings.Lines(b.String()) {
		_, tree, _ := strings.Cut(line, " ")
		trees = append(trees, tree)
	}
	return strings.Join(trees, "")
}

// checkFix makes the safe fixes of a text and checks what must hold of any: the
// tree is the same, and no safe fix is left.
func checkFix(t tester, text string) syntax.Fixed {
	t.Helper()
	src := diag.NewSource("t.rasp", text)
	fixed, err := syntax.Fix(src)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	before := reported(src)
	if few := len(before.Errors()) < 50; few && understood(t, src) != understood(t, fixed.Source) {
		t.Fatalf("%q becomes another program:\n%s", text, fixed.Source.Text())
	}
	again, err := syntax.Fix(fixed.Source)
	if err != nil {
		t.Fatalf("%q: fixed again: %v", text, err)
	}
	if n := len(again.Done); n > 0 && len(fixed.Done) < 100 {
		t.Fatalf("%q becomes %q, which has %d fixes left: %v", text, fixed.Source.Text(), n, again.Done)
	}
	return fixed
}

// tangle writes programs full of what is fixed.
type tangle struct {
	t *rapid.T
	b strings.Builder
}

func (g *tangle) pick(of ...string) { g.b.WriteString(rapid.SampledFrom(of).Draw(g.t, "text")) }

func (g *tangle) blank() {
	g.pick(" ", " ", " ", " ", "  ", "\n", "\r\n", "\t", " # c\n", "\n# own\n", " #: p\n", "\r")
}

func (g *tangle) expr(depth int) {
	if depth == 0 {
		g.pick("a", "b", "1", `"x"`, "[]", "f(a)", "[a, b,]", "not a", "-1")
		return
	}
	switch rapid.IntRange(0, 9).Draw(g.t, "form") {
	case 0:
		g.pick("(", "f(", "[", "round(", "len(")
		g.expr(depth - 1)
		g.pick(")", ")", ")", "]", "")
	case 1:
		g.expr(depth - 1)
		g.pick(" if ")
		g.expr(depth - 1)
		g.pick(" else ")
		g.expr(depth - 1)
	case 2:
		g.pick("not ")
		g.expr(depth - 1)
	default:
		g.expr(depth - 1)
		g.blank()
		g.pick("and", "or", "in", "==", "<", "!=", "+", "^")
		g.blank()
		g.expr(depth - 1)
	}
}

func (g *tangle) statement(depth int) {
	switch rapid.IntRange(0, 7).Draw(g.t, "statement") {
	case 0:
		g.expr(2)
	case 1:
		g.pick("set example ", "examples on", "exit", "show example", "draw(")
		g.expr(1)
	case 2:
		if depth > 0 {
			g.pick("def f(x) {", "for x in a {", "def f(x,) {")
			g.statement(depth - 1)
			g.blank()
			g.pick("return x", "a = x", "return x, ")
			g.end()
			g.pick("}")
			return
		}
	default:
		g.pick("a = ", "b =", "a, b = ")
		g.expr(3)
	}
	g.end()
}

func (g *tangle) end() {
	g.pick(";", ";", ";", "", ";;", " ;\n;", ",;")
	g.blank()
}

// TestFixTangles fixes programs of which hardly one is right.
func TestFixTangles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &tangle{t: t}
		for range rapid.IntRange(1, 4).Draw(t, "statements") {
			g.statement(1)
		}
		checkFix(t, g.b.String())
	})
}

// TestFixLimits fixes what could grow beyond the parser's limits, or has more
// errors than it reports.
func TestFixLimits(t *testing.T) {
	line := "a = not b == c;\n"
	for name, tt := range map[string]struct {
		text  string
		fixed bool
	}{
		"a chain":        {"a = 1" + strings.Repeat(" < 1", 600) + ";", true},
		"many errors":    {strings.Repeat("a = [1,]\n", 200), true},
		"others between": {strings.Repeat("a = 1 2;\n"+line, 100), true},
		"no room":        {strings.Repeat(line, 100) + strings.Repeat(" ", syntax.MaxSource-100*len(line)), false},
		"too large":      {strings.Repeat(" ", syntax.MaxSource+1), false},
		"not UTF-8":      {"a = \"\xff\"", false},
	} {
		fixed, err := syntax.Fix(diag.NewSource("t.rasp", tt.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := fixed.Source.Text(); (got != tt.text) != tt.fixed || beyondLimits(got) && !beyondLimits(tt.text) {
			t.Errorf("%s becomes %.200q", name, got)
		}
	}
}

// beyondLimits reports whether the parser refuses a text for its size.
func beyondLimits(text string) bool {
	return slices.ContainsFunc(reported(diag.NewSource("t.rasp", text)), func(d diag.Diagnostic) bool {
		return d.Code == diag.NestingTooDeep || d.Code == diag.SourceTooLarge
	})
}

// FuzzFix fixes any text.
func FuzzFix(f *testing.F) {
	for _, info := range diag.Codes() {
		f.Add(info.Example)
	}
	f.Fuzz(func(t *testing.T, text string) { checkFix(t, text) })
}

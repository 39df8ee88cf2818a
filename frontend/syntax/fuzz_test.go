package syntax

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/diag"
)

// checkParse holds for any text: the parser ends without panic, a file without
// errors covers every statement with sensible spans, and the renderers accept
// whatever was reported.
func checkParse(t interface{ Fatalf(string, ...any) }, text string) {
	f, list := parse(text)
	for _, d := range list {
		if d.Primary.Start < 0 || d.Primary.End < d.Primary.Start || d.Primary.End > len(text) {
			t.Fatalf("%q: span %d..%d", text, d.Primary.Start, d.Primary.End)
		}
		if _, known := diag.Lookup(d.Code); !known {
			t.Fatalf("%q: unknown code %s", text, d.Code)
		}
	}
	end := 0
	for _, s := range f.Stmts {
		if s == nil {
			t.Fatalf("%q: nil statement", text)
		}
		at := s.Span()
		if at.Start < end || at.End < at.Start {
			t.Fatalf("%q: statement at %d..%d after %d", text, at.Start, at.End, end)
		}
		end = at.End
	}
	if !list.HasErrors() {
		stmtList(f.Stmts)
	}
	var b strings.Builder
	if err := diag.WriteText(&b, list, diag.TextOptions{}); err != nil {
		t.Fatalf("%v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"a = 1;", "def f(x) { return x; }", "for i in [1] { a = i; }", "#: vocab = 0..9\ntokens;",
		"a = {1:2 for x in l}; # c", "set example \"a\"\nexit", "a = not b == c if d else e in f;",
		"select(a,b,<) and aggregate(s,v,0)[-1]", "\"unclosed", "1.;", "}{)(][", "draw(a,b);\r\nload \"x\";",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) { checkParse(t, text) })
}

// TestTokenSoup feeds the parser random sequences of real tokens, which reach
// deeper than random bytes.
func TestTokenSoup(t *testing.T) {
	pieces := []string{
		"a", "b", "1", "2.5", "\"s\"", "(", ")", "[", "]", "{", "}", ",", ";", ":", "=", "==", "!=", "<",
		"+", "-", "*", "^", "not", "and", "or", "in", "if", "else", "for", "def f(x) {", "return", "select(",
		"aggregate(", "range(", "len(", "round", "indicator", "set", "example", "show", "on", "exit", "s-op",
		"\n", "# c\n", "\n# own\n", "load", "draw", "while", "is", "?", "'", "\n#: vocab = 0..\n", "full seq display",
	}
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 30).Draw(t, "pieces")
		checkParse(t, strings.Join(parts, " "))
	})
}

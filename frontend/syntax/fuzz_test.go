package syntax

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax/syntaxtest"
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
	for _, l := range list {
		for _, label := range l.Labels {
			if label.Span.Start < 0 || label.Span.End < label.Span.Start || label.Span.End > len(text) {
				t.Fatalf("%q: label at %d..%d", text, label.Span.Start, label.Span.End)
			}
		}
	}
	if !list.HasErrors() && height(stmtList(f.Stmts)) > 4*(MaxHeight+MaxNesting) {
		t.Fatalf("%q: a tree that is too high", text)
	}
	var b strings.Builder
	if err := diag.WriteText(&b, list, diag.TextOptions{}); err != nil {
		t.Fatalf("%v", err)
	}
}

// height is how deep the lists of a tree nest.
func height(tree any) int {
	h := 0
	if list, ok := tree.([]any); ok {
		for _, t := range list {
			h = max(h, height(t))
		}
	}
	return h + 1
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"a = 1;", "def f(x) { return x; }", "for i in [1] { a = i; }", "#: vocab = 0..9\ntokens;",
		"a = {1:2 for x in l}; # c", "set example \"a\"\nexit", "a = not b == c if d else e in f;",
		"select(a,b,<) and aggregate(s,v,0)[-1]", "\"unclosed", "1.;", "}{)(][", "draw(a,b);\r\nload \"x\";",
	} {
		f.Add(seed)
	}
	for _, text := range syntaxtest.Files(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkParse(t, text) })
}

// FuzzPrograms parses programs most of which are right.
func FuzzPrograms(f *testing.F) {
	for _, seed := range syntaxtest.Bytes() {
		f.Add(seed)
	}
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) { checkParse(t, syntaxtest.Program().Draw(t, "program")) }))
}

// checkScan holds for any text: the tokens stand in it one behind the other, and
// between them are blanks, comments and pragmas.
func checkScan(t interface{ Fatalf(string, ...any) }, text string, pragma bool) {
	whole := diag.Span{Source: diag.NewSource("t.rasp", text), End: len(text)}
	s := newScanner(whole, &diag.Report{})
	s.pragma = pragma
	s.scan()
	between := map[int]int{} // where comments and pragmas end, by where they begin
	for _, c := range s.comments {
		between[c.Span().Start] = c.Span().End
	}
	for _, p := range s.pragmas {
		between[p.Start] = p.End
	}
	end := 0
	if strings.HasPrefix(text, "\uFEFF") {
		end = len("\uFEFF")
	}
	for i, token := range s.tokens {
		last := i == len(s.tokens)-1
		if last != (token.kind == tokEOF) || last != (token.start == token.end) {
			t.Fatalf("%q: token %d of %d is of kind %d at %d..%d", text, i, len(s.tokens), token.kind, token.start, token.end)
		}
		for end < token.start {
			switch c := text[end]; {
			case between[end] > end:
				end = between[end]
			case pragma && c == '#':
				end = token.start // a comment ends a pragma
			case strings.IndexByte(" \t\r\n", c) >= 0:
				end++
			default:
				t.Fatalf("%q: %q stands before the token at %d", text, text[end:token.start], token.start)
			}
		}
		if end != token.start {
			t.Fatalf("%q: the token at %d begins before %d", text, token.start, end)
		}
		end = token.end
	}
	if end != len(text) {
		t.Fatalf("%q: the last token ends at %d", text, end)
	}
}

func FuzzScan(f *testing.F) {
	for _, text := range append(syntaxtest.Files(f), "1.;", "\"open\n'a' 'b\n$ \x00 é! != .5 1..2", "\uFEFFs-op exit() full seq display a#b", "0..9 # c") {
		f.Add(text, false)
		f.Add(text, true)
	}
	f.Fuzz(func(t *testing.T, text string, pragma bool) {
		checkScan(t, text, pragma && !strings.ContainsAny(text, "\r\n"))
	})
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

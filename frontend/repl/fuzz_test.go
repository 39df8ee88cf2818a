package repl_test

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/repl"
	"github.com/raspc/raspc/frontend/syntax/syntaxtest"
)

// checkSession holds for any text: the session ends without panic, draws well
// formed pictures, and goes on behind whatever was wrong.
func checkSession(t interface{ Fatalf(string, ...any) }, text string, terminal bool) {
	var out bytes.Buffer
	o := repl.Options{
		Out: &out, Terminal: terminal, Save: album{}.save,
		Read: files{"f.rasp": text, "g.rasp": "load \"f\";\nx = tokens;\n_y = 1/0;\n"}.read,
	}
	s := repl.New(o)
	for line := range strings.SplitSeq(text, "\n") {
		if err := s.Line(line); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
	}
	if strings.Contains(out.String(), "cannot be written") {
		t.Fatalf("%q: a drawing is broken", text)
	}
	if terminal && strings.ContainsRune(out.String(), '\x1b') {
		t.Fatalf("%q: a control character reaches the terminal", text)
	}
	if s.Done() {
		return
	}
	s.Abandon()
	out.Reset()
	if err := s.Line(`"still" + "here";`); err != nil || out.String() != "    value: out =  \"stillhere\"\n" {
		t.Fatalf("%q: then %v %q", text, err, out.String())
	}
}

func FuzzSession(f *testing.F) {
	for _, info := range diag.Codes() {
		f.Add(info.Example, false)
	}
	for _, seed := range []string{
		typed, sorting + "draw(sorted, \"3122\");", "load \"g\";\nx;", "x = [tokens, [full_s, {1: \"a\"}]];\nfull seq display on\nx;",
		"set example {\"a\": 1}\ntokens_asis;\ntokens_bool(\"ab\");", "def f(x) {\nreturn f; }\nf(1)(2)(tokens);", "examples off\nexit",
	} {
		f.Add(seed, true)
	}
	for _, text := range syntaxtest.Files(f) {
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, terminal bool) {
		if len(text) <= 2000 { // many long loops would take their time one after the other
			checkSession(t, text, terminal)
		}
	})
}

// TestRandomSessions makes lines of statements that mostly work, so that all kinds
// of values are printed.
func TestRandomSessions(t *testing.T) { rapid.Check(t, checkRandomSession) }

// FuzzLines does so for the fuzzer.
func FuzzLines(f *testing.F) {
	for _, seed := range syntaxtest.Bytes() {
		f.Add(seed)
	}
	f.Fuzz(rapid.MakeFuzz(checkRandomSession))
}

func checkRandomSession(t *rapid.T) {
	values := []string{
		"x", "y", "tokens", "indices", "full_s", "length", "1", "0.5", "\"a\"", "True", "[]", "{}", "[1, \"b\"]", "{\"k\": tokens}",
		"[x, y]", "{1: x, 2.5: y}", "sort", "f", "tokens(\"ab\")", "full_s([1, 22])", "indices / 3", "tokens == \"l\"", "range(3)",
		"select(tokens, tokens, <)", "not full_s", "selector_width(full_s)", "1 / indices", "tokens_int", "out", "nosuch", "f(x)",
		"aggregate(full_s, indices)", "x if tokens == \"e\" else y", "[indices, 5][1]", "tokens in [\"a\", \"h\"]",
	}
	forms := []string{
		"V;", "x = V;", "y = V;", "x, y = V, V;", "x = [V, V]; y = V;", "draw(V);", "draw(V, V);", "set example V", "set selector example V",
		"show example", "full seq display on", "full seq display off", "examples on", "s-op examples off", "load \"g\";", "load \"f\";",
		"def f(a) { return V; }", "for i in V { x = i; draw(V); }", "", "# c", "x = (V", ");", "V(V);", "tokens = V;", "length = V;",
	}
	if rapid.IntRange(0, 3).Draw(t, "program") == 0 {
		checkSession(t, syntaxtest.Program().Draw(t, "program"), rapid.Bool().Draw(t, "terminal"))
		return
	}
	var b strings.Builder
	for _, form := range rapid.SliceOfN(rapid.SampledFrom(forms), 1, 12).Draw(t, "lines") {
		for strings.Contains(form, "V") {
			form = strings.Replace(form, "V", rapid.SampledFrom(values).Draw(t, "value"), 1)
		}
		b.WriteString(form + "\n")
	}
	checkSession(t, b.String(), rapid.Bool().Draw(t, "terminal"))
}

package repl_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/frontend/repl"
)

// after is what a session prints for some lines, without the welcome, the
// prompts and the newline at the end.
func after(t *testing.T, o repl.Options, lines string) string {
	t.Helper()
	out := converse(t, o, lines)
	out = strings.TrimPrefix(out, "RASP 0.1\nrunning example is: hello\n")
	for _, prompt := range []string{">> ", ".. "} {
		out = strings.ReplaceAll(out, prompt, "")
	}
	return strings.TrimSuffix(out, "\n")
}

// TestSession shows what the reference transcripts do not.
func TestSession(t *testing.T) {
	f := files{
		"shy.rasp":         "_a = 1;\nb = _a + 1;\nb = b + 1;\n1 + 1;\nshow example\nexit\nc = 3;\n",
		"example.rasp":     "set example \"ab\"\nfull seq display on\nexamples off\n",
		"folder/main.rasp": "load \"near\";\nload \"shy\";\n",
		"folder/near.rasp": "near = indices;\n",
		"quotes.rasp":      "max = 3;\nmin = 4;\nmin = 5;\n",
		"inner.rasp":       "def f() { return nosuch; }\n",
		"again.rasp":       "load \"again\";\nd = 1;\n",
	}
	tests := map[string]struct{ lines, want string }{
		"statements share a line": {
			"x = 1; y = 2;\n", "    value: x =  1\n    value: y =  2\n",
		},
		"the rest of a line waits": {
			"x = 1; y =\n2;\n", "    value: x =  1\n    value: y =  2\n",
		},
		"parentheses before an index": {
			"([1,2])[(1)];\n", "    value: out =  2\n",
		},
		"a comment in a function": {
			"def f(x) {\n# all of it\nreturn x; # here\n}\nf(2);\n", "  " + "  " + "  " + "     console function: f(x)\n    value: out =  2\n",
		},
		"unfinished at the end": {
			"x = (1 +", "\n\t!! syntax error: expected an expression, found the end of the text \t-- ignoring input",
		},
		"forgotten semicolon at the end": {
			"x = 1", "\n\t!! syntax error: missing `;` \t-- ignoring input",
		},
		"undefined on the example": {
			"x = tokens_int + 1;\nx([\"7\"]);\nx(\"ab\");\n",
			"     s-op: x\n \t Example: x(\"hello\") is undefined: the token 'h' is not an integer (at position 0)\n" +
				"\t =  [8] (ints)\nsomething went wrong: the token 'a' is not an integer (at position 0)\n",
		},
		"examples of both kinds": {
			"set s-op example \"ab\"\nset selector example [10, True]\nshow example\nshow selector example\nindices;\nfull_s;\n",
			"\ts-op example: \"ab\"\n\tselector example: [10, True]\n\tselector example: [10, True]\n" +
				"     s-op: indices\n \t Example: indices(\"ab\") = [0, 1] (ints)\n" +
				"     selector: full_s\n \t Example:\n \t\t\t     10 True\n \t\t\t 10 | 1 1\n \t\t\t True | 1 1\n",
		},
		"the input of a full display is its own": {
			"set selector example \"xyz\"\nset s-op example \"ab\"\nfull seq display on\nindices;\ntokens == \"b\" ;\nnot tokens == \"b\";\n",
			"     s-op: indices\n \t Example:\n \t\tinput:   a b \t (strings)\n \t\toutput:  0 1 \t (ints)\n" +
				"     s-op: out\n \t Example:\n \t\tinput:   a b \t (strings)\n \t\toutput:  F T \t (bools)\n" +
				"     s-op: out\n \t Example: out(\"ab\") = [F]*2 (bools) [skipped full display: identical values]\n",
		},
		"functions in functions, lists and dicts": {
			"def f(x) { def g(y) { return y; } return g; }\n[f(1), sort];\n{1: f};\n",
			"     console function: f(x)\n" +
				"     list: out =  [\n\t\t     console' function: g(y)\n\t\t     RASP_support/rasplib function: sort(v, key)\n                 ]\n" +
				"     dict: out =  {\n\t\t\t 1 :     console function: f(x)\n                 }\n",
		},
		"made-up names": {
			"[indices == 1, not full_s, -indices, round(indices/2), indicator(tokens), [5,6][indices], tokens in [\"a\"]];\n" +
				"examples off\n[indices + 12345678901234567890123456789, select(tokens,tokens,==)];\n",
			"     list: out =  [\n" +
				"\t\t     s-op: ( indices == 1 )\n\t\t \t Example: ( indices == 1 )(\"hello\") = [F, T, F, F, F] (bools)\n" +
				"\t\t     selector: ( not full_s )\n\t\t \t Example:\n\t\t \t\t\t     h e l l o\n" +
				"\t\t \t\t\t h |          \n\t\t \t\t\t e |          \n\t\t \t\t\t l |          \n\t\t \t\t\t l |          \n\t\t \t\t\t o |          \n" +
				"\t\t     s-op: ( - indices )\n\t\t \t Example: ( - indices )(\"hello\") = [0, -1, -2, -3, -4] (ints)\n" +
				"\t\t     s-op: round(( indices / 2 ))\n\t\t \t Example: round(( indices / 2 ))(\"hello\") = [0, 0, 1, 2, 2] (ints)\n" +
				"\t\t     s-op: I(tokens)\n\t\t \t Example: I(tokens)(\"hello\") = [1]*5 (ints)\n" +
				"\t\t     s-op: [5, 6][indices]\n\t\t \t Example: [5, 6][indices](\"hello\") is undefined: the index 2 is out of range for a list of length 2 (at position 2)\n" +
				"\t\t     s-op: tokens in ['a']\n\t\t \t Example: tokens in ['a'](\"hello\") = [F]*5 (bools)\n" +
				"                 ]\n" +
				"     list: out =  [\n\t\t     s-op: s-op\n\t\t     selector: plain select\n                 ]\n",
		},
		"a file hands on what is not private, once, and cannot end the session": {
			"load \"shy\";\nb;\nc;\n",
			"    value: b =  3\n\ts-op example: \"hello\"\n\tselector example: \"hello\"\n    value: b =  3\n" +
				"\t\t!!ignoring input:\n\t Error: Undefined variable: c\n",
		},
		"a file's example stays, its silence does not": {
			"load \"example\";\nindices;\n", "     s-op: indices\n \t Example:\n \t\tinput:   a b \t (strings)\n \t\toutput:  0 1 \t (ints)\n",
		},
		"files beside the file and in the working directory": {
			"load \"folder/main\";\nload \"near\";\n",
			"     s-op: near\n    value: b =  3\n\ts-op example: \"hello\"\n\tselector example: \"hello\"\n" +
				"\t\t!!ignoring input:\n\t could not find file `near.rasp`\n",
		},
		"names that a file may bind and the console may not": {
			"load \"quotes\";\nmax(1,2);\n",
			"\t\t!!ignoring input:\n\t Error: Cannot set reserved name: max\n\t\t!!ignoring input:\n\t Error: Cannot set reserved name: min\n" +
				"    value: out =  2\n",
		},
		"an error inside a loaded function": {
			"load \"inner\";\nf(); 1;\n",
			"     inner function: f()\n\t\t!!ignoring input:\n\t Error: Undefined variable: nosuch\n    value: out =  1\n",
		},
		"a file that loads itself": {
			"load \"again\";\n", "\t\t!!ignoring input:\n\t `again.rasp` is loaded while it is being loaded\n    value: d =  1\n",
		},
		"a load in a function is silent": {
			"def f() { load \"shy\"; return b; }\nf();\n", "     console function: f()\n    value: out =  3\n",
		},
		"quit": {"1;\nquit()\n2;\n", "    value: out =  1"},
		"errors have the form of their kind": {
			"max = 1;\ndef f(a) { return a; }\nf(1,2);\n1 + \"a\";\n[1][2];\n1(2);\n?;\n",
			"\t\t!!ignoring input:\n\t Error: Cannot set reserved name: max\n     console function: f(a)\n" +
				"\t\t!!ignoring input:\n\t `f` takes 1 argument, got 2\n" +
				"something went wrong: operator + does not take an int and a string\n" +
				"\t\t!!ignoring input:\n\t index 2 out of range for a list of length 1\n" +
				"\t\t!!ignoring input:\n\t the int 1 cannot be called\n" +
				"\t!! syntax error: `?` begins no token \t-- ignoring input\n",
		},
		"a name after an error": {"a, max = 1, 2;\na;\n", "\t\t!!ignoring input:\n\t Error: Cannot set reserved name: max\n    value: a =  1\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := after(t, repl.Options{Read: f.read}, tt.lines)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestLimits runs statements that would never end, or fill the memory. The
// session goes on behind them.
func TestLimits(t *testing.T) {
	for name, tt := range map[string]struct{ lines, want string }{
		"recursion":      {"def f(x) { return f(x); }\nf(1);\n", "deep"},
		"loop":           {"for i in range(1000000) { for j in range(1000000) { x = 1; } }\n", "steps"},
		"graph":          {"x = indices;\nfor i in range(200000) { x = x + i; }\n", "more than 100000 s-ops"},
		"shared lists":   {"l = [1];\nfor i in range(40) { l = [l, l]; }\nl;\n", "the rest is left out"},
		"long list":      {"l = range(900000);\n[l, l];\n", "the rest is left out"},
		"long example":   {"set example range(900000)\nfull_s;\n", "is not shown: too much work"},
		"many examples":  {"set example range(500)\n[full_s and full_s for i in range(100)];\n", "the rest is left out"},
		"wide tables":    {"set example range(500)\nx = tokens_int in range(100000);\n", "too much work"},
		"open statement": {"x = [\n" + strings.Repeat("\""+strings.Repeat("a", 1000)+"\",\n", 70), "unfinished statement of more than 65536 bytes"},
		"long line":      {strings.Repeat("a", 3<<20) + "\n", "file of 1048578 bytes"},
		"deep nesting":   {strings.Repeat("(", 3000) + "\n", "nested more than"},
		"no text":        {"x = \"\xff\";\n", "0xff is not valid UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			got := converse(t, repl.Options{}, tt.lines+"examples off\n\"still\" + \" here\";\n")
			if !strings.Contains(got, tt.want) {
				t.Errorf("%q is not in %q", tt.want, got[:min(len(got), 2000)])
			}
			if !strings.HasSuffix(got, ">>     value: out =  \"still here\"\n>> \n") {
				t.Errorf("the session does not go on: …%q", got[max(0, len(got)-200):])
			}
		})
	}
}

// TestReload changes a file between two loads.
func TestReload(t *testing.T) {
	f := files{"a.rasp": "x = 1;"}
	var out bytes.Buffer
	s := repl.New(repl.Options{Out: &out, Read: f.read})
	for _, text := range []string{"x = 1;", "x = ;", "x = 2;"} {
		f["a.rasp"] = text
		if err := s.Line(`load "a";`); err != nil {
			t.Fatal(err)
		}
	}
	want := "    value: x =  1\n\t!! syntax error: expected an expression, found `;` \t-- ignoring input\n    value: x =  2\n"
	if got := out.String(); !strings.HasSuffix(got, want) {
		t.Errorf("%q", got)
	}
}

// TestSettings starts with a program whose pragmas hold.
func TestSettings(t *testing.T) {
	o := repl.Options{Name: "p.rasp", Settings: "#: tokens = int\n#: causal = on\n#: vocab = [0]\nx = nosuch;\n"}
	got := after(t, o, "set example [1, 2]\ntokens + 1;\nfull_s;\n")
	want := "     s-op: out\n \t Example: out([1, 2]) = [2, 3] (ints)\n" +
		"     selector: full_s\n \t Example:\n \t\t\t     1 2\n \t\t\t 1 | 1  \n \t\t\t 2 | 1 1\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	o.Settings = "#: tokens = ints\n"
	if got := after(t, o, "1;\n"); !strings.Contains(got, "tokens") || !strings.HasSuffix(got, "    value: out =  1\n") {
		t.Errorf("a wrong setting gives %q", got)
	}
}

func TestLoad(t *testing.T) {
	var out bytes.Buffer
	s := repl.New(repl.Options{Out: &out, Read: files{"d/a.rasp": "x = 1;"}.read})
	if err := s.Load("d/a.rasp"); err != nil || !strings.HasSuffix(out.String(), "hello\n    value: x =  1\n") {
		t.Errorf("%v %q", err, out.String())
	}
	for _, path := range []string{"a", "a\".rasp", "a\n.rasp", ""} {
		if err := s.Load(path); err == nil {
			t.Errorf("%q was loaded", path)
		}
	}
}

func TestPrompt(t *testing.T) {
	s := repl.New(repl.Options{Out: &bytes.Buffer{}})
	for _, step := range []struct{ line, prompt string }{
		{"1;", ">> "}, {"x =", ".. "}, {"1;", ">> "}, {"def f(x) {", "..   "}, {"def g() {", "..     "}, {"x = 1;", "..     "},
		{"return 1; }", "..     "}, {"return g; }", ">> "}, {"", ".. "}, {"# c", ".. "}, {"2;", ">> "},
	} {
		if err := s.Line(step.line); err != nil || s.Prompt() != step.prompt {
			t.Errorf("behind %q: %v, prompt %q, want %q", step.line, err, s.Prompt(), step.prompt)
		}
	}
	if err := s.Line("def f("); err != nil {
		t.Fatal(err)
	}
	if s.Abandon(); s.Prompt() != ">> " {
		t.Errorf("prompt %q after a statement was abandoned", s.Prompt())
	}
}

func TestComplete(t *testing.T) {
	s := repl.New(repl.Options{Out: &bytes.Buffer{}})
	if err := s.Line("selfish = 1; def tokenize(x) { return x; }"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		before, prefix string
		want           []string
	}{
		{"x = sel", "sel", []string{"select(", "select_from_first", "select_from_last", "select_next_identical", "selector", "selector_width", "selfish"}},
		{"f(tokeni", "tokeni", []string{"tokenize"}},
		{"é_", "_", nil},
		{"x + ", "", nil},
		{"", "", nil},
	} {
		prefix, got := s.Complete(tt.before)
		if diff := cmp.Diff(tt.want, got); diff != "" || prefix != tt.prefix {
			t.Errorf("%q: prefix %q\n%s", tt.before, prefix, diff)
		}
	}
}

// closed is a pipe that nobody reads.
type closed struct{ room int }

var errClosed = errors.New("closed")

func (c *closed) Write(p []byte) (int, error) {
	if c.room -= len(p); c.room < 0 {
		return 0, errClosed
	}
	return len(p), nil
}

func TestOutputFails(t *testing.T) {
	for room := range 80 {
		err := repl.New(repl.Options{Out: &closed{room}}).Run(strings.NewReader("1;\nindices;\n"))
		if !errors.Is(err, errClosed) {
			t.Errorf("room for %d bytes: %v", room, err)
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errClosed }

func TestInputFails(t *testing.T) {
	if err := repl.New(repl.Options{Out: &bytes.Buffer{}}).Run(broken{}); !errors.Is(err, errClosed) {
		t.Errorf("%v", err)
	}
}

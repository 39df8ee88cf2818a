package lsp_test

import (
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/lsp"
)

// hover returns the text of a hover; "" where there is none.
func (e *editor) hover(name string, p position) string {
	e.t.Helper()
	var h *struct {
		Contents struct{ Kind, Value string }
	}
	e.call("textDocument/hover", at(name, p), &h)
	if h == nil {
		return ""
	}
	return h.Contents.Value
}

const library = `# Counts what is alike.
# And no more.
def alike(x) {
  same = select(x, x, ==);
  return selector_width(same);
}
_hidden = 1;
level = 3 + _hidden;
`

func TestHover(t *testing.T) {
	const head = "#: tokens = int\n#: vocab = 0..9\n#: max_len = 5\n"
	code := func(text string, more ...string) string {
		return strings.Join(append([]string{"```rasp\n" + text + "\n```"}, more...), "\n\n")
	}
	tests := map[string]struct{ text, want string }{
		"an s-op":                   {head + "# Positions.\n  # From one.\n  |x = indices + 1;", code("x = indices + 1;", "s-op of ints, 5 values: 1..5", "Positions.\nFrom one.")},
		"a use":                     {head + "x = indices * 2; y = |x + 1;", code("x = indices * 2;", "s-op of ints, 5 values: 0, 2, 4, 6, 8")},
		"the end of a name":         {head + "ab = tokens > 3; y = ab| ;", code("ab = tokens > 3;", "s-op of bools, 2 values: False, True")},
		"many values":               {head + "x = tokens / (indices + 1); y|=x;", code("y=x;", "s-op of floats, 34 values: 0.0, 0.2, …, 9.0")},
		"strings":                   {"#: vocab = [\"b\", \"a\"]\n#: max_len = 5\nx| = tokens + \"!\";", code("x = tokens + \"!\";", "s-op of strings, 2 values: \"a!\", \"b!\"")},
		"a selector":                {head + "s| = select(indices, indices, ==);", code("s = select(indices, indices, ==);", "selector of rows that select 1 position")},
		"a full selector":           {head + "s| = full_s;", code("s = full_s;", "selector of rows that select everything")},
		"a wider selector":          {head + "s| = select(tokens, 1, ==);", code("s = select(tokens, 1, ==);", "selector of rows that select 5 positions at most")},
		"without a vocabulary":      {"x| = tokens;", code("x = tokens;", "s-op; with the pragmas `vocab` and `max_len` its values are shown")},
		"an atom":                   {"x| = 2 + 3;", code("x = 2 + 3;", "int: 5")},
		"a text":                    {"x| = \"a\";", code("x = \"a\";", "string: \"a\"")},
		"a list":                    {"x| = [1, 2];", code("x = [1, 2];", "list of 2 elements")},
		"a dict":                    {"x| = {1: 2};", code("x = {1: 2};", "dict of 1 key")},
		"a second value":            {head + "x = 1; y = |x; x = tokens;", code("x = 1;", "int: 1")},
		"the first of both":         {head + "|x = 1; x = x + 1;", code("x = 1;", "int: 1")},
		"a function":                {"# Twice.\ndef f(a, b) { return a; } y = |f(1, 2);", code("def f(a, b)", "function of 2 parameters", "Twice.")},
		"a parameter":               {"def f(a, b) { return |a; }", code("def f(a, b)", "parameter of `f`")},
		"a local":                   {"def f(a) { b = a; return |b; }", code("b = a;", "local to `f`")},
		"a loop's name":             {"for i in [1, 2] { x = |i; }", code("for i in [1, 2]", "int: 2")},
		"a comprehension's name":    {"i = 1; y = [|i for i in [3]];", code("[i for i in [3]]", "local to the brackets")},
		"a loaded name":             {"load \"lib\"; x = |level;", code("level = 3 + _hidden;", "int: 4", "from `lib.rasp`")},
		"a loaded function":         {"load \"lib\"; x = |alike(tokens);", code("def alike(x)", "function of 1 parameter", "from `lib.rasp`", "Counts what is alike.\nAnd no more.")},
		"the library's":             {head + "x = |length;", code("length", "s-op of ints, 5 values: 1..5", "The length of the input, at every position.")},
		"the library's function":    {"x = |sort(tokens, tokens);", code("sort(v, key)", "The values of v in the order of their keys; equal keys keep their order.")},
		"a glued word":              {"x = sel|ect(tokens, tokens, ==);", code("select(keys, queries, comparison)", "The selector that holds where `key comparison query`, the key at the position looked at, the query at the one that looks.")},
		"a keyword":                 {"x = 1 if| True else 2;", code("x if c else y", "x where c holds, else y.")},
		"a pragma":                  {"#: max|_len = 5\n", code("#: max_len = 10", "The number of tokens of the longest input.")},
		"a pragma's name":           {head + "#: output = |x\nx = tokens; x = indices;", code("x = indices;", "s-op of ints, 5 values: 0..4")},
		"beside an error":           {head + "y = (;\nx = indices;\nz = |x;\nw = ", code("x = indices;", "s-op of ints, 5 values: 0..4")},
		"in an unended statement":   {head + "x = indices;\nz = |x", code("x = indices;", "s-op of ints, 5 values: 0..4")},
		"of a failed statement":     {head + "x = nosuch;\ny = |x;", code("x = nosuch;")},
		"with a BOS":                {head + "#: bos = 7\nx| = tokens == 7;", code("x = tokens == 7;", "s-op of bools, 2 values: False, True")},
		"for a console":             {head + "x = 1;\nset example \"12\"\ndraw(tokens);\ny = |x;", code("x = 1;", "int: 1")},
		"a constant":                {head + "x| = indices * 0;", code("x = indices * 0;", "s-op of ints, 1 value: 0")},
		"mixed values":              {head + "x| = tokens if tokens > 3 else \"a\";", code("x = tokens if tokens > 3 else \"a\";", "s-op of mixed values, 7 values: 4, 5, 6, 7, 8, 9, \"a\"")},
		"a selector of one or more": {head + "s| = select(indices, indices, <=);", code("s = select(indices, indices, <=);", "selector of rows that select 1 to 5 positions")},
		"a nameless function":       {"def (a) { b = 1; return |b; }", code("b = 1;", "local to the function")},
		"a result":                  {head + "tokens([1]); x| = 1;", code("x = 1;", "int: 1")},
		"a broken statement":        {"max = 1;\nx = (ma|x + );", ""},
		"too many values":           {"#: tokens = float\n#: vocab = 0..999\n#: max_len = 100\ntotal = aggregate(full_s, tokens * tokens); x| = total * total;", "TOO MANY"},
		"an unknown name":           {"x = |nosuch;", ""},
		"punctuation":               {"x = 1 + | 2;", ""},
		"a comment":                 {"# if| not\n", ""},
		"a string":                  {"x = \"if| not\";", ""},
		"nothing":                   {"|", ""},
		"a console's word":          {"show| example", code("show example", "Shows the console's running example.")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := start(t, lsp.Options{Read: files{"/project/lib.rasp": library}.read})
			text, p := marked(t, tt.text)
			e.open("a.rasp", text)
			got := e.hover("a.rasp", p)
			if tt.want == "TOO MANY" {
				if !strings.Contains(got, "s-op; its values cannot be told: ") {
					t.Errorf("the hover is %q", got)
				}
				return
			}
			compare(t, "the hover", tt.want, got)
		})
	}
}

func TestHoverInPlainText(t *testing.T) {
	e := connect(t, lsp.Options{})
	e.call("initialize", object{"capabilities": object{"textDocument": object{"hover": object{"contentFormat": []string{"plaintext"}}}}}, nil)
	e.open("a.rasp", "x = 1;")
	compare(t, "the hover", "x = 1;\n\nint: 1", e.hover("a.rasp", position{0, 0}))
}

// TestHoverCutsLongStatements shows the beginning only.
func TestHoverCutsLongStatements(t *testing.T) {
	e := start(t, lsp.Options{})
	e.open("a.rasp", "x = ["+strings.Repeat("1,\n", 50)+"1];\ny = \""+strings.Repeat("é", 2000)+"\";")
	if got := e.hover("a.rasp", position{0, 0}); strings.Count(got, "\n") > 18 || !strings.Contains(got, "\n…\n") {
		t.Errorf("many lines: %q", got)
	}
	if got := e.hover("a.rasp", position{51, 0}); len(got) > 1300 || !strings.Contains(got, "\n…\n") {
		t.Errorf("a long line: %d bytes", len(got))
	}
}

// TestOpenFilesWin hovers over a name of a file that is open and changed.
func TestOpenFilesWin(t *testing.T) {
	e := start(t, lsp.Options{Read: files{"/project/lib.rasp": library}.read})
	e.open("lib.rasp", "level = 7;")
	e.open("a.rasp", "load \"lib\"; x = level;")
	compare(t, "the hover", "```rasp\nlevel = 7;\n```\n\nint: 7\n\nfrom `lib.rasp`", e.hover("a.rasp", position{0, 16}))
	e.change("lib.rasp", 2, "level = 8;")
	compare(t, "the hover", "```rasp\nlevel = 8;\n```\n\nint: 8\n\nfrom `lib.rasp`", e.hover("a.rasp", position{0, 16}))
}

package lsp_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/lsp"
)

type item struct {
	Label, Detail string
	Kind          int
	Documentation struct{ Value string }
	TextEdit      edit
}

func (e *editor) complete(name string, p position, trigger string) []item {
	e.t.Helper()
	params := at(name, p)
	if trigger != "" {
		params["context"] = object{"triggerKind": 2, "triggerCharacter": trigger}
	}
	list := e.completions(params)
	if list.IsIncomplete {
		e.t.Errorf("%d items are not all", len(list.Items))
	}
	return list.Items
}

type completions struct {
	IsIncomplete bool
	Items        []item
}

func (e *editor) completions(params object) completions {
	e.t.Helper()
	var list completions
	e.call("textDocument/completion", params, &list)
	return list
}

func labels(items []item) []string {
	all := []string{}
	for _, i := range items {
		all = append(all, i.Label)
	}
	return all
}

func TestCompletion(t *testing.T) {
	all := []string{"indices", "select", "def", "True"}
	tests := map[string]struct {
		text          string
		with, without []string
	}{
		"an empty file":             {"|", all, []string{"x", "show", "exit"}},
		"names":                     {"x = 1;\ndef f(a) { b = a; return b; }\ny = |", append(all, "x", "f"), []string{"a", "b"}},
		"names behind":              {"y = |;\nx = 1;", []string{"x"}, nil},
		"a name begun":              {"rank = 1;\ny = ra|", []string{"rank", "range"}, nil},
		"loaded names":              {"load \"lib\";\ny = |", []string{"level", "alike"}, []string{"_hidden", "same"}},
		"names in a function":       {"x = 1;\ndef f(a) {\n  b = a;\n  return |b; }", []string{"x", "f", "a", "b"}, nil},
		"in a function being begun": {"x = 1;\ndef f(a, bb) {\n  c = a;\n  d = |", []string{"x", "a", "bb", "c"}, []string{"d;"}},
		"a loop in a function":      {"def f(a) {\n  for i, j in [[1, 2]] {\n    x = |", []string{"a", "i", "j"}, nil},
		"behind a function":         {"def f(a) {\n  b = a; return b; }\nx = (|", []string{"f"}, []string{"a", "b"}},
		"a comprehension's name":    {"x = [|i for i in [1]];", []string{"i"}, nil},
		"a hidden name":             {"tokens = indices;\nx = |", []string{"tokens"}, nil},
		"a pragma's key":            {"#: |", []string{"tokens", "vocab", "max_len", "assume"}, []string{"indices", "def"}},
		"a pragma's key, begun":     {"#:vo|", []string{"vocab"}, []string{"int"}},
		"a kind":                    {"#: tokens = |", []string{"str", "int", "float", "bool"}, []string{"vocab"}},
		"a switch":                  {"#: causal = o|", []string{"on", "off"}, nil},
		"the output":                {"#: output = |\nx = 1;\ndef f() { return 1; }", []string{"x"}, []string{"f", "indices"}},
		"what to encode":            {"#: encode |\nx = 1;", []string{"x"}, []string{"numerical"}},
		"how to encode":             {"#: encode x = |\nx = 1;", []string{"numerical", "categorical"}, []string{"x"}},
		"a claim":                   {"#: assume |\nx = 1;", []string{"one_hot"}, []string{"x"}},
		"of what it is claimed":     {"#: assume one_hot |\nx = 1;", []string{"x"}, []string{"one_hot"}},
		"a comment":                 {"# |", nil, []string{"indices"}},
		"a comment behind code":     {"x = 1; #: |", nil, []string{"vocab", "indices"}},
		"a string":                  {"x = \"|", nil, []string{"indices"}},
		"a number":                  {"x = 12|", nil, []string{"indices"}},
		"no vocabulary":             {"#: vocab = |", nil, []string{"int", "vocab"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := start(t, lsp.Options{Read: files{"/project/lib.rasp": library}.read})
			text, p := marked(t, tt.text)
			e.open("a.rasp", text)
			got := labels(e.complete("a.rasp", p, ""))
			for _, want := range tt.with {
				if !slices.Contains(got, want) {
					t.Errorf("%s is not among %q", want, got)
				}
			}
			for _, not := range tt.without {
				if slices.Contains(got, not) {
					t.Errorf("%s is among %q", not, got)
				}
			}
			if sorted := slices.Sorted(slices.Values(got)); len(slices.Compact(sorted)) != len(got) {
				t.Errorf("some are there twice: %q", got)
			}
			if len(tt.with) == 0 && len(got) > 0 {
				t.Errorf("there are completions: %q", got)
			}
		})
	}
}

// TestCompletionItems looks at items in full.
func TestCompletionItems(t *testing.T) {
	e := start(t, lsp.Options{})
	e.open("a.rasp", "# Doubles.\ndef twice(x) { return x * 2; }\nten = 5 *\n  2;\nx = t")
	items := e.complete("a.rasp", position{4, 5}, "")
	find := func(label string) item {
		i := slices.IndexFunc(items, func(i item) bool { return i.Label == label })
		if i < 0 {
			t.Fatalf("%s is not among %q", label, labels(items))
		}
		return items[i]
	}
	replaced := edit{span{position{4, 4}, position{4, 5}}, ""}
	for _, want := range []item{
		{"twice", "twice(x)", 3, struct{ Value string }{"Doubles."}, replaced},
		{"ten", "ten = 5 *", 6, struct{ Value string }{""}, replaced},
		{"max", "max(a, b)", 3, struct{ Value string }{"The larger of two, position by position."}, replaced},
		{"True", "True", 21, struct{ Value string }{"The truth value that holds."}, replaced},
		{"if", "x if c else y", 14, struct{ Value string }{"x where c holds, else y."}, replaced},
	} {
		want.TextEdit.NewText = want.Label
		compare(t, want.Label, want, find(want.Label))
	}
}

// TestManyNames proposes some of very many.
func TestManyNames(t *testing.T) {
	var text strings.Builder
	for i := range 1200 {
		fmt.Fprintf(&text, "a%d = 1;\nb%d = 2;\n", i, i)
	}
	e := start(t, lsp.Options{})
	e.open("a.rasp", text.String()+"x = b11")
	list := e.completions(at("a.rasp", position{2400, 7}))
	own := slices.DeleteFunc(labels(list.Items), func(label string) bool { return !strings.HasPrefix(label, "b1") })
	if !list.IsIncomplete || len(own) != 111 {
		t.Errorf("b11 may become %q, incomplete %t", own, list.IsIncomplete)
	}
	list = e.completions(at("a.rasp", position{2400, 4}))
	if !list.IsIncomplete || len(list.Items) < 1000 || len(list.Items) > 1100 {
		t.Errorf("there are %d items, incomplete %t", len(list.Items), list.IsIncomplete)
	}
}

// TestTriggers asks for what comes up by itself.
func TestTriggers(t *testing.T) {
	e := start(t, lsp.Options{})
	e.open("a.rasp", "#:\nx = {1:")
	if got := labels(e.complete("a.rasp", position{0, 2}, ":")); !slices.Contains(got, "max_len") {
		t.Errorf("behind #: there are %q", got)
	}
	compare(t, "in a dict", []string{}, labels(e.complete("a.rasp", position{1, 7}, ":")))
}

func TestCompletionOfFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.rasp", "near.rasp", "notes.txt", filepath.Join("inner", "far.rasp")} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	e := start(t, lsp.Options{})
	name := "file://" + strings.ReplaceAll(filepath.ToSlash(dir), " ", "%20") + "/a.rasp"
	for text, want := range map[string][]string{
		"load \"": {"near"}, "load \"n": {"near"}, "load \"inner/": {"inner/far"}, "load \"nosuch/": {}, "x = \"": {},
	} {
		e.open(name, text)
		items := e.complete(name, position{0, len(text)}, "")
		compare(t, text, want, labels(items))
		for _, i := range items {
			compare(t, text+": what is replaced", span{position{0, len("load \"")}, position{0, len(text)}}, i.TextEdit.Range)
		}
	}
}

func TestSignatures(t *testing.T) {
	type help struct {
		Signatures []struct {
			Label         string
			Documentation struct{ Value string }
			Parameters    []struct{ Label string }
		}
		ActiveParameter int
	}
	const f = "# Adds.\ndef f(a, b) { return a + b; }\n"
	for name, tt := range map[string]struct {
		text, label string
		active      int
	}{
		"the first":            {f + "x = f(|", "f(a, b)", 0},
		"the second":           {f + "x = f(1, |2);", "f(a, b)", 1},
		"inside of brackets":   {f + "x = f([1, 2, |", "f(a, b)", 0},
		"a call inside":        {f + "x = f(1, max(2, |", "max(a, b)", 1},
		"behind a call inside": {f + "x = f(1, max(2, 3) + |", "f(a, b)", 1},
		"parentheses inside":   {f + "x = f(1, not (2|", "f(a, b)", 1},
		"glued words":          {"x = select(tokens, |", "select(keys, queries, comparison)", 1},
		"over lines":           {f + "x = f(1, # (\n  \")\", |", "f(a, b)", 2},
		"no call":              {f + "x = (|", "", 0},
		"behind it":            {f + "x = f(1, 2)|;", "", 0},
		"a header":             {"def max(|", "", 0},
		"no function":          {"x = 1;\ny = x(|", "", 0},
		"a statement behind":   {f + "x = f(1; y = (|", "", 0},
		"a comment":            {f + "x = f(# |", "", 0},
	} {
		e := start(t, lsp.Options{})
		text, p := marked(t, tt.text)
		e.open("a.rasp", text)
		var h *help
		e.call("textDocument/signatureHelp", at("a.rasp", p), &h)
		switch {
		case h == nil && tt.label == "":
		case h == nil || len(h.Signatures) != 1 || h.Signatures[0].Label != tt.label || h.ActiveParameter != tt.active:
			t.Errorf("%s: %+v", name, h)
		case name == "the first":
			compare(t, "the comment", "Adds.", h.Signatures[0].Documentation.Value)
			compare(t, "the parameters", []struct{ Label string }{{"a"}, {"b"}}, h.Signatures[0].Parameters)
		}
	}
}

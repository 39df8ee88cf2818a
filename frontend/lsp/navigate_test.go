package lsp_test

import (
	"fmt"
	"testing"

	"github.com/raspc/raspc/frontend/lsp"
)

func TestDefinition(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"a name":                                 {"x = 1;\ny = |x;", []string{"a.rasp 0:0-0:1"}},
		"its own":                                {"|x = 1;", []string{"a.rasp 0:0-0:1"}},
		"the last before":                        {"x = 1;\nx = 2;\ny = |x;\nx = 3;", []string{"a.rasp 1:0-1:1"}},
		"itself, before":                         {"x = 1;\nx = |x + 1;", []string{"a.rasp 0:0-0:1"}},
		"one of several":                         {"a, b = 1, 2;\nc = |b;", []string{"a.rasp 0:3-0:4"}},
		"bound later":                            {"y = |x;\nx = 1;", []string{}},
		"of a function":                          {"def f(x) { return x; }\ny = |f(1);", []string{"a.rasp 0:4-0:5"}},
		"a recursion":                            {"def f(x) { return |f(x); }", []string{"a.rasp 0:4-0:5"}},
		"a parameter":                            {"def f(x) { return |x; }\nx = 1;", []string{"a.rasp 0:6-0:7"}},
		"a local":                                {"def f(x) {\n  x = x + 1;\n  return |x; }", []string{"a.rasp 1:2-1:3"}},
		"a local's own past":                     {"def f(x) {\n  x = |x + 1;\n  return x; }", []string{"a.rasp 0:6-0:7"}},
		"from a function, whenever it is called": {"x = 1;\ndef f() { return |x; }\nx = 2;", []string{"a.rasp 0:0-0:1", "a.rasp 2:0-2:1"}},
		"from a nested function":                 {"def f(x) {\n  def g() { return |y; }\n  y = x;\n  return g(); }\ny = 1;", []string{"a.rasp 2:2-2:3"}},
		"before a function's own":                {"y = 1;\ndef f(x) {\n  z = |y;\n  y = x;\n  return y; }", []string{"a.rasp 0:0-0:1"}},
		"a loop's name":                          {"for i, j in [[1, 2]] { x = |j; }", []string{"a.rasp 0:7-0:8"}},
		"a loop's name, behind it":               {"for i in [1] { x = i; }\ny = |x + i;", []string{"a.rasp 0:15-0:16"}},
		"a loop's next time":                     {"x = 0;\nfor i in [1] {\n  y = |x;\n  x = i; }", []string{"a.rasp 0:0-0:1", "a.rasp 3:2-3:3"}},
		"a comprehension's name":                 {"i = 1;\nx = [|i for i in [i]];", []string{"a.rasp 1:11-1:12"}},
		"what a comprehension runs over":         {"i = 1;\nx = [i for i in [|i]];", []string{"a.rasp 0:0-0:1"}},
		"a dict comprehension's name":            {"x = {k: |v for k, v in [[1, 2]]};", []string{"a.rasp 0:17-0:18"}},
		"an output":                              {"x = 1;\n#: output = |x\nx = tokens;", []string{"a.rasp 2:0-2:1"}},
		"an encoding":                            {"#: encode |x = numerical\nx = tokens;", []string{"a.rasp 1:0-1:1"}},
		"an assumption":                          {"#: assume one_hot |s\ns = full_s;", []string{"a.rasp 1:0-1:1"}},
		"a word of a pragma":                     {"int = 1;\n#: tokens = |int\n", []string{}},
		"a loaded name":                          {"load \"lib\";\nx = |level;", []string{"lib.rasp 7:0-7:5"}},
		"a private name":                         {"load \"lib\";\nx = |_hidden;", []string{}},
		"a name loaded through another file":     {"load \"through\";\nx = |level;", []string{"lib.rasp 7:0-7:5"}},
		"a loaded name, bound again":             {"load \"lib\";\nlevel = 1;\nx = |level;", []string{"a.rasp 1:0-1:5"}},
		"a bound name, loaded again":             {"level = 1;\nload \"lib\";\nx = |level;", []string{"lib.rasp 7:0-7:5"}},
		"a file":                                 {"load \"li|b\";", []string{"lib.rasp 0:0-0:0"}},
		"a file that is not there":               {"load \"no|such\";", []string{}},
		"a file that loads itself":               {"load \"again\";\nx = |nosuch;", []string{}},
		"the library":                            {"x = |length;", []string{}},
		"in a console's statement":               {"x = \"ab\";\nset example |x\n", []string{"a.rasp 0:0-0:1"}},
		"in a drawing":                           {"x = indices;\ndraw(|x, \"ab\");", []string{"a.rasp 0:0-0:1"}},
		"in a broken program":                    {"x = 1;\ny = (;\nz = |x;\nw =", []string{"a.rasp 0:0-0:1"}},
		"nothing":                                {"x = 1 +| 2;", []string{}},
	}
	read := files{
		"/project/lib.rasp": library, "/project/through.rasp": "load \"lib\";", "/project/again.rasp": "load \"again\";",
	}.read
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := start(t, lsp.Options{Read: read})
			text, p := marked(t, tt.text)
			e.open("a.rasp", text)
			var found []location
			e.call("textDocument/definition", at("a.rasp", p), &found)
			compare(t, "the definition", tt.want, places(found))
		})
	}
}

func places(list []location) []string {
	all := []string{}
	for _, l := range list {
		all = append(all, fmt.Sprintf("%s %s", l.URI[len(folder):], l.Range))
	}
	return all
}

func TestReferences(t *testing.T) {
	const text = "x = 1;\ndef f(x) { y = x; return y + z; }\nz = x;\nx = [x for x in [x]];\n#: output = x\nw = f(length) + length;"
	tests := map[string]struct {
		at   position
		want []string // "w" where it is written
	}{
		"the file's":        {position{0, 0}, []string{"w 0:0-0:1", "r 2:4-2:5", "w 3:0-3:1", "r 3:17-3:18", "r 4:12-4:13"}},
		"from a use":        {position{2, 4}, []string{"w 0:0-0:1", "r 2:4-2:5", "w 3:0-3:1", "r 3:17-3:18", "r 4:12-4:13"}},
		"the parameter":     {position{1, 15}, []string{"w 1:6-1:7", "r 1:15-1:16"}},
		"the comprehension": {position{3, 5}, []string{"r 3:5-3:6", "w 3:11-3:12"}},
		"late":              {position{1, 29}, []string{"r 1:29-1:30", "w 2:0-2:1"}},
		"the library's":     {position{5, 7}, []string{"r 5:6-5:12", "r 5:16-5:22"}},
		"nothing":           {position{0, 3}, []string{}},
	}
	e := start(t, lsp.Options{})
	e.open("a.rasp", text)
	for name, tt := range tests {
		var found []struct {
			Range span
			Kind  int
		}
		e.call("textDocument/documentHighlight", at("a.rasp", tt.at), &found)
		got, all, read := []string{}, []string{}, []string{}
		for _, h := range found {
			place := "a.rasp " + h.Range.String()
			if all = append(all, place); h.Kind == 2 {
				read = append(read, place)
			}
			got = append(got, map[int]string{2: "r ", 3: "w "}[h.Kind]+h.Range.String())
		}
		compare(t, name+": highlights", tt.want, got)
		for declarations, want := range map[bool][]string{true: all, false: read} {
			p := at("a.rasp", tt.at)
			p["context"] = object{"includeDeclaration": declarations}
			var refs []location
			e.call("textDocument/references", p, &refs)
			compare(t, fmt.Sprintf("%s: references, declarations %t", name, declarations), want, places(refs))
		}
	}
}

func TestSymbols(t *testing.T) {
	e := start(t, lsp.Options{})
	e.open("a.rasp", "a, b = 1, 2;\ndef f(x, y) {\n  z = x;\n  return z; }\nfor i in [1] { c = i; }\nload \"lib\";\nc;\nd = (;")
	type symbol struct {
		Name, Detail          string
		Kind                  int
		Range, SelectionRange span
		Children              []symbol
	}
	var found []symbol
	e.call("textDocument/documentSymbol", object{"textDocument": object{"uri": uri("a.rasp")}}, &found)
	var list func(indent string, all []symbol) []string
	list = func(indent string, all []symbol) []string {
		var out []string
		for _, s := range all {
			out = append(out, fmt.Sprintf("%s%s %d %s %s %s", indent, s.Name, s.Kind, s.Detail, s.Range, s.SelectionRange))
			out = append(out, list(indent+"  ", s.Children)...)
		}
		return out
	}
	compare(t, "the symbols", []string{
		"a 13  0:0-0:12 0:0-0:1", "b 13  0:0-0:12 0:3-0:4", "f 12 f(x, y) 1:0-3:13 1:4-1:5", "  z 13  2:2-2:8 2:2-2:3",
		"i 13  4:0-4:23 4:4-4:5", "c 13  4:15-4:21 4:15-4:16",
	}, list("", found))
}

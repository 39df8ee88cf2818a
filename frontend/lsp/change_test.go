package lsp_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/format"
	"github.com/raspc/raspc/frontend/lsp"
	"github.com/raspc/raspc/frontend/syntax"
)

// apply makes edits, last first, in a text whose lines end with \n or \r\n.
func apply(text string, edits []edit) string {
	slices.SortFunc(edits, func(a, b edit) int {
		return -slices.Compare([]int{a.Range.Start.Line, a.Range.Start.Character}, []int{b.Range.Start.Line, b.Range.Start.Character})
	})
	offset := func(p position) int {
		lines := strings.SplitAfter(text, "\n")
		before := strings.Join(lines[:p.Line], "")
		units := utf16.Encode([]rune(lines[p.Line]))
		return len(before) + len(string(utf16.Decode(units[:p.Character])))
	}
	for _, e := range edits {
		text = text[:offset(e.Range.Start)] + e.NewText + text[offset(e.Range.End):]
	}
	return text
}

func TestFormatting(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"a line in the middle": {"a = 1;\nb=2;\nc = 3;\n", "1:0-2:0"},
		"all":                  {"a=1;\nb=2;\n", "0:0-2:0"},
		"the last":             {"a = 1;\nb = 2", ""},
		"no newline":           {"a = 1;\nb = 2;", "1:0-1:6"},
		"the first":            {"a =1;\nb = 2;\n", "0:0-1:0"},
		"empty lines":          {"a = 1;\n\n\n\nb = 2;\n", "2:0-4:0"},
		"one too many":         {"a = 1;\na = 1;\n\n\na = 1;\n", "3:0-4:0"},
		"other line ends":      {"a = 1;\r\nb = \"😀\";\r\n", "0:0-2:0"},
		"none":                 {"a = 1;\n", "none"},
		"nothing":              {"", "none"},
		"blanks":               {" \n", "0:0-1:0"},
		"behind an emoji":      {"a = \"😀\";   \n", "0:0-1:0"},
	} {
		e := start(t, lsp.Options{})
		e.open("a.rasp", tt.text)
		params := object{"textDocument": object{"uri": uri("a.rasp")}, "options": object{"tabSize": 8}}
		want, err := format.Source(diag.NewSource("a.rasp", tt.text))
		if err != nil {
			if got := e.refused("textDocument/formatting", params); got.Code != -32803 || !strings.Contains(got.Message, "E0201") {
				t.Errorf("%s: %+v", name, got)
			}
			continue
		}
		var edits []edit
		e.call("textDocument/formatting", params, &edits)
		got := "none"
		if len(edits) == 1 {
			got = edits[0].Range.String()
		}
		compare(t, name, tt.want, got)
		compare(t, name+": the result", want, apply(tt.text, edits))
	}
}

type action struct {
	Title, Kind string
	Diagnostics []diagnostic
	IsPreferred bool
	Edit        struct {
		Changes         map[string][]edit
		DocumentChanges []struct {
			TextDocument struct {
				URI     string
				Version int
			}
			Edits []edit
		}
	}
}

func (e *editor) actions(name string, over span, only ...string) []action {
	e.t.Helper()
	var found []action
	e.call("textDocument/codeAction", object{
		"textDocument": object{"uri": uri(name)}, "range": over, "context": object{"diagnostics": []object{}, "only": only},
	}, &found)
	return found
}

func line(n int) span { return span{position{n, 0}, position{n, 1000}} }

// TestFixes makes each fix of a program's diagnostics.
func TestFixes(t *testing.T) {
	const text = "s = \"😀\"; x = not indices == 1;\ny = s\nz = s;\n"
	var report diag.Report
	syntax.Parse(diag.NewSource("a.rasp", text), &report)
	fixes := map[string]string{} // the text after each fix by its title
	for _, d := range report.List() {
		for _, f := range d.Fixes {
			fixes[f.Title] = diag.Apply(d.Primary.Source, f.Edits)
		}
	}
	if len(fixes) < 3 {
		t.Fatalf("the program has the fixes %q", fixes)
	}
	e := start(t, lsp.Options{})
	e.open("a.rasp", text)
	e.diagnostics("a.rasp", 1)
	made := map[string]string{}
	for n := range 3 {
		for _, a := range e.actions("a.rasp", line(n), "quickfix") {
			if len(a.Edit.DocumentChanges) != 1 || a.Edit.DocumentChanges[0].TextDocument.Version != 1 || len(a.Diagnostics) != 1 || a.Kind != "quickfix" {
				t.Fatalf("an action is %+v", a)
			}
			if a.Diagnostics[0].Range.Start.Line != n {
				t.Errorf("%q is offered on line %d", a.Title, n)
			}
			made[a.Title] = apply(text, a.Edit.DocumentChanges[0].Edits)
		}
	}
	compare(t, "the fixes", fixes, made)

	all := e.actions("a.rasp", line(3), "source.fixAll")
	if len(all) != 1 || all[0].Kind != "source.fixAll" {
		t.Fatalf("to fix all there is %+v", all)
	}
	fixed, err := syntax.Fix(diag.NewSource("a.rasp", text))
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "all fixes", fixed.Source.Text(), apply(text, all[0].Edit.DocumentChanges[0].Edits))

	for _, tt := range []struct {
		only []string
		want []string
	}{
		{nil, []string{"quickfix", "source.fixAll"}}, {[]string{"source"}, []string{"source.fixAll"}},
		{[]string{"refactor"}, nil}, {[]string{"source.fixAll.other"}, nil}, {[]string{"quickfix"}, []string{"quickfix"}},
	} {
		var kinds []string
		for _, a := range e.actions("a.rasp", line(1), tt.only...) {
			kinds = append(kinds, a.Kind)
		}
		compare(t, "the kinds of "+strings.Join(tt.only, ","), tt.want, slices.Compact(kinds))
	}
	e.change("a.rasp", 2, "x = 1;")
	e.diagnostics("a.rasp", 2)
	if got := e.actions("a.rasp", line(0)); len(got) != 0 {
		t.Errorf("a right program can be fixed: %+v", got)
	}
}

// TestFixesOfOtherFiles are not offered: the edit would be of a file that is not
// open.
func TestFixesOfOtherFiles(t *testing.T) {
	e := start(t, lsp.Options{Read: files{"/project/bad.rasp": "x = 1\ny = 2;\n"}.read})
	e.open("a.rasp", "load \"bad\";")
	if got := codes(e.diagnostics("a.rasp", 1)); len(got) != 1 {
		t.Fatalf("the diagnostics are %q", got)
	}
	if got := e.actions("a.rasp", line(0)); len(got) != 0 {
		t.Errorf("there are %+v", got)
	}
}

// TestPlainEdits serves a client that knows no versions of documents in edits.
func TestPlainEdits(t *testing.T) {
	e := connect(t, lsp.Options{})
	e.call("initialize", object{"capabilities": object{}}, nil)
	e.open("a.rasp", "x = 1")
	e.diagnostics("a.rasp", 1)
	for _, a := range e.actions("a.rasp", line(0)) {
		compare(t, a.Title, "x = 1;", apply("x = 1", a.Edit.Changes[uri("a.rasp")]))
	}
}

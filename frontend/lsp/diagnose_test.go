package lsp_test

import (
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/lsp"
)

func TestDiagnostics(t *testing.T) {
	const head = "#: vocab = \"ab\"\n#: max_len = 3\n"
	tests := map[string]struct {
		text string
		want []string
	}{
		"none":                              {"x = tokens;", []string{}},
		"an empty file":                     {"", []string{}},
		"a syntax error":                    {"x = 1\ny = 2;", []string{"E0201 0:5-0:5"}},
		"several errors":                    {"x = ;\ny = nosuch;\n", []string{"E0203 0:4-0:5"}},
		"an unknown name":                   {"😀;", []string{"E0101 0:0-0:2"}},
		"behind an emoji":                   {"x = \"😀\" + nosuch;", []string{"E0401 0:11-0:17"}},
		"with other line ends":              {"x = 1;\r\ny = nosuch;\rz = nosuch;", []string{"E0401 1:4-1:10", "E0401 2:4-2:10"}},
		"a warning":                         {"x = not indices == 1;", []string{"W0201 0:4-0:20"}},
		"a drawing":                         {"draw(indices);", []string{"W0302 0:0-0:14"}},
		"of the compiler":                   {head + "x = tokens; # find E1006", []string{"E1006 0:0-0:1"}},
		"of both":                           {head + "x = not indices == 1; # find E1006", []string{"E1006 0:0-0:1", "W0201 2:4-2:20"}},
		"no compilation":                    {"x = tokens; # find E1006", []string{}},
		"errors come first":                 {head + "x = nosuch; # find E1006", []string{"E0401 2:4-2:10"}},
		"a file that is absent":             {"load \"nosuch\";", []string{"E0701 0:5-0:13"}},
		"in a loaded file":                  {"x = 1;\nload \"bad\";", []string{"E0401 1:5-1:10"}},
		"in a file loaded by a loaded file": {"load \"lib\";\nload \"tobad\";", []string{"E0401 1:5-1:12"}},
		"a broken pragma":                   {"#: vocab = \n", []string{"E0302 0:11-0:11"}},
	}
	read := files{"/project/bad.rasp": "y = 1;\nz = nosuch;\n", "/project/tobad.rasp": "load \"bad\";", "/project/lib.rasp": library}.read
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := start(t, lsp.Options{Read: read, Check: compiles})
			e.open("a.rasp", tt.text)
			compare(t, "the diagnostics", tt.want, codes(e.diagnostics("a.rasp", 1)))
		})
	}
}

// TestDiagnosticInFull has everything that a diagnostic can have.
func TestDiagnosticInFull(t *testing.T) {
	check := func(name, text string, read func(string) (string, error)) (diag.List, error) {
		src := diag.NewSource(name, text)
		lib := diag.NewSource("/project/lib.rasp", library)
		span := func(s *diag.Source, from, to int) diag.Span { return diag.Span{Source: s, Start: from, End: to} }
		return diag.List{diag.New(diag.CannotLower, span(src, 32, 33), "it is wrong").WithText("here").
			WithLabel(span(src, 0, 2), "since this").WithLabel(span(lib, 0, 1), "and that").
			WithLabel(diag.Span{}, "or nothing").WithNote("a note").WithHelp("some help")}, nil
	}
	const text = "#: vocab = \"ab\"\n#: max_len = 3\nx = tokens;"
	e := start(t, lsp.Options{Check: check})
	e.open("a.rasp", text)
	list := e.diagnostics("a.rasp", 1)
	if len(list) != 1 {
		t.Fatalf("%d diagnostics", len(list))
	}
	d := list[0]
	compare(t, "the message", "it is wrong: here\nnote: -: or nothing\nnote: a note\nhelp: some help", d.Message)
	compare(t, "the rest", []any{1, "E1006", "raspc", "raspc explain E1006", "2:1-2:2"}, []any{d.Severity, d.Code, d.Source, d.Data.Explain, d.Range.String()})
	var about []string
	for _, r := range d.RelatedInformation {
		about = append(about, r.Message+" "+r.Location.URI+" "+r.Location.Range.String())
	}
	compare(t, "what it is about", []string{"since this file:///project/a.rasp 0:0-0:2", "and that file:///project/lib.rasp 0:0-0:1"}, about)

	// A client that does not know of related information gets it as text.
	plain := connect(t, lsp.Options{Check: check})
	plain.call("initialize", object{"capabilities": object{}}, nil)
	plain.open("a.rasp", text)
	compare(t, "the message in text", "it is wrong: here\nnote: /project/a.rasp:1:1: since this\nnote: /project/lib.rasp:1:1: and that\n"+
		"note: -: or nothing\nnote: a note\nhelp: some help", plain.diagnostics("a.rasp", 1)[0].Message)
}

// TestDiagnosticOfALoadedFile stands at the statement that loads it, and points
// to its place.
func TestDiagnosticOfALoadedFile(t *testing.T) {
	e := start(t, lsp.Options{Read: files{"/project/bad.rasp": "y = 1;\nz = nosuch;\n"}.read})
	e.open("a.rasp", "load \"bad\";")
	d := e.diagnostics("a.rasp", 1)[0]
	compare(t, "the message", "in /project/bad.rasp:2:5: undefined variable `nosuch`", d.Message)
	if len(d.RelatedInformation) != 1 || d.RelatedInformation[0].Location.URI != folder+"bad.rasp" || d.RelatedInformation[0].Location.Range.String() != "1:4-1:10" {
		t.Errorf("it is about %+v", d.RelatedInformation)
	}
}

// TestDocumentsFollowEachOther changes a file that another loads.
func TestDocumentsFollowEachOther(t *testing.T) {
	disk := files{"/project/lib.rasp": "level = 1;"}
	e := start(t, lsp.Options{Read: disk.read})
	e.open("a.rasp", "load \"lib\"; x = level;")
	compare(t, "as on the disk", []string{}, codes(e.diagnostics("a.rasp", 1)))
	e.open("lib.rasp", "other = 1;")
	compare(t, "as in the editor", []string{"E0401 0:16-0:21"}, codes(e.diagnostics("a.rasp", 1)))
	e.change("lib.rasp", 2, "level = ;")
	compare(t, "with an error", []string{"E0203 0:5-0:10"}, codes(e.diagnostics("a.rasp", 1)))
	e.notify("textDocument/didClose", object{"textDocument": object{"uri": uri("lib.rasp")}})
	compare(t, "closed", []string{}, codes(e.diagnostics("a.rasp", 1)))
	e.notify("workspace/didChangeWatchedFiles", object{"changes": []object{}})
	compare(t, "checked again", []string{}, codes(e.diagnostics("a.rasp", 1)))
}

// TestOldResultsAreDropped checks a text that takes long, and one that does not.
func TestOldResultsAreDropped(t *testing.T) {
	slow, old := make(chan bool), make(chan bool, 1)
	e := start(t, lsp.Options{Check: func(_, text string, _ func(string) (string, error)) (diag.List, error) {
		if len(text) > 45 {
			old <- true
			<-slow
			return diag.List{diag.New(diag.CannotLower, diag.Span{}, "an old result")}, nil
		}
		return nil, nil
	}})
	const head = "#: vocab = \"ab\"\n#: max_len = 3\n"
	e.open("a.rasp", head+"x = tokens; # this one is slow")
	<-old
	e.change("a.rasp", 2, head+"x = tokens;")
	compare(t, "the new result", []string{}, codes(e.diagnostics("a.rasp", 2)))
	close(slow)
	e.change("a.rasp", 3, head+"y = tokens;")
	if p := e.next(); *p.Version != 3 {
		t.Errorf("then version %d is published: %v", *p.Version, codes(p.Diagnostics))
	}
}

// TestVeryManyDiagnostics shows the first ones.
func TestVeryManyDiagnostics(t *testing.T) {
	e := start(t, lsp.Options{})
	e.open("a.rasp", strings.Repeat("x = not indices == 1;\n", 1000))
	list := e.diagnostics("a.rasp", 1)
	if len(list) != 201 || list[199].Range.Start.Line != 199 || list[200].Severity != 3 || list[200].Message != "800 more diagnostics not shown" {
		t.Errorf("there are %d: %+v", len(list), list[len(list)-1])
	}
}

func TestClosing(t *testing.T) {
	e := start(t, lsp.Options{})
	e.open("a.rasp", "x = nosuch;")
	e.diagnostics("a.rasp", 1)
	e.notify("textDocument/didClose", object{"textDocument": object{"uri": uri("a.rasp")}})
	if p := e.next(); p.Version != nil || len(p.Diagnostics) != 0 {
		t.Errorf("its diagnostics stay: %+v", p)
	}
	e.notify("textDocument/didClose", object{"textDocument": object{"uri": uri("a.rasp")}})
	e.refused("textDocument/hover", at("a.rasp", position{}))
}

// TestNewDocuments have no folder to load from.
func TestNewDocuments(t *testing.T) {
	e := start(t, lsp.Options{Read: files{"lib.rasp": library}.read})
	e.open("untitled:Untitled-1", "load \"lib\"; x = nosuch;")
	compare(t, "the diagnostics", []string{"E0701 0:5-0:10"}, codes(e.diagnostics("untitled:Untitled-1", 1)))
}

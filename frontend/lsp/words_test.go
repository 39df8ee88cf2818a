package lsp

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/syntax"
)

// TestWordsAreAll holds the table to the names that a program finds bound, and
// the words that the documentation says cannot be names.
func TestWordsAreAll(t *testing.T) {
	known := resolve.NewSession(resolve.Options{}).Names()
	known = append(known, "out", "select", "aggregate", "range", "zip", "len")
	page, err := os.ReadFile("../../docs/language.md")
	if err != nil {
		t.Fatal(err)
	}
	_, list, ok := strings.Cut(string(page), "These words cannot be names:")
	list, _, closed := strings.Cut(list, ".\n")
	if !ok || !closed {
		t.Fatal("the documentation does not list the keywords")
	}
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(list, -1) {
		known = append(known, m[1])
	}
	slices.Sort(known)
	if got := slices.Sorted(maps.Keys(words)); !slices.Equal(got, slices.Compact(known)) {
		t.Errorf("the table has %q, and the language %q", got, known)
	}
	if got, want := slices.Sorted(maps.Keys(pragmas)), slices.Sorted(slices.Values(syntax.PragmaKeys())); !slices.Equal(got, want) {
		t.Errorf("the table has the pragmas %q, and the language %q", got, want)
	}
}

// TestForms tries what the table says of a word in a program.
func TestForms(t *testing.T) {
	session := resolve.NewSession(resolve.Options{})
	for name, w := range words {
		if w.doc == "" || !strings.HasSuffix(w.doc, ".") || strings.Contains(w.doc, "\n") {
			t.Errorf("%s: %q is no sentence", name, w.doc)
		}
		v, list := session.Eval(diag.NewSource("f", name+";"))
		switch w.kind {
		case sequenceWord:
			if name != "out" && v == nil || w.form != name {
				t.Errorf("%s is no name: %v", name, list)
			}
		case constantWord:
			if _, ok := v.(resolve.Atom); !ok {
				t.Errorf("%s is no constant", name)
			}
		case functionWord:
			if f, ok := v.(*resolve.Func); ok && !slices.Equal(f.Params, parametersOf(w.form)) {
				t.Errorf("%s has the parameters %q", w.form, f.Params)
			}
			if got := cursorAt(w.form, strings.Index(w.form, "(")+1).calls; len(got) != 1 || got[0].name != name {
				t.Errorf("%s: %+v", w.form, got)
			}
		default:
			if v != nil {
				t.Errorf("%s is a name", name)
			}
		}
	}
}

// TestPragmaWords tries the words that complete a pragma.
func TestPragmaWords(t *testing.T) {
	for key, all := range pragmaWords {
		for _, w := range all {
			line := "#: " + key + " = " + w
			switch key {
			case "encode":
				line = "#: encode x = " + w
			case "assume":
				line = "#: assume " + w + " s"
			}
			src := diag.NewSource("f", line+"\ns = full_s; x = tokens;")
			if _, list := resolve.Run(src, resolve.Options{}); len(list) > 0 {
				t.Errorf("%s: %v", line, list)
			}
		}
	}
	for key, w := range pragmas {
		form := strings.Replace(strings.Replace(w.form, "NAME", "x", 1), "one_hot x", "one_hot s", 1)
		src := diag.NewSource("f", form+"\ns = full_s; x = tokens;")
		if _, list := resolve.Run(src, resolve.Options{}); len(list) > 0 && key != "tokens" && key != "vocab" {
			t.Errorf("%s: %v", w.form, list)
		}
	}
}

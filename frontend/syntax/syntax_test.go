package syntax

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/frontend/diag"
)

// parse reads text and returns the tree with the diagnostics.
func parse(text string) (*File, diag.List) {
	var r diag.Report
	f := Parse(diag.NewSource("t.rasp", text), &r)
	return f, r.List()
}

// eachLine decodes a file of JSON lines.
func eachLine[T any](t *testing.T, name string, visit func(T)) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var v T
		if err := json.Unmarshal(sc.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		visit(v)
	}
}

// TestReferenceTrees compares every tree with that of the reference implementation.
func TestReferenceTrees(t *testing.T) {
	type golden struct {
		Text  string
		AST   any
		Error string
	}
	n := 0
	eachLine(t, "parse.jsonl", func(g golden) {
		n++
		f, list := parse(g.Text)
		if g.Error != "" {
			// A lone comment: their reader waits for more, a whole file that holds
			// nothing else is simply empty.
			if len(f.Stmts) != 0 || list.HasErrors() {
				t.Errorf("%q: got %v, %v", g.Text, stmtList(f.Stmts), list)
			}
			return
		}
		if list.HasErrors() || len(f.Stmts) != 1 {
			t.Errorf("%q: %d statements, %v", g.Text, len(f.Stmts), list)
			return
		}
		// cmp is for showing differences only: it is slow on nested lists.
		if got := stmtTree(f.Stmts[0]); !reflect.DeepEqual(g.AST, got) {
			t.Errorf("%q: tree differs (-reference +ours):\n%s", g.Text, cmp.Diff(g.AST, got))
		}
	})
	if n != 558 {
		t.Errorf("read %d lines of parse.jsonl, want 558", n)
	}
}

// accepted are programs that the reference implementation refuses while reading
// and this parser accepts on purpose.
var accepted = map[string]string{
	"syn_paren_operator_eol": "an expression may be broken at any line end",
	"syn_two_statements":     "statements may share a line",
}

func TestReferenceErrors(t *testing.T) {
	type golden struct{ Program, Text, Kind string }
	seen := 0
	eachLine(t, "errors.jsonl", func(g golden) {
		_, list := parse(g.Text)
		if why, ok := accepted[g.Program]; ok {
			seen++
			if list.HasErrors() {
				t.Errorf("%s: refused though %s: %v", g.Program, why, list)
			}
			return
		}
		errs := list.Errors()
		if len(errs) == 0 {
			t.Errorf("%s: %q is accepted", g.Program, g.Text)
			return
		}
		want := diag.Kind(g.Kind)
		if g.Kind == "incomplete" {
			// They wait for input that never comes; we say what is missing.
			want = diag.ParseError
		}
		if errs[0].Kind() != want {
			t.Errorf("%s: %q: kind %s, want %s: %v", g.Program, g.Text, errs[0].Kind(), want, errs)
		}
	})
	if seen != len(accepted) {
		t.Errorf("%d of %d exceptions met", seen, len(accepted))
	}
}

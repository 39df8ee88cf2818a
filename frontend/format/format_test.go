package format_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/internal/golden"
)

// relaid are the programs of the corpus that have another layout: they are the
// text of the reference programs, and positions in it stand in golden files.
var relaid = []string{
	"alg.rank.rasp",          // two lines that are too wide
	"own.pair_balance.rasp",  //
	"own.shuffle_dyck2.rasp", // parentheses that nobody needs
}

// TestPrograms formats every program file of the module.
func TestPrograms(t *testing.T) {
	var files []string
	for _, pattern := range []string{"../../fixtures/*.rasp", "../../fixtures/*/*.rasp", "../resolve/*.rasp", "../resolve/testdata/*.rasp"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(found), err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := check(t, string(text))
		if !ok {
			t.Errorf("%s has errors", file)
		}
		if same := got == string(text); same == slices.Contains(relaid, filepath.Base(file)) {
			t.Errorf("%s: in the canonical layout: %v\n%s", file, same, cmp.Diff(string(text), got))
		}
	}
}

// TestReferencePrograms formats the programs in the data that the reference
// implementation made: all texts in them that are some.
func TestReferencePrograms(t *testing.T) {
	least := map[string]int{
		"../syntax/testdata/parse.jsonl": 550, "../syntax/testdata/errors.jsonl": 2,
		"../resolve/testdata/cases.jsonl": 80, "../resolve/testdata/constructs.jsonl": 40, "../resolve/testdata/errors.jsonl": 70,
	}
	for file, want := range least {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for sc := bufio.NewScanner(bytes.NewReader(data)); sc.Scan(); {
			fields := map[string]any{}
			if err := json.Unmarshal(sc.Bytes(), &fields); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			if formats(t, fields) {
				n++
			}
		}
		if n < want {
			t.Errorf("%s: %d lines with a program, want %d", file, n, want)
		}
	}
}

// formats reports whether the fields of a line hold a program without errors.
func formats(t *testing.T, fields map[string]any) bool {
	found := false
	for name, v := range fields {
		text, ok := v.(string)
		if !ok || name == "program" || name == "kind" {
			continue
		}
		if name == "expr" {
			text += ";"
		}
		_, ok = check(t, text)
		found = found || ok && text != ""
	}
	return found
}

// TestExamples formats the examples of all diagnostics.
func TestExamples(t *testing.T) {
	for _, info := range diag.Codes() {
		check(t, info.Example)
	}
}

func TestErrorsAreReported(t *testing.T) {
	got, err := source("a = 1;\nb = 2\nc = ;\n")
	var list diag.List
	if !errors.As(err, &list) || got != "" {
		t.Fatalf("formatted: %q, %v", got, err)
	}
	if codes := []diag.Code{list.Errors()[0].Code, list.Errors()[1].Code}; !slices.Equal(codes, []diag.Code{diag.MissingSemicolon, diag.ExpectedExpr}) {
		t.Errorf("codes %v", codes)
	}
}

// TestTooLarge formats programs whose indentation alone would fill the memory.
func TestTooLarge(t *testing.T) {
	const depth = syntax.MaxNesting - 10
	body := strings.Repeat("a;", syntax.MaxSource/2-20*depth)
	list := strings.Repeat("a,", syntax.MaxSource/2-20*depth) + "a"
	for name, text := range map[string]string{
		"blocks":   strings.Repeat("for i in l{", depth) + body + strings.Repeat("}", depth),
		"brackets": strings.Repeat("[", depth) + list + strings.Repeat("]", depth) + ";",
		"comments": strings.Repeat("a;#\n", syntax.MaxSource/5) + strings.Repeat("a", 99) + ";#\n",
	} {
		if len(text) > syntax.MaxSource {
			t.Fatalf("%s: %d bytes", name, len(text))
		}
		got, err := source(text)
		var list diag.List
		if !errors.As(err, &list) || list[0].Code != diag.SourceTooLarge || got != "" {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

// TestLongChains formats trees as high as they may be.
func TestLongChains(t *testing.T) {
	const n = syntax.MaxHeight - 10
	check(t, "a"+strings.Repeat("+a", n)+";")
	check(t, "a"+strings.Repeat("(a)", n)+";")
	check(t, "a"+strings.Repeat(" if a else a", n)+";")
	deep := syntax.MaxNesting - 10
	check(t, strings.Repeat("(", deep)+"a"+strings.Repeat("+a)", deep)+";")
	check(t, strings.Repeat("f(", deep)+"a"+strings.Repeat(")", deep)+";")
}

// TestWide compares how long lines are broken with a golden file.
func TestWide(t *testing.T) {
	text, err := os.ReadFile("testdata/wide.rasp")
	if err != nil {
		t.Fatal(err)
	}
	got, ok := check(t, string(text))
	if !ok {
		t.Fatal("the program has errors")
	}
	golden.Compare(t, "testdata/wide.golden", got)
}

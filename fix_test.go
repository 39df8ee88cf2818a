package raspc_test

import (
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/diag"
)

// TestFixPrograms makes the safe fixes of the fixtures and of all pages' wrong
// programs, and compares what is reported before and after: nothing new, and
// nothing with a safe fix.
func TestFixPrograms(t *testing.T) {
	texts := map[string]string{}
	files, err := filepath.Glob("fixtures/*.rasp")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[file] = string(text)
	}
	for _, p := range raspc.Pages() {
		if p.Kind != diag.LimitError { // those take long
			texts[string(p.Code)] = p.Wrong
		}
	}
	for name, text := range texts {
		fixed, err := raspc.Fix("p.rasp", text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		before, after := diagnostics(text), diagnostics(fixed.Text)
		if n := after.NumFixable("p.rasp"); n > 0 {
			t.Errorf("%s: %d safe fixes left in %q", name, n, fixed.Text)
		}
		if len(fixed.Done) == 0 && fixed.Text != text || len(after.Errors()) > 0 && !before.HasErrors() {
			t.Errorf("%s becomes %q, with %v", name, fixed.Text, after)
		}
	}
}

// diagnostics returns what is reported of a program that is to be run.
func diagnostics(text string) diag.List {
	p, err := raspc.Parse("p.rasp", text, raspc.Options{Read: func(string) (string, error) { return "", os.ErrNotExist }})
	var list diag.List
	if errors.As(err, &list) {
		return list
	}
	if err != nil {
		return nil // no s-op: nothing to run
	}
	return p.Warnings()
}

// TestMissingDomainFix checks that the lines which are offered are of use, and
// have the line ends of the file.
func TestMissingDomainFix(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"a = tokens;", "#: vocab = [\"a\", \"b\", \"c\"]\n#: max_len = 10\na = tokens;"},
		{"# title\r\na = tokens;\r\n", "#: vocab = [\"a\", \"b\", \"c\"]\r\n#: max_len = 10\r\n# title\r\na = tokens;\r\n"},
		{"#: vocab = \"ab\"\na = tokens;\n", "#: max_len = 10\n#: vocab = \"ab\"\na = tokens;\n"},
	} {
		_, err := raspc.Compile("p.rasp", tt.text, raspc.Options{})
		var list diag.List
		if !errors.As(err, &list) || len(list) != 1 || len(list[0].Fixes) != 1 || list[0].Fixes[0].Safe {
			t.Errorf("%q: got %v", tt.text, err)
			continue
		}
		got := diag.Apply(list[0].Primary.Source, list[0].Fixes[0].Edits)
		if got != tt.want {
			t.Errorf("%q becomes %q", tt.text, got)
		}
		if _, err := raspc.Compile("p.rasp", got, raspc.Options{}); err != nil {
			t.Errorf("%q: %v", got, err)
		}
	}
}

// TestClasses checks that errors say when a program is wrong.
func TestClasses(t *testing.T) {
	for text, want := range map[string]string{
		"a = nosuch;": "always ",
		"#: vocab = \"ab\"\n#: max_len = 2\na = {\"a\": 1}[tokens];": `input ["b"]`,
	} {
		_, err := raspc.Compile("p.rasp", text, raspc.Options{})
		var list diag.List
		if !errors.As(err, &list) || len(list) != 1 {
			t.Errorf("%q: got %v", text, err)
			continue
		}
		if got := fmt.Sprintf("%s %s", list[0].Class(), list[0].Witness()); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// A safe fix writes what the program means already.
func ExampleFix() {
	fixed, err := raspc.Fix("odd.rasp", "odd = not tokens == \"a\"\nlast = indices;\n")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(fixed.Text)
	var codes []string
	for _, d := range fixed.Done {
		codes = append(codes, string(d.Code))
	}
	slices.Sort(codes)
	fmt.Println(strings.Join(codes, " "))
	// Output:
	// odd = (not tokens) == "a";
	// last = indices;
	// E0201 W0201
}

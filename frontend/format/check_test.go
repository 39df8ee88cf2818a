package format_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/format"
	"github.com/raspc/raspc/frontend/syntax"
)

// failer is a *testing.T or a *rapid.T.
type failer interface {
	Helper()
	Fatalf(string, ...any)
}

func source(text string) (string, error) { return format.Source(diag.NewSource("t.rasp", text)) }

// reading is all of a program but its layout.
type reading struct {
	tree     string
	comments []string
	warnings []diag.Code
}

var positions = regexp.MustCompile(`(?m)^t\.rasp:\d+:\d+ `)

func read(t failer, text string) (reading, bool) {
	t.Helper()
	var report diag.Report
	f := syntax.Parse(diag.NewSource("t.rasp", text), &report)
	var tree strings.Builder
	if report.List().HasErrors() {
		return reading{}, false
	}
	if err := syntax.Dump(&tree, f); err != nil {
		t.Fatalf("%v", err)
	}
	r := reading{tree: positions.ReplaceAllString(tree.String(), "")}
	var at []diag.Span
	for _, c := range f.Comments {
		at = append(at, c.Span())
	}
	for _, p := range f.Pragmas {
		at = append(at, p.Span())
	}
	slices.SortFunc(at, func(a, b diag.Span) int { return a.Start - b.Start })
	for _, s := range at {
		r.comments = append(r.comments, strings.TrimRight(s.Text(), " \t"))
	}
	for _, d := range report.List() {
		r.warnings = append(r.warnings, d.Code)
	}
	slices.Sort(r.warnings)
	return r, true
}

// check formats a program and checks what must hold of any. It returns the
// formatted text, and false where the program has syntax errors.
func check(t failer, text string) (string, bool) {
	t.Helper()
	formatted, err := source(text)
	want, ok := read(t, text)
	if !ok {
		if !errors.As(err, new(diag.List)) || formatted != "" {
			t.Fatalf("%.500q has errors; formatted: %q, %v", text, formatted, err)
		}
		return "", false
	}
	if err != nil {
		t.Fatalf("%.500q: %v", text, err)
	}
	got, ok := read(t, formatted)
	switch {
	case !ok:
		t.Fatalf("%.500q becomes wrong:\n%.2000s", text, formatted)
	case got.tree != want.tree:
		t.Fatalf("%.500q becomes another program:\n%.2000s", text, formatted)
	case !slices.Equal(got.comments, want.comments):
		t.Fatalf("%.500q has the comments %q, and then %q:\n%.2000s", text, want.comments, got.comments, formatted)
	case !slices.Equal(got.warnings, want.warnings):
		t.Fatalf("%.500q is warned of %v, and then of %v:\n%.2000s", text, want.warnings, got.warnings, formatted)
	}
	if again, err := source(formatted); err != nil || again != formatted {
		t.Fatalf("%.500q becomes\n%s\nand that, %v:\n%.2000s", text, formatted, err, again)
	}
	checkLines(t, formatted)
	return formatted, true
}

// checkLines looks at the blanks: at line ends and the file's ends, and empty
// lines side by side or where a body begins or ends.
func checkLines(t failer, text string) {
	t.Helper()
	if text == "" {
		return
	}
	lines := strings.Split(text, "\n")
	if lines[0] == "" || lines[len(lines)-1] != "" || lines[max(0, len(lines)-2)] == "" {
		t.Fatalf("empty lines at an end, or no line end: %q", text)
	}
	for i, line := range lines[:len(lines)-1] {
		if strings.TrimRight(line, " \t\r") != line {
			t.Fatalf("blanks at the end of line %d: %q", i+1, text)
		}
		if line == "" && (lines[i+1] == "" || strings.TrimSpace(lines[i+1]) == "}") {
			t.Fatalf("an empty line too many, %d: %q", i+1, text)
		}
	}
}

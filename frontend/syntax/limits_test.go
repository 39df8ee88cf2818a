package syntax

import (
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/diag"
)

// TestManyErrors: a file that is wrong all over is not reported all over, and what
// is reported is short.
func TestManyErrors(t *testing.T) {
	const n = 100_000
	for name, text := range map[string]string{
		"characters":        strings.Repeat("$ ", n),
		"lines":             strings.Repeat("$\n", n),
		"open strings":      strings.Repeat("\"\n", n),
		"numbers":           strings.Repeat("1.;", n),
		"statements":        strings.Repeat(";", n),
		"pragmas":           strings.Repeat("#:x\n", n),
		"characters there":  strings.Repeat("#: vocab = $\n", n/10),
		"one long run":      strings.Repeat("$", n),
		"a long name":       "a = 1 " + strings.Repeat("b", n) + ";",
		"a long number":     "a = 1 " + strings.Repeat("2", n) + ";",
		"letters of others": strings.Repeat("é", n),
	} {
		_, list := parse(text)
		if errs := len(list.Errors()); errs == 0 || errs > maxErrors {
			t.Errorf("%s: %d errors", name, errs)
		}
		for _, d := range list {
			if len(d.Error()) > 300 {
				t.Errorf("%s: a message of %d bytes: %.200s", name, len(d.Error()), d.Error())
			}
		}
	}
}

// TestErrorsBehindOthers: what the scanner counts without reporting is an error
// all the same.
func TestErrorsBehindOthers(t *testing.T) {
	text := strings.Repeat("$\n", maxErrors) + "a = $;"
	if file, list := parse(text); !list.HasErrors() || file.Incomplete {
		t.Errorf("%d errors, incomplete: %t", len(list.Errors()), file.Incomplete)
	}
	var report diag.Report
	wrong := "vocab = " + strings.Repeat("$ ", maxErrors) + "5"
	if p := ParsePragma(diag.NewSource("--vocab", wrong), &report); p != nil || !report.HasErrors() {
		t.Errorf("the pragma %v, %v", p, report.List())
	}
}

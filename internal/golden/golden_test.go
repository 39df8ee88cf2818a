package golden_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raspc/raspc/internal/golden"
)

// recorder takes the failures that Compare would give a test.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper()           {}
func (r *recorder) Error(args ...any) { r.failures = append(r.failures, fmt.Sprint(args...)) }
func (r *recorder) Errorf(f string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(f, args...))
}

// compare runs Compare and returns its one failure, or "".
func compare(t *testing.T, path, got string) string {
	t.Helper()
	r := &recorder{TB: t}
	golden.Compare(r, path, got)
	if len(r.failures) > 1 {
		t.Errorf("%d failures at once: %q", len(r.failures), r.failures)
	}
	return strings.Join(r.failures, "\n")
}

func TestCompare(t *testing.T) {
	t.Setenv(golden.Variable, "")
	path := filepath.Join(t.TempDir(), "a.txt")
	if got := compare(t, path, "one\n"); !strings.Contains(got, "is missing") {
		t.Errorf("a missing file gives %q", got)
	}
	if err := os.WriteFile(path, []byte("one\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if got := compare(t, path, "one\n"); got != "" {
		t.Errorf("an equal file gives %q", got)
	}
	if got := compare(t, path, "two\n"); !strings.Contains(got, "differs") || !strings.Contains(got, "two") {
		t.Errorf("an unequal file gives %q", got)
	}
	if got := compare(t, filepath.Dir(path), ""); got == "" {
		t.Error("a folder is taken for a file")
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "one\n" {
		t.Errorf("comparing changed the file to %q, error %v", text, err)
	}
}

func TestUpdate(t *testing.T) {
	t.Setenv(golden.Variable, "1")
	path := filepath.Join(t.TempDir(), "new", "a.txt")
	for _, text := range []string{"one\n", "two\n"} {
		if got := compare(t, path, text); got != "" {
			t.Errorf("an update fails: %s", got)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("the file holds %q, error %v", got, err)
		}
	}
	if got := compare(t, filepath.Join(path, "below"), "x"); got == "" {
		t.Error("a file below a file is written")
	}
}

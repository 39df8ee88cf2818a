package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// content returns a fill function.
func content(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// names lists a folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func mustRead(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestWriteReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	for _, text := range []string{"one", "two, longer", ""} {
		if err := Write(path, content(text)); err != nil {
			t.Fatal(err)
		}
		if got := mustRead(t, path); got != text {
			t.Errorf("read %q, wrote %q", got, text)
		}
	}
	if got := names(t, filepath.Dir(path)); !slices.Equal(got, []string{"f"}) {
		t.Errorf("left %q", got)
	}
}

func TestErrorLeavesTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := Write(path, content("old")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := Write(path, func(w io.Writer) error {
		if _, err := io.WriteString(w, "half"); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("error is %v", err)
	}
	if got := mustRead(t, path); got != "old" {
		t.Errorf("the old file holds %q", got)
	}
	if got := names(t, filepath.Dir(path)); !slices.Equal(got, []string{"f"}) {
		t.Errorf("left %q", got)
	}
}

// TestFailedRename has a folder stand where the file should go.
func TestFailedRename(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "f", "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(dir, "f"), content("new")); err == nil {
		t.Error("Write replaced a folder")
	}
	if got := names(t, dir); !slices.Equal(got, []string{"f"}) {
		t.Errorf("left %q", got)
	}
}

func TestMissingFolder(t *testing.T) {
	err := Write(filepath.Join(t.TempDir(), "absent", "f"), content("x"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
}

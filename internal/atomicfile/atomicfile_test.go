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

func TestNothingAppearsBeforeCommit(t *testing.T) {
	dir := t.TempDir()
	var b Batch
	for _, name := range []string{"data", "entry"} {
		if err := b.Add(filepath.Join(dir, name), content(name)); err != nil {
			t.Fatal(err)
		}
		for _, n := range names(t, dir) {
			if n == name {
				t.Errorf("%s is there already", n)
			}
		}
	}
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"data", "entry"}) {
		t.Errorf("after Commit: %q", got)
	}
}

func TestAbortRemovesEverything(t *testing.T) {
	dir := t.TempDir()
	var b Batch
	if err := b.Add(filepath.Join(dir, "data"), content("x")); err != nil {
		t.Fatal(err)
	}
	if err := b.Abort(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("left %q", got)
	}
}

// TestFailedCommit makes a rename fail by a folder that stands in its way.
func TestFailedCommit(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "entry"), []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "data", "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	var b Batch
	for _, name := range []string{"data", "entry"} {
		if err := b.Add(filepath.Join(dir, name), content("new")); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Commit(); err == nil {
		t.Fatal("Commit replaced a folder")
	}
	if got := names(t, dir); !slices.Equal(got, []string{"data"}) {
		t.Errorf("left %q: an old entry file stands beside what was to be replaced", got)
	}
}

func TestDropRemovesAtCommit(t *testing.T) {
	dir := t.TempDir()
	stale := filepath.Join(dir, "stale")
	if err := os.WriteFile(stale, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	var b Batch
	b.Drop(stale)
	b.Drop(filepath.Join(dir, "absent"))
	if err := b.Add(filepath.Join(dir, "f"), content("x")); err != nil {
		t.Fatal(err)
	}
	mustRead(t, stale)
	if err := b.Commit(); err != nil {
		t.Fatal(err)
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

package staged_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/internal/staged"
)

// write makes files, each with its own name as its text behind a word.
func write(t *testing.T, dir, word string, names ...string) {
	t.Helper()
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(word+" "+name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// tree returns everything in a folder: the text of files, and nothing for folders.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		text := []byte(nil)
		if !e.IsDir() {
			text, err = os.ReadFile(path)
		}
		name, _ := filepath.Rel(dir, path)
		all[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// commit stages files and commits them.
func commit(t *testing.T, dir string, old []string, names ...string) error {
	t.Helper()
	f, err := staged.In(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	write(t, f.Path, "new", names...)
	return f.Commit(old, names)
}

func TestCommit(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "old", "a", "b", "c", "in/a", "in/b", "gone/a", "other/a")
	if err := commit(t, dir, []string{"a", "c", "gone/a", "other/b", "none"}, "a", "b", "in/a", "deep/in/a"); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"a": "new a", "b": "new b", "in": "", "in/a": "new in/a", "in/b": "old in/b",
		"deep": "", "deep/in": "", "deep/in/a": "new deep/in/a", "other": "", "other/a": "old other/a",
	}
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// TestUndone has a step fail, one after the other: a folder is where a file should
// get its place, or a file is missing, and all is as before.
func TestUndone(t *testing.T) {
	names := []string{"a", "in/a", "deep/in/a", "z"}
	for i, blocked := range names {
		dir := t.TempDir()
		write(t, dir, "old", "a", "b", "in/a", "gone/a")
		f, err := staged.In(dir)
		if err != nil {
			t.Fatal(err)
		}
		write(t, f.Path, "new", slices.Delete(slices.Clone(names), i, i+1)...)
		before := tree(t, dir)
		if err := f.Commit([]string{"b", "gone/a"}, names); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("without %s: %v", blocked, err)
		}
		if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
			t.Errorf("without %s: %s", blocked, diff)
		}
		f.Close()
		if left := staged.Left(dir); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	}
	dir := t.TempDir()
	write(t, dir, "old", "a", "b/c") // where a file should be made a folder of
	before := tree(t, dir)
	if err := commit(t, dir, nil, "0", "a/b"); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("into a file: %v", err)
	}
	if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// TestClosed leaves no folder behind that was made for nothing.
func TestClosed(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "a", "b")
	f, err := staged.In(dir)
	if err != nil {
		t.Fatal(err)
	}
	if left := staged.Left(dir); !slices.Equal(left, []string{f.Path}) {
		t.Errorf("left: %v", left)
	}
	write(t, f.Path, "new", "x/y")
	f.Close()
	if all := tree(t, top); len(all) != 0 {
		t.Errorf("%v", all)
	}
	write(t, top, "old", "file")
	if _, err := staged.In(filepath.Join(top, "file", "b")); err == nil || !strings.Contains(err.Error(), "file") {
		t.Errorf("a folder in a file: %v", err)
	}
}

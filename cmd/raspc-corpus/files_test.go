package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestPrograms names files by their places below the deepest folder of all arguments.
func TestPrograms(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a/x.rasp", "a/b/y.rasp", "a/b/notes.txt", "ab/z.rasp", "folder.rasp/w.rasp"} {
		place := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(place), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(place, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"link": "a", "ab/link.rasp": "../a/x.rasp"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	for _, test := range []struct {
		args []string
		root string
		want []string
	}{
		{[]string{"a"}, "a", []string{"b/y.rasp", "x.rasp"}},
		{[]string{"a/"}, "a", []string{"b/y.rasp", "x.rasp"}},
		{[]string{filepath.Join(dir, "a/b/../b"), "a/x.rasp", "a"}, "a", []string{"b/y.rasp", "x.rasp"}},
		{[]string{"a/x.rasp"}, "a", []string{"x.rasp"}},
		{[]string{"a/b/notes.txt"}, "a/b", []string{"notes.txt"}},
		{[]string{"a/b", "ab"}, ".", []string{"a/b/y.rasp", "ab/link.rasp", "ab/z.rasp"}},
		{[]string{"link"}, "link", []string{"b/y.rasp", "x.rasp"}},
		{[]string{"folder.rasp"}, "folder.rasp", []string{"w.rasp"}},
	} {
		root, files, err := programs(test.args)
		if err != nil || root != filepath.Join(dir, test.root) || !slices.Equal(files, test.want) {
			t.Errorf("%q: %q of %s, %v", test.args, files, root, err)
		}
	}
}

// Package staged puts several files into a folder, all or none.
//
// They are written into a folder of their own inside that one, so that names are
// all that is left to change, and get their places when all are complete. Files that
// are in the way, or that have to go, stand aside until then.
package staged

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// pattern names the folders that are made inside the one that files are for.
const pattern = ".raspc-"

// Folder is where files are written.
type Folder struct {
	Path string

	dir  string   // that the files are for
	made []string // folders that were made for it, innermost first
}

// In makes an empty folder inside dir, and dir where it is missing.
func In(dir string) (*Folder, error) {
	f := &Folder{dir: dir, made: missing(dir)}
	err := os.MkdirAll(dir, 0o777)
	if err == nil {
		f.Path, err = os.MkdirTemp(dir, pattern)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Close removes the folder, and folders that were made for it and are empty.
func (f *Folder) Close() {
	if f.Path != "" {
		os.RemoveAll(f.Path)
	}
	for _, d := range f.made {
		os.Remove(d) // refuses after Commit
	}
}

// Left returns the folders in dir that this package has made, in this process or
// another that still runs or was killed.
func Left(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var found []string
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), pattern) {
			found = append(found, filepath.Join(dir, e.Name()))
		}
	}
	return found
}

// Commit takes the files old out of the folder that the files are for, and gives all
// files named their places there, in this order; both are paths in it, with slashes.
// After an error it has what it had. Where even that fails, the error says where the
// rest is.
func (f *Folder) Commit(old, names []string) error {
	aside, err := os.MkdirTemp(f.dir, pattern)
	if err != nil {
		return err
	}
	x := &exchange{folder: f, aside: aside}
	if err := x.run(old, names); err != nil {
		if undone := x.back(); undone != nil {
			return fmt.Errorf("%w; then %w; files that were there are in %s", err, undone, aside)
		}
		os.RemoveAll(aside)
		return err
	}
	os.RemoveAll(aside)
	for _, name := range old {
		if below := filepath.Dir(f.place(name)); below != filepath.Clean(f.dir) {
			os.Remove(below) // refuses while there are files in it
		}
	}
	return nil
}

// place returns where a file belongs.
func (f *Folder) place(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

// exchange remembers how to undo what it did.
type exchange struct {
	folder *Folder
	aside  string
	undo   []func() error
}

func (x *exchange) run(old, names []string) error {
	for _, name := range old {
		if err := x.out(name); err != nil {
			return err
		}
	}
	for _, name := range names {
		if err := x.out(name); err != nil {
			return err
		}
		if err := x.rename(filepath.Join(x.folder.Path, filepath.FromSlash(name)), x.folder.place(name)); err != nil {
			return err
		}
	}
	return nil
}

// out puts a file aside, if it is there.
func (x *exchange) out(name string) error {
	err := x.rename(x.folder.place(name), filepath.Join(x.aside, filepath.FromSlash(name)))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// rename moves a file, into a folder that is made for it.
func (x *exchange) rename(from, to string) error {
	if _, err := os.Lstat(from); err != nil {
		return err
	}
	made := missing(filepath.Dir(to))
	x.undo = append(x.undo, func() error {
		for _, d := range made {
			os.Remove(d)
		}
		return nil
	})
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	x.undo = append(x.undo, func() error { return os.Rename(to, from) })
	return nil
}

// back undoes what was done, the last first.
func (x *exchange) back() error {
	var all error
	for _, undo := range slices.Backward(x.undo) {
		all = errors.Join(all, undo())
	}
	return all
}

// missing returns the folders that have to be made for dir, innermost first.
func missing(dir string) []string {
	var all []string
	for d := filepath.Clean(dir); ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil || d == filepath.Dir(d) {
			return all
		}
		all = append(all, d)
	}
}

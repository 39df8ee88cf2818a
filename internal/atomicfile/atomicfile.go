// Package atomicfile writes files that appear complete or not at all.
//
// A file is written under a temporary name in its own folder, flushed to the
// disk and then renamed into place. Whatever goes wrong before leaves the old
// file untouched and no temporary one behind.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Write writes the file at path with what fill writes; an older file of that
// name stays until the new one is complete.
func Write(path string, fill func(io.Writer) error) error {
	temp, err := stage(path, fill)
	if err != nil {
		return err
	}
	return commit(temp, path)
}

// stage writes a file beside path and returns its temporary name. After an
// error it is gone.
func stage(path string, fill func(io.Writer) error) (string, error) {
	f, err := create(path)
	if err != nil {
		return "", err
	}
	err = fill(f)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("%s: %w", path, err), remove(f.Name()))
	}
	return f.Name(), nil
}

// commit gives a staged file its name, or removes it.
func commit(temp, path string) error {
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(err, remove(temp))
	}
	syncFolder(filepath.Dir(path))
	return nil
}

// attempts bounds the search for a free temporary name.
const attempts = 1000

// create opens a new file beside path with the permissions of an ordinary
// file (os.CreateTemp would make it private to its owner).
func create(path string) (*os.File, error) {
	dir, base := filepath.Split(path)
	for i := range attempts {
		name := filepath.Join(dir, fmt.Sprintf(".%s.%d.%d.tmp", base, os.Getpid(), i))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
	return nil, fmt.Errorf("%s: no free temporary name", path)
}

// remove deletes a file; one that is not there is no error.
func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncFolder flushes a folder's entries. Not every system can, and by then
// the files themselves are safe, so a failure is not reported.
func syncFolder(dir string) {
	if f, err := os.Open(dir); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}

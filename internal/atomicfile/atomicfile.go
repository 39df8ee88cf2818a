// Package atomicfile writes files that appear complete or not at all.
//
// Each file is written under a temporary name in its own folder and flushed
// to the disk; Commit renames them into place. Whatever goes wrong before
// Commit leaves the old files untouched and no temporary ones behind.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Batch is a set of files that are to appear together. The zero value is
// ready for use. A Batch is used once, by one goroutine.
type Batch struct {
	staged  []staged
	dropped []string
}

// staged is one complete temporary file and the name it will get.
type staged struct {
	temp, path string
}

// Add writes a file under a temporary name beside path, with what fill
// writes, and flushes it. After an error the caller calls Abort; the failed
// file itself is gone already.
func (b *Batch) Add(path string, fill func(io.Writer) error) error {
	f, err := create(path)
	if err != nil {
		return err
	}
	err = fill(f)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", path, err), remove(f.Name()))
	}
	b.staged = append(b.staged, staged{temp: f.Name(), path: path})
	return nil
}

// Drop makes Commit remove the file at path, if there is one: a part of an
// older set that the new one does not have.
func (b *Batch) Drop(path string) { b.dropped = append(b.dropped, path) }

// Commit renames the files into place in the order they were added.
//
// The last file is the one that readers start from. Where a batch has several
// files, an old version of the last is removed first, so that an interruption
// never leaves an old entry file beside new contents. After an error whatever
// had not been renamed is removed.
func (b *Batch) Commit() error {
	stale := b.dropped
	if n := len(b.staged); n > 1 {
		stale = append([]string{b.staged[n-1].path}, stale...)
	}
	for _, path := range stale {
		if err := remove(path); err != nil {
			return errors.Join(err, b.Abort())
		}
	}
	folders := map[string]bool{}
	for len(b.staged) > 0 {
		s := b.staged[0]
		if err := os.Rename(s.temp, s.path); err != nil {
			return errors.Join(err, b.Abort())
		}
		b.staged = b.staged[1:]
		if dir := filepath.Dir(s.path); len(b.staged) == 0 || !folders[dir] {
			folders[dir] = true
			syncFolder(dir)
		}
	}
	return nil
}

// Abort removes every file that is still under its temporary name.
func (b *Batch) Abort() error {
	var errs []error
	for _, s := range b.staged {
		errs = append(errs, remove(s.temp))
	}
	b.staged = nil
	return errors.Join(errs...)
}

// Write writes one file atomically; an older file of that name stays until
// the new one is complete.
func Write(path string, fill func(io.Writer) error) error {
	var b Batch
	if err := b.Add(path, fill); err != nil {
		return err
	}
	return b.Commit()
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

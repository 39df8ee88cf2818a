// Package artifact holds the files of an export before they are written: each
// knows its size and writes itself, so that an export can be announced, bounded
// and watched.
package artifact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// File is a file that is yet to be written.
type File struct {
	Name string // in the export, with a slash where it stands in a folder of its own
	// Size is the number of bytes that Write writes, the same ones every time.
	Size  int64
	Write func(io.Writer) error
}

// Bytes is a file of the given content.
func Bytes(name string, content []byte) File {
	return File{name, int64(len(content)), func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	}}
}

// JSON is a file with a value as indented JSON.
func JSON(name string, value any) (File, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(value); err != nil {
		return File{}, fmt.Errorf("%s: %w", name, err)
	}
	return Bytes(name, b.Bytes()), nil
}

// Size returns the bytes of all files together.
func Size(files []File) int64 {
	var n int64
	for _, f := range files {
		n += f.Size
	}
	return n
}

// Create writes files into the folder dir, where there must be none of their
// names, and flushes them to the disk. It tells how many bytes of all are
// written, each time that some were; an error that tell returns ends it. Where
// a file does not have its size in the end, that is an error. After an error
// the complete files stay, and nothing of the one that failed.
func Create(dir string, files []File, tell func(done, total int64) error) error {
	var before int64
	total := Size(files)
	for _, f := range files {
		if err := f.create(dir, func(n int64) error { return tell(before+n, total) }); err != nil {
			return err
		}
		before += f.Size
	}
	return nil
}

func (f File) create(dir string, tell func(done int64) error) (err error) {
	path := filepath.Join(dir, f.Name)
	if below := filepath.Dir(path); below != filepath.Clean(dir) {
		if err := os.Mkdir(below, 0o777); err != nil && !os.IsExist(err) {
			return err
		}
	}
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if closed := out.Close(); err == nil {
			err = closed
		}
		if err != nil {
			os.Remove(path)
		}
	}()
	count := &counter{w: out, tell: tell}
	if err := f.Write(count); err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	if count.n != f.Size {
		return fmt.Errorf("%s: %d bytes were written, not %d", f.Name, count.n, f.Size)
	}
	return out.Sync()
}

// counter counts the bytes that pass.
type counter struct {
	w    io.Writer
	n    int64
	tell func(done int64) error
}

// Write implements io.Writer.
func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	if err == nil {
		err = c.tell(c.n)
	}
	return n, err
}

package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Replace is Write for a regular file that is there: the new file gets the
// permissions of the old one. Where path is a symbolic link, the file that it
// leads to is replaced. A file that may not be written to is left alone.
func Replace(path string, fill func(io.Writer) error) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err := writable(path, info); err != nil {
		return err
	}
	temp, err := stage(path, fill)
	if err != nil {
		return err
	}
	if err := os.Chmod(temp, info.Mode().Perm()); err != nil {
		return errors.Join(err, remove(temp))
	}
	return commit(temp, path)
}

// writable says why a file must not be replaced; a rename would not ask.
func writable(path string, info os.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: not a regular file", path)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

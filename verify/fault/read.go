package fault

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// ReadFile reads a regular file of at most limit bytes. A fault in it names the
// path; an error of the system is returned as it is.
func ReadFile(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	data, err := read(info, limit, func() (*os.File, error) { return os.Open(path) })
	if errors.As(err, new(*Error)) {
		return nil, In(path, err)
	}
	return data, err
}

// ReadIn is ReadFile for a file that another file of the folder names. All its
// errors are faults of the folder that name the file; they wrap those of the
// system.
func ReadIn(root *os.Root, name string, limit int64) ([]byte, error) {
	info, err := Stat(root, name)
	if err != nil {
		return nil, In(name, err)
	}
	data, err := read(info, limit, func() (*os.File, error) { return root.Open(name) })
	return data, In(name, err)
}

// Stat looks at a file of a folder, and refuses what is no regular file, or is
// outside the folder, wherever links lead. Looking comes before opening,
// because opening a pipe waits for a writer.
func Stat(root *os.Root, name string) (fs.FileInfo, error) {
	// A NUL would be an error of the system.
	if !filepath.IsLocal(name) || strings.ContainsRune(name, 0) {
		return nil, New(OutsideFolder, "the path escapes from the folder")
	}
	info, err := root.Stat(name)
	switch {
	case err == nil:
		return info, regular(info)
	case refused(err):
		return nil, New(OutsideFolder, "%w", cause(err))
	case absent(err):
		return nil, New(Missing, "%w", cause(err))
	}
	return nil, err
}

// cause leaves out the name of a file, which is said already, and that of the
// system call.
func cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// refused reports an error that os.Root makes itself, or links in a circle.
func refused(err error) bool {
	return !errors.As(err, new(syscall.Errno)) || errors.Is(err, syscall.ELOOP)
}

// absent reports that no such file can be there.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ENAMETOOLONG)
}

// regular refuses folders, pipes and devices.
func regular(info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return New(OutsideFolder, "not a regular file")
	}
	return nil
}

// read reads a file whose size is known.
func read(info fs.FileInfo, limit int64, open func() (*os.File, error)) ([]byte, error) {
	if err := regular(info); err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, New(TooLarge, "longer than %d bytes", limit)
	}
	f, err := open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, New(Truncated, "became shorter while it was read: %w", err)
	}
	return data, nil
}

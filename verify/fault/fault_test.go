package fault_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raspc/raspc/verify/fault"
)

func kindOf(err error) fault.Kind {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Kind
	}
	return 0
}

func TestOr(t *testing.T) {
	plain, known := errors.New("plain"), fault.New(fault.Repeated, "twice")
	for _, tt := range []struct {
		err  error
		want fault.Kind
	}{{plain, fault.Failing}, {known, fault.Repeated}, {fault.In("f", known), fault.Repeated}, {nil, 0}} {
		got := fault.Or(fault.Failing, tt.err)
		if kindOf(got) != tt.want || (got == nil) != (tt.err == nil) {
			t.Errorf("%v: %v", tt.err, got)
		}
	}
}

// TestPaths names the file of an error, and then its folder.
func TestPaths(t *testing.T) {
	wrong := fault.New(fault.Malformed, "wrong: %w", fs.ErrInvalid)
	for want, err := range map[string]error{
		filepath.Join("d", "f"): fault.Under("d", fault.In("f", wrong)),
		"d":                     fault.Under("d", wrong),
	} {
		in, ok := errors.AsType[*fault.FileError](err)
		if !ok || in.Path != want || err.Error() != want+": wrong: invalid argument" || !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("got %v, want it about %s", err, want)
		}
	}
	if fault.In("f", nil) != nil {
		t.Error("no error has become one")
	}
}

// layout makes a folder of all that a name can lead to.
func layout(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "model")
	for _, err := range []error{
		os.MkdirAll(filepath.Join(dir, "sub"), 0o777),
		os.WriteFile(filepath.Join(dir, "f"), []byte("text"), 0o666),
		os.WriteFile(filepath.Join(dir, "..", "secret"), []byte("secret"), 0o666),
		os.Symlink("f", filepath.Join(dir, "inside")),
		os.Symlink(filepath.Join("..", "secret"), filepath.Join(dir, "outside")),
		os.Symlink("circle", filepath.Join(dir, "circle")),
		os.Symlink("nowhere", filepath.Join(dir, "dangling")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestReadIn(t *testing.T) {
	root, err := os.OpenRoot(layout(t))
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, want := range map[string]fault.Kind{
		"f": 0, "inside": 0, "sub/../f": 0,
		"outside": fault.OutsideFolder, "circle": fault.OutsideFolder, "sub": fault.OutsideFolder, ".": fault.OutsideFolder,
		"../secret": fault.OutsideFolder, "/etc/passwd": fault.OutsideFolder, "": fault.OutsideFolder, "f\x00": fault.OutsideFolder,
		"none": fault.Missing, "dangling": fault.Missing, "f/g": fault.Missing, strings.Repeat("x", 1000): fault.Missing,
	} {
		data, err := fault.ReadIn(root, name, 4)
		in, _ := errors.AsType[*fault.FileError](err)
		switch {
		case want == 0 && (err != nil || string(data) != "text"):
			t.Errorf("%q: %q, %v", name, data, err)
		case want != 0 && (kindOf(err) != want || in == nil || in.Path != name):
			t.Errorf("%q: %v is of kind %d, not %d", name, err, kindOf(err), want)
		}
	}
	if _, err := fault.ReadIn(root, "f", 3); kindOf(err) != fault.TooLarge {
		t.Errorf("a file beyond the limit: %v", err)
	}
	if _, err := fault.ReadIn(root, "none", 3); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the system's error is lost: %v", err)
	}
}

func TestReadFile(t *testing.T) {
	dir := layout(t)
	for name, want := range map[string]fault.Kind{"f": 0, "outside": fault.TooLarge, "sub": fault.OutsideFolder} {
		path := filepath.Join(dir, name)
		data, err := fault.ReadFile(path, 4)
		in, _ := errors.AsType[*fault.FileError](err)
		switch {
		case want == 0 && (err != nil || string(data) != "text"):
			t.Errorf("%s: %q, %v", name, data, err)
		case want != 0 && (kindOf(err) != want || in == nil || in.Path != path):
			t.Errorf("%s: %v", name, err)
		}
	}
	// A file that the user names and that is not there is no fault of a model.
	if _, err := fault.ReadFile(filepath.Join(dir, "none"), 4); !errors.Is(err, fs.ErrNotExist) || kindOf(err) != 0 {
		t.Errorf("no such file: %v", err)
	}
}

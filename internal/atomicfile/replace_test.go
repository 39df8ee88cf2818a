package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestReplaceKeepsPermissionsAndLinks(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "f"), filepath.Join(dir, "link")
	for _, err := range []error{os.WriteFile(path, []byte("old"), 0o600), os.Chmod(path, 0o640), os.Symlink("f", link)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := Replace(link, content("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := mustRead(t, path); got != "new" || info.Mode() != 0o640 {
		t.Errorf("the file holds %q with mode %v", got, info.Mode())
	}
	if to, err := os.Readlink(link); err != nil || to != "f" {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"f", "link"}) {
		t.Errorf("left %q", got)
	}
}

func TestReplaceFails(t *testing.T) {
	dir := t.TempDir()
	if err := Replace(filepath.Join(dir, "absent"), content("x")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if err := Replace(dir, content("x")); err == nil {
		t.Error("a folder is replaced")
	}
	path := filepath.Join(dir, "f")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := Replace(path, func(io.Writer) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("error is %v", err)
	}
	if got := mustRead(t, path); got != "old" {
		t.Errorf("the old file holds %q", got)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"f"}) {
		t.Errorf("left %q", got)
	}
}

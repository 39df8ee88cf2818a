package artifact

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func silent(int64, int64) error { return nil }

// list returns the names in a folder.
func list(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// pieces is a file that is written in several pieces.
func pieces(name string, size int64, all ...string) File {
	return File{name, size, func(w io.Writer) error {
		for _, p := range all {
			if _, err := io.WriteString(w, p); err != nil {
				return err
			}
		}
		return nil
	}}
}

func TestCreate(t *testing.T) {
	dir := t.TempDir()
	value, err := JSON("b.json", map[string]string{"é": "<a>"})
	if err != nil {
		t.Fatal(err)
	}
	var told []int64
	err = Create(dir, []File{pieces("a", 6, "one", "", "two"), value}, func(done, total int64) error {
		if want := 6 + value.Size; total != want {
			t.Errorf("%d bytes in all, want %d", total, want)
		}
		told = append(told, done)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{3, 3, 6, 6 + value.Size}, told); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]string{"a": "onetwo", "b.json": "{\n  \"é\": \"<a>\"\n}\n"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s has %q, want %q (%v)", name, got, want, err)
		}
	}
}

func TestCreateFails(t *testing.T) {
	stop := errors.New("stop")
	for name, c := range map[string]struct {
		file File
		tell func(done, total int64) error
		want string
	}{
		"too short": {pieces("b", 4, "one"), silent, "b: 3 bytes were written, not 4"},
		"too long":  {pieces("b", 2, "one"), silent, "b: 3 bytes were written, not 2"},
		"stopped": {pieces("b", 6, "one", "two"), func(done, _ int64) error {
			if done > 5 {
				return stop
			}
			return nil
		}, "b: stop"},
		"there already": {Bytes("a", nil), silent, "file exists"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			err := Create(dir, []File{Bytes("a", []byte("aaa")), c.file}, c.tell)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want %q", err, c.want)
			}
			if diff := cmp.Diff([]string{"a"}, list(t, dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if err := Create(filepath.Join(t.TempDir(), "missing"), []File{Bytes("a", nil)}, silent); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	if _, err := JSON("a", make(chan int)); err == nil {
		t.Error("a channel was written as JSON")
	}
}

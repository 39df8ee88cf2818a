// Package golden compares what a test computes with a file that holds what it
// should compute. Only tests import it.
//
// To accept a change, run the tests with RASPC_UPDATE=1, which rewrites the
// files, and review the difference before committing it.
package golden

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Variable is the environment variable that makes Compare rewrite files.
const Variable = "RASPC_UPDATE"

// Compare fails the test unless the file at path holds got. With RASPC_UPDATE=1
// it writes got there instead, and makes missing folders. A file whose content
// is right already is left alone, so that its time stays.
func Compare(t testing.TB, path, got string) {
	t.Helper()
	want, err := os.ReadFile(path)
	switch {
	case err == nil && string(want) == got:
		return
	case os.Getenv(Variable) == "1":
		write(t, path, got)
		return
	case errors.Is(err, fs.ErrNotExist):
		t.Errorf("%s is missing; %s=1 writes it", path, Variable)
		return
	case err != nil:
		t.Error(err)
		return
	}
	diff := cmp.Diff(string(want), got)
	t.Errorf("%s differs (-want +got); %s=1 rewrites it:\n%s", path, Variable, diff)
}

func write(t testing.TB, path, got string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Error(err)
		return
	}
	if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
		t.Error(err)
	}
}

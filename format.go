package raspc

import (
	"errors"
	"io"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/format"
	"github.com/raspc/raspc/frontend/tracr"
	"github.com/raspc/raspc/internal/atomicfile"
)

// Format returns a program in the canonical layout, which means the same, has
// the same comments, and is a program's only one: formatting it again changes
// nothing. The name stands in diagnostics. The error is a diag.List where the
// program has syntax errors.
func Format(name, text string) (string, error) {
	if tracr.Is(name, text) {
		return "", &ChoiceError{errors.New(name + " is a program of Tracr's, which has no layout"), "raspc import --to-rasp writes it as RASP text"}
	}
	formatted, err := format.Source(diag.NewSource(name, text))
	if errors.Is(err, format.ErrChanged) {
		return "", &InternalError{Stage: "fmt", Program: name, Err: err}
	}
	return formatted, err
}

// ReplaceProgram puts a text in the place of that of a file. The file has the
// old text or the new one, whatever happens, and keeps its permissions.
func ReplaceProgram(path, text string) error {
	return atomicfile.Replace(path, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

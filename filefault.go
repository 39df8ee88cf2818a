package raspc

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/verify"
	"github.com/raspc/raspc/verify/fault"
)

// advice is what a kind of fault is called, and what can be done about it.
type advice struct {
	code diag.Code
	help string
}

const (
	copyAgain   = "copy the file again, or export the model again"
	exportAgain = "export the model again"
)

// advised has every kind of fault.
var advised = map[fault.Kind]advice{
	fault.Truncated:     {diag.FileTruncated, copyAgain},
	fault.Malformed:     {diag.FileMalformed, copyAgain},
	fault.Repeated:      {diag.FileRepeats, "readers would take one or the other: " + exportAgain},
	fault.Overlapping:   {diag.FileOverlaps, exportAgain},
	fault.OutOfBounds:   {diag.FileBounds, copyAgain},
	fault.OutsideFolder: {diag.FileOutside, "a model is read from regular files of its own folder: put the file there"},
	fault.TooLarge:      {diag.FileTooLarge, "no exported model needs this much: " + exportAgain},
	fault.NotFinite:     {diag.FileNotFinite, exportAgain},
	fault.WrongShape:    {diag.FileShape, exportAgain},
	fault.WrongType:     {diag.FileType, exportAgain},
	fault.Missing:       {diag.FileMissing, "copy the whole folder, or export the model again"},
	fault.Unexpected:    {diag.FileUnexpected, exportAgain},
	fault.BrokenGraph:   {diag.FileGraph, exportAgain},
	fault.Unsupported:   {diag.FileUnsupported, "raspc runs the graphs that it exports, and few others"},
	fault.WrongPorts:    {diag.FilePorts, exportAgain},
	fault.Setting:       {diag.FileSetting, "restore the setting, or export the model again"},
	fault.Disagreeing:   {diag.FileDisagrees, "keep together what was exported together"},
	fault.OtherVersion:  {diag.FileVersion, "export the model again, with this raspc"},
	fault.Failing:       {diag.FileFails, exportAgain},
}

// filed returns an error about the files of a folder as a diag.List. What else
// can happen (an error of the program, of the system, a wrong choice, an
// interrupt) stays as it is. Faults without a kind are found where files are
// compared with each other.
func filed(dir string, err error) error {
	var f *fault.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, new(*verify.DisagreementError)):
		return &InternalError{Stage: "verify", Program: dir, Err: err} // no fault of the files
	case errors.As(err, new(*verify.LostError)):
		return &lost{describe(dir, fault.Missing, err), err}
	case errors.As(err, &f):
		return describe(dir, f.Kind, err)
	case otherwise(err):
		return err
	}
	return describe(dir, fault.Disagreeing, err)
}

// lost is the diagnosis of a file that is not there, which remains an error of the
// system.
type lost struct {
	diag.List
	err error
}

// Unwrap returns both.
func (l *lost) Unwrap() []error { return []error{l.List, l.err} }

// otherwise reports an error that is not about the content of a folder.
func otherwise(err error) bool {
	return IsIO(err) || errors.As(err, new(diag.List)) || errors.As(err, new(*ChoiceError)) || errors.As(err, new(*InputError)) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// longest is how many bytes of a message are shown: files choose some of them.
const longest = 400

func describe(dir string, k fault.Kind, err error) diag.List {
	path, text := filepath.Clean(dir), err.Error()
	if in, ok := errors.AsType[*fault.FileError](err); ok {
		path, text = in.Path, in.Err.Error()
	}
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	a := advised[k]
	return diag.List{diag.New(a.code, diag.InFile(path), "%s", text).WithHelp("%s", a.help)}
}

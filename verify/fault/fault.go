// Package fault names what can be wrong with the files of a model, and reads
// such files. Nobody vouches for them: their errors have a kind, which callers
// turn into an error code, and the file that they are about.
package fault

import (
	"errors"
	"fmt"
	"path/filepath"
)

// Kind is a class of faults. Each asks the reader of the message for something
// else.
type Kind uint8

// The kinds.
const (
	// Truncated files end before their content does.
	Truncated Kind = iota + 1
	// Malformed files are not of the format that they have to be of.
	Malformed
	// Repeated is a key or name that has two meanings.
	Repeated
	// Overlapping tensors share bytes, or leave some to nobody.
	Overlapping
	// OutOfBounds is a place that its file does not have.
	OutOfBounds
	// OutsideFolder is a file that is not a regular one of the folder.
	OutsideFolder
	// TooLarge is a size beyond the limits, or beyond all numbers.
	TooLarge
	// NotFinite is a weight that is an infinity or no number.
	NotFinite
	// WrongShape is a shape that its data or the architecture contradicts.
	WrongShape
	// WrongType is a value of a type other than the wanted one.
	WrongType
	// Missing is a file, tensor or member that has to be there.
	Missing
	// Unexpected is a tensor or member that nobody reads.
	Unexpected
	// BrokenGraph is a value that is read and not computed before, as in a cycle.
	BrokenGraph
	// Unsupported is a part of ONNX that cannot be run.
	Unsupported
	// WrongPorts are inputs and outputs other than ids, mask and logits.
	WrongPorts
	// Setting is a setting with which the architecture computes something else.
	Setting
	// Disagreeing files say different things of one model.
	Disagreeing
	// OtherVersion is a version of the manifest that is not read.
	OtherVersion
	// Failing models break off on an input.
	Failing
)

// Error is a fault with its kind.
type Error struct {
	Kind Kind
	Err  error
}

// New makes a fault; format and args are those of fmt.Errorf.
func New(k Kind, format string, args ...any) error {
	return &Error{k, fmt.Errorf(format, args...)}
}

// Or gives an error a kind unless it has one; nil stays nil.
func Or(k Kind, err error) error {
	if err == nil || errors.As(err, new(*Error)) {
		return err
	}
	return &Error{k, err}
}

// Error is the text of the fault.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// FileError is an error about a file.
type FileError struct {
	Path string
	Err  error // without the path
}

// In says which file an error is about; nil stays nil.
func In(path string, err error) error {
	if err == nil {
		return nil
	}
	return &FileError{path, err}
}

// Under puts a folder in front of the path of an error that is about one of its
// files. Another error is about the folder then.
func Under(dir string, err error) error {
	if f, ok := errors.AsType[*FileError](err); ok {
		return &FileError{filepath.Join(dir, f.Path), f.Err}
	}
	return In(dir, err)
}

// Error is the path and the text.
func (e *FileError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Err }

package main

import (
	"context"
	"errors"
	"strings"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/diag"
)

// Exit codes.
const (
	exitHolds       = 0
	exitWrong       = 1 // the program, an input or a model file is wrong
	exitUsage       = 2
	exitDifferent   = 3
	exitUndecided   = 4
	exitInternal    = 70
	exitIO          = 74
	exitInterrupted = 130 // what a shell says of an interrupted command
)

// verdict is an exit code whose reason has been printed already.
type verdict int

func (v verdict) Error() string { return "see the output" }

// usageError is a wrong command line.
type usageError struct{ msg, help string }

func (e *usageError) Error() string { return e.msg }

// crash is a panic outside the compiler's stages.
type crash struct {
	error
	stack []byte
}

// exitCode tells the exit code by the kind of the error. What no kind claims
// is said of a model file or of a program.
func exitCode(err error) int {
	var (
		printed  verdict
		crashed  *crash
		internal *raspc.InternalError
		usage    *usageError
		choice   *raspc.ChoiceError
		list     diag.List
	)
	switch {
	case err == nil:
		return exitHolds
	case errors.As(err, &printed):
		return int(printed)
	case errors.As(err, &crashed), errors.As(err, &internal):
		return exitInternal
	case errors.As(err, &usage), errors.As(err, &choice):
		return exitUsage
	case raspc.IsIO(err): // which may have a diagnosis
		return exitIO
	case errors.As(err, &list):
		return diagnosed(list)
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitWrong
}

// diagnosed tells a wrong program from wrong flags: the settings that flags
// give are sources of their own, each named like its flag.
func diagnosed(list diag.List) int {
	for _, d := range list.Errors() {
		if d.Primary.IsZero() || !strings.HasPrefix(d.Primary.Source.Name(), "--") {
			return exitWrong
		}
	}
	return exitUsage
}

package raspc

import (
	"context"

	"github.com/raspc/raspc/verify"
)

// VerifyOptions steer a verification; see verify.Options.
type VerifyOptions = verify.Options

// Report is the outcome of a verification; see verify.Report.
type Report = verify.Report

// SpecProgram is a program given to Verify beside the files.
type SpecProgram = verify.Program

// The verdicts of a Report.
const (
	Equivalent = verify.Equivalent
	Different  = verify.Different
	Undecided  = verify.Undecided
)

// Verify reruns the files of an export folder against the reference
// interpreter.
func Verify(ctx context.Context, dir string, o VerifyOptions) (*Report, error) {
	return verify.Folder(ctx, dir, o)
}

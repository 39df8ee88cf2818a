package raspc

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/verify"
)

// VerifyOptions steer a verification; see verify.Options.
type VerifyOptions = verify.Options

// Report is the outcome of a verification; see verify.Report.
type Report = verify.Report

// VerifyPlan is which inputs a verification tries; see verify.Plan.
type VerifyPlan = verify.Plan

// Certificate is what was proved of files, for all inputs; see verify.Certificate.
type Certificate = verify.Certificate

// FileProof is what was proved of one file; see verify.FileProof.
type FileProof = verify.FileProof

// SpecProgram is a program given to Verify beside the files.
type SpecProgram = verify.Program

// WriteJUnitError reports a verification that ended with an error as JUnit XML; see
// verify.WriteJUnitError.
func WriteJUnitError(w io.Writer, suite string, err error) error {
	return verify.WriteJUnitError(w, suite, err)
}

// The verdicts of a Report.
const (
	Equivalent = verify.Equivalent
	Different  = verify.Different
	Undecided  = verify.Undecided
)

// Verify reruns the files of an export folder against the reference
// interpreter. A program that is given without a reader loads files from the
// disk. The error is a ChoiceError where a format is asked for that the folder
// does not hold, so that a file is never passed over in silence, or where the program is a part
// of a larger model and o.Circuit is not set, or the other way round; and a
// diag.List where the files cannot be used.
func Verify(ctx context.Context, dir string, o VerifyOptions) (*Report, error) {
	if err := cmp.Or(checkCircuit(dir, o.Circuit), checkFormats(dir, o.Formats)); err != nil {
		return nil, err
	}
	if o.Program != nil && o.Program.Read == nil {
		given := *o.Program
		given.Read = resolve.ReadFile
		o.Program = &given
	}
	r, err := verify.Folder(ctx, dir, o)
	if err != nil {
		return nil, filed(dir, err)
	}
	return r, nil
}

// checkCircuit refuses a folder in which the program is no part of a larger model, where
// what holds its circuit is asked for, and one in which it is where it is not.
func checkCircuit(dir string, circuit bool) error {
	if !circuit {
		return checkWhole(dir)
	}
	man, err := manifest.Read(dir)
	switch {
	case err != nil:
		return filed(dir, err)
	case man.Host == nil:
		return &ChoiceError{fmt.Errorf("%s holds %s alone, not as a part of a larger model", dir, man.Program.Name), "without --circuit its outputs are compared; raspc graft puts a program into a larger model"}
	}
	return nil
}

// checkFormats holds the formats that were asked for to those of a folder.
func checkFormats(dir string, formats []string) error {
	man, err := manifest.Read(dir)
	if err != nil {
		return filed(dir, err)
	}
	var held []string
	for _, f := range man.Files {
		held = append(held, f.Format)
	}
	for _, f := range formats {
		if !slices.Contains(held, f) {
			return &ChoiceError{fmt.Errorf("%s lists no %s file", filepath.Join(dir, manifest.FileName), f),
				"it lists " + strings.Join(held, ", ")}
		}
	}
	return nil
}

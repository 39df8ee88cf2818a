package verify

import (
	"fmt"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/value"
)

// Result is the verdict on a folder.
type Result string

// The verdicts.
const (
	Equivalent Result = "equivalent" // no difference on all inputs or enough of them, or proved
	Different  Result = "different"  // some input gives another output
	Undecided  Result = "undecided"  // too few inputs, outputs that rounding may turn, or no proof
)

// Report is what a verification found.
type Report struct {
	Result          Result
	Program         string // what the files were compared with
	MadeBy          string // version of the raspc that wrote the files, by what raspc.json says
	Plan            Plan
	Seconds         float64 // for the plan: its inputs, the program's outputs, the files' runs, the comparison
	Files           []FileReport
	FirstDifference *Difference // nil where there is none
	Assumptions     []Assumption
	Certificate     *Certificate // nil where none was asked for
	Distances       []Distance   // of each file; nil where none was asked for
	Circuit         bool         // the files are hosts, and the columns of the circuit in them were compared
}

// FileReport is what one runner found in one file.
type FileReport struct {
	File         string
	Runner       string
	Inputs       int            // tried and defined
	Undefined    int            // tried, and undefined in the program
	UndefinedBy  map[string]int // these, by what the program cannot do
	Weak         int            // outputs right by less than the margin that counts
	ExhaustiveTo int            // every input up to this length was tried
	Longest      int            // longest length that was tried
	MaxLen       int            // longest length of the domain
	Lengths      []Covered      // each length of the domain
	// WorstMargin is the least difference between the logit of the right label
	// and the next; nil for a numeric output.
	WorstMargin *float64
	// MaxAbsError is the largest error of a numeric output, or of a column of a circuit,
	// in units of its code; nil for labels.
	MaxAbsError *float64
	// Histogram counts outputs by their margins, or by their errors.
	Histogram  []Bucket
	Seconds    float64
	Difference *Difference // nil where there is none
}

// LeastInputs is how many inputs a verdict rests on, unless these are all that there
// are: of some hundreds of damaged files, that many found each wrong one
// (docs/certificate.md).
const LeastInputs = 500

// open says why the runs leave open what the file computes; empty where they do not.
func (f FileReport) open() string {
	switch {
	case f.Inputs == 0:
		return "no input was tried on which the program is defined"
	case f.every():
	case f.ExhaustiveTo == 0:
		return "not even every input of length 1 was tried (a larger --budget tries more)"
	case f.Inputs < LeastInputs:
		return fmt.Sprintf("%s tried, neither all nor %d: %s (a larger --budget tries more)", diag.Plural(f.Inputs, "input"), LeastInputs, f.scope())
	}
	if f.Weak > 0 {
		return f.weak() + ", which other runtimes may round otherwise"
	}
	return ""
}

// weak says how many outputs are right by little.
func (f FileReport) weak() string {
	return fmt.Sprintf("%s right by less than %g of the largest logit", diag.Plural(f.Weak, "output"), weakMargin)
}

// Difference is an input on which a file and the program disagree.
type Difference struct {
	File     string
	Input    []value.Value
	Position int
	Expected value.Value
	// Got is the label or number that the file gives; nil where its logits
	// are no numbers.
	Got *value.Value
	SOp string
	// Departure is where the residual stream first leaves its code on the input;
	// nil where that is not known.
	Departure *Departure
	// Stream says that what differs is what columns hold, and not an output: there are
	// no logits.
	Stream bool
}

// Assumption is a claim that the compiler used without proof. The runs tried
// it on all their inputs: where it is false, outputs differ or are undefined.
type Assumption struct {
	SOp        string
	Claim      string
	Discharged string // exhaustive or sampled
	Inputs     int
}

package verify

import "github.com/raspc/raspc/frontend/value"

// Result is the verdict on a folder.
type Result string

// The verdicts.
const (
	Equivalent Result = "equivalent" // no difference on any input that was tried
	Different  Result = "different"  // some input gives another output
	Undecided  Result = "undecided"  // too few inputs, or outputs too close to call
)

// Report is what a verification found.
type Report struct {
	Result          Result
	Program         string // what the files were compared with
	MadeBy          string // version of the raspc that wrote the files, by what raspc.json says
	Plan            Plan
	Files           []FileReport
	FirstDifference *Difference // nil where there is none
	Assumptions     []Assumption
	Certificate     *Certificate // nil where none was asked for
	Distances       []Distance   // of each file; nil where none was asked for
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
	// WorstMargin is the least difference between the logit of the right label
	// and the next; nil for a numeric output.
	WorstMargin *float64
	// MaxAbsError is the largest error of a numeric output; nil for labels.
	MaxAbsError *float64
	// Histogram counts outputs by their margins, or by their errors.
	Histogram  []Bucket
	Seconds    float64
	Difference *Difference // nil where there is none
}

// undecided reports whether the runs leave open what the file computes.
func (f FileReport) undecided() bool { return f.Inputs == 0 || f.ExhaustiveTo == 0 || f.Weak > 0 }

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
}

// Assumption is a claim that the compiler used without proof. The runs tried
// it on all their inputs: where it is false, outputs differ or are undefined.
type Assumption struct {
	SOp        string
	Claim      string
	Discharged string // exhaustive or sampled
	Inputs     int
}

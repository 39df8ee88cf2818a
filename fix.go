package raspc

import (
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/tracr"
)

// Fixed is the text of a program with the safe fixes made in it, and the
// diagnostics that these answered.
type Fixed struct {
	Text string
	// Done has the place that each had when it was fixed; where a line was added
	// before, later ones are counted with it.
	Done diag.List
}

// Fix makes the safe fixes in a program: those that leave it the program that
// it is. Of errors these are the ones after which the parser knows how to go
// on, such as a missing `;`. What else is wrong with the program is left; check
// the result to see it. The name stands in diagnostics; files that the program
// loads are not read.
//
// The text is parsed again before it is returned: the error is an
// InternalError where it would have become another program.
func Fix(name, text string) (*Fixed, error) {
	if tracr.Is(name, text) {
		return &Fixed{Text: text}, nil // it has no syntax of RASP's to put right
	}
	fixed, err := syntax.Fix(diag.NewSource(name, text))
	if err != nil {
		return nil, &InternalError{Stage: "fix", Program: name, Err: err}
	}
	return &Fixed{Text: fixed.Source.Text(), Done: fixed.Done}, nil
}

package resolve

import "github.com/raspc/raspc/frontend/diag"

// RunWithin is Run with a lower limit of steps.
func RunWithin(steps int, src *diag.Source, opts Options) (*Program, diag.List) {
	s := newSession(opts)
	s.mostSteps = steps
	return s.resolve(src)
}

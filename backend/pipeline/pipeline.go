package pipeline

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/raspc/raspc/backend/layout"
	"github.com/raspc/raspc/backend/schedule"
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// Options steer a compilation.
type Options struct {
	// Read reads the text of a loaded file; nil refuses load statements.
	Read func(path string) (string, error)
	// Overrides are settings from outside the program; they win over pragmas.
	Overrides []resolve.Override
	// Opt is 0 for one subspace an s-op, 1 for the smallest model.
	Opt int
	// BothWays keeps full attention where causal attention would do.
	BothWays bool
	// NextToken makes the output at a position the token that follows there;
	// see craft.NextToken, which End is for.
	NextToken bool
	End       *value.Value
	// Materialize names s-ops that keep a subspace of their own.
	Materialize []string
	// HoldOutput keeps a subspace of its own for the output, too.
	HoldOutput bool
	// Arithmetic is how the files are computed; its zero value stands for float32.
	Arithmetic craft.Arithmetic
	// Squeeze leaves out directions that others give, where that makes the model
	// narrower and not deeper.
	Squeeze bool
	// Layout has the choices of the layout stage.
	Layout layout.Options
	// Disguise makes the model harder to read.
	Disguise Disguise
	// Until is the last stage to run; empty for all.
	Until string
	// Check verifies the result of each stage.
	Check bool
}

// Result holds what each stage made. Fields of stages that did not run are
// nil. It is immutable.
type Result struct {
	Source  *diag.Source
	Options Options
	AST     *syntax.File
	Program *resolve.Program
	// Graph is the graph that the later stages compile, and Output its root:
	// the program's, without what the output does not depend on, simplified.
	Graph    *sop.Graph
	Output   sop.ID
	encoded  []sop.ID // of encodings, in Graph
	Domain   values.Domain
	Values   *values.Table
	Craft    *craft.Program
	Schedule *schedule.Schedule
	Layout   *layout.Layout
	Warnings diag.List
	Timings  []Timing
}

// Timing is how long a stage took.
type Timing struct {
	Stage   string
	Elapsed time.Duration
}

// InternalError says that a stage broke an invariant: a bug of the compiler,
// not of the program.
type InternalError struct {
	Stage   string
	Program string
	Err     error
	Stack   []byte // of a panic, else nil
}

func (e *InternalError) Error() string {
	return fmt.Sprintf("internal error in stage %s for %s: %v", e.Stage, e.Program, e.Err)
}

// Unwrap gives the cause.
func (e *InternalError) Unwrap() error { return e.Err }

// Run compiles a source. The error is a diag.List where the program is wrong
// and an *InternalError where the compiler is. The result is never nil; it
// holds what the stages before the error made.
func Run(src *diag.Source, opts Options) (*Result, error) {
	r := &Result{Source: src, Options: opts}
	for _, s := range Stages {
		start := time.Now()
		err := s.guarded(r)
		r.Timings = append(r.Timings, Timing{s.Name, time.Since(start)})
		if err != nil {
			return r, err
		}
		if s.Name == opts.Until {
			break
		}
	}
	return r, nil
}

// guarded runs the stage and its check, and turns panics into errors.
func (s Stage) guarded(r *Result) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &InternalError{s.Name, r.Source.Name(), fmt.Errorf("%v", p), debug.Stack()}
		}
	}()
	if err := s.run(r); err != nil {
		return err
	}
	if r.Options.Check {
		if err := s.check(r); err != nil {
			return &InternalError{s.Name, r.Source.Name(), err, nil}
		}
	}
	return nil
}

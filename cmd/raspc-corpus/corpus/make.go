package corpus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/generate"
)

// The stages at which a program can be refused.
const (
	StageSample  = "sample"
	StageCompile = "compile"
	StageVerify  = "verify"
	StageWorker  = "worker" // its process ended
)

// Failure is a program that is not in a dataset, and why. Its fields are the members of a
// line of failures.jsonl.
type Failure struct {
	Index   uint64 `json:"index"`
	Name    string `json:"name"`
	Stage   string `json:"stage"`
	Code    string `json:"code"` // of the diagnostic, where there is one
	Message string `json:"message"`
	Source  string `json:"source"`
}

// Outcome is what became of a program: exactly one of the fields is set.
type Outcome struct {
	Record  *Record
	Failure *Failure
}

// Program is a program that is to be tried.
type Program struct {
	Index uint64
	Base  uint64 // the number of the program that it is a copy of, with one change; else its own
	Name  string // of its file; empty where it was sampled
	Text  string

	drawn *generate.Program // which has fingerprints already; nil for a file's
}

// Make makes the model of the program of a number. What is wrong with the program is a
// Failure; the error is of the machine, and the same call may go well later.
func (o Options) Make(ctx context.Context, index uint64) (Outcome, error) {
	base, copied := o.baseOf(index)
	p := Program{Index: index, Base: index - copied, Name: o.fileOf(index)}
	var refusal error
	if p.Name != "" {
		text, err := o.readFile(p.Name)
		if err != nil {
			return Outcome{}, err
		}
		p.Text = text
	} else {
		refusal = p.take(generate.Sample(o.generator(), base))
	}
	if copied > 0 && refusal == nil {
		refusal = p.take(generate.Mutate(p.Text, o.generator(), index))
	}
	if refusal != nil {
		return p.refused(StageSample, refusal), nil
	}
	return o.Compile(ctx, p)
}

// take makes a program the one that was drawn.
func (p *Program) take(drawn generate.Program, err error) error {
	if err == nil {
		p.Text, p.drawn = drawn.Source, &drawn
	}
	return err
}

// Compile makes the model of a program, and compares the two.
func (o Options) Compile(ctx context.Context, p Program) (out Outcome, err error) {
	stage := StageCompile
	defer func() {
		if crash := recover(); crash != nil {
			out, err = p.refused(stage, &raspc.InternalError{Stage: stage, Program: p.name(), Err: fmt.Errorf("%v", crash), Stack: debug.Stack()}), nil
		}
	}()
	m, err := raspc.Compile(p.name(), p.Text, raspc.Options{})
	if err != nil {
		return p.refused(stage, err), nil
	}
	if n, _ := m.Params(); n > o.MostParams {
		return p.refused(stage, fmt.Errorf("the model has %d weights, more than %d", n, o.MostParams)), nil
	}
	lens, err := m.Lens()
	if err != nil {
		return p.refused(stage, err), nil
	}
	stage = StageVerify
	v, err := o.verify(ctx, lens)
	if ctx.Err() != nil {
		return Outcome{}, ctx.Err()
	}
	if err != nil {
		return p.refused(stage, err), nil
	}
	r, err := o.record(p, m.Resolved(), lens, v)
	if err != nil {
		return p.refused(stage, err), nil
	}
	return Outcome{Record: r}, nil
}

// name is what diagnostics call the program. It does not depend on its number.
func (p Program) name() string {
	if p.Name == "" {
		return "program.rasp"
	}
	return p.Name
}

// refused is the failure of a program.
func (p Program) refused(stage string, err error) Outcome {
	f := &Failure{Index: p.Index, Name: p.name(), Stage: stage, Message: err.Error(), Source: p.Text}
	var list diag.List
	var internal *raspc.InternalError
	switch {
	case errors.As(err, &list) && len(list.Errors()) > 0:
		f.Code = string(list.Errors()[0].Code)
	case errors.As(err, &internal):
		f.Code = "internal"
	}
	return Outcome{Failure: f}
}

// The verdicts on models that are in a dataset.
const (
	Proved     = "proved"     // for all inputs
	Exhaustive = "exhaustive" // run on all inputs
	Sampled    = "sampled"    // run on some
)

// verdict is what is known of a model that is right.
type verdict struct {
	word         string
	inputs       int
	exhaustiveTo int
}

// secondLook is how many inputs are run by two evaluators. They are to find mistakes of
// raspc's, not of a model, and there are many models.
const secondLook = 3

// verify compares a model with its program. The error says why the model is not to be
// relied on.
func (o Options) verify(ctx context.Context, l *raspc.Lens) (verdict, error) {
	r, err := l.Verify(ctx, raspc.VerifyOptions{Budget: o.Inputs, SecondLook: secondLook, Certify: o.Certify})
	if err != nil {
		return verdict{}, err
	}
	f := r.Files[0]
	v := verdict{Sampled, f.Inputs, f.ExhaustiveTo}
	switch {
	case r.Result == raspc.Different:
		var text bytes.Buffer
		if err := r.WriteText(&text); err != nil {
			return v, err
		}
		return v, errors.New(text.String())
	case o.Certify && !r.Certificate.Proved():
		return v, fmt.Errorf("not proved: %s", r.Certificate.Files[0].Reason)
	case o.Certify:
		v.word = Proved
	case f.Inputs == 0:
		return v, errors.New("no input was tried on which the program is defined")
	case f.Weak > 0:
		return v, errors.New("an output is right by so little that other runtimes may round it otherwise")
	case f.ExhaustiveTo == f.MaxLen:
		v.word = Exhaustive
	}
	return v, nil
}

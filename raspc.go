// Package raspc compiles RASP programs (Weiss, Goldberg, Yahav 2021, "Thinking
// Like Transformers") to the weights of a standard transformer, exports them
// as files that stock runtimes load, and verifies that the exported files
// compute the program.
//
//	m, err := raspc.Compile("reverse.rasp", source, raspc.Options{})
//	out, err := m.Export("out/reverse", raspc.ExportOptions{Formats: []string{"onnx"}})
//	report, err := raspc.Verify(ctx, "out/reverse", raspc.VerifyOptions{})
//
// Errors in a program are a diag.List, with position, code and help. The
// package has no state; results are immutable.
package raspc

import (
	"fmt"
	"io"
	"time"

	"github.com/raspc/raspc/backend/layout"
	"github.com/raspc/raspc/backend/pipeline"
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/internal/version"
)

// Version is the version of this compiler.
const Version = version.Version

// Options are the settings of a program and of its compilation. Settings that
// are given here win over the program's pragmas; their texts are what would
// stand behind the equals sign of the pragma.
type Options struct {
	Tokens string // str, int, float or bool
	Vocab  string // a list, a range such as 0..9, or a quoted string
	MaxLen int    // longest input; 0 leaves it to the program
	Causal string // on or off
	Output string // name of the s-op to compile

	// Minimal merges s-ops into what reads them; without it every s-op has a
	// subspace of its own. Compile sets it unless Faithful is set.
	Faithful bool
	// BothWays keeps full attention where every selector looks back anyway, so
	// that causal attention would do and cost less.
	BothWays bool
	// Materialize names s-ops that keep a subspace of their own.
	Materialize []string
	// Reuse gives quantities the columns of others that nothing reads any more.
	Reuse bool
	// Squeeze does, too, but for files of 16 bits, in which a cleared column keeps more
	// than proofs bear; and it holds no column of which others give the value.
	Squeeze bool
	// arithmetic is how the files are computed; see ExportOptions.DType.
	arithmetic craft.Arithmetic
	// nextToken makes the output at a position the token that follows there, and
	// end the one behind which nothing follows; see ExportOptions.Task.
	nextToken bool
	end       *value.Value
	// held keeps a subspace of its own for the output; see Model.Graft.
	held bool
	// PadModel, PadHeads and PadMLP are the least columns of the residual
	// stream, heads of each layer and neurons of each layer; what is padding
	// computes nothing.
	PadModel, PadHeads, PadMLP int
	// Disguise makes the model harder to read: a test for tools that look for
	// what a model computes.
	Disguise Disguise
	// Read reads files for load statements; nil reads from the disk.
	Read func(path string) (string, error)
	// Check verifies the result of every stage.
	Check bool
}

// Disguise are transformations of a model that change how it computes and not
// what: columns, heads and neurons in another order, random weights in what is
// padding, s-ops that are held more than once. The labels in raspc.json follow.
type Disguise = pipeline.Disguise

// Duplicate is an s-op that is held more than once.
type Duplicate = pipeline.Duplicate

// pipeline translates the options.
func (o Options) pipeline() pipeline.Options {
	p := pipeline.Options{Read: o.Read, Opt: 1, BothWays: o.BothWays, NextToken: o.nextToken, End: o.end, HoldOutput: o.held, Materialize: o.Materialize, Arithmetic: o.arithmetic, Disguise: o.Disguise,
		Layout:  layout.Options{Pad: layout.Padding{Model: o.PadModel, Heads: o.PadHeads, MLP: o.PadMLP}, Reuse: o.Reuse || o.Squeeze && !o.narrow()},
		Squeeze: o.Squeeze, Check: o.Check, Overrides: o.overrides()}
	if o.Faithful {
		p.Opt = 0
	}
	if p.Read == nil {
		p.Read = resolve.ReadFile
	}
	return p
}

// narrow reports whether the files are of 16 bits.
func (o Options) narrow() bool {
	return o.arithmetic != (craft.Arithmetic{}) && o.arithmetic != craft.Float32
}

func (o Options) overrides() []resolve.Override {
	maxLen := ""
	if o.MaxLen != 0 {
		maxLen = fmt.Sprint(o.MaxLen)
	}
	var all []resolve.Override
	for _, s := range []struct{ flag, key, text string }{
		{"--tokens", "tokens", o.Tokens}, {"--vocab", "vocab", o.Vocab}, {"--max-len", "max_len", maxLen},
		{"--causal", "causal", o.Causal}, {"--output", "output", o.Output},
	} {
		if s.text != "" {
			all = append(all, resolve.Override{Flag: s.flag, Text: s.key + " = " + s.text})
		}
	}
	return all
}

// Model is a compiled program.
type Model struct {
	name   string
	opts   Options
	result *pipeline.Result
}

// Compile compiles the text of a program. The name stands in diagnostics and
// in the manifest. The error is a diag.List where the program is wrong, and
// an InternalError where the compiler is.
func Compile(name, text string, o Options) (*Model, error) {
	r, err := pipeline.Run(diag.NewSource(name, text), o.pipeline())
	if err != nil {
		return nil, err
	}
	return &Model{name: name, opts: o, result: r}, nil
}

// InternalError is a bug of the compiler, found by one of its own checks.
type InternalError = pipeline.InternalError

// Warnings returns what the program's author should look at.
func (m *Model) Warnings() diag.List { return m.result.Warnings }

// Resolved returns the program that was compiled, as a graph of s-ops. It must not be changed.
func (m *Model) Resolved() *resolve.Program { return m.result.Program }

// Timing is how long one stage of the compiler took.
type Timing struct {
	Stage   string
	Elapsed time.Duration
}

// Timings returns how long each stage took, in order.
func (m *Model) Timings() []Timing {
	all := make([]Timing, len(m.result.Timings))
	for i, t := range m.result.Timings {
		all[i] = Timing(t)
	}
	return all
}

// Stages returns the names of the compiler's stages, in order.
func Stages() []string { return pipeline.Names() }

// Dump compiles a program up to a stage and writes the text of its result.
func Dump(w io.Writer, name, text, stage string, o Options) error {
	p := o.pipeline()
	p.Until = stage
	r, err := pipeline.Run(diag.NewSource(name, text), p)
	if err != nil {
		return err
	}
	return pipeline.Dump(w, r, stage)
}

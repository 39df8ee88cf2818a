package generate

import (
	"errors"

	"github.com/raspc/raspc/frontend/value"
)

// Program is a sampled program.
type Program struct {
	// Source is its whole text, pragmas included, laid out as package format does.
	Source string
	Ops    int // operators, as Options.Size counts them
	Depth  int // as Options.Depth counts it
	Causal bool
	MaxLen int
	Vocab  []value.Value
	// Kind is that of the output's values; floats where any is one.
	Kind value.Kind
	// Behaviour and Graph are what BehaviourOf and GraphOf give.
	Behaviour, Graph Fingerprint
	// Attempts is how many programs were drawn, this one included.
	Attempts int
}

// Sample returns the program of a number. It depends on nothing else: not on the
// machine, and not on what was sampled before. It is safe for concurrent use. The
// error is that of Options.Check, or an *ExhaustedError.
func Sample(o Options, index uint64) (Program, error) {
	return Program{}, errors.New("generate: not yet")
}

// Mutate returns a program that differs from a given one in an operator, a constant, a name or
// a pragma, as Sample returns one. It depends on nothing but its arguments. The ranges of the
// options bound what is inserted, not what the program has already. The error is
// a diag.List where the text is no program that a model could be made of, that of
// Options.Check, or an *ExhaustedError.
func Mutate(text string, o Options, index uint64) (Program, error) {
	return Program{}, errors.New("generate: not yet")
}

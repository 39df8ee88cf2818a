package generate

import "errors"

// Mutate returns a program that differs from a given one in an operator, a constant, a name or
// a pragma, as Sample returns one. It depends on nothing but its arguments. The ranges of the
// options bound what is inserted, not what the program has already. The error is
// a diag.List where the text is no program that a model could be made of, that of
// Options.Check, or an *ExhaustedError.
func Mutate(text string, o Options, index uint64) (Program, error) {
	return Program{}, errors.New("generate: not yet")
}

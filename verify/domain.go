package verify

import (
	"errors"

	"github.com/raspc/raspc/frontend/pattern"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/value"
)

// domain is the inputs that the program is meant for.
type domain struct {
	inputs  *pattern.Language
	pattern bool // restricts the sequences of tokens
	// exact is false where the automaton of the pattern is too large: inputs are all
	// sequences of tokens then, and those that the program does not accept are left out.
	exact bool
}

func newDomain(set resolve.Settings) (domain, error) {
	d, spec := domain{pattern: set.Inputs.Set, exact: true}, set.InputSpec()
	l, err := pattern.New(spec)
	if errors.Is(err, pattern.ErrTooLarge) {
		spec.Pattern, d.exact = "", false
		l, err = pattern.New(spec)
	}
	d.inputs = l
	return d, err
}

// counts are the numbers of inputs of each length, from 1.
func (s *subject) counts() []pattern.Count {
	all := make([]pattern.Count, s.maxLen)
	for i := range all {
		all[i] = s.inputs.Count(i + 1)
	}
	return all
}

// free returns the tokens that may stand at any position but the first.
func (s *subject) free() []int {
	var tokens []int
	for id, v := range s.vocab {
		if s.bos == nil || !value.Equal(v, *s.bos) {
			tokens = append(tokens, id)
		}
	}
	return tokens
}

// id returns the token id of a value of the program's alphabet.
func (s *subject) id(v value.Value) int {
	for id, t := range s.vocab {
		if value.Equal(t, v) {
			return id
		}
	}
	panic("verify: the program's BOS is not in its alphabet")
}

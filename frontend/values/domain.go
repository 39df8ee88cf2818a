package values

import "github.com/raspc/raspc/frontend/value"

// Domain is the set of inputs for which a program is compiled.
type Domain struct {
	Vocab  []value.Value // distinct tokens
	MaxLen int           // longest input
	Causal bool          // selectors see only key position <= query position
	// BOS is the token that opens every input and stands nowhere else; nil
	// where the program declares none.
	BOS *value.Value
	// Accept says which inputs the program is meant for; nil for all.
	Accept func(input []value.Value) bool
}

// allows reports whether a token can stand at a position.
func (d *Domain) allows(token value.Value, index int64) bool {
	return d.BOS == nil || value.Equal(token, *d.BOS) == (index == 0)
}

// accepts reports whether the domain holds the input.
func (d *Domain) accepts(input []value.Value) bool {
	for i, t := range input {
		if !d.allows(t, int64(i)) {
			return false
		}
	}
	return d.Accept == nil || d.Accept(input)
}

// Limits on what inference may build.
const (
	MaxSet   = 1 << 18 // values of one s-op
	MaxJoint = 1 << 20 // combinations tabulated for one elementwise expression

	MaxFormula = 1 << 10 // comparisons in one selector, counted as they occur
)

package generate

import (
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
)

// Fingerprint is a hash of 256 bits; what has the same one is taken to be the same.
type Fingerprint [32]byte

// BehaviourOf returns a hash of what a program computes: its output on a set of
// inputs that depends on the vocabulary, the longest input and the inputs pragma
// alone. Programs of equal behaviour have equal ones, whatever their names and
// their operators, and whether a number is an int or a float. Those that differ only
// on inputs outside the set have equal ones, too. The error says why there is no
// behaviour: no output, no vocabulary, an input on which the program is undefined.
func BehaviourOf(p *resolve.Program) (Fingerprint, error) { return Fingerprint{}, nil }

// GraphOf returns a hash of the s-ops and selectors that an output is computed from.
// Names, the order of declarations, and what the output does not depend on are not in it.
func GraphOf(g *sop.Graph, output sop.ID) Fingerprint { return Fingerprint{} }

package values

import (
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// Possible reports whether variables can have the given values, by number in
// their sets, at one position of one input: whether the token may stand at the
// position, and the position in an input of the length. It knows no other
// relations between variables.
func (t *Table) Possible(leaves []sop.ID, combo []int) bool {
	var s situation
	for k, leaf := range leaves {
		t.observe(&s, leaf, t.info[leaf].set[combo[k]])
	}
	return t.meets(s)
}

// meets reports whether a situation comes about on some input.
func (t *Table) meets(s situation) bool {
	if s.token != nil && s.hasIndex && !t.domain.allows(*s.token, s.index) {
		return false
	}
	if s.hasIndex && s.hasLength {
		return s.index < s.length && (!t.domain.Causal || s.index == s.length-1)
	}
	return true
}

// situation is what a combination says of token, position and length.
type situation struct {
	token               *value.Value
	index, length       int64
	hasIndex, hasLength bool
}

func (t *Table) observe(s *situation, leaf sop.ID, v value.Value) {
	switch {
	case leaf == RawToken:
		s.token = &v
	case t.isIndices(leaf):
		s.index, s.hasIndex = v.Rat().Int64()
	case t.isLength(leaf):
		s.length, s.hasLength = v.Rat().Int64()
	}
}

func (t *Table) isIndices(leaf sop.ID) bool {
	return leaf != RawToken && t.graph.Node(leaf).Op == sop.Indices
}

// isLength reports whether a leaf is the number of positions that a query
// sees: the length of the input, or the position plus one where causal.
func (t *Table) isLength(leaf sop.ID) bool {
	if leaf == RawToken {
		return false
	}
	n := t.graph.Node(leaf)
	return n.Op == sop.Width && t.info[n.Args[0]].sel.Full
}

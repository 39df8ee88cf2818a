package craft

import (
	"fmt"
	"slices"

	"github.com/raspc/raspc/frontend/value"
)

// never is the logit, at a position of the input, of a token that the program
// does not give. That of the right one is never below 0 by more than noise: it
// is an indicator or a square.
const never = -8

// NextToken returns the program with one logit for each token id, in the ids'
// order, in place of one for each label: its output at a position is the token
// that follows there. BOS and PAD never follow, except that PAD stands for end,
// where the program gives that and no token is it. The labels of the two are
// strings that are no tokens, for reports. It is an error if another output of
// the program is no token.
func NextToken(p *Program, end *value.Value) (*Program, error) {
	labels := idLabels(p.Vocab, end)
	to := make([]int, len(p.Output.Labels)) // the id of each label
	given := make([]bool, len(labels))
	for i, l := range p.Output.Labels {
		id := slices.IndexFunc(p.Vocab, func(t value.Value) bool { return value.Identical(t, l) })
		if id < 0 && end != nil && value.Identical(l, *end) {
			id = len(p.Vocab) + 1
		}
		if id < 0 {
			return nil, fmt.Errorf("the output %s is no token", l.Repr())
		}
		to[i], given[id] = id, true
	}
	var es []Entry
	for _, e := range p.Unembed {
		es = append(es, Entry{From: e.From, To: to[e.To], W: e.W})
	}
	for id, ok := range given {
		if !ok {
			es = append(es, Entry{From: Real, To: id, W: value.Int(never)})
		}
	}
	q := *p
	q.Unembed, q.Output.Labels = NewMap(es), labels
	return &q, nil
}

// idLabels names every token id: the vocabulary, BOS and PAD.
func idLabels(vocab []value.Value, end *value.Value) []value.Value {
	isToken := func(v value.Value) bool {
		return slices.ContainsFunc(vocab, func(t value.Value) bool { return value.Equal(t, v) })
	}
	special := func(name string) value.Value {
		for isToken(value.Str(name)) || end != nil && value.Equal(value.Str(name), *end) {
			name = "<" + name + ">"
		}
		return value.Str(name)
	}
	pad := special("<pad>")
	if end != nil && !isToken(*end) {
		pad = *end
	}
	return append(slices.Clone(vocab), special("<bos>"), pad)
}

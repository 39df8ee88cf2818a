package repl

import (
	"errors"
	"strings"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// example is a running example: as it is written, and its tokens.
type example struct {
	text  string
	input []value.Value
}

// exampleOf is the example of a string's characters.
func exampleOf(text string) example {
	e := example{text: `"` + text + `"`}
	for _, r := range text {
		e.input = append(e.input, value.Str(string(r)))
	}
	return e
}

// maxExampleText bounds the characters of an example's text, which stands on
// each line that shows it.
const maxExampleText = 2000

// exampleText writes an example: a string in quotes, a list or dict as they are
// printed.
func exampleText(v resolve.Value) string {
	var b strings.Builder
	writeRepr(&b, v, maxExampleText)
	text := b.String()
	if a, ok := v.(resolve.Atom); ok && a.IsString() {
		text = `"` + a.Text() + `"`
	}
	if len(text) <= maxExampleText {
		return text
	}
	return strings.ToValidUTF8(text[:maxExampleText], "") + "…"
}

const (
	// maxWork bounds the work of showing what one line typed gives, in cells of
	// matrices: about a second.
	maxWork = 20_000_000
	// valueWork is the work of one value of a sequence, which takes memory, too.
	valueWork = 8
)

var errTooMuch = errors.New("too much work to show: try a shorter example, or fewer s-ops at a time")

// evaluate gives the values of s-ops and selectors on an input. It refuses what
// would take too long, or too much memory.
func (s *Session) evaluate(input []value.Value, ids ...sop.ID) (*interp.Result, error) {
	graph := s.session.Graph()
	s.work -= graph.Len() / 16 // for finding what they depend on
	for _, r := range graph.Reachable(ids...) {
		s.work -= cost(graph.Node(r), len(input))
		if s.work < 0 {
			s.work = 0
			return nil, errTooMuch
		}
	}
	return interp.New(graph, s.session.Causal(), ids...).Run(input)
}

// cost is the work of a node on an input of length n.
func cost(node *sop.Node, n int) int {
	switch {
	case n > maxWork/max(1, n):
		return maxWork + 1
	case node.Selector(), node.Op == sop.Aggregate:
		return n * n
	case node.Table != nil:
		return n * (valueWork + len(node.Table.Vals))
	}
	return n * valueWork
}

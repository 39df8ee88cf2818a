package values

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/sop"
)

// LimitError says that a value set or a table would be too large, and which
// s-ops it comes from.
type LimitError struct {
	Node sop.ID
	Size int // of the set or table that was refused; a lower bound
	// Chain has the operands, each followed by what its own size comes from.
	Chain []Link
	graph *sop.Graph
}

func (e *LimitError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s needs %d or more values or combinations; it comes from", e.graph.Label(e.Node), e.Size)
	for i, l := range e.Chain {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, " %s (%d values)", e.graph.Label(l.Node), l.Values)
	}
	return b.String()
}

// limit follows each operand to where its values come from.
func (in *inference) limit(id sop.ID, size int, from []sop.ID) error {
	e := &LimitError{Node: id, Size: size, graph: in.graph}
	for _, a := range from {
		for _, l := range in.Causes(a) {
			known := slices.ContainsFunc(e.Chain, func(old Link) bool { return old.Node == l.Node })
			if !known && l.Values > 1 {
				e.Chain = append(e.Chain, l)
			}
		}
	}
	return e
}

// UnsupportedError says that value sets cannot describe an s-op.
type UnsupportedError struct {
	Node sop.ID
	Msg  string
	Help string
}

func (e *UnsupportedError) Error() string { return e.Msg }

// formats refuses "..." % x where x can be equal values of several kinds, such
// as 1 and True: they print differently, and a set holds only one of them.
func (in *inference) formats(n *sop.Node) error {
	if n.Op != sop.Mod || in.info[n.Args[0]].kinds.Numeric() {
		return nil
	}
	kinds := in.info[n.Args[1]].kinds
	if kinds&(kinds-1) == 0 {
		return nil
	}
	return &UnsupportedError{
		Node: n.ID,
		Msg:  in.graph.Describe(n.ID) + " formats numbers of several kinds, which print differently",
		Help: "round the number, or look the text up in a dict",
	}
}

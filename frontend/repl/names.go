package repl

import (
	"strings"
	"unicode/utf8"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// maxName is the longest name that stands inside a list; longer ones are not
// shown.
const maxName = 30

// names calls the s-ops and selectors that the program did not name after what
// they compute.
type names struct {
	graph *sop.Graph
	// made holds the made-up name of each node, as it was when the node was first
	// looked at: renaming an s-op later does not change what was built from it.
	made []string
}

// of returns the name of a node.
func (n *names) of(id sop.ID) string {
	for next := len(n.made); next < n.graph.Len(); next++ {
		node := n.graph.Node(sop.ID(next))
		n.made = append(n.made, brief(node, n.compose(node)))
	}
	return n.known(id)
}

// known is the name of a node that has one already.
func (n *names) known(id sop.ID) string {
	if name := n.graph.Name(id); name != "" {
		return brief(n.graph.Node(id), name)
	}
	return n.made[id]
}

// brief replaces a name that is too long.
func brief(node *sop.Node, name string) string {
	switch {
	case utf8.RuneCountInString(name) <= maxName:
		return name
	case node.Selector():
		return "sel"
	}
	return "s-op"
}

// signs are the infix operators.
var signs = map[sop.Op]string{
	sop.Add: "+", sop.Sub: "-", sop.Mul: "*", sop.Div: "/", sop.Mod: "%", sop.Pow: "^",
	sop.And: "and", sop.Or: "or", sop.SelAnd: "and", sop.SelOr: "or",
}

func (n *names) compose(node *sop.Node) string {
	arg := func(i int) string { return n.known(node.Args[i]) }
	switch node.Op {
	case sop.Tokens, sop.Indices:
		return node.Op.String()
	case sop.Const:
		return quoted(node.Value)
	case sop.Compare:
		return "( " + arg(0) + " " + node.Cmp.String() + " " + arg(1) + " )"
	case sop.Neg:
		return "( - " + arg(0) + " )"
	case sop.Not, sop.SelNot:
		return "( not " + arg(0) + " )"
	case sop.Round:
		return "round(" + arg(0) + ")"
	case sop.Indicator:
		return "I(" + arg(0) + ")"
	case sop.If:
		return arg(1) + " if " + arg(0) + " else " + arg(2)
	case sop.In:
		return arg(0) + " in " + table(node.Table)
	case sop.Lookup:
		return table(node.Table) + "[" + arg(0) + "]"
	case sop.Select:
		return "plain select"
	case sop.Aggregate:
		return "aggregate(" + arg(0) + " , " + arg(1) + ")"
	case sop.Width:
		return "selector_width(" + arg(0) + ")"
	}
	return "( " + arg(0) + " " + signs[node.Op] + " " + arg(1) + " )"
}

// table writes the beginning of a table, which is longer than a name if it is
// cut.
func table(t *sop.Table) string {
	var b strings.Builder
	open, end := "[", "]"
	if t.Dict {
		open, end = "{", "}"
	}
	b.WriteString(open)
	for i, v := range t.Vals {
		if i > 0 {
			b.WriteString(", ")
		}
		if b.Len() > maxName {
			break
		}
		if t.Dict {
			b.WriteString(t.Keys[i].Repr() + ": ")
		}
		b.WriteString(v.Repr())
	}
	return b.String() + end
}

// quoted writes an atom as the console does.
func quoted(v value.Value) string {
	if v.IsString() {
		return `"` + v.Text() + `"`
	}
	return v.Display()
}

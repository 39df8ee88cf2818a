package sop

import (
	"fmt"
	"strconv"

	"github.com/raspc/raspc/frontend/value"
)

// ID is the dense number of a node in its graph.
type ID int32

// Pos is where in the source a node was first built. The zero Pos is unknown.
type Pos struct {
	File      string
	Line, Col int // from 1; Col counts runes
}

// String returns "file:line:col".
func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

// Node is one s-op or selector. Nodes are immutable.
type Node struct {
	ID    ID
	Op    Op
	Args  []ID
	Read  Read        // of Tokens
	Cmp   value.Cmp   // of Compare and Select
	Value value.Value // of Const; the default of Aggregate
	// HasDefault says that the program gave an Aggregate's default itself.
	// Without it Value is the integer 0.
	HasDefault bool
	Table      *Table // of In and Lookup
	Pos        Pos
}

// Selector reports whether n is a selector.
func (n *Node) Selector() bool { return n.Op.Selector() }

// Graph is a growing list of nodes. It is safe for concurrent reading once
// building has ended.
type Graph struct {
	nodes []*Node
	byKey map[string]ID
	names map[ID][]string
	mixed bool
}

// NewGraph returns an empty graph.
func NewGraph() *Graph {
	return &Graph{byKey: map[string]ID{}, names: map[ID][]string{}}
}

// NewMixed returns an empty graph whose s-ops may have values of several types on
// one input, None and tuples among them, as Tracr's have. There an aggregate of
// several values takes the mean wherever these are numbers, booleans included.
func NewMixed() *Graph {
	g := NewGraph()
	g.mixed = true
	return g
}

// Mixed reports whether NewMixed made the graph, or one that this was copied from.
func (g *Graph) Mixed() bool { return g.mixed }

// Like returns an empty graph that is mixed if g is.
func (g *Graph) Like() *Graph {
	empty := NewGraph()
	empty.mixed = g.mixed
	return empty
}

// Len returns the number of nodes.
func (g *Graph) Len() int { return len(g.nodes) }

// Node returns the node with the given id.
func (g *Graph) Node(id ID) *Node { return g.nodes[id] }

// Name returns the name that the program gave the node last, or "".
func (g *Graph) Name(id ID) string {
	if names := g.names[id]; len(names) > 0 {
		return names[len(names)-1]
	}
	return ""
}

// Names returns all names that the program gave the node, in order. The
// caller must not change it.
func (g *Graph) Names(id ID) []string { return g.names[id] }

// SetName records that the program calls the node name from now on.
func (g *Graph) SetName(id ID, name string) {
	names := make([]string, 0, len(g.names[id])+1) // what Names gave out stays as it is
	for _, old := range g.names[id] {
		if old != name {
			names = append(names, old)
		}
	}
	g.names[id] = append(names, name)
}

// Label returns the node's name, or "n7" for a node without one.
func (g *Graph) Label(id ID) string {
	if name := g.Name(id); name != "" {
		return name
	}
	return fmt.Sprintf("n%d", id)
}

// Describe names a node in a message: its name, or what it is.
func (g *Graph) Describe(id ID) string {
	if name := g.Name(id); name != "" {
		return "`" + name + "`"
	}
	return "this " + g.Node(id).Op.String()
}

// add returns the node equal to n, making it if there is none.
func (g *Graph) add(n Node) ID {
	g.check(n)
	k := key(n)
	if id, ok := g.byKey[k]; ok {
		return id
	}
	n.ID = ID(len(g.nodes))
	g.nodes = append(g.nodes, &n)
	g.byKey[k] = n.ID
	return n.ID
}

// check panics on a node whose arguments have the wrong class: callers check
// the program's types first.
func (g *Graph) check(n Node) {
	if err := g.problem(n); err != nil {
		panic("sop: " + err.Error())
	}
}

// key spells everything that makes two nodes equal: all but id and position.
func key(n Node) string {
	b := make([]byte, 0, 48)
	b = append(b, byte(n.Op), byte(n.Read), byte(n.Cmp), '0')
	if n.HasDefault {
		b[len(b)-1] = '1'
	}
	for _, a := range n.Args {
		b = strconv.AppendInt(append(b, ' '), int64(a), 10)
	}
	b = append(b, ';') // else the digits of a constant would lengthen the last argument
	if n.Op == Const || n.Op == Aggregate {
		b = append(b, valueText(n.Value)...)
	}
	if n.Table != nil {
		b = append(b, n.Table.String()...)
	}
	return string(b)
}

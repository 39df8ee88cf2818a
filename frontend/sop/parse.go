package sop

import (
	"strconv"
	"strings"

	"github.com/raspc/raspc/frontend/value"
)

// Parse reads a graph as Dump writes it, and the roots that it names. The
// error is a *ParseError. Whatever Parse accepts passes Check.
func Parse(text string) (*Graph, []ID, error) {
	p := &parser{graph: NewGraph()}
	number := 0
	for line := range strings.Lines(text) {
		number++
		if err := p.line(strings.TrimSuffix(line, "\n"), number); err != nil {
			return nil, nil, err
		}
	}
	return p.graph, p.roots, nil
}

type parser struct {
	graph *Graph
	ended bool // a roots line has been read
	roots []ID
	depth int // of tuples inside one another
	*scanner
}

// line reads one line: a node, the roots, or nothing; then a remark.
func (p *parser) line(line string, number int) error {
	if strings.HasPrefix(strings.TrimLeft(line, " \t"), "#") {
		return nil
	}
	var err error
	if p.scanner, err = newScanner(line, number); err != nil {
		return err
	}
	switch {
	case p.next.text == "":
		return nil
	case p.ended:
		return p.errorf(p.next, "the roots come last, but %s follows", p.next.describe())
	case p.next.text == "roots":
		return p.rootsLine()
	case p.next.text == "mixed":
		return p.mixedLine()
	}
	return p.nodeLine()
}

func (p *parser) mixedLine() error {
	if p.graph.mixed || p.graph.Len() > 0 {
		return p.errorf(p.next, "mixed stands once, before the nodes")
	}
	p.graph.mixed = true
	if err := p.advance(); err != nil || p.next.text == "" || p.next.text == "#" {
		return err
	}
	return p.errorf(p.next, "expected the end of the line, found %s", p.next.describe())
}

func (p *parser) rootsLine() error {
	p.ended = true
	if err := p.advance(); err != nil {
		return err
	}
	for p.next.text != "" && p.next.text != "#" {
		id, err := p.known()
		if err != nil {
			return err
		}
		p.roots = append(p.roots, id)
	}
	return nil
}

func (p *parser) nodeLine() error {
	start := p.next
	id, err := p.id()
	if err != nil {
		return err
	}
	if want := ID(p.graph.Len()); id != want {
		return p.errorf(start, "the next node is n%d, not n%d: ids count up from n0", want, id)
	}
	if err := p.expect("="); err != nil {
		return err
	}
	n, err := p.expr()
	if err != nil {
		return err
	}
	var names []string
	if p.next.text == "#" {
		names, n.Pos, err = p.annotation()
	} else if p.next.text != "" {
		err = p.errorf(p.next, "expected the end of the line, found %s", p.next.describe())
	}
	if err != nil {
		return err
	}
	return p.add(start, n, names)
}

func (p *parser) add(start token, n Node, names []string) error {
	if err := p.graph.problem(n); err != nil {
		return p.errorf(start, "%v", err)
	}
	id := ID(p.graph.Len())
	if first := p.graph.add(n); first != id {
		return p.errorf(start, "n%d repeats n%d", id, first)
	}
	for _, name := range names {
		p.graph.SetName(id, name)
	}
	return nil
}

// id reads the number of a node.
func (p *parser) id() (ID, error) {
	t, err := p.take()
	if err != nil {
		return 0, err
	}
	digits, ok := strings.CutPrefix(t.text, "n")
	id, parseErr := strconv.ParseInt(digits, 10, 32)
	if !ok || parseErr != nil || strconv.FormatInt(id, 10) != digits {
		return 0, p.errorf(t, "expected a node such as n0, found %s", t.describe())
	}
	return ID(id), nil
}

// known reads the number of a node that has been read already.
func (p *parser) known() (ID, error) {
	t := p.next
	id, err := p.id()
	if err == nil && int(id) >= p.graph.Len() {
		err = p.errorf(t, "n%d is not known here: a node comes before its users", id)
	}
	return id, err
}

// expr reads the right side of a node.
func (p *parser) expr() (Node, error) {
	t, err := p.take()
	if err != nil {
		return Node{}, err
	}
	n, ok := operator(t.text)
	if !ok {
		return Node{}, p.errorf(t, "unknown operator %s", t.describe())
	}
	for i := range ops[n.Op].args {
		if i == 1 && (n.Op == Compare || n.Op == Select) {
			if n.Cmp, err = p.cmp(); err != nil {
				return Node{}, err
			}
		}
		id, err := p.known()
		if err != nil {
			return Node{}, err
		}
		n.Args = append(n.Args, id)
	}
	return n, p.payload(&n)
}

func operator(name string) (Node, bool) {
	for r := range numReads {
		if r.String() == name {
			return Node{Op: Tokens, Read: r}, true
		}
	}
	for op := range numOps {
		if op != Tokens && op.String() == name {
			return Node{Op: op}, true
		}
	}
	return Node{}, false
}

// payload reads what follows the arguments: a constant, a table, a default.
func (p *parser) payload(n *Node) (err error) {
	switch n.Op {
	case Const:
		n.Value, err = p.value()
	case In, Lookup:
		n.Table, err = p.table()
	case Aggregate:
		n.Value = value.IntOf(0)
		if n.HasDefault, err = p.accept("default"); n.HasDefault && err == nil {
			n.Value, err = p.value()
		}
	}
	return err
}

func (p *parser) cmp() (value.Cmp, error) {
	t, err := p.take()
	if err != nil {
		return 0, err
	}
	for c := value.EQ; c <= value.GE; c++ {
		if c.String() == t.text {
			return c, nil
		}
	}
	return 0, p.errorf(t, "expected a comparison, found %s", t.describe())
}

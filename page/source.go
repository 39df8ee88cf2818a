package page

import (
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/verify"
)

// line is one line of the source.
type line struct {
	Number int
	Pieces []piece
}

// piece is a stretch of a line.
type piece struct {
	Text string
	Kind string // comment, name, or empty
	Node sop.ID // that a name stands for
}

// mark is a stretch of the source that is more than text.
type mark struct {
	start, end int
	kind       string
	node       sop.ID
}

// source cuts the program's text into lines, and these at names and comments.
func source(v *verify.View) []line {
	src := v.Program.Files[0]
	marks := marksOf(v, src)
	text := src.Text()
	lines := []line{{Number: 1}}
	add := func(from, to int, m mark) {
		for i := from; i <= to; i++ {
			if i < to && text[i] != '\n' {
				continue
			}
			last := &lines[len(lines)-1]
			if shown := strings.TrimSuffix(text[from:i], "\r"); shown != "" {
				last.Pieces = append(last.Pieces, piece{shown, m.kind, m.node})
			}
			if i < to {
				lines = append(lines, line{Number: len(lines) + 1})
			}
			from = i + 1
		}
	}
	at := 0
	for _, m := range marks {
		if m.start < at {
			continue
		}
		add(at, m.start, mark{})
		add(m.start, m.end, m)
		at = m.end
	}
	add(at, len(text), mark{})
	if n := len(lines); n > 1 && len(lines[n-1].Pieces) == 0 {
		lines = lines[:n-1] // behind the last line break
	}
	return lines
}

// marksOf finds comments, and the names of s-ops and selectors, in the order of the text.
func marksOf(v *verify.View, src *diag.Source) []mark {
	var report diag.Report
	file := syntax.Parse(src, &report)
	n := newNames(v)
	for _, s := range file.Stmts {
		n.statement(s)
	}
	marks := n.marks
	for _, c := range file.Comments {
		marks = append(marks, mark{c.Span().Start, c.Span().End, "comment", -1})
	}
	for _, p := range file.Pragmas {
		marks = append(marks, mark{p.Span().Start, p.Span().End, "comment", -1})
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return a.start - b.start })
	return marks
}

// names finds what the names of a program's top level stand for. Names inside of
// functions stand for something else with each call and are not marked.
type names struct {
	final map[string]resolve.Binding
	graph map[string][]sop.ID // nodes that the output depends on, by name
	bound map[string]sop.ID   // where the text has come to; -1 for what is not known
	shown map[sop.ID]bool
	marks []mark
}

func newNames(v *verify.View) *names {
	n := &names{final: map[string]resolve.Binding{}, graph: map[string][]sop.ID{}, bound: map[string]sop.ID{}, shown: map[sop.ID]bool{}}
	for _, b := range v.Program.Bindings {
		n.final[b.Name] = b
	}
	for _, id := range v.Program.Graph.Reachable(v.Program.Output.ID) {
		n.shown[id] = true
		for _, name := range v.Program.Graph.Names(id) {
			n.graph[name] = append(n.graph[name], id)
		}
	}
	return n
}

func (n *names) statement(s syntax.Stmt) {
	switch s := s.(type) {
	case *syntax.Assign:
		n.read(s.Values...)
		for _, name := range s.Names {
			n.bind(name)
		}
	case *syntax.ExprStmt:
		n.read(s.X)
	case *syntax.Draw:
		n.read(s.X)
	case *syntax.For:
		n.read(s.Iter)
		for _, name := range s.Names {
			n.bound[name.Name] = -1
		}
		for _, inner := range s.Body {
			n.statement(inner)
		}
	case *syntax.Def:
		n.bound[s.Name.Name] = -1
	}
}

// bind marks a name where it is assigned. What names that are assigned again stood for
// before is known where the graph has only one such node beside the last.
func (n *names) bind(name *syntax.Ident) {
	id := sop.ID(-1)
	last, ok := n.final[name.Name]
	if ok && last.At.Start == name.Span().Start {
		id = nodeOf(last.Value)
	} else {
		rest := slices.DeleteFunc(slices.Clone(n.graph[name.Name]), func(other sop.ID) bool { return ok && other == nodeOf(last.Value) })
		if len(rest) == 1 {
			id = rest[0]
		}
	}
	n.bound[name.Name] = id
	n.mark(name, id)
}

// read marks the names in expressions; not in comprehensions, which bind names of their
// own.
func (n *names) read(xs ...syntax.Expr) {
	for _, x := range xs {
		switch x := x.(type) {
		case *syntax.ListComp, *syntax.DictComp:
		case *syntax.Ident:
			n.use(x)
		default:
			n.read(syntax.Children(x)...)
		}
	}
}

func (n *names) use(name *syntax.Ident) {
	id, ok := n.bound[name.Name]
	if nodes := n.graph[name.Name]; !ok && len(nodes) == 1 {
		id = nodes[0] // of the library, such as indices
	} else if !ok {
		id = -1
	}
	n.mark(name, id)
}

func (n *names) mark(name *syntax.Ident, id sop.ID) {
	if n.shown[id] {
		n.marks = append(n.marks, mark{name.Span().Start, name.Span().End, "name", id})
	}
}

// nodeOf is the node of an s-op or selector, -1 of anything else.
func nodeOf(v resolve.Value) sop.ID {
	switch v := v.(type) {
	case resolve.SOp:
		return v.ID
	case resolve.Selector:
		return v.ID
	}
	return -1
}

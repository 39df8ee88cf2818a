package tracr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// Facts are what the compiler knows of a graph, which decides whether it has a text.
type Facts interface {
	// Values are those that an s-op can have; nil where they are not known.
	Values(id sop.ID) []value.Value
	// AveragesBools reports whether an aggregate may average several values, with
	// booleans among them, and MayDefault whether it may select none.
	AveragesBools(id sop.ID) bool
	MayDefault(id sop.ID) bool
}

// RASP writes a graph as the text of a RASP program that means the same. The error is
// a diag.Diagnostic where there is none: RASP has no None, no tuples, and no sequence of
// strings and numbers.
func RASP(src *diag.Source, g *sop.Graph, output sop.ID, s resolve.Settings, facts Facts) (string, error) {
	w := &writer{src: src, g: g, facts: facts, uses: map[sop.ID]int{}, called: map[sop.ID]string{}, taken: map[string]int{}, depth: map[sop.ID]int{}}
	order := g.Reachable(output)
	for _, id := range order {
		for _, a := range g.Node(id).Args {
			w.uses[a]++
		}
	}
	if err := w.pragmas(s); err != nil {
		return "", err
	}
	for _, id := range order {
		if err := w.node(id, id == output); err != nil {
			return "", err
		}
	}
	return w.b.String(), nil
}

type writer struct {
	src    *diag.Source
	g      *sop.Graph
	facts  Facts
	b      strings.Builder
	uses   map[sop.ID]int
	called map[sop.ID]string // what stands for a node in other expressions
	taken  map[string]int    // how often a name was asked for
	depth  map[sop.ID]int    // operators inside one another of what called holds
}

// node writes a node's statement, or keeps its expression for the one that uses it.
func (w *writer) node(id sop.ID, output bool) error {
	const deepest = 8 // operators inside one another
	n := w.g.Node(id)
	if err := w.writable(n); err != nil {
		return err
	}
	text, plain := w.expression(n)
	if output && n.Op == sop.Const { // by itself it would be no s-op
		text = "{True: " + text + "}[indices == indices]"
	}
	for _, a := range n.Args {
		w.depth[id] = max(w.depth[id], w.depth[a]+1)
	}
	switch {
	case plain && !output:
		w.called[id] = text
		return nil
	case !output && w.g.Name(id) == "" && w.uses[id] == 1 && w.depth[id] < deepest && n.Table == nil:
		w.called[id] = "(" + text + ")"
		return nil
	}
	name := w.name(id)
	w.called[id], w.depth[id] = name, 0
	fmt.Fprintf(&w.b, "%s = %s;\n", name, text)
	return nil
}

// name makes a name of RASP from that of the program.
func (w *writer) name(id sop.ID) string {
	var b strings.Builder
	called := w.g.Name(id)
	if op := w.g.Node(id).Op; op == sop.Tokens || op == sop.Indices {
		called = "output" // their own names are RASP's
	}
	for _, c := range called {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= '0' && c <= '9' && b.Len() > 0 {
			b.WriteRune(c)
		} else if s := b.String(); s != "" && !strings.HasSuffix(s, "_") {
			b.WriteByte('_')
		}
	}
	base := strings.TrimRight(b.String(), "_")
	if base == "" {
		base = map[bool]string{true: "sel", false: "x"}[w.g.Node(id).Selector()]
	}
	if !resolve.MayName(base) || written[base] {
		base += "_"
	}
	name := base
	for w.taken[name] > 0 {
		w.taken[base]++
		name = fmt.Sprintf("%s_%d", base, w.taken[base])
	}
	w.taken[name] = 1
	return name
}

// written are the names of expressions that a program may bind, and then means something
// else by.
var written = map[string]bool{"tokens": true, "select": true, "aggregate": true}

// expression writes what a node computes. What is plain stands in other expressions as
// it is.
func (w *writer) expression(n *sop.Node) (text string, plain bool) {
	arg := make([]string, len(n.Args))
	for i, a := range n.Args {
		arg[i] = w.called[a]
	}
	switch n.Op {
	case sop.Tokens:
		return "tokens", true
	case sop.Indices:
		return "indices", true
	case sop.Const:
		if n.Value.IsNumber() && !n.Value.Rat().IsInt() {
			return "(" + literalText(n.Value) + ")", true // a division, as RASP reads it
		}
		return literalText(n.Value), true
	case sop.Lookup:
		keys, vals := w.entries(n)
		return tableText(keys, vals) + "[" + arg[0] + "]", false
	case sop.Compare:
		return fmt.Sprintf("%s %s %s", arg[0], n.Cmp, arg[1]), false
	case sop.Select:
		if w.full(n) {
			return "full_s", true
		}
		return fmt.Sprintf("select(%s, %s, %s)", arg[0], arg[1], n.Cmp), false
	case sop.SelNot:
		return "not " + arg[0], false
	case sop.Width:
		if w.full(w.g.Node(n.Args[0])) {
			return "length", true
		}
		return fmt.Sprintf("selector_width(%s)", arg[0]), false
	case sop.Aggregate:
		return w.aggregate(n, arg), false
	}
	return fmt.Sprintf("%s %s %s", arg[0], infix[n.Op], arg[1]), false
}

// infix are the operators between two arguments that graphs of Tracr's have.
var infix = map[sop.Op]string{
	sop.Add: "+", sop.Sub: "-", sop.Mul: "*", sop.Div: "/", sop.Mod: "%",
	sop.And: "and", sop.Or: "or", sop.SelAnd: "and", sop.SelOr: "or",
}

// aggregate writes means of booleans, also of those among numbers, as means of 0 and 1, and
// leaves out a default that nothing comes to.
func (w *writer) aggregate(n *sop.Node, arg []string) string {
	v := arg[1]
	switch {
	case !w.facts.AveragesBools(n.ID):
	case value.AnyType(w.facts.Values(n.Args[1])) == value.Bools:
		v = "indicator(" + v + ")"
	default:
		v += " + 0"
	}
	if w.facts.MayDefault(n.ID) {
		return fmt.Sprintf("aggregate(%s, %s, %s)", arg[0], v, literalText(n.Value))
	}
	return fmt.Sprintf("aggregate(%s, %s)", arg[0], v)
}

// writable refuses what RASP does not have.
func (w *writer) writable(n *sop.Node) error {
	values := w.facts.Values(n.ID)
	switch n.Op {
	case sop.Const:
		values = append(slices.Clone(values), n.Value)
	case sop.Lookup:
		keys, vals := w.entries(n)
		values = slices.Concat(values, vals)
		if value.AnyType(keys) == value.Mixed {
			values = append(values, keys...)
		}
	case sop.Aggregate:
		if w.facts.MayDefault(n.ID) {
			values = append(slices.Clone(values), n.Value)
		}
	}
	for _, v := range values {
		switch {
		case v.IsString() && strings.ContainsAny(v.Text(), unquotable):
			return w.refusal(n, "has the value %s, and a string of RASP's holds neither quotes nor line ends", v.Repr())
		case !v.IsString() && !v.IsNumber():
			return w.refusal(n, "has the value %s, which RASP does not have", v.Repr())
		}
	}
	if len(values) > 0 && value.AnyType(values) == value.Mixed {
		return w.refusal(n, "has strings and numbers among its values, which RASP does not mix")
	}
	return nil
}

func (w *writer) refusal(n *sop.Node, format string, args ...any) error {
	start := w.src.Offset(diag.Position{Line: n.Pos.Line, Column: n.Pos.Col})
	return diag.New(diag.NoRASPText, diag.Span{Source: w.src, Start: start, End: start + 1}, "%s "+format, append([]any{w.g.Describe(n.ID)}, args...)...).
		WithHelp("it compiles all the same")
}

// full reports whether a selector selects everything.
func (w *writer) full(n *sop.Node) bool {
	if n.Op != sop.Select || n.Cmp != value.EQ || n.Args[0] != n.Args[1] {
		return false
	}
	return w.g.Node(n.Args[0]).Op == sop.Const
}

// entries are those of a dict that something is looked up by.
func (w *writer) entries(n *sop.Node) (keys, vals []value.Value) {
	met := w.facts.Values(n.Args[0])
	for i, k := range n.Table.Keys {
		if met == nil || contains(met, k) {
			keys, vals = append(keys, k), append(vals, n.Table.Vals[i])
		}
	}
	return keys, vals
}

func tableText(keys, vals []value.Value) string {
	entries := make([]string, len(keys))
	for i, k := range keys {
		entries[i] = literalText(k) + ": " + literalText(vals[i])
	}
	return "{" + strings.Join(entries, ", ") + "}"
}

// literalText is a value as programs write it.
func literalText(v value.Value) string {
	switch v.Kind() {
	case value.KindString:
		return `"` + v.Text() + `"`
	case value.KindFloat:
		if v.Rat().IsInt() {
			return v.Rat().String() + ".0"
		}
		return v.Rat().String()
	}
	return v.Display()
}

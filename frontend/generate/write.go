package generate

import (
	"fmt"
	"strings"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// writer writes the text of a graph. What is read once and is short stands where it is
// read, all else has a name.
type writer struct {
	graph *sop.Graph
	text  strings.Builder
	uses  map[sop.ID]int
	spelt map[sop.ID]string // what stands where a node is read
	named map[string]int    // how many names begin so
}

// shortest is how long an expression may be to stand inside another.
const shortest = 30

// writeProgram returns the text of a program, not laid out yet.
func writeProgram(g *sop.Graph, output sop.ID, in domain) string {
	w := &writer{graph: g, uses: map[sop.ID]int{}, spelt: map[sop.ID]string{}, named: map[string]int{}}
	w.pragmas(in)
	nodes := g.Reachable(output)
	for _, id := range nodes {
		for _, a := range g.Node(id).Args {
			w.uses[a]++
		}
	}
	for _, id := range nodes {
		w.node(id, id == output)
	}
	return w.text.String()
}

func (w *writer) pragmas(in domain) {
	if !in.vocab[0].IsString() {
		w.text.WriteString("#: tokens = int\n")
	}
	fmt.Fprintf(&w.text, "#: vocab = %s\n#: max_len = %d\n", spellVocab(in.vocab), in.maxLen)
	if in.causal {
		w.text.WriteString("#: causal = on\n")
	}
	w.text.WriteString("\n")
}

// spellVocab writes letters as one text, integers in a row as a range, and all else as
// a list.
func spellVocab(vocab []value.Value) string {
	letters, row, all := "", true, make([]string, len(vocab))
	for i, v := range vocab {
		all[i] = literal(v)
		if len([]rune(v.Text())) == 1 {
			letters += v.Text()
		}
		row = row && !v.IsString() && v.Rat().Sub(vocab[0].Rat()).Equal(value.Int(int64(i)))
	}
	switch {
	case len([]rune(letters)) == len(vocab):
		return `"` + letters + `"`
	case row:
		return all[0] + ".." + all[len(all)-1]
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// literal writes a value as RASP reads it.
func literal(v value.Value) string {
	if v.IsString() {
		return `"` + v.Text() + `"`
	}
	return v.Repr()
}

func (w *writer) node(id sop.ID, output bool) {
	n := w.graph.Node(id)
	switch {
	case n.Op == sop.Tokens:
		w.spelt[id] = "tokens"
	case n.Op == sop.Indices:
		w.spelt[id] = "indices"
	case n.Op == sop.Const:
		w.spelt[id] = literal(n.Value)
	case id == w.graph.Full(sop.Pos{}):
		w.spelt[id] = "full_s"
	case n.Op == sop.Width && n.Args[0] == w.graph.Full(sop.Pos{}) && !output:
		w.spelt[id] = "length"
	default:
		w.define(n, output)
	}
}

// define writes a statement for a node, unless it stands where it is read.
func (w *writer) define(n *sop.Node, output bool) {
	text := w.expression(n)
	if n.Op != sop.Aggregate && w.uses[n.ID] == 1 && !output && len(text) <= shortest {
		if infix(n.Op) {
			text = "(" + text + ")"
		}
		w.spelt[n.ID] = text
		return
	}
	w.spelt[n.ID] = w.name(n.Op)
	fmt.Fprintf(&w.text, "%s = %s;\n", w.spelt[n.ID], text)
}

// name is a new name that tells what kind of thing it names.
func (w *writer) name(op sop.Op) string {
	stem := "x"
	switch op {
	case sop.Select, sop.SelAnd, sop.SelOr, sop.SelNot:
		stem = "sel"
	case sop.Aggregate:
		stem = "seen"
	case sop.Width:
		stem = "count"
	case sop.Compare, sop.And, sop.Or, sop.Not, sop.In:
		stem = "is"
	case sop.Lookup:
		stem = "map"
	}
	w.named[stem]++
	return fmt.Sprintf("%s%d", stem, w.named[stem])
}

// infix reports whether an operator's operands have to stand apart from others.
func infix(op sop.Op) bool {
	switch op {
	case sop.Round, sop.Indicator, sop.Lookup, sop.Select, sop.Aggregate, sop.Width:
		return false
	}
	return true
}

var signs = map[sop.Op]string{
	sop.Add: "+", sop.Sub: "-", sop.Mul: "*", sop.Div: "/", sop.Mod: "%",
	sop.And: "and", sop.Or: "or", sop.SelAnd: "and", sop.SelOr: "or",
}

func (w *writer) expression(n *sop.Node) string {
	args := make([]any, len(n.Args))
	for i, a := range n.Args {
		args[i] = w.spelt[a]
	}
	form := "%s " + strings.ReplaceAll(signs[n.Op], "%", "%%") + " %s"
	switch n.Op {
	case sop.Compare:
		form = "%s " + n.Cmp.String() + " %s"
	case sop.Not, sop.SelNot:
		form = "not %s"
	case sop.Round:
		form = "round(%s)"
	case sop.Indicator:
		form = "indicator(%s)"
	case sop.If:
		form = "%[2]s if %[1]s else %[3]s"
	case sop.In:
		form, args = "%s in %s", append(args, spellTable(n.Table))
	case sop.Lookup:
		form, args = "%[2]s[%[1]s]", append(args, spellTable(n.Table))
	case sop.Select:
		form = "select(%s, %s, " + n.Cmp.String() + ")"
	case sop.Width:
		form = "selector_width(%s)"
	case sop.Aggregate:
		form = "aggregate(%s, %s)"
		if n.HasDefault {
			form, args = "aggregate(%s, %s, %s)", append(args, literal(n.Value))
		}
	}
	return fmt.Sprintf(form, args...)
}

func spellTable(t *sop.Table) string {
	parts := make([]string, len(t.Vals))
	for i, v := range t.Vals {
		parts[i] = literal(v)
		if t.Dict {
			parts[i] = literal(t.Keys[i]) + ": " + parts[i]
		}
	}
	if t.Dict {
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

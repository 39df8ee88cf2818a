package sop

import (
	"fmt"
	"strings"

	"github.com/raspc/raspc/frontend/value"
)

// Expressions are shown to people in one line.
const (
	deepest = 6   // operators inside one another; beyond stands "…"
	widest  = 72  // runes of an expression
	wide    = 160 // runes of a selector
)

// Express writes a node as RASP computes it from its arguments, which are
// called by their names where the program has named them. Large expressions
// are cut, with "…" in the place of what is left out.
func (g *Graph) Express(id ID) string { return cut(g.express(id, deepest), widest) }

// Call is how to speak of a node: its name, or else what Express writes.
func (g *Graph) Call(id ID) string {
	if name := g.Name(id); name != "" {
		return name
	}
	return g.Express(id)
}

func cut(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
}

// call writes an argument; depth is how many operators may still stand inside
// one another.
func (g *Graph) call(id ID, depth int) string {
	switch name := g.Name(id); {
	case name != "":
		return name
	case depth == 0:
		return "…"
	}
	return g.express(id, depth)
}

// operand is call in parentheses where the argument is an operation.
func (g *Graph) operand(id ID, depth int) string {
	s := g.call(id, depth)
	if op := g.Node(id).Op; g.Name(id) == "" && s != "…" && (op.infix() || op == Neg || op == Not || op == SelNot) {
		return "(" + s + ")"
	}
	return s
}

// infix reports whether an operator stands between its arguments.
func (o Op) infix() bool {
	return o >= Add && o <= Pow || o == Compare || o == And || o == Or || o == If || o == In || o == SelAnd || o == SelOr
}

// spelling is how RASP writes the operators that are not written like calls.
var spelling = map[Op]string{
	Add: "+", Sub: "-", Mul: "*", Div: "/", Mod: "%", Pow: "^",
	And: "and", Or: "or", Not: "not ", SelAnd: "and", SelOr: "or", SelNot: "not ", Neg: "-",
}

func (g *Graph) express(id ID, depth int) string {
	n, depth := g.Node(id), depth-1
	switch n.Op {
	case Tokens, Indices:
		return expr(n)
	case Const:
		return n.Value.Repr()
	case Not, Neg, SelNot:
		return spelling[n.Op] + g.operand(n.Args[0], depth)
	case If:
		return fmt.Sprintf("%s if %s else %s", g.operand(n.Args[1], depth), g.operand(n.Args[0], depth), g.operand(n.Args[2], depth))
	case In:
		return fmt.Sprintf("%s in %s", g.operand(n.Args[0], depth), n.Table)
	case Lookup:
		return fmt.Sprintf("%s[%s]", n.Table.brief(), g.call(n.Args[0], depth))
	case Compare:
		return fmt.Sprintf("%s %s %s", g.operand(n.Args[0], depth), n.Cmp, g.operand(n.Args[1], depth))
	case Select, Aggregate, Width, Round, Indicator:
		return g.function(n, depth)
	}
	return fmt.Sprintf("%s %s %s", g.operand(n.Args[0], depth), spelling[n.Op], g.operand(n.Args[1], depth))
}

// function writes what RASP writes as a call.
func (g *Graph) function(n *Node, depth int) string {
	args := make([]string, 0, 3)
	for _, a := range n.Args {
		args = append(args, g.call(a, depth))
	}
	name := n.Op.String()
	switch {
	case n.Op == Select:
		args = append(args, n.Cmp.String())
	case n.Op == Width:
		name = "selector_width"
	case n.HasDefault:
		args = append(args, n.Value.Repr())
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

// brief is the table, or its first entry where there are many.
func (t *Table) brief() string {
	const most = 24 // runes
	s := t.String()
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-2]) + "…" + string(runes[len(runes)-1:])
	}
	return s
}

// Positions says which positions a selector selects, seen from one of them:
// "there" is a position that may be selected, "here" the one that looks. Where
// the formula has more than a few comparisons it is cut.
func (g *Graph) Positions(sel ID) string {
	const most = 64 // comparisons that are looked at
	if g.FormulaSize(sel, most) > most {
		return fmt.Sprintf("positions that a combination of more than %d comparisons selects", most)
	}
	f := g.Formula(sel)
	if f.Kind == Literal {
		if s := g.simple(f.Atom); s != "" {
			return s
		}
	}
	return cut("positions where "+g.clause(f), wide)
}

// simple describes comparisons that have a shorter description.
func (g *Graph) simple(a Atom) string {
	key, query := g.Node(a.Key), g.Node(a.Query)
	switch {
	case key.Op == Const && query.Op == Const:
		if holds, err := a.Cmp.Holds(key.Value, query.Value); err == nil && holds {
			return "every position"
		}
		return "no position"
	case key.Op == Indices && query.Op == Indices:
		return [...]string{
			value.EQ: "this position", value.NE: "other positions",
			value.LT: "earlier positions", value.LE: "positions up to here",
			value.GT: "later positions", value.GE: "positions from here on",
		}[a.Cmp]
	}
	return ""
}

func (g *Graph) clause(f Formula) string {
	if f.Kind == Literal {
		return fmt.Sprintf("%s %s %s", g.side(f.Atom.Key, "there"), f.Atom.Cmp, g.side(f.Atom.Query, "here"))
	}
	join := " and "
	if f.Kind == Any {
		join = " or "
	}
	parts := make([]string, len(f.Args))
	for i, a := range f.Args {
		parts[i] = g.clause(a)
		if a.Kind != Literal {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, join)
}

// side writes one side of a comparison with the place that it is read at.
func (g *Graph) side(id ID, where string) string {
	if n := g.Node(id); n.Op == Const {
		return n.Value.Repr()
	}
	return g.operand(id, deepest) + " " + where
}

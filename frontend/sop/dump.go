package sop

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/raspc/raspc/frontend/value"
)

// Dump writes a graph as text that Parse reads back. With roots it writes
// only what they depend on, renumbered densely as Prune does, and a last line
// that names them; without roots it writes every node. Equal graphs give equal
// text.
//
// A line holds one node, arguments by number, and as a comment the names that
// the program gave it, oldest first, and where it was first built:
//
//	n0 = tokens_str                         # tokens  hist.rasp:1:22
//	n1 = select n0 == n0                    # same  hist.rasp:1:8
//	n2 = width n1                           # hist  hist.rasp:2:8
//	roots n2
//
// The grammar, where names of operators are those of Op and Read:
//
//	dump    = { [ "mixed" | node | roots ] [ remark ] NEWLINE } .
//	node    = id "=" expr [ "#" { name } [ place ] ] .
//	roots   = "roots" { id } .
//	expr    = read | "indices" | "const" value
//	        | operator { id }
//	        | ( "compare" | "select" ) id cmp id
//	        | ( "in" | "lookup" ) id table
//	        | "aggregate" id id [ "default" value ] .
//	id      = "n" digits .
//	table   = "[" [ value { "," value } ] "]"
//	        | "{" [ value ":" value { "," value ":" value } ] "}" .
//	value   = string | "True" | "False" | "None" | int | float | tuple .
//	tuple   = "(" [ value { "," value } ] ")" .
//	int     = [ "-" ] digits .
//	float   = [ "-" ] digits ( "." | "/" ) digits .
//	name    = identifier | string .
//	place   = ( path | string ) ":" line ":" column .
//	remark  = "#" and any text, on a line of its own or after roots .
//
// The word mixed stands before the nodes of a mixed graph. A string is quoted as in Go. A float is exact: 1.0, 1/3, -5/2. A path that
// holds more than letters, digits and ._/- is quoted. Ids count up from n0.
func Dump(g *Graph, roots ...ID) string {
	if len(roots) > 0 {
		g, roots = Prune(g, roots...)
	}
	var b strings.Builder
	if g.mixed {
		b.WriteString("mixed\n")
	}
	for _, n := range g.nodes {
		line := fmt.Sprintf("n%d = %s", n.ID, expr(n))
		if remark := g.remark(n); remark != "" {
			const column = 40 // of the remarks, where the nodes are shorter
			line += strings.Repeat(" ", max(2, column-utf8.RuneCountInString(line))) + "# " + remark
		}
		b.WriteString(line + "\n")
	}
	if len(roots) > 0 {
		b.WriteString("roots" + idList(roots) + "\n")
	}
	return b.String()
}

func idList(ids []ID) string {
	var b strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&b, " n%d", id)
	}
	return b.String()
}

func expr(n *Node) string {
	switch n.Op {
	case Tokens:
		return n.Read.String()
	case Const:
		return n.Op.String() + " " + valueText(n.Value)
	case Compare, Select:
		return fmt.Sprintf("%s n%d %s n%d", n.Op, n.Args[0], n.Cmp, n.Args[1])
	case In, Lookup:
		return n.Op.String() + idList(n.Args) + " " + n.Table.String()
	case Aggregate:
		if n.HasDefault {
			return n.Op.String() + idList(n.Args) + " default " + valueText(n.Value)
		}
	}
	return n.Op.String() + idList(n.Args)
}

// valueText spells a value so that its kind shows: a float always holds a
// point or a slash.
func valueText(v value.Value) string {
	switch v.Kind() {
	case value.KindString:
		return strconv.Quote(v.Text())
	case value.KindFloat:
		if v.Rat().IsInt() {
			return v.Rat().String() + ".0"
		}
		return v.Rat().String()
	case value.KindTuple:
		return "(" + valueTexts(v.Elements()) + ")"
	}
	return v.Display()
}

func valueTexts(vs []value.Value) string {
	texts := make([]string, len(vs))
	for i, v := range vs {
		texts[i] = valueText(v)
	}
	return strings.Join(texts, ", ")
}

// String spells the table as dumps do.
func (t *Table) String() string {
	items := make([]string, len(t.Vals))
	for i, v := range t.Vals {
		items[i] = valueText(v)
		if t.Dict {
			items[i] = valueText(t.Keys[i]) + ": " + items[i]
		}
	}
	list := strings.Join(items, ", ")
	if t.Dict {
		return "{" + list + "}"
	}
	return "[" + list + "]"
}

// remark is the names and the position of a node.
func (g *Graph) remark(n *Node) string {
	parts := make([]string, 0, 2)
	if names := g.Names(n.ID); len(names) > 0 {
		spelled := make([]string, len(names))
		for i, name := range names {
			spelled[i] = quoteUnless(identifier, name)
		}
		parts = append(parts, strings.Join(spelled, " "))
	}
	if n.Pos != (Pos{}) {
		parts = append(parts, fmt.Sprintf("%s:%d:%d", quoteUnless(path, n.Pos.File), n.Pos.Line, n.Pos.Col))
	}
	return strings.Join(parts, "  ")
}

func quoteUnless(plain func(string) bool, s string) string {
	if plain(s) {
		return s
	}
	return strconv.Quote(s)
}

func letter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }
func digit(c byte) bool  { return '0' <= c && c <= '9' }

// identifier reports whether s is a name in RASP's sense.
func identifier(s string) bool {
	for i := range len(s) {
		if !letter(s[i]) && (i == 0 || !digit(s[i])) {
			return false
		}
	}
	return s != ""
}

// path reports whether s is a file name that needs no quotes.
func path(s string) bool {
	for i := range len(s) {
		if !letter(s[i]) && !digit(s[i]) && !strings.ContainsRune("./-", rune(s[i])) {
			return false
		}
	}
	return s != ""
}

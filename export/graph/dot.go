package graph

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// DOT writes the graph in the language of Graphviz. Nodes of one stage stand side
// by side; edges that no token changes are dashed.
func (g *Graph) DOT(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "digraph %s {\n\trankdir=TB;\n\tnode [shape=box, fontname=\"sans-serif\"];\n\tedge [fontname=\"sans-serif\", fontsize=10];\n", quoted(g.Program))
	for i := 0; i < len(g.Nodes); {
		fmt.Fprint(b, "\t{ rank=same;")
		for stage := g.Nodes[i].Stage; i < len(g.Nodes) && g.Nodes[i].Stage == stage; i++ {
			n := g.Nodes[i]
			label := plain(n.ID)
			if len(n.Computes) > 0 {
				label += "\n" + shortened(n.Computes)
			}
			fmt.Fprintf(b, " %s [label=%s];", quoted(n.ID), quoted(label))
		}
		fmt.Fprint(b, " }\n")
	}
	for _, l := range g.Links {
		style := ""
		if l.Fixed {
			style = ", style=dashed, color=gray60"
		}
		label := l.Input
		if label != "" {
			label += ": "
		}
		fmt.Fprintf(b, "\t%s -> %s [label=%s%s];\n", quoted(l.From), quoted(l.To), quoted(label+l.carries()), style)
	}
	fmt.Fprint(b, "}\n")
	return b.Flush()
}

// quoted is a string of DOT, in which a backslash begins an escape of labels.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\x00", "").Replace(s) + `"`
}

// shortened lists names in a few words.
func shortened(names []string) string {
	const most = 48 // runes
	text := []rune(strings.Join(plainAll(names), ", "))
	if len(text) > most {
		return string(text[:most-1]) + "…"
	}
	return string(text)
}

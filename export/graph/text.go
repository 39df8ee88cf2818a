package graph

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// end is the node that a link leads to, with the input.
func (l Link) end() string {
	if l.Input == "" {
		return l.To
	}
	return l.To + "<" + l.Input + ">"
}

// carries is what a link carries, in words.
func (l Link) carries() string {
	words := plainAll(l.Variables)
	for _, v := range plainAll(l.Cancelled) {
		words = append(words, v+" (cancelled)")
	}
	return strings.Join(words, ", ")
}

// Text writes one edge a line, with what it carries.
func (g *Graph) Text(w io.Writer) error {
	b := bufio.NewWriter(w)
	for _, l := range g.Links {
		note := ""
		if l.Fixed {
			note = "; fixed"
		}
		fmt.Fprintf(b, "%s -> %s  # %s%s\n", plain(l.From), plain(l.end()), l.carries(), note)
	}
	return b.Flush()
}

// plain spells a name that holds what a terminal might act on, or what ends a
// line, with escapes.
func plain(s string) string {
	if quoted := strconv.Quote(s); len(quoted) != len(s)+2 {
		return quoted
	}
	return s
}

func plainAll(all []string) []string {
	words := make([]string, len(all))
	for i, s := range all {
		words[i] = plain(s)
	}
	return words
}

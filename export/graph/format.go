package graph

import (
	"fmt"
	"io"
)

// Formats are the names of the formats that Write knows.
func Formats() []string {
	names := []string{"text", "dot", "svg", "json"}
	for _, t := range Tools() {
		names = append(names, string(t))
	}
	return names
}

// DefaultLevel is the level that suits a format: that of the tools' names, or what
// a picture can show.
func DefaultLevel(format string) Level {
	if format == "dot" || format == "svg" {
		return Head
	}
	return Edge
}

// Write writes the graph in one of Formats.
func (g *Graph) Write(w io.Writer, format string) error {
	switch format {
	case "text":
		return g.Text(w)
	case "dot":
		return g.DOT(w)
	case "svg":
		return g.SVG(w)
	case "json":
		return g.JSON(w)
	case string(ACDC), string(EAP), string(AutoCircuit):
		return g.Names(w, Tool(format))
	}
	return fmt.Errorf("the format %q is none of %v", format, Formats())
}

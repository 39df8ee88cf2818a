package repl

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// picture is an SVG document in the making. Lengths are in pixels; a class says
// how a thing looks.
type picture struct{ b bytes.Buffer }

func (p *picture) rect(x, y, width, height int, class string) {
	fmt.Fprintf(&p.b, "<rect class=%q x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n", class, x, y, width, height)
}

// text sets text with its left end and base line at x, y.
func (p *picture) text(x, y int, class, text string) {
	fmt.Fprintf(&p.b, "<text class=%q x=\"%d\" y=\"%d\">%s</text>\n", class, x, y, escaped(text))
}

// curve leads from one point down to another, with or without an arrow at its
// end.
func (p *picture) curve(x1, y1, x2, y2 int, class string, arrow bool) {
	end := ""
	if arrow {
		end = ` marker-end="url(#arrow)"`
	}
	middle := (y1 + y2) / 2
	fmt.Fprintf(&p.b, "<path class=%q d=\"M%d %d C%d %d %d %d %d %d\"%s/>\n",
		class, x1, y1, x1, middle, x2, middle, x2, y2, end)
}

// look is the style of the classes.
const look = `text{font:13px monospace;fill:#222;white-space:pre}
.title{font-weight:bold}.layer{fill:#777}.name{font-weight:bold}
.band{fill:#f4f5f7}
.sop{fill:#fff;stroke:#3b6ea5}.head{fill:#fff8ec;stroke:#c77d1e}
.cell{fill:none;stroke:#ccc}.selected{fill:#c77d1e}
path{fill:none;stroke:#3b6ea5;stroke-opacity:.55}.attends{stroke:#c77d1e}`

// document returns the whole picture.
func (p *picture) document(width, height int, title string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n", width, height, width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n<style>%s</style>\n", escaped(title), look)
	b.WriteString("<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">" +
		"<path d=\"M0 0 L8 4 L0 8\"/></marker></defs>\n")
	fmt.Fprintf(&b, "<rect fill=\"#fff\" width=\"%d\" height=\"%d\"/>\n", width, height)
	b.Write(p.b.Bytes())
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// escaped is text as XML holds it; characters that it cannot hold are replaced.
func escaped(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a Buffer takes everything
	return b.String()
}

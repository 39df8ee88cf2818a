package graph

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
)

// SVG draws the graph: stages from the top, one row each; a line leaves each node
// for all that read it. Edges that no token changes are dashed.
func (g *Graph) SVG(w io.Writer) error {
	const most = 1 << 14 // nodes and lines that a picture can show
	if n := len(g.Nodes) + len(g.Links); n > most {
		return fmt.Errorf("%d nodes and edges are too many to draw; a coarser level has fewer", n)
	}
	p := place(g)
	d := &drawing{picture: p, Writer: bufio.NewWriter(w), number: map[string]int{}, inputs: map[string][]string{}}
	for i, n := range g.Nodes {
		d.number[n.ID] = i
	}
	for _, l := range g.Links {
		if l.Input != "" && !slices.Contains(d.inputs[l.To], l.Input) {
			d.inputs[l.To] = append(d.inputs[l.To], l.Input)
		}
	}
	width, height := p.width+2*margin, float64(len(p.rows))*(nodeHeight+rowGap)-rowGap+2*margin
	fmt.Fprintf(d, `<svg xmlns="http://www.w3.org/2000/svg" width="%g" height="%g" viewBox="%d %d %g %g" font-family="sans-serif" font-size="12" role="img">`+"\n",
		width, height, -margin, -margin, width, height)
	fmt.Fprintf(d, "<title>%s</title>\n", escaped(fmt.Sprintf("%s: the causal graph, by %s", g.Program, g.Level)))
	fmt.Fprintf(d, `<rect x="%d" y="%d" width="%g" height="%g" fill="#fff"/>`+"\n", -margin, -margin, width, height)
	fmt.Fprint(d, `<g fill="none" stroke="#47678f" stroke-width="1.3">`+"\n")
	d.lanes()
	d.links()
	fmt.Fprint(d, "</g>\n")
	for i := range g.Nodes {
		d.node(i)
	}
	fmt.Fprint(d, "</svg>\n")
	return d.Flush()
}

// drawing writes a picture.
type drawing struct {
	*picture
	*bufio.Writer
	number map[string]int
	inputs map[string][]string // of each node
}

// slot returns the place of a node, or of its lane, in a row.
func (d *drawing) slot(node, row int) slot { return d.rows[row][d.at[[2]int{node, row}]] }

func top(row int) float64 { return float64(row) * (nodeHeight + rowGap) }

const dashed = ` stroke="#b3b3b3" stroke-dasharray="4 3"`

// lanes draws the lines that pass rows, each down to the last row that it passes.
// Those that lead only to edges which no token changes are dashed.
func (d *drawing) lanes() {
	last := map[int]int{} // by node, the last row that an edge which tokens change leads to
	for _, l := range d.g.Links {
		if from := d.number[l.From]; !l.Fixed {
			last[from] = max(last[from], d.row[d.number[l.To]])
		}
	}
	for r, row := range d.rows {
		for _, s := range row {
			if !s.lane {
				continue
			}
			style := ""
			if r >= last[s.node] {
				style = dashed
			}
			fmt.Fprintf(d, `<path d="%s V%g"%s/>`+"\n", d.curve(s.node, r, s.x), top(r)+nodeHeight, style)
		}
	}
}

// curve leads from a node, or its lane, in the row above to the top of a row.
func (d *drawing) curve(node, row int, x float64) string {
	from, y, end := d.slot(node, row-1).x, top(row-1)+nodeHeight, top(row)
	return fmt.Sprintf("M%.1f %g C%.1f %g %.1f %g %.1f %g", from, y, from, y+rowGap/2, x, end-rowGap/2, x, end)
}

// entry is where a link enters a node, from its middle: the queries of a head on
// the left, its values on the right.
func entry(l Link, s slot) float64 {
	return map[string]float64{"q": -0.3, "v": 0.3}[l.Input] * s.width
}

func (d *drawing) links() {
	for _, l := range d.g.Links {
		from, to := d.number[l.From], d.number[l.To]
		style := ""
		if l.Fixed {
			style = dashed
		}
		s := d.slot(to, d.row[to])
		fmt.Fprintf(d, `<path d="%s"%s><title>%s</title></path>`+"\n", d.curve(from, d.row[to], s.x+entry(l, s)), style,
			escaped(fmt.Sprintf("%s → %s: %s", plain(l.From), plain(l.end()), l.carries())))
	}
}

// node draws a node, over the lines.
func (d *drawing) node(i int) {
	n, s, y := d.g.Nodes[i], d.slot(i, d.row[i]), top(d.row[i])
	fmt.Fprintf(d, `<g text-anchor="middle"><title>%s</title><rect x="%.1f" y="%g" width="%.1f" height="%d" rx="5" fill="#eef3fa" stroke="#47678f"/>`,
		escaped(plain(n.ID)+": "+strings.Join(plainAll(n.Computes), ", ")), s.x-s.width/2, y, s.width, nodeHeight)
	line := y + 26
	if len(n.Computes) > 0 {
		line = y + 18
		fmt.Fprintf(d, `<text x="%.1f" y="%g" font-size="11" fill="#555">%s</text>`, s.x, y+34, escaped(shortened(n.Computes)))
	}
	fmt.Fprintf(d, `<text x="%.1f" y="%g">%s</text>`, s.x, line, escaped(plain(n.ID)))
	for _, in := range d.inputs[n.ID] {
		fmt.Fprintf(d, `<text x="%.1f" y="%g" font-size="9" fill="#555">%s</text>`, s.x+entry(Link{Input: in}, s), y-3, in)
	}
	fmt.Fprint(d, "</g>\n")
}

// escaped is text for XML, in which other control characters than white space
// cannot stand.
func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes all
	return b.String()
}

package repl

import (
	"fmt"
	"unicode/utf8"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/value"
)

// draw makes a picture of the flow on an input, whose values r holds.
func (f *flow) draw(title string, input []value.Value, r *interp.Result) []byte {
	title = shorten(title, 2*maxTitle)
	cells := map[*box][]string{}
	for _, b := range f.boxes {
		b.title = shorten(b.title, maxTitle)
		b.width = utf8.RuneCountInString(b.title)*charWidth + 2*padding
		b.height = lineHeight + padding
		if b.selector {
			b.grow(min(len(input), maxCells)*cellSize, min(len(input), maxCells)*cellSize)
			continue
		}
		cells[b] = shownCells(r.Sequence(b.id))
		b.grow(len(cells[b])*cellWidth(cells[b]), lineHeight)
	}
	width, height := f.place(title)
	var pic picture
	pic.text(margin, margin+lineHeight, "title", title)
	f.drawBands(&pic, width)
	for _, row := range f.rows {
		for _, b := range row {
			pic.lines(b)
		}
	}
	for _, b := range f.boxes {
		if b.selector {
			pic.head(b, r.Matrix(b.id))
		} else {
			pic.sop(b, cells[b])
		}
	}
	return pic.document(width, height, title)
}

// lines leads to a box from what it reads; through a passage there is a line of
// its own.
func (p *picture) lines(b *box) {
	middle := b.x + b.width/2
	for _, from := range b.from {
		class := "reads"
		if b.selector || from.selector {
			class = "attends"
		}
		p.curve(from.x+from.width/2, from.y+from.height, middle, b.y, class, !b.passage)
	}
	if b.passage {
		p.curve(middle, b.y, middle, b.y+b.height, "reads", false)
	}
}

// grow makes room below a box's title.
func (b *box) grow(width, height int) {
	b.width = max(b.width, width+2*padding)
	b.height += height + padding
}

// drawBands marks which rows belong to each layer.
func (f *flow) drawBands(pic *picture, width int) {
	for i := 0; i < len(f.rows); {
		layer, top, bottom := f.rows[i][0].layer, f.rows[i][0].y, 0
		for ; i < len(f.rows) && f.rows[i][0].layer == layer; i++ {
			for _, b := range f.rows[i] {
				bottom = max(bottom, b.y+b.height)
			}
		}
		name := "input"
		if layer > 0 {
			name = fmt.Sprintf("layer %d", layer)
		}
		pic.rect(margin/2, top-rowGap/4, width-margin, bottom-top+rowGap/2, "band")
		pic.text(margin, top+lineHeight, "layer", name)
	}
}

// shownCells writes the values that a box has room for.
func shownCells(vs []value.Value) []string {
	var cells []string
	for i, v := range vs {
		if i == maxCells {
			return append(cells, "…")
		}
		cells = append(cells, shorten(v.Element(), 12))
	}
	return cells
}

func cellWidth(cells []string) int {
	widest := 1
	for _, c := range cells {
		widest = max(widest, utf8.RuneCountInString(c))
	}
	return widest*charWidth + padding
}

// sop draws the box of an s-op: its name and its values.
func (p *picture) sop(b *box, cells []string) {
	p.rect(b.x, b.y, b.width, b.height, "sop")
	p.text(b.x+padding, b.y+lineHeight, "name", b.title)
	width, y := cellWidth(cells), b.y+lineHeight+padding
	for i, c := range cells {
		x := b.x + padding + i*width
		p.rect(x, y, width, lineHeight, "cell")
		p.text(x+padding/2, y+lineHeight-padding/2-1, "value", c)
	}
}

// head draws the box of a head: its name, and what each query, a row, selects.
func (p *picture) head(b *box, m *interp.Matrix) {
	p.rect(b.x, b.y, b.width, b.height, "head")
	p.text(b.x+padding, b.y+lineHeight, "name", b.title)
	n := min(m.Size(), maxCells)
	top := b.y + lineHeight + padding
	p.rect(b.x+padding, top, n*cellSize, n*cellSize, "cell")
	for q := range n {
		for k := range n {
			if m.At(q, k) {
				p.rect(b.x+padding+k*cellSize, top+q*cellSize, cellSize, cellSize, "selected")
			}
		}
	}
}

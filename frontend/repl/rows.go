package repl

import (
	"strings"
	"unicode/utf8"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/value"
)

// same reports whether all values are equal.
func same(vs []value.Value) bool {
	for _, v := range vs[1:] {
		if !value.Equal(vs[0], v) {
			return false
		}
	}
	return true
}

// rows prints an input and the values of an s-op on it below each other.
func (p *printer) rows(indent string, input, vs []value.Value) {
	t, err := value.TypeOf(vs)
	if err != nil {
		panic("repl: a sequence of no type: " + err.Error())
	}
	in, out := p.cells(input), p.cells(vs)
	width := 0
	for _, cell := range append(in[:len(in):len(in)], out...) {
		width = max(width, utf8.RuneCountInString(cell))
	}
	p.line()
	p.line(indent, " \t\tinput:  ", rightAligned(in, width), " \t (strings)")
	p.line(indent, " \t\toutput: ", rightAligned(out, width), " \t (", t.String(), ")")
}

// cells writes each value in full. Of booleans only the rarer ones are marked.
func (p *printer) cells(vs []value.Value) []string {
	cells := make([]string, len(vs))
	trues := 0
	for i, v := range vs {
		cells[i] = p.safe(v.Display())
		if v.Truth() {
			trues++
		}
	}
	if vs[0].Kind() != value.KindBool {
		return cells
	}
	for i, v := range vs {
		switch {
		case v.Truth() && 2*trues <= len(vs):
			cells[i] = "T"
		case !v.Truth() && 2*trues >= len(vs):
			cells[i] = "F"
		default:
			cells[i] = ""
		}
	}
	return cells
}

func rightAligned(cells []string, width int) string {
	var b strings.Builder
	for _, c := range cells {
		b.WriteString(" " + pad(c, width))
	}
	return b.String()
}

// pad fills up with blanks on the left.
func pad(text string, width int) string {
	return strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text))) + text
}

// matrix prints a selector's matrix: the keys above, the queries on the left. On
// a terminal its columns are as wide as their keys.
func (p *printer) matrix(indent string, input []value.Value, m *interp.Matrix) {
	keys := make([]string, len(input))
	widths := make([]int, len(input))
	left := 0
	for i, v := range input {
		keys[i], widths[i] = p.safe(v.Display()), 1
		if p.session.opts.Terminal {
			widths[i] = max(1, utf8.RuneCountInString(keys[i]))
			left = max(left, widths[i])
		}
	}
	p.line(indent, " \t\t\t    ", strings.Repeat(" ", max(0, left-1)), joined(keys, widths))
	for q := range keys {
		if p.full() {
			return
		}
		p.text(indent, " \t\t\t ", pad(keys[q], left), " |")
		for k := range keys {
			mark := pad(" ", widths[k])
			if m.At(q, k) {
				mark = strings.Repeat(" ", widths[k]-1) + p.paint(cellColour, "1")
			}
			p.text(" ", mark)
		}
		p.line()
	}
}

// joined writes the keys of a matrix, each behind a blank.
func joined(keys []string, widths []int) string {
	var b strings.Builder
	for i, k := range keys {
		b.WriteString(" " + pad(k, widths[i]))
	}
	return b.String()
}

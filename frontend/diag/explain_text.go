package diag

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// PageOptions steer WritePage.
type PageOptions struct {
	// Colour adds terminal colours.
	Colour bool
	// Width is the most columns of a line of running text; 0 means DefaultWidth.
	// Programs and diagnostics are shown as they are.
	Width int
}

// DefaultWidth is the width of running text unless told otherwise.
const DefaultWidth = 80

// WritePage renders a page for people. The only error is that of the writer.
func WritePage(w io.Writer, p Page, opts PageOptions) error {
	if opts.Width <= 0 {
		opts.Width = DefaultWidth
	}
	r := pageRenderer{opts: opts}
	r.title(p)
	for paragraph := range strings.SplitSeq(p.Text, "\n\n") {
		r.paragraph(paragraph)
	}
	if p.Wrong != "" {
		r.block("Wrong:", p.Wrong)
		for _, name := range p.loaded() {
			r.block("With "+name+":", p.Loaded[name])
		}
	}
	if p.Input != "" {
		r.block("Run on the input:", p.Input)
	}
	r.block("What is printed:", p.Diagnostic)
	r.block("Right:", p.Right)
	_, err := io.WriteString(w, r.out.String())
	return err
}

// pointer is the last line of a report on a terminal: where there is more about
// the first error, or the first warning where there is none.
func pointer(shown List) string {
	d := shown[0]
	if errs := shown.Errors(); len(errs) > 0 {
		d = errs[0]
	}
	return fmt.Sprintf("\nfor more about this %s, try `raspc explain %s`\n", d.Severity, d.Code)
}

type pageRenderer struct {
	out  strings.Builder
	opts PageOptions
}

func (r *pageRenderer) paint(style, s string) string {
	return textRenderer{colour: r.opts.Colour}.paint(style, s)
}

func (r *pageRenderer) title(p Page) {
	head := fmt.Sprintf("%s[%s]", p.Severity(), p.Code)
	fmt.Fprintf(&r.out, "%s%s\n", r.paint(severityStyle(p.Severity()), head), r.paint(ansiBold, ": "+p.Title))
}

// paragraph breaks lines between words.
func (r *pageRenderer) paragraph(text string) {
	column := 0
	for _, word := range strings.Fields(text) {
		size := utf8.RuneCountInString(word)
		switch {
		case column == 0 || column+1+size > r.opts.Width:
			r.out.WriteByte('\n')
			column = 0
		default:
			r.out.WriteByte(' ')
			column++
		}
		r.out.WriteString(word)
		column += size
	}
	r.out.WriteByte('\n')
}

// block shows lines below a heading, indented.
func (r *pageRenderer) block(heading, lines string) {
	fmt.Fprintf(&r.out, "\n%s\n\n", r.paint(ansiBold, heading))
	for line := range strings.Lines(lines) {
		r.out.WriteString(strings.TrimRight("    "+strings.TrimRight(line, "\n"), " ") + "\n")
	}
}

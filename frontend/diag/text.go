package diag

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// DefaultMax is how many diagnostics a rendering shows unless told otherwise.
const DefaultMax = 10

// TextOptions steer WriteText.
type TextOptions struct {
	// Colour adds terminal colours.
	Colour bool
	// Max caps the diagnostics shown; 0 means DefaultMax, a negative number no cap.
	Max int
	// Explain ends the report with the command that explains its first code.
	Explain bool
	// Fixable is the file that `--fix` would change: the report ends with the number
	// of safe fixes in it, if there are any. Empty where no such flag is at hand.
	Fixable string
}

// tabWidth is what a tab is shown as; carets are aligned to it.
const tabWidth = 4

// maxShown is how many columns of a long source line are shown.
const maxShown = 120

// WriteText renders the list for people: each diagnostic with its source line
// and carets below it, errors and warnings in reading order, then a count of
// those left out. The only error is that of the writer.
func WriteText(w io.Writer, l List, opts TextOptions) error {
	shown, rest := capped(l.Sorted(), opts.Max)
	var b strings.Builder
	for i, d := range shown {
		if i > 0 {
			b.WriteByte('\n')
		}
		textRenderer{out: &b, colour: opts.Colour}.diagnostic(d)
	}
	if rest > 0 {
		fmt.Fprintf(&b, "\n… and %d more\n", rest)
	}
	if n := l.NumFixable(opts.Fixable); opts.Fixable != "" && n > 0 {
		fmt.Fprintf(&b, "\n%s can be made by `--fix`\n", Plural(n, "safe fix"))
	}
	if opts.Explain && len(shown) > 0 {
		b.WriteString(pointer(shown))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// capped keeps the first n; errors are not pushed out by warnings before them.
func capped(l List, limit int) (shown List, rest int) {
	if limit == 0 {
		limit = DefaultMax
	}
	if limit < 0 || len(l) <= limit {
		return l, 0
	}
	room := max(0, limit-len(l.Errors()))
	for _, d := range l {
		if d.Severity != Error {
			if room == 0 {
				continue
			}
			room--
		}
		if len(shown) < limit {
			shown = append(shown, d)
		}
	}
	return shown, len(l) - len(shown)
}

type textRenderer struct {
	out    *strings.Builder
	colour bool
}

// ANSI codes; bold is combined with the colour of the severity.
const (
	ansiReset = "\x1b[0m"
	ansiBold  = "\x1b[1m"
	ansiBlue  = "\x1b[1;34m"
)

func (r textRenderer) paint(style, s string) string {
	if !r.colour || s == "" {
		return s
	}
	return style + s + ansiReset
}

func severityStyle(s Severity) string {
	switch s {
	case Error:
		return "\x1b[1;31m"
	case Warning:
		return "\x1b[1;33m"
	default:
		return "\x1b[1;36m"
	}
}

func (r textRenderer) diagnostic(d Diagnostic) {
	head := fmt.Sprintf("%s[%s]", d.Severity, d.Code)
	fmt.Fprintf(r.out, "%s%s\n", r.paint(severityStyle(d.Severity), head), r.paint(ansiBold, ": "+printable(d.Message)))
	width := r.gutterWidth(d)
	gutter := strings.Repeat(" ", width)
	if !d.Primary.IsZero() {
		r.place(d, width)
	}
	for _, n := range d.Notes {
		fmt.Fprintf(r.out, "%s %s note: %s\n", gutter, r.paint(ansiBlue, "="), printable(n))
	}
	if d.Help != "" {
		fmt.Fprintf(r.out, "%s %s help: %s\n", gutter, r.paint(ansiBlue, "="), printable(d.Help))
	}
}

// gutterWidth is the width of the largest line number to be shown.
func (r textRenderer) gutterWidth(d Diagnostic) int {
	width := 1
	for _, m := range marksOf(d) {
		width = max(width, len(fmt.Sprint(m.span.Pos().Line)))
	}
	return width
}

// mark is a place to be underlined.
type mark struct {
	span    Span
	text    string
	primary bool
}

func marksOf(d Diagnostic) []mark {
	if d.Primary.IsZero() {
		return nil
	}
	marks := []mark{{d.Primary, d.Text, true}}
	for _, l := range d.Labels {
		if !l.Span.IsZero() {
			marks = append(marks, mark{l.Span, l.Text, false})
		}
	}
	return marks
}

// place shows the primary place first, then each label; a file name is
// repeated only when the file changes, a source line only when the line does. Of a
// file as a whole it shows the name alone.
func (r textRenderer) place(d Diagnostic, width int) {
	gutter := strings.Repeat(" ", width)
	bar := r.paint(ansiBlue, "|")
	fmt.Fprintf(r.out, "%s%s %s\n", gutter, r.paint(ansiBlue, "-->"), printable(d.Primary.String()))
	if d.Primary.Source.whole {
		return
	}
	fmt.Fprintf(r.out, "%s %s\n", gutter, bar)
	source, line := d.Primary.Source, 0
	for _, m := range marksOf(d) {
		if m.span.Source != source {
			fmt.Fprintf(r.out, "%s%s %s\n", gutter, r.paint(ansiBlue, ":::"), printable(m.span.String()))
			source, line = m.span.Source, 0
		}
		v := viewOf(m.span)
		if p := m.span.Pos(); p.Line != line {
			line = p.Line
			fmt.Fprintf(r.out, "%s %s %s\n", r.paint(ansiBlue, fmt.Sprintf("%*d", width, line)), bar, v.text)
		}
		sign, style := "-", ansiBlue
		if m.primary {
			sign, style = "^", severityStyle(d.Severity)
		}
		under := strings.TrimRight(strings.Repeat(sign, v.length)+" "+printable(m.text), " ")
		fmt.Fprintf(r.out, "%s %s %s%s\n", gutter, bar, strings.Repeat(" ", v.start), r.paint(style, under))
	}
	if len(d.Notes) > 0 || d.Help != "" {
		fmt.Fprintf(r.out, "%s %s\n", gutter, bar)
	}
}

// view is a source line as shown, with the columns (from 0) of a mark in it.
type view struct {
	text          string
	start, length int
}

// viewOf expands tabs, makes control characters visible, cuts long lines down
// to a window around the span, and clips the span to its first line.
func viewOf(s Span) view {
	line := s.Pos().Line
	text := s.Source.Line(line)
	from := min(max(0, s.Start-s.Source.lineStart(line)), len(text))
	to := min(max(from, s.End-s.Source.lineStart(line)), len(text))
	before, marked, after := []rune(shownText(text[:from])), []rune(shownText(text[from:to])), []rune(shownText(text[to:]))
	if len(before)+len(marked)+len(after) > maxShown {
		if cut := len(before) - maxShown/3; cut > 0 {
			before = append([]rune("…"), before[cut:]...)
		}
		if len(marked) > maxShown/3 {
			marked = append(marked[:maxShown/3:maxShown/3], '…')
			after = nil
		}
		if room := maxShown - len(before) - len(marked); len(after) > room {
			after = append(after[:room:room], '…')
		}
	}
	return view{
		text:   strings.TrimRight(string(before)+string(marked)+string(after), " "),
		start:  len(before),
		length: max(1, len(marked)),
	}
}

func shownText(s string) string {
	return printable(strings.ReplaceAll(s, "\t", strings.Repeat(" ", tabWidth)))
}

// printable replaces what could disturb a terminal: control characters, marks
// that turn the direction of writing, bytes that are not UTF-8.
func printable(s string) string {
	if !strings.ContainsFunc(s, unfit) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unfit(r) {
			return utf8.RuneError
		}
		return r
	}, s)
}

func unfit(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

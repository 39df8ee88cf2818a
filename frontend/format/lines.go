package format

import (
	"strings"
	"unicode/utf8"

	"github.com/raspc/raspc/frontend/syntax"
)

// lines collects the lines of a file.
type lines struct {
	all  []line
	size int
}

// line is a line with the comment that stands behind its code.
type line struct {
	depth   int // of the body that it is in
	code    string
	comment string
}

// add adds a line; beyond what a program may be it adds nothing more.
func (l *lines) add(depth int, code string) {
	if l.full() {
		return
	}
	l.size += len(code) + 1
	l.all = append(l.all, line{depth: depth, code: code})
}

// full reports that the text is larger than a program may be.
func (l *lines) full() bool { return l.size > syntax.MaxSource }

// comment puts a comment behind the last line.
func (l *lines) comment(text string) {
	l.size += len(text)
	l.all[len(l.all)-1].comment = text
}

// String joins the lines. Comments behind code on lines one below the other
// begin in one column.
func (l *lines) String() string {
	var b strings.Builder
	for i := 0; i < len(l.all); {
		run := l.all[i:l.runEnd(i)]
		column := commentColumn(run)
		for _, line := range run {
			b.WriteString(line.code)
			if line.comment != "" {
				width := utf8.RuneCountInString(line.code)
				b.WriteString(strings.Repeat(" ", max(2, column-width)) + line.comment)
			}
			b.WriteByte('\n')
		}
		i += len(run)
	}
	return b.String()
}

// runEnd is the end of the lines from i on that are equally deep and have
// comments; at least one line.
func (l *lines) runEnd(i int) int {
	end := i + 1
	for l.all[i].comment != "" && end < len(l.all) && l.all[end].comment != "" && l.all[end].depth == l.all[i].depth {
		end++
	}
	return end
}

// commentColumn is two behind the longest code that is not too wide.
func commentColumn(run []line) int {
	column := 0
	for _, line := range run {
		if width := utf8.RuneCountInString(line.code); width <= Width {
			column = max(column, width+2)
		}
	}
	return column
}

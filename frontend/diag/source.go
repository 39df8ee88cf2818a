package diag

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// Source is the text of one file (or of one line typed at a console) under
// the name by which the user knows it. It is immutable.
type Source struct {
	name string
	text string
	// starts holds the byte offset at which each line begins.
	starts []int
	// runes holds the number of runes before each stride of bytes, so that a
	// position in a very long line does not take the time to read that line.
	runes []int
	// whole is set where no text is shown: the file is not one to be read by
	// people, or too large.
	whole bool
}

// InFile returns the span of a file as a whole, whose text is not shown: its
// line and column are 0.
func InFile(path string) Span {
	return Span{Source: &Source{name: path, starts: []int{0}, runes: []int{0}, whole: true}}
}

// stride is how many bytes lie between two entries of runes.
const stride = 64

// NewSource wraps text. Lines end at LF, CR or CR LF.
func NewSource(name, text string) *Source {
	s := &Source{name: name, text: text, starts: []int{0}}
	for i, n := 0, 0; i <= len(text); i += stride {
		s.runes = append(s.runes, n)
		n += begun(text[i:min(i+stride, len(text))])
	}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\n':
			s.starts = append(s.starts, i+1)
		case '\r':
			if i+1 < len(text) && text[i+1] == '\n' {
				i++
			}
			s.starts = append(s.starts, i+1)
		}
	}
	return s
}

// Name returns the file name as given to NewSource.
func (s *Source) Name() string { return s.name }

// Text returns the whole text.
func (s *Source) Text() string { return s.text }

// Position is a place as people count it: both fields start at 1, and the
// column counts runes, not bytes.
type Position struct {
	Line, Column int
}

// Position converts a byte offset, clamped to the text, to line and column.
func (s *Source) Position(offset int) Position {
	offset = max(0, min(offset, len(s.text)))
	line := sort.SearchInts(s.starts, offset+1)
	start := s.starts[line-1]
	return Position{Line: line, Column: s.runesBefore(offset) - s.runesBefore(start) + 1}
}

// runesBefore counts the runes that begin before an offset.
func (s *Source) runesBefore(offset int) int {
	i := offset / stride
	return s.runes[i] + begun(s.text[i*stride:offset])
}

// begun counts the bytes that begin a rune.
func begun(text string) int {
	n := 0
	for i := range len(text) {
		if utf8.RuneStart(text[i]) {
			n++
		}
	}
	return n
}

// Offset converts a position to a byte offset, clamped to the text.
func (s *Source) Offset(p Position) int {
	if p.Line < 1 || p.Line > len(s.starts) {
		return len(s.text)
	}
	offset := s.starts[p.Line-1]
	for column := 1; column < p.Column && offset < len(s.text); column++ {
		_, size := utf8.DecodeRuneInString(s.text[offset:])
		offset += size
	}
	return offset
}

// Line returns the text of a line (from 1) without its line end; the empty
// string where there is no such line.
func (s *Source) Line(line int) string {
	if line < 1 || line > len(s.starts) {
		return ""
	}
	end := len(s.text)
	if line < len(s.starts) {
		end = s.starts[line]
	}
	return strings.TrimRight(s.text[s.starts[line-1]:end], "\r\n")
}

// lineStart returns the byte offset at which a line (from 1) begins.
func (s *Source) lineStart(line int) int { return s.starts[line-1] }

// Span is a stretch [Start, End) of bytes of a source. The zero Span belongs
// to no source: diagnostics about a program as a whole carry it.
type Span struct {
	Source     *Source
	Start, End int
}

// IsZero reports whether the span belongs to no source.
func (s Span) IsZero() bool { return s.Source == nil }

// Text returns the spanned text.
func (s Span) Text() string {
	if s.IsZero() {
		return ""
	}
	return s.Source.text[s.Start:s.End]
}

// Pos returns the position of the first byte, and {0, 0} for the zero Span and
// for a file as a whole.
func (s Span) Pos() Position {
	if s.IsZero() || s.Source.whole {
		return Position{}
	}
	return s.Source.Position(s.Start)
}

// EndPos returns the position just after the last byte, as Pos does.
func (s Span) EndPos() Position {
	if s.IsZero() || s.Source.whole {
		return Position{}
	}
	return s.Source.Position(s.End)
}

// String gives "file:line:column", "file" for a file as a whole, or "-" for the
// zero Span.
func (s Span) String() string {
	switch {
	case s.IsZero():
		return "-"
	case s.Source.whole:
		return s.Source.name
	}
	p := s.Pos()
	return fmt.Sprintf("%s:%d:%d", s.Source.name, p.Line, p.Column)
}

// To returns the span from the start of s to the end of t. Spans of different
// sources cannot be joined; s is returned then.
func (s Span) To(t Span) Span {
	if s.Source != t.Source {
		return s
	}
	return Span{Source: s.Source, Start: min(s.Start, t.Start), End: max(s.End, t.End)}
}

// After returns the empty span just behind s: where something is missing.
func (s Span) After() Span { return Span{Source: s.Source, Start: s.End, End: s.End} }

package diag

import "strings"

// byteOrderMark may begin a file; nothing can be inserted before it.
const byteOrderMark = "\uFEFF"

// LineBegin returns the empty span at the beginning of the line on which s
// begins, behind a byte order mark.
func (s Span) LineBegin() Span {
	start := s.Source.lineStart(s.Pos().Line)
	if start == 0 && strings.HasPrefix(s.Source.text, byteOrderMark) {
		start = len(byteOrderMark)
	}
	return Span{Source: s.Source, Start: start, End: start}
}

// LineEnd returns what ends the source's first line, "\n" where it has one line
// only: the end for lines that are inserted.
func (s *Source) LineEnd() string {
	if len(s.starts) < 2 {
		return "\n"
	}
	end := s.starts[1]
	start := end - 1
	if start > 0 && s.text[start-1:end] == "\r\n" {
		start--
	}
	return s.text[start:end]
}

// NewLine is an edit that puts a line of text above the line on which a span
// begins, indented as that line is.
func NewLine(at Span, text string) Edit {
	begin := at.LineBegin()
	line := begin.Source.text[begin.Start:]
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	return Insert(begin, indent+text+begin.Source.LineEnd())
}

// Remove is an edit that takes a span out, with the blanks before it, and with
// its whole line where nothing else stands on it.
func Remove(at Span) Edit {
	text := at.Source.text
	start := len(strings.TrimRight(text[:at.Start], " \t"))
	end := at.End + len(text[at.End:]) - len(strings.TrimLeft(text[at.End:], " \t"))
	begins := start <= at.LineBegin().Start
	switch {
	case begins && strings.HasPrefix(text[end:], "\r\n"):
		return Edit{Span{at.Source, start, end + 2}, ""}
	case begins && end < len(text) && (text[end] == '\n' || text[end] == '\r'):
		return Edit{Span{at.Source, start, end + 1}, ""}
	}
	return Edit{Span{at.Source, start, at.End}, ""}
}

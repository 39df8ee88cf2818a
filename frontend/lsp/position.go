package lsp

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/raspc/raspc/frontend/diag"
)

// encoding is what the columns of positions count.
type encoding string

// The encodings, of which the client chooses one. Every client knows UTF-16.
const (
	utf16Units encoding = "utf-16"
	utf8Bytes  encoding = "utf-8"
)

// width is the number of columns that a rune takes, which has size bytes.
func (e encoding) width(r rune, size int) int {
	if e == utf8Bytes {
		return size
	}
	return max(1, utf16.RuneLen(r))
}

// position converts a byte offset, clamped to the text. An offset inside a
// character is that of the character, and one inside a line's end is that of the
// end.
func (e encoding) position(src *diag.Source, offset int) position {
	offset = max(0, min(offset, len(src.Text())))
	line := src.Position(offset).Line
	start := src.Offset(diag.Position{Line: line, Column: 1})
	offset = min(offset, start+len(src.Line(line)))
	column := 0
	for i := start; i < offset; {
		r, size := utf8.DecodeRuneInString(src.Text()[i:])
		if i+size > offset {
			break
		}
		column += e.width(r, size)
		i += size
	}
	return position{Line: line - 1, Character: column}
}

// offset converts a position, clamped to its line, and to the text. A position
// inside a character is that of the character.
func (e encoding) offset(src *diag.Source, p position) int {
	if p.Line < 0 {
		return 0
	}
	start := src.Offset(diag.Position{Line: p.Line + 1, Column: 1})
	offset, column := start, 0
	for _, r := range src.Line(p.Line + 1) {
		size := sizeAt(src.Text()[offset:])
		if column += e.width(r, size); column > p.Character {
			break
		}
		offset += size
	}
	return offset
}

func sizeAt(text string) int {
	_, size := utf8.DecodeRuneInString(text)
	return size
}

// span converts a stretch of bytes.
func (e encoding) span(src *diag.Source, start, end int) textRange {
	return textRange{e.position(src, start), e.position(src, max(start, end))}
}

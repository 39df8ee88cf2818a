package sop

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ParseError says where a dump is malformed.
type ParseError struct {
	Line, Col int // from 1; Col counts bytes
	Msg       string
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Col, e.Msg)
}

// token is a piece of a line: a word, a number, a string or a punctuation
// mark. The end of the line is the empty token.
type token struct {
	text string
	col  int
}

func (t token) describe() string {
	if t.text == "" {
		return "the end of the line"
	}
	return strconv.Quote(t.text)
}

// scanner cuts one line into tokens. It looks one token ahead.
type scanner struct {
	line   string
	number int
	pos    int // of the byte after next
	next   token
}

func newScanner(line string, number int) (*scanner, error) {
	s := &scanner{line: line, number: number}
	return s, s.advance()
}

func (s *scanner) errorf(t token, format string, args ...any) error {
	return &ParseError{Line: s.number, Col: t.col, Msg: fmt.Sprintf(format, args...)}
}

// take returns the next token and looks at the one after it.
func (s *scanner) take() (token, error) {
	t := s.next
	return t, s.advance()
}

// accept takes the next token when it is text.
func (s *scanner) accept(text string) (bool, error) {
	if s.next.text != text {
		return false, nil
	}
	return true, s.advance()
}

// expect takes the next token, which must be text.
func (s *scanner) expect(text string) error {
	if ok, err := s.accept(text); ok || err != nil {
		return err
	}
	return s.errorf(s.next, "expected %q, found %s", text, s.next.describe())
}

func (s *scanner) advance() error {
	for s.pos < len(s.line) && strings.IndexByte(" \t\r", s.line[s.pos]) >= 0 {
		s.pos++
	}
	rest := s.line[s.pos:]
	size, err := tokenSize(rest)
	s.next = token{text: rest[:size], col: s.pos + 1}
	s.pos += size
	if err != nil {
		return s.errorf(s.next, "%v", err)
	}
	return nil
}

// tokenSize returns the length of the token at the start of s.
func tokenSize(s string) (int, error) {
	switch {
	case s == "":
		return 0, nil
	case letter(s[0]):
		return span(s, func(c byte) bool { return letter(c) || digit(c) }), nil
	case digit(s[0]), s[0] == '-':
		return 1 + span(s[1:], func(c byte) bool { return digit(c) || c == '.' || c == '/' }), nil
	case s[0] == '"':
		quoted, err := strconv.QuotedPrefix(s)
		if err != nil {
			return 0, fmt.Errorf("a string that does not end, or holds a wrong escape")
		}
		return len(quoted), nil
	case strings.IndexByte("=!<>", s[0]) >= 0 && len(s) > 1 && s[1] == '=':
		return 2, nil
	case strings.IndexByte("=<>[]{}(),:#", s[0]) >= 0:
		return 1, nil
	}
	r, _ := utf8.DecodeRuneInString(s)
	return 0, fmt.Errorf("unexpected character %q", r)
}

// span counts the bytes at the start of s that belong to a class.
func span(s string, class func(byte) bool) int {
	n := 0
	for n < len(s) && class(s[n]) {
		n++
	}
	return n
}

// remark returns the rest of the line after the mark that is the next token.
func (s *scanner) remark() (string, int) { return s.line[s.pos:], s.pos + 1 }

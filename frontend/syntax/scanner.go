package syntax

import (
	"strings"
	"unicode/utf8"

	"github.com/raspc/raspc/frontend/diag"
)

// scanner cuts the stretch [pos, end) of a source into tokens.
type scanner struct {
	src    *diag.Source
	text   string
	pos    int
	end    int
	report *diag.Report
	// pragma switches to the small language of pragmas, where `..` is a token and
	// a comment ends the input.
	pragma bool

	tokens   []token
	comments []Comment
	pragmas  []diag.Span
	errors   int
	// fresh is true while no token of the current line has been seen.
	fresh bool
	// pending is the comment to be noted on the next token.
	pendingStart, pendingEnd int
}

func newScanner(at diag.Span, report *diag.Report) *scanner {
	return &scanner{
		src: at.Source, text: at.Source.Text(), pos: at.Start, end: at.End,
		report: report, fresh: true,
	}
}

// scan reads everything; the last token is tokEOF.
func (s *scanner) scan() {
	if strings.HasPrefix(s.text[s.pos:s.end], "\uFEFF") {
		s.pos += len("\uFEFF")
	}
	for s.pos < s.end {
		switch c := s.text[s.pos]; {
		case c == '\n' || c == '\r':
			s.fresh = true
			s.pos++
		case c == ' ' || c == '\t':
			s.pos++
		case c == '#':
			s.comment()
		case isLetter(c):
			s.word()
		case isDigit(c):
			s.number()
		case c == '"':
			s.str()
		default:
			s.punctuation()
		}
	}
	s.emit(tokEOF, 0)
}

func (s *scanner) span(start, end int) diag.Span {
	return diag.Span{Source: s.src, Start: start, End: end}
}

// emit appends a token of the given length and moves past it.
func (s *scanner) emit(k kind, length int) {
	s.tokens = append(s.tokens, token{
		kind: k, start: s.pos, end: s.pos + length, fresh: s.fresh,
		commentStart: s.pendingStart, commentEnd: s.pendingEnd,
	})
	s.fresh, s.pendingStart, s.pendingEnd = false, 0, 0
	s.pos += length
}

// complain reports an error; those after maxErrors are counted only.
func (s *scanner) complain(d diag.Diagnostic) {
	if s.errors++; s.errors <= maxErrors {
		s.report.Add(d)
	}
}

// rest is the unread text.
func (s *scanner) rest() string { return s.text[s.pos:s.end] }

// comment reads to the end of the line. On a line of its own it is either a
// pragma or nothing; behind code its place is noted on the next token, because
// RASP allows it between statements only.
func (s *scanner) comment() {
	length := strings.IndexAny(s.rest(), "\r\n")
	if length < 0 {
		length = len(s.rest())
	}
	at := s.span(s.pos, s.pos+length)
	s.pos += length
	switch {
	case s.pragma:
		return
	case s.fresh && isPragma(at):
		s.pragmas = append(s.pragmas, at)
		return
	case !s.fresh && isPragma(at):
		s.report.Add(diag.New(diag.PragmaAfterCode, at, "a pragma behind code is an ordinary comment").
			WithHelp("put it on a line of its own").
			WithFix(ownLine(at, false)))
	}
	s.comments = append(s.comments, Comment{pos: pos{at}, OwnLine: s.fresh})
	if !s.fresh && s.pendingEnd == 0 {
		s.pendingStart, s.pendingEnd = at.Start, at.End
	}
}

// isPragma reports whether a comment is a pragma where it has a line of its own.
func isPragma(comment diag.Span) bool { return strings.HasPrefix(comment.Text(), "#:") }

// word reads a name, a keyword or a glued token; the longest match wins.
func (s *scanner) word() {
	rest := s.rest()
	n := 1
	for n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n])) {
		n++
	}
	word, after := rest[:n], rest[n:]
	if k, ok := glued[word]; ok && strings.HasPrefix(after, "(") {
		s.emit(k, n+1)
		return
	}
	switch {
	case word == "s" && strings.HasPrefix(after, "-op"):
		s.emit(tokSOp, len("s-op"))
	case word == "full" && strings.HasPrefix(after, " seq display"):
		s.emit(tokFullSeq, len("full seq display"))
	case word == "exit" && strings.HasPrefix(after, "()"):
		s.emit(tokExitCall, n+2)
	case word == "quit" && strings.HasPrefix(after, "()"):
		s.emit(tokQuitCall, n+2)
	default:
		if k, ok := keywords[word]; ok {
			s.emit(k, n)
			return
		}
		s.emit(tokName, n)
	}
}

// number reads an integer or a float; a float needs digits on both sides.
func (s *scanner) number() {
	rest := s.rest()
	n := digits(rest)
	if !strings.HasPrefix(rest[n:], ".") || (s.pragma && strings.HasPrefix(rest[n:], "..")) {
		s.emit(tokInt, n)
		return
	}
	if fraction := digits(rest[n+1:]); fraction > 0 {
		s.emit(tokFloat, n+1+fraction)
		return
	}
	at := s.span(s.pos, s.pos+n+1)
	s.complain(diag.New(diag.BadNumber, at, "a float needs digits after the point").
		WithHelp("write `%s.0`", rest[:n]).
		WithEdit("write `"+rest[:n]+".0`", at.After(), "0"))
	s.emit(tokFloat, n+1)
}

// str reads a string: any characters but quotes and line ends, no escapes.
func (s *scanner) str() {
	rest := s.rest()
	n := strings.IndexAny(rest[1:], "\"\r\n")
	if n >= 0 && rest[1+n] == '"' {
		s.emit(tokString, n+2)
		return
	}
	if n < 0 {
		n = len(rest) - 1
	}
	s.complain(diag.New(diag.UnclosedString, s.span(s.pos, s.pos+1+n), "string is not closed on its line").
		WithHelp("strings end at the next `\"`; there are no escapes and no line breaks in them"))
	s.emit(tokBad, n+1)
}

// punctuation reads an operator or bracket, or reports characters that are none.
func (s *scanner) punctuation() {
	rest := s.rest()
	for _, width := range []int{2, 1} {
		if len(rest) < width {
			continue
		}
		if k, ok := punctuation[rest[:width]]; ok && (k != tokDots || s.pragma) {
			s.emit(k, width)
			return
		}
	}
	n := foreignLength(rest)
	s.complain(badCharacter(s.span(s.pos, s.pos+n), rest[n:]))
	s.emit(tokBad, n)
}

// foreignLength is the length of the text at the start of rest that is to be
// reported in one piece: a run of characters that begin no token, or a string in
// single quotes.
func foreignLength(rest string) int {
	if rest[0] == '\'' {
		if n := strings.IndexAny(rest[1:], "'\r\n"); n >= 0 && rest[1+n] == '\'' {
			return n + 2
		}
	}
	n := 0
	for n < len(rest) && !startsToken(rest[n:]) {
		_, size := utf8.DecodeRuneInString(rest[n:])
		n += size
	}
	return max(n, 1)
}

// badCharacter words the error for text that begins no token.
func badCharacter(at diag.Span, after string) diag.Diagnostic {
	text := at.Text()
	if text == "." && after != "" && isDigit(after[0]) {
		number := "0." + after[:digits(after)]
		return diag.New(diag.BadNumber, at, "a float needs digits before the point").
			WithHelp("write `%s`", number).
			WithEdit("write `"+number+"`", at, "0.")
	}
	d := diag.New(diag.BadCharacter, at, "`%s` begins no token", brief(text))
	switch {
	case strings.ContainsAny(text, "'“”„‘’"):
		d.Message = "strings are not written so"
		return quotes(d.WithHelp("strings are written with plain double quotes: \"…\""))
	case text == "!":
		return d.WithHelp("negation is written `not`").WithEdit("write `not`", at, apart(at, "not"))
	case text == ".":
		return d.WithHelp("RASP has no attributes: call a function, or index with `[…]`")
	case text == "&" || text == "&&":
		return d.WithHelp("conjunction is written `and`").WithEdit("write `and`", at, apart(at, "and"))
	case text == "|" || text == "||":
		return d.WithHelp("disjunction is written `or`").WithEdit("write `or`", at, apart(at, "or"))
	}
	return d
}

// quotes adds the fix for a string in single quotes.
func quotes(d diag.Diagnostic) diag.Diagnostic {
	text := d.Primary.Text()
	if len(text) < 2 || text[0] != '\'' || text[len(text)-1] != '\'' || strings.Contains(text, `"`) {
		return d
	}
	return d.WithEdit("write double quotes", d.Primary, `"`+text[1:len(text)-1]+`"`)
}

// apart is a word that takes the place of a span, with blanks where letters or
// digits would otherwise touch it.
func apart(at diag.Span, word string) string {
	text := at.Source.Text()
	if at.Start > 0 && partOfName(text[at.Start-1]) {
		word = " " + word
	}
	if at.End < len(text) && partOfName(text[at.End]) {
		word += " "
	}
	return word
}

func partOfName(c byte) bool { return isLetter(c) || isDigit(c) }

// punctuation maps operators and brackets to their kinds.
var punctuation = func() map[string]kind {
	m := make(map[string]kind)
	for k := tokPlus; k <= tokDots; k++ {
		m[spellings[k]] = k
	}
	return m
}()

// startsToken reports whether a token, a blank or a comment begins here.
func startsToken(rest string) bool {
	c := rest[0]
	if isLetter(c) || isDigit(c) || strings.IndexByte(" \t\r\n\"#", c) >= 0 {
		return true
	}
	if _, ok := punctuation[rest[:1]]; ok {
		return true
	}
	return strings.HasPrefix(rest, "!=")
}

func isLetter(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// digits counts the leading decimal digits.
func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

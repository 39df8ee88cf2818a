package syntax

import (
	"fmt"
	"unicode/utf8"

	"github.com/raspc/raspc/frontend/diag"
)

// Limits that keep hostile input from exhausting memory or the stack. They are
// far above anything that a person writes.
const (
	// MaxSource is the largest source in bytes.
	MaxSource = 1 << 20
	// MaxNesting is how deeply brackets, prefix operators and blocks may nest.
	MaxNesting = 500
	// MaxHeight is the height of the largest expression tree: a chain of n binary
	// operators is n high though nothing in it is nested.
	MaxHeight = 5000
	// maxErrors ends the parse: what follows so many errors is noise.
	maxErrors = 50
)

// Parse reads a whole source. The tree holds what could be understood; the
// report gets errors and warnings.
func Parse(src *diag.Source, report *diag.Report) *File {
	file := &File{Source: src}
	whole := diag.Span{Source: src, Start: 0, End: len(src.Text())}
	if !readable(whole, report) {
		return file
	}
	p := newParser(whole, report)
	file.Comments = p.comments
	file.Pragmas = parsePragmas(p.pragmas, report)
	file.Stmts = p.file()
	file.Incomplete = p.incomplete
	return file
}

// ParseExpr reads a source that is one expression, with or without a final `;`.
// It returns nil if the report got an error.
func ParseExpr(src *diag.Source, report *diag.Report) Expr {
	whole := diag.Span{Source: src, Start: 0, End: len(src.Text())}
	if !readable(whole, report) {
		return nil
	}
	p := newParser(whole, report)
	p.boundary()
	e := p.expr()
	p.accept(tokSemi)
	p.boundary()
	if !p.at(tokEOF) {
		p.unexpected("end of the expression")
	}
	if p.errors > 0 {
		return nil
	}
	if p.checkHeight(e); p.failed {
		return nil
	}
	lint(e, false, report)
	return e
}

// readable refuses what is no text before anything looks at it.
func readable(whole diag.Span, report *diag.Report) bool {
	text := whole.Source.Text()
	if len(text) > MaxSource {
		at := diag.Span{Source: whole.Source}
		report.Add(diag.New(diag.SourceTooLarge, at, "file of %d bytes; the limit is %d", len(text), MaxSource))
		return false
	}
	if utf8.ValidString(text) {
		return true
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			at := diag.Span{Source: whole.Source, Start: i, End: i + 1}
			report.Add(diag.New(diag.NotUTF8, at, "byte 0x%02x is not valid UTF-8", text[i]).
				WithHelp("save the file as UTF-8"))
			return false
		}
		i += size
	}
	return true
}

// parser turns tokens into statements.
//
// Errors work without unwinding: the first error in a statement sets failed, and
// from then on every token looks like tokNone, which nothing accepts. So each
// parsing function falls through to its end quickly, and the statement loop,
// which alone clears failed, skips to where the next statement can begin.
type parser struct {
	src      *diag.Source
	report   *diag.Report
	tokens   []token
	pragmas  []diag.Span
	comments []Comment

	i      int
	failed bool
	errors int
	// depth counts the open brackets, prefix operators and blocks.
	depth int
	// lineEnds makes a line break end the expression where it can: console
	// statements have no `;`. Inside brackets it is off.
	lineEnds bool
	// boundaryAt is the token before which a comment may stand.
	boundaryAt int
	// unended is the token before which a `;` is missing.
	unended    int
	incomplete bool
}

func newParser(at diag.Span, report *diag.Report) *parser {
	s := newScanner(at, report)
	s.scan()
	return &parser{
		src: at.Source, report: report, tokens: s.tokens, pragmas: s.pragmas, comments: s.comments,
		errors: s.errors,
	}
}

// peek returns the current token; tokNone while the statement has failed.
func (p *parser) peek() token {
	t := p.tokens[p.i]
	if p.failed {
		t.kind = tokNone
	}
	return t
}

// peekAt looks n tokens ahead, at the last token where there are fewer.
func (p *parser) peekAt(n int) kind {
	return p.tokens[min(p.i+n, len(p.tokens)-1)].kind
}

func (p *parser) at(k kind) bool { return p.peek().kind == k }

// next consumes the current token. A comment before it is an error unless a
// statement begins or ends here.
func (p *parser) next() token {
	t := p.peek()
	if t.kind == tokNone {
		return t
	}
	if t.afterComment() && p.boundaryAt != p.i {
		p.misplaced(p.span(t.commentStart, t.commentEnd))
	}
	if t.kind != tokEOF {
		p.i++
	}
	return t
}

// misplaced reports a comment behind code that a statement goes on after.
func (p *parser) misplaced(comment diag.Span) {
	d := diag.New(diag.MisplacedComment, comment, "a comment behind code may stand between statements only").
		WithHelp("put the comment on a line of its own")
	if !isPragma(comment) {
		d = d.WithFix(ownLine(comment, true))
	}
	p.softError(d)
}

// ownLine moves a comment to a line above its own.
func ownLine(comment diag.Span, safe bool) diag.Fix {
	return diag.Fix{
		Title: "put the comment on the line above",
		Edits: []diag.Edit{diag.NewLine(comment, comment.Text()), diag.Remove(comment)},
		Safe:  safe,
	}
}

// removal takes out a token that means nothing. That is safe unless it joins
// what stands before and behind, or turns a comment behind it into a pragma.
func (p *parser) removal(token int) diag.Fix {
	t, after := p.tokens[token], p.tokens[token+1]
	comment := p.span(after.commentStart, after.commentEnd)
	return diag.Fix{
		Title: "remove the `" + spellings[t.kind] + "`",
		Edits: []diag.Edit{diag.Remove(p.spanOf(t))},
		Safe:  (after.fresh || after.kind == tokEOF || after.kind.closes()) && !isPragma(comment),
	}
}

// boundary marks the current token as the begin of a statement or the end of a
// body, where comments are welcome.
func (p *parser) boundary() { p.boundaryAt = p.i }

func (p *parser) accept(k kind) bool {
	if !p.at(k) {
		return false
	}
	p.next()
	return true
}

// expect consumes a token of kind k, or fails the statement.
func (p *parser) expect(k kind) token {
	if p.at(k) {
		return p.next()
	}
	p.unexpected("`" + spellings[k] + "`")
	return p.peek()
}

func (p *parser) span(start, end int) diag.Span {
	return diag.Span{Source: p.src, Start: start, End: end}
}

func (p *parser) spanOf(t token) diag.Span { return p.span(t.start, t.end) }

// here is the span of the current token.
func (p *parser) here() diag.Span { return p.spanOf(p.tokens[p.i]) }

// behind is the empty span after the last consumed token.
func (p *parser) behind() diag.Span {
	if p.i == 0 {
		return p.span(0, 0)
	}
	return p.spanOf(p.tokens[p.i-1]).After()
}

// since is the span from a token on to the last consumed one.
func (p *parser) since(start int) pos {
	return pos{p.span(start, max(start, p.behind().End))}
}

// start is where the node that begins at the current token begins.
func (p *parser) start() int { return p.tokens[p.i].start }

// fail reports the first error of a statement; later ones follow from it.
func (p *parser) fail(d diag.Diagnostic) {
	if p.failed {
		return
	}
	if p.tokens[p.i].kind == tokEOF && p.errors == 0 {
		p.incomplete = true
	}
	if p.tokens[p.i].kind != tokBad {
		p.softError(d)
	}
	p.failed = true
}

// softError reports an error after which the statement can go on.
func (p *parser) softError(d diag.Diagnostic) {
	if p.failed || p.errors >= maxErrors {
		return
	}
	p.errors++
	p.report.Add(d)
}

// unexpected fails with "expected WHAT, found …", or with something more helpful.
func (p *parser) unexpected(what string) {
	if p.failed {
		return
	}
	if d, ok := p.hint(); ok {
		p.fail(d)
		return
	}
	p.fail(diag.New(diag.UnexpectedToken, p.here(), "expected %s, found %s", what, p.found()))
}

// found describes the current token.
func (p *parser) found() string {
	t := p.tokens[p.i]
	switch t.kind {
	case tokEOF:
		return "the end of the text"
	case tokName:
		return fmt.Sprintf("the name `%s`", brief(p.spanOf(t).Text()))
	case tokString:
		return "a string"
	default:
		return "`" + brief(p.spanOf(t).Text()) + "`"
	}
}

// brief is text as messages quote it: in full unless it is very long.
func brief(text string) string {
	const most = 60
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// enter counts a level of nesting; the caller must call leave.
func (p *parser) enter() bool {
	p.depth++
	if p.depth > MaxNesting {
		p.fail(diag.New(diag.NestingTooDeep, p.here(), "nested more than %d levels deep", MaxNesting))
		return false
	}
	return !p.failed
}

func (p *parser) leave() { p.depth-- }

// checkHeight refuses trees on which recursive walks would go too deep.
func (p *parser) checkHeight(e Expr) {
	if p.failed || heightWithin(e, MaxHeight) {
		return
	}
	p.fail(diag.New(diag.NestingTooDeep, e.Span(), "a chain of more than %d operators", MaxHeight).
		WithHelp("split it over several assignments"))
}

package syntax

import (
	"slices"

	"github.com/raspc/raspc/frontend/diag"
)

// Pragma is a line `#: key = value`, `#: encode NAME = value` or
// `#: assume one_hot NAME`.
type Pragma struct {
	pos
	Key *Ident
	// Claim is the word after `assume`; nil for other keys.
	Claim *Ident
	// Target is the s-op that `encode` and `assume` speak of; nil for other keys.
	Target *Ident
	// Value is what follows `=`; nil for `assume`. It is an *Ident (a word), *Int,
	// *Float, *String, a *Unary minus of a number, a *List of those, or an *Interval.
	Value Node
}

// Interval is the pragma value LO..HI, both ends included.
type Interval struct {
	pos
	Lo, Hi Expr // *Int or *Unary minus of one
}

// pragmaKeys are the keys that a program may set, in the order in which they are
// explained.
var pragmaKeys = []string{"tokens", "vocab", "max_len", "bos", "causal", "output", "inputs", "encode", "assume"}

// PragmaKeys returns the keys that a program may set.
func PragmaKeys() []string { return slices.Clone(pragmaKeys) }

// parsePragmas reads the pragmas of a file, up to maxErrors wrong ones.
func parsePragmas(lines []diag.Span, report *diag.Report) []*Pragma {
	var out []*Pragma
	wrong := 0
	for _, line := range lines {
		if pr := parsePragma(line, report); pr != nil {
			out = append(out, pr)
		} else if wrong++; wrong == maxErrors {
			break
		}
	}
	return out
}

// ParsePragma reads a source that holds what a pragma's line holds behind `#:`,
// as a command-line flag may give it. It returns nil if the report got an error.
func ParsePragma(src *diag.Source, report *diag.Report) *Pragma {
	whole := diag.Span{Source: src, Start: 0, End: len(src.Text())}
	if !readable(whole, report) {
		return nil
	}
	return pragmaIn(whole, whole, report)
}

// parsePragma reads one line, which begins with `#:`; nil if it is wrong.
func parsePragma(line diag.Span, report *diag.Report) *Pragma {
	body := line
	body.Start += len("#:")
	return pragmaIn(body, line, report)
}

// pragmaIn reads the pragma in body; line is the span that it gets.
func pragmaIn(body, line diag.Span, report *diag.Report) *Pragma {
	s := newScanner(body, report)
	s.pragma = true
	s.scan()
	if s.errors > 0 {
		return nil
	}
	p := &parser{src: body.Source, report: report, tokens: s.tokens}
	pr := p.pragma()
	if p.failed {
		return nil
	}
	pr.pos = pos{line}
	return pr
}

func (p *parser) pragma() *Pragma {
	pr := &Pragma{Key: p.word("a pragma's name")}
	if p.failed {
		return nil
	}
	if !slices.Contains(pragmaKeys, pr.Key.Name) {
		p.fail(unknownPragma(pr.Key))
		return nil
	}
	switch pr.Key.Name {
	case "assume":
		pr.Claim, pr.Target = p.word("`one_hot`"), p.word("the name of a selector")
	case "encode":
		pr.Target = p.word("the name of an s-op")
		fallthrough
	default:
		if !p.accept(tokAssign) {
			p.malformed("`=`")
		}
		pr.Value = p.pragmaValue()
	}
	if !p.at(tokEOF) {
		p.malformed("the end of the line")
	}
	return pr
}

func unknownPragma(key *Ident) diag.Diagnostic {
	d := diag.New(diag.UnknownPragma, key.Span(), "unknown pragma `%s`", key.Name)
	if near := diag.Nearest(key.Name, pragmaKeys); near != "" {
		return d.WithHelp("did you mean `%s`?", near).WithEdit("write `"+near+"`", key.Span(), near)
	}
	return d.WithHelp("pragmas are %s", diag.Either(pragmaKeys...))
}

// malformed fails with the forms that the value could have.
func (p *parser) malformed(what string) {
	if p.failed {
		return
	}
	found := p.found()
	if p.at(tokEOF) {
		found = "the end of the line"
	}
	p.fail(diag.New(diag.MalformedPragma, p.here(), "expected %s, found %s", what, found).
		WithHelp("a pragma is `#: key = value`; values are words, numbers, \"text\", lists [a, b] and ranges 0..9"))
}

// word reads a name or keyword as a word.
func (p *parser) word(what string) *Ident {
	t := p.peek()
	if t.kind != tokName && !t.kind.isKeyword() {
		p.malformed(what)
		return nil
	}
	p.next()
	return &Ident{pos: pos{p.spanOf(t)}, Name: p.spanOf(t).Text()}
}

func (p *parser) pragmaValue() Node {
	start := p.start()
	if p.at(tokLBrack) {
		return p.pragmaList()
	}
	x := p.pragmaAtom()
	if !p.at(tokDots) {
		return x
	}
	p.next()
	hi := p.pragmaAtom()
	if !p.failed && !(isInteger(x) && isInteger(hi)) {
		p.malformed("integers around `..`")
	}
	return &Interval{pos: p.since(start), Lo: x, Hi: hi}
}

func (p *parser) pragmaList() Node {
	start := p.start()
	p.next()
	var items []Expr
	if !p.at(tokRBrack) {
		items = append(items, p.pragmaAtom())
		for p.comma(tokRBrack) {
			items = append(items, p.pragmaAtom())
		}
	}
	if !p.accept(tokRBrack) {
		p.malformed("`,` or `]`")
	}
	return &List{pos: p.since(start), Items: items}
}

// pragmaAtom reads a word, a string or a number with an optional minus.
func (p *parser) pragmaAtom() Expr {
	start := p.start()
	switch k := p.peek().kind; {
	case k == tokMinus && (p.peekAt(1) == tokInt || p.peekAt(1) == tokFloat):
		p.next()
		x := p.primary()
		return &Unary{pos: p.since(start), Op: OpNeg, X: x}
	case k == tokInt || k == tokFloat || k == tokString:
		return p.primary()
	case k == tokName || k.isKeyword():
		return p.word("a value")
	}
	p.malformed("a value")
	return nil
}

func isInteger(e Expr) bool {
	if u, ok := e.(*Unary); ok {
		e = u.X
	}
	_, ok := e.(*Int)
	return ok
}

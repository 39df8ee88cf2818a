package lsp

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
)

// hover says what stands at a position: how it is bound, what its author says of
// it, its type and values. There is nothing to say of most punctuation.
func hover(ctx context.Context, v *view, p positionParams) (*hoverResult, error) {
	offset := v.client.encoding.offset(v.src, p.Position)
	x := v.parsed().index
	if pragma := x.pragmaAt(offset); pragma != nil && touches(pragma.Key, offset) {
		return v.hoverOf(pragma.Key.Span(), pragmas[pragma.Key.Name].card()), nil
	}
	if id, t := x.at(offset, v.modules()); id != nil {
		if card := v.card(ctx, id, t); card != nil {
			return v.hoverOf(id.Span(), card), nil
		}
	}
	if cursorAt(v.src.Text(), offset).in != inCode {
		return nil, nil
	}
	at := wordAt(v.src, offset)
	if w, ok := words[at.Text()]; ok && !isBound(x, at) {
		return v.hoverOf(at, w.card()), nil
	}
	return nil, nil
}

// isBound reports whether a name that the tree does not have at a place is
// likely one of the program's own: in a statement with an error.
func isBound(x *index, at diag.Span) bool {
	for _, b := range x.top.binds {
		if b.ident != nil && b.ident.Name == at.Text() {
			return true
		}
	}
	return false
}

// card is what a hover shows: a piece of program, and paragraphs.
type card struct {
	code string
	text []string
}

func (w word) card() *card { return &card{w.form, []string{w.doc}} }

// hoverOf lays a card out.
func (v *view) hoverOf(at diag.Span, c *card) *hoverResult {
	parts := []string{c.code}
	if v.client.markup == "markdown" {
		parts[0] = "```rasp\n" + c.code + "\n```"
	}
	for _, text := range c.text {
		if text != "" {
			parts = append(parts, text)
		}
	}
	return &hoverResult{
		Contents: markup{v.client.markup, strings.Join(parts, "\n\n")},
		Range:    v.client.encoding.span(v.src, at.Start, at.End),
	}
}

// card describes a name; nil where nothing is known of it.
func (v *view) card(ctx context.Context, id *syntax.Ident, t target) *card {
	a := v.analysis(ctx)
	if len(t.bindings) == 0 {
		return v.libraryCard(ctx, a, id.Name)
	}
	b := t.bindings[len(t.bindings)-1]
	c := &card{code: excerpt(b.header.Text()), text: []string{v.whereabouts(b), commentAbove(b)}}
	if a != nil {
		if value, ok := a.bound[placeOf(b.ident.Span())]; ok {
			c.text = append([]string{a.describe(ctx, value)}, c.text...)
		}
	}
	return c
}

// libraryCard describes a name that the program finds bound.
func (v *view) libraryCard(ctx context.Context, a *analysis, name string) *card {
	w, ok := words[name]
	if !ok {
		return nil
	}
	c := w.card()
	if a != nil && w.kind == sequenceWord && name != "out" {
		if value := a.library(name); value != nil {
			c.text = append([]string{a.describe(ctx, value)}, c.text...)
		}
	}
	return c
}

// whereabouts says what kind of name a binding makes, and where, unless it is one
// of the file's own top level.
func (v *view) whereabouts(b *binding) string {
	var parts []string
	switch {
	case b.kind == parameterOf:
		parts = append(parts, "parameter of "+calledBy(b.scope.def))
	case b.scope.def != nil:
		parts = append(parts, "local to "+calledBy(b.scope.def))
	case b.scope.parent != nil:
		parts = append(parts, "local to the brackets")
	}
	if name := b.ident.Span().Source.Name(); name != v.src.Name() {
		parts = append(parts, "from `"+filepath.Base(name)+"`")
	}
	return strings.Join(parts, ", ")
}

// calledBy names a function, whose name may be missing in a broken text.
func calledBy(def *syntax.Def) string {
	if def.Name == nil {
		return "the function"
	}
	return "`" + def.Name.Name + "`"
}

// excerpt is the beginning of a long text.
func excerpt(text string) string {
	const lines, bytes = 12, 1000
	parts := strings.SplitAfterN(text, "\n", lines+1)
	short := strings.Join(parts[:min(lines, len(parts))], "")
	if len(short) > bytes {
		short = strings.ToValidUTF8(short[:bytes], "")
	}
	if len(short) < len(text) {
		return strings.TrimRight(short, "\r\n") + "\n…"
	}
	return text
}

// commentAbove returns the comment on the lines directly above a statement.
func commentAbove(b *binding) string {
	if b.kind != assigned && b.kind != defined {
		return ""
	}
	src := b.stmt.Span().Source
	var lines []string
	for line := b.stmt.Span().Pos().Line - 1; line > 0; line-- {
		text := strings.TrimSpace(src.Line(line))
		comment, ok := strings.CutPrefix(text, "#")
		if !ok || strings.HasPrefix(comment, ":") {
			break
		}
		lines = append([]string{strings.TrimSpace(comment)}, lines...)
	}
	return strings.Join(lines, "\n")
}

// wordAt returns the word around an offset; empty where there is none.
func wordAt(src *diag.Source, offset int) diag.Span {
	text := src.Text()
	at := diag.Span{Source: src, Start: offset, End: offset}
	for at.Start > 0 && isWordByte(text[at.Start-1]) {
		at.Start--
	}
	for at.End < len(text) && isWordByte(text[at.End]) {
		at.End++
	}
	return at
}

// pragmaAt returns the pragma around an offset, or nil.
func (x *index) pragmaAt(offset int) *syntax.Pragma {
	for _, p := range x.file.Pragmas {
		if at := p.Span(); at.Start <= offset && offset <= at.End {
			return p
		}
	}
	return nil
}

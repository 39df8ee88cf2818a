package lsp

import (
	"context"
	"strings"

	"github.com/raspc/raspc/frontend/syntax"
)

// headerOf is a function's name and parameters: "f(a, b)". The name is there; a
// parameter is nil where the text is broken.
func headerOf(def *syntax.Def) string {
	var names []string
	for _, p := range def.Params {
		if p != nil {
			names = append(names, p.Name)
		}
	}
	return def.Name.Name + "(" + strings.Join(names, ", ") + ")"
}

// parametersOf returns the names between the parentheses of a header.
func parametersOf(form string) []string {
	_, list, ok := strings.Cut(form, "(")
	list, _, closed := strings.Cut(list, ")")
	if !ok || !closed || list == "" {
		return nil
	}
	return strings.Split(list, ", ")
}

// signatures shows the parameters of the innermost call that is being written
// and whose function is known.
func signatures(_ context.Context, v *view, p positionParams) (*signatureHelp, error) {
	offset := v.client.encoding.offset(v.src, p.Position)
	c := cursorAt(v.src.Text(), offset)
	if c.in == inComment || c.in == inPragma {
		return nil, nil
	}
	for i := len(c.calls) - 1; i >= 0; i-- {
		if s := v.signature(c.calls[i].name, offset); s != nil {
			return &signatureHelp{Signatures: []signature{*s}, ActiveParameter: c.calls[i].argument}, nil
		}
	}
	return nil, nil
}

// signature describes a function by the name that it has at an offset.
func (v *view) signature(name string, offset int) *signature {
	if name == "" {
		return nil
	}
	if b, ok := v.names(offset)[name]; ok {
		def, ok := b.stmt.(*syntax.Def)
		if !ok || b.kind != defined {
			return nil
		}
		return v.signatureOf(headerOf(def), commentAbove(b))
	}
	if w, ok := words[name]; ok && w.kind == functionWord {
		return v.signatureOf(w.form, w.doc)
	}
	return nil
}

func (v *view) signatureOf(form, doc string) *signature {
	s := &signature{Label: form, Parameters: []parameter{}}
	if doc != "" {
		s.Documentation = &markup{v.client.markup, doc}
	}
	for _, name := range parametersOf(form) {
		s.Parameters = append(s.Parameters, parameter{name})
	}
	return s
}

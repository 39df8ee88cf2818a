package resolve

import (
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
)

// inFile adds a fix of one edit, unless the place is the text of a flag.
func inFile(d diag.Diagnostic, title string, at diag.Span, text string) diag.Diagnostic {
	if isFlag(at) {
		return d
	}
	return d.WithEdit(title, at, text)
}

// isFlag reports whether a place is in the text of a command-line flag, which no
// file holds.
func isFlag(at diag.Span) bool { return strings.HasPrefix(at.Source.Name(), "--") }

// renaming is the fix that gives a name bound in a function, or in a
// comprehension, another one there. There is none where the function also reads
// the library's name of that spelling, before it binds its own.
func (s *Session) renaming(name *syntax.Ident) (diag.Fix, bool) {
	file := s.trees[name.Span().Source]
	if file == nil {
		return diag.Fix{}, false
	}
	places, ok := syntax.LocalUses(file, name)
	another := name.Name + "_"
	if !ok || slices.Contains(syntax.Names(file), another) {
		return diag.Fix{}, false
	}
	fix := diag.Fix{Title: "call it `" + another + "`"}
	for _, at := range places {
		fix.Edits = append(fix.Edits, diag.Edit{Span: at, Text: another})
	}
	return fix, true
}

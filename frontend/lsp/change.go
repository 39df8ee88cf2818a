package lsp

import (
	"context"
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/format"
	"github.com/raspc/raspc/frontend/syntax"
)

// formatting returns the edit that puts the document into the canonical layout:
// one, from the first line that changes to the last.
func formatting(_ context.Context, v *view, _ documentParams) ([]textEdit, error) {
	if errs := v.parsed().errors; len(errs) > 0 {
		return nil, failure(codeFailed, "a program with errors cannot be formatted: %s", errs[0].Error())
	}
	text, err := format.Source(v.src)
	if err != nil {
		return nil, failure(codeFailed, "the program cannot be formatted: %v", err)
	}
	return v.edits(text), nil
}

// edits returns the edit that makes the document another text, none where it is
// that already.
func (v *view) edits(text string) []textEdit {
	old := v.src.Text()
	if text == old {
		return []textEdit{}
	}
	start := sharedLines(old, text)
	end := sharedEnd(old[start:], text[start:])
	return []textEdit{{v.client.encoding.span(v.src, start, len(old)-end), text[start : len(text)-end]}}
}

// sharedLines is the length of the whole lines with which both texts begin.
func sharedLines(a, b string) int {
	shared := 0
	for {
		line := strings.IndexByte(a[shared:], '\n') + 1
		if line == 0 || !strings.HasPrefix(b[shared:], a[shared:shared+line]) {
			return shared
		}
		shared += line
	}
}

// sharedEnd is the length of the whole lines with which both texts end. Both
// begin with a line.
func sharedEnd(a, b string) int {
	shared := 0
	for {
		rest, other := a[:len(a)-shared], b[:len(b)-shared]
		last := rest[strings.LastIndexByte(strings.TrimSuffix(rest, "\n"), '\n')+1:]
		before, ok := strings.CutSuffix(other, last)
		if last == "" || !ok || before != "" && !strings.HasSuffix(before, "\n") {
			return shared
		}
		shared += len(last)
	}
}

// Kinds of code actions.
const (
	quickFix = "quickfix"
	fixAll   = "source.fixAll"
)

// codeActions returns the fixes of the diagnostics in a range, and one action
// that makes all safe fixes of the document.
func codeActions(_ context.Context, v *view, p codeActionParams) ([]codeAction, error) {
	actions := []codeAction{}
	if wanted(p.Context.Only, quickFix) {
		start, end := v.client.encoding.offset(v.src, p.Range.Start), v.client.encoding.offset(v.src, p.Range.End)
		for _, d := range v.found() {
			if d.Primary.Start <= end && start <= d.Primary.End {
				actions = append(actions, v.quickFixes(d)...)
			}
		}
	}
	if wanted(p.Context.Only, fixAll) {
		fixed, err := syntax.Fix(v.src)
		if err != nil {
			return nil, err
		}
		if len(fixed.Done) > 0 {
			actions = append(actions, codeAction{Title: "make all safe fixes", Kind: fixAll, Edit: v.workspaceEdit(v.edits(fixed.Source.Text()))})
		}
	}
	return actions, nil
}

func (v *view) quickFixes(d diag.Diagnostic) []codeAction {
	var actions []codeAction
	for _, f := range d.Fixes {
		if !v.owns(f.Edits) {
			continue
		}
		edits := make([]textEdit, len(f.Edits))
		for i, e := range f.Edits {
			edits[i] = textEdit{v.client.encoding.span(v.src, e.Span.Start, e.Span.End), e.Text}
		}
		actions = append(actions, codeAction{
			Title: f.Title, Kind: quickFix, Diagnostics: []diagnostic{v.diagnostic(d)},
			IsPreferred: len(d.Fixes) == 1, Edit: v.workspaceEdit(edits),
		})
	}
	return actions
}

// found returns the diagnostics of the view, none where they are not known yet.
func (v *view) found() diag.List {
	v.server.mu.Lock()
	defer v.server.mu.Unlock()
	if d, ok := v.server.docs[v.uri]; ok && d.view == v {
		return d.found
	}
	return nil
}

// wanted reports whether a client asks for a kind of action; a kind stands for
// all that begin so.
func wanted(only []string, kind string) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(o string) bool { return o == kind || strings.HasPrefix(kind, o+".") })
}

// owns reports whether edits are of this document.
func (v *view) owns(edits []diag.Edit) bool {
	return len(edits) > 0 && !slices.ContainsFunc(edits, func(e diag.Edit) bool {
		return e.Span.IsZero() || e.Span.Source.Name() != v.src.Name() || e.Span.End > len(v.src.Text())
	})
}

// workspaceEdit holds edits of the document.
func (v *view) workspaceEdit(edits []textEdit) workspaceEdit {
	if v.client.documentChanges {
		return workspaceEdit{DocumentChanges: []documentEdit{{versionedID{v.uri, v.version}, edits}}}
	}
	return workspaceEdit{Changes: map[string][]textEdit{v.uri: edits}}
}

package lsp

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/syntax"
)

// Kinds of completions.
const (
	functionItem = 3
	variableItem = 6
	keywordItem  = 14
	fileItem     = 17
	constantItem = 21
)

// mostNames is how many names of a program are proposed at a time.
const mostNames = 1000

// completion proposes what can stand at a position, all of it: editors choose
// by what has been typed.
func completion(_ context.Context, v *view, p completionParams) (*completionList, error) {
	offset := v.client.encoding.offset(v.src, p.Position)
	c := cursorAt(v.src.Text(), offset)
	l := &proposals{view: v, list: completionList{Items: []completionItem{}}}
	typed := len(c.word)
	if c.loading {
		typed = len(c.path)
	}
	l.replaced = v.client.encoding.span(v.src, offset-typed, offset)
	switch {
	case c.in == inPragma:
		l.pragma(c)
	case c.in == inString && c.loading:
		l.files(c.path)
	case c.in == inCode && p.Context.TriggerCharacter == "":
		l.code(c, offset-typed)
	}
	return &l.list, nil
}

// proposals is a list that grows; each replaces what has been typed of it.
type proposals struct {
	view     *view
	replaced textRange
	list     completionList
}

func (l *proposals) add(label string, kind int, detail, doc string) {
	item := completionItem{Label: label, Kind: kind, Detail: detail, TextEdit: &textEdit{l.replaced, label}}
	if doc != "" {
		item.Documentation = &markup{l.view.client.markup, doc}
	}
	l.list.Items = append(l.list.Items, item)
}

// code proposes names, functions and keywords.
func (l *proposals) code(c cursor, at int) {
	names := l.view.names(at)
	l.names(names, c.word)
	for _, name := range slices.Compact(slices.Sorted(slices.Values(c.locals))) {
		if _, known := names[name]; !known {
			l.add(name, variableItem, "", "")
		}
	}
	kinds := map[wordKind]int{sequenceWord: variableItem, constantWord: constantItem, functionWord: functionItem, keyword: keywordItem}
	for _, name := range wordsOf(sequenceWord, constantWord, functionWord, keyword) {
		if _, hidden := names[name]; !hidden {
			l.add(name, kinds[words[name].kind], words[name].form, words[name].doc)
		}
	}
}

// names proposes names of the program. Of very many, those are chosen that begin
// as has been typed, and the editor is told to ask again.
func (l *proposals) names(all map[string]*binding, typed string) {
	sorted := slices.Sorted(maps.Keys(all))
	if len(sorted) > mostNames {
		sorted = slices.DeleteFunc(sorted, func(name string) bool { return !strings.HasPrefix(name, typed) })
		sorted = sorted[:min(mostNames, len(sorted))]
		l.list.IsIncomplete = true
	}
	for _, name := range sorted {
		l.name(name, all[name])
	}
}

func (l *proposals) name(name string, b *binding) {
	if def, ok := b.stmt.(*syntax.Def); ok && b.kind == defined {
		l.add(name, functionItem, headerOf(def), commentAbove(b))
		return
	}
	first, _, _ := strings.Cut(b.header.Text(), "\n")
	l.add(name, variableItem, shorten(strings.TrimSpace(first)), commentAbove(b))
}

// names are the names of the program that can be used at an offset. What is bound
// further down is among them: where a program is being written, it may become
// the body of a function.
func (v *view) names(offset int) map[string]*binding {
	all := map[string]*binding{}
	for _, s := range v.parsed().index.scopesAt(offset) {
		own := map[string]*binding{}
		for _, b := range s.binds {
			if b.load != nil {
				v.modules().exports(b.load, own, nil)
			} else {
				own[b.ident.Name] = b
			}
		}
		for name, b := range own {
			if _, hidden := all[name]; !hidden {
				all[name] = b
			}
		}
	}
	return all
}

// pragma proposes keys, then the words that the key takes.
func (l *proposals) pragma(c cursor) {
	before := strings.Fields(strings.TrimSuffix(c.line, c.word))
	if len(before) == 0 {
		for _, key := range syntax.PragmaKeys() {
			l.add(key, keywordItem, pragmas[key].form, pragmas[key].doc)
		}
		return
	}
	key, equals := before[0], strings.Contains(c.line, "=")
	switch {
	case key == "encode" && !equals, key == "output" && equals, key == "assume" && len(before) > 1:
		l.tops(c.word)
	case equals, key == "assume":
		for _, w := range pragmaWords[key] {
			l.add(w, constantItem, pragmas[key].form, "")
		}
	}
}

// tops proposes the names of the file's top level, functions aside.
func (l *proposals) tops(typed string) {
	names := l.view.names(len(l.view.src.Text()))
	maps.DeleteFunc(names, func(_ string, b *binding) bool { return b.kind == defined })
	l.names(names, typed)
}

// files proposes the programs that a path leads to so far.
func (l *proposals) files(typed string) {
	path, ok := pathOf(l.view.uri)
	if !ok {
		return
	}
	folder, _ := filepath.Split(filepath.FromSlash(typed))
	at := folder
	if !filepath.IsAbs(folder) {
		at = filepath.Join(filepath.Dir(path), folder)
	}
	entries, err := os.ReadDir(at)
	if err != nil {
		return // there is nothing to propose
	}
	for _, e := range entries {
		name, isProgram := strings.CutSuffix(e.Name(), extension)
		if isProgram && !e.IsDir() && filepath.Join(at, e.Name()) != path {
			l.add(filepath.ToSlash(folder)+name, fileItem, e.Name(), "")
		}
	}
}

package repl

import (
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
)

// The methods of this file are called by the resolve.Session while it runs.

// Ran prints what a statement gave. What files gave waits until the statement
// that loads them is complete, because a name is printed once, as bound last.
func (s *Session) Ran(st syntax.Stmt, loaded bool, gave []resolve.Binding) {
	switch st := st.(type) {
	case *syntax.ShowExample:
		s.showExample(st.Scope, loaded)
	case *syntax.FullSeq:
		s.fullDisplay = st.On
	case *syntax.Examples:
		if !loaded { // a file's own choice ends with it
			s.toggle(st)
		}
	case *syntax.Exit:
		s.done = s.done || !loaded
	}
	if !loaded {
		_, load := st.(*syntax.Load)
		s.showLoaded(load)
	}
	for _, b := range gave {
		if loaded {
			s.loaded = append(s.loaded, item{binding: b})
		} else {
			s.printer.binding(b, true)
		}
	}
}

// Failed prints an error, or keeps it in its place among what a file gave.
func (s *Session) Failed(d diag.Diagnostic) {
	s.told[d.Error()] = true
	switch {
	case s.refused(d):
	case d.Primary.IsZero() || d.Primary.Source.Name() == consoleName:
		s.showLoaded(false)
		s.complain(d)
	default:
		s.loaded = append(s.loaded, item{err: &d})
	}
}

// refused puts an error about a binding of a loaded file, which the console does
// not take over, in the place of the binding.
func (s *Session) refused(d diag.Diagnostic) bool {
	for i, it := range slices.Backward(s.loaded) {
		if d.Code == diag.Reserved && it.err == nil && slices.ContainsFunc(d.Labels, func(l diag.Label) bool { return l.Span == it.binding.At }) {
			s.loaded[i].err = &d
			return true
		}
	}
	return false
}

// showLoaded prints what loaded files gave: all errors, and if the statement was
// a load, the last value of each name that it handed on, without examples.
func (s *Session) showLoaded(load bool) {
	items := s.loaded
	s.loaded = nil
	last := map[string]int{}
	for i, it := range items {
		last[it.binding.Name] = i
	}
	for i, it := range items {
		_, applied := it.binding.Value.(*resolve.Applied)
		switch {
		case it.err != nil:
			s.complain(*it.err)
		case !load:
		case it.plain != "":
			s.printer.text(it.plain)
		case last[it.binding.Name] == i && it.binding.Name != "out" && !strings.HasPrefix(it.binding.Name, "_") && !applied:
			s.printer.binding(it.binding, false)
		}
	}
}

// SetExample changes the running example of s-ops, selectors or both.
func (s *Session) SetExample(scope syntax.Scope, v resolve.Value, input []value.Value) {
	e := example{text: exampleText(v), input: input}
	if scope != syntax.SelectorScope {
		s.sopExample = e
	}
	if scope != syntax.SOpScope {
		s.selExample = e
	}
}

// toggle switches examples on or off.
func (s *Session) toggle(st *syntax.Examples) {
	if st.Scope != syntax.SelectorScope {
		s.showSOps = st.On
	}
	if st.Scope != syntax.SOpScope {
		s.showSelectors = st.On
	}
}

func (s *Session) showExample(scope syntax.Scope, loaded bool) {
	text := ""
	if scope != syntax.SelectorScope {
		text += "\ts-op example: " + s.printer.safe(s.sopExample.text) + "\n"
	}
	if scope != syntax.SOpScope {
		text += "\tselector example: " + s.printer.safe(s.selExample.text) + "\n"
	}
	if loaded {
		s.loaded = append(s.loaded, item{plain: text})
		return
	}
	s.printer.text(text)
}

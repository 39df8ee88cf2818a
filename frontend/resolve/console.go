package resolve

import (
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
)

// Console is told, while a session runs statements, what a console acts upon; a
// compiler has none. Its methods may look at the session and its graph, but
// must not run statements.
type Console interface {
	// Ran is told of a statement at the top level of the program, or of a file that
	// it loads, once it ran without error; and of what that gave: the value of an
	// expression, or the names that were bound, in order.
	Ran(st syntax.Stmt, loaded bool, gave []Binding)
	// Failed is told of an error before any statement behind it runs.
	Failed(d diag.Diagnostic)
	// SetExample is told the value that becomes the running example, and its tokens.
	SetExample(scope syntax.Scope, v Value, input []value.Value)
	// Draw is told to draw an s-op on an input, or on the running example where that
	// is nil.
	Draw(x SOp, input []value.Value)
}

// Graph holds every s-op and selector that the session has built.
func (s *Session) Graph() *sop.Graph { return s.graph }

// Causal reports whether selectors see only keys at or before the query.
func (s *Session) Causal() bool { return s.settings.Causal.Value }

// Names returns all names that a statement can look up, sorted.
func (s *Session) Names() []string { return s.main.visible() }

// Origin tells where a function was defined: in which source, within how many
// calls of other functions. Functions of the library have no source.
func (s *Session) Origin(f *Func) (src *diag.Source, depth int) {
	if f.def == nil || s.inLibrary(f.def.Span()) {
		return nil, 0
	}
	for e := f.env; e != nil; e = e.parent {
		if e.scope == localScope {
			depth++
		}
	}
	return f.def.Span().Source, depth
}

// ran tells the console of a statement at the top level of a file.
func (s *Session) ran(st syntax.Stmt, e *env) {
	if s.opts.Console == nil {
		return
	}
	loaded := e != s.main
	var gave []Binding
	switch st := st.(type) {
	case *syntax.ExprStmt:
		gave = []Binding{{Name: shownName(st.X), Value: e.out, At: st.X.Span(), Loaded: loaded}}
	case *syntax.Assign, *syntax.Def:
		for _, name := range boundBy(st) {
			gave = append(gave, Binding{Name: name.Name, Value: e.vars[name.Name].value, At: name.Span(), Loaded: loaded})
		}
	}
	s.opts.Console.Ran(st, loaded, gave)
}

// failed tells the console of an error.
func (s *Session) failed(d diag.Diagnostic) {
	if s.opts.Console != nil {
		s.opts.Console.Failed(d)
	}
}

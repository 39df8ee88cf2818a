package lsp

import (
	"context"
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
)

// index says where the names of a file are bound and used. It follows the rules
// by which a program is run, as far as the text shows them: a function's body
// sees what its surroundings bind at any time, all else sees what is bound
// before it, and in a loop what is bound further down the loop, too.
type index struct {
	file *syntax.File
	top  *scope
	// scopes are all scopes, outermost first.
	scopes []*scope
	// uses are the names in expressions and pragmas.
	uses []use
}

// scope holds the names of a file, of a function or of a comprehension.
type scope struct {
	parent *scope
	// def is the function whose scope it is; nil for files and comprehensions.
	def *syntax.Def
	// at is what the scope's names can be used in.
	at    diag.Span
	binds []*binding
}

// binding binds one name, or, where load is set, all those of a file.
type binding struct {
	kind  bindingKind
	ident *syntax.Ident // nil where load is set
	load  *syntax.Load
	scope *scope
	// from is the offset behind which the name is bound.
	from int
	// stmt is the statement or expression that binds; header is as much of it as
	// is worth showing.
	stmt   syntax.Node
	header diag.Span
	loop   *loop
}

type bindingKind uint8

const (
	assigned bindingKind = iota
	defined
	parameterOf
	loopName
	loadedFile
)

// loop is a `for` statement's body, which runs more than once.
type loop struct {
	parent *loop
	body   diag.Span
}

func (l *loop) holds(offset int) bool {
	return l.body.Start <= offset && offset < l.body.End
}

// use is a name that is looked up.
type use struct {
	ident *syntax.Ident
	scope *scope
	loop  *loop
	// late says that the name is looked up when all statements have run: that of a
	// pragma.
	late bool
}

func newIndex(file *syntax.File) *index {
	x := &index{file: file}
	whole := diag.Span{Source: file.Source, End: len(file.Source.Text())}
	x.top = x.open(nil, nil, whole)
	x.stmts(file.Stmts, x.top, nil)
	for _, p := range file.Pragmas {
		x.pragma(p)
	}
	return x
}

func (x *index) open(parent *scope, def *syntax.Def, at diag.Span) *scope {
	s := &scope{parent: parent, def: def, at: at}
	x.scopes = append(x.scopes, s)
	return s
}

func (x *index) pragma(p *syntax.Pragma) {
	if p.Target != nil {
		x.uses = append(x.uses, use{ident: p.Target, scope: x.top, late: true})
	}
	if word, ok := p.Value.(*syntax.Ident); ok && p.Key.Name == "output" {
		x.uses = append(x.uses, use{ident: word, scope: x.top, late: true})
	}
}

func (x *index) stmts(all []syntax.Stmt, s *scope, l *loop) {
	for _, st := range all {
		x.stmt(st, s, l)
	}
}

func (x *index) stmt(st syntax.Stmt, s *scope, l *loop) {
	switch st := st.(type) {
	case *syntax.ExprStmt:
		x.expr(st.X, s, l)
	case *syntax.Assign:
		x.exprs(st.Values, s, l)
		x.bind(st.Names, binding{kind: assigned, scope: s, from: st.Span().End, stmt: st, header: st.Span(), loop: l})
	case *syntax.Def:
		x.def(st, s, l)
	case *syntax.For:
		x.expr(st.Iter, s, l)
		body := st.Span()
		if st.Iter != nil { // it is where the text is not broken
			body.Start = st.Iter.Span().End
		}
		inner := &loop{l, body}
		header := st.Span()
		header.End = body.Start
		x.bind(st.Names, binding{kind: loopName, scope: s, from: body.Start, stmt: st, header: header, loop: inner})
		x.stmts(st.Body, s, inner)
	case *syntax.Load:
		s.binds = append(s.binds, &binding{kind: loadedFile, load: st, scope: s, from: st.Span().End, stmt: st, header: st.Span(), loop: l})
	case *syntax.Draw:
		x.expr(st.X, s, l)
		x.expr(st.Input, s, l)
	case *syntax.SetExample:
		x.expr(st.X, s, l)
	}
}

func (x *index) def(st *syntax.Def, s *scope, l *loop) {
	header := st.Span()
	if text := header.Text(); strings.Contains(text, ")") {
		header.End = header.Start + strings.Index(text, ")") + 1
	}
	x.bind([]*syntax.Ident{st.Name}, binding{kind: defined, scope: s, from: st.Span().Start, stmt: st, header: header, loop: l})
	inner := x.open(s, st, st.Span())
	x.bind(st.Params, binding{kind: parameterOf, scope: inner, from: st.Span().Start, stmt: st, header: header})
	x.stmts(st.Body, inner, nil)
	x.exprs(st.Results, inner, nil)
}

// bind adds a binding for each name, which are nil where the text is broken.
func (x *index) bind(names []*syntax.Ident, b binding) {
	for _, name := range names {
		if name == nil {
			continue
		}
		one := b
		one.ident = name
		b.scope.binds = append(b.scope.binds, &one)
	}
}

func (x *index) exprs(all []syntax.Expr, s *scope, l *loop) {
	for _, e := range all {
		x.expr(e, s, l)
	}
}

func (x *index) expr(e syntax.Expr, s *scope, l *loop) {
	switch e := e.(type) {
	case nil:
	case *syntax.Ident:
		x.uses = append(x.uses, use{ident: e, scope: s, loop: l})
	case *syntax.ListComp:
		x.expr(e.Iter, s, l)
		x.expr(e.Item, x.comprehension(e.Names, e, s), l)
	case *syntax.DictComp:
		x.expr(e.Iter, s, l)
		inner := x.comprehension(e.Names, e, s)
		x.expr(e.Entry.Key, inner, l)
		x.expr(e.Entry.Value, inner, l)
	default:
		x.exprs(syntax.Children(e), s, l)
	}
}

// comprehension opens the scope of a comprehension's names.
func (x *index) comprehension(names []*syntax.Ident, e syntax.Expr, s *scope) *scope {
	inner := x.open(s, nil, e.Span())
	x.bind(names, binding{kind: loopName, scope: inner, from: e.Span().Start, stmt: e, header: e.Span()})
	return inner
}

// modules finds the index of the file that a statement loads, nil where that
// cannot be read.
type modules func(*syntax.Load) *index

// target is what a name may stand for.
type target struct {
	scope *scope
	name  string
	// bindings are the places that may have bound it, in order; those of loaded
	// files are of another source.
	bindings []*binding
}

// lookup finds what a use may refer to; false for names of the library, and
// those bound nowhere.
func (m modules) lookup(u use) (target, bool) {
	late := u.late
	for s := u.scope; s != nil; s = s.parent {
		if found := m.visible(s, u, late); len(found) > 0 {
			return target{s, u.ident.Name, found}, true
		}
		late = late || s.def != nil
	}
	return target{}, false
}

// visible returns the bindings of a scope that a use may see there: where it is
// late all of them, else the last before it, and those of its loops behind it.
func (m modules) visible(s *scope, u use, late bool) []*binding {
	var found []*binding
	at := u.ident.Span().Start
	for _, b := range s.binds {
		for _, of := range m.named(b, u.ident.Name, nil) {
			switch {
			case u.late, !late && b.from <= at:
				found = []*binding{of} // it hides those before
			case late || around(u.loop, b):
				found = append(found, of)
			}
		}
	}
	return found
}

// around reports whether a loop around a use repeats a binding further down.
func around(l *loop, b *binding) bool {
	for ; l != nil; l = l.parent {
		if l.holds(b.stmt.Span().Start) {
			return true
		}
	}
	return false
}

// named returns what a binding binds under a name: itself, or bindings in the
// file that it loads, of which seen are under way.
func (m modules) named(b *binding, name string, seen []*index) []*binding {
	if b.load == nil {
		if b.ident.Name == name {
			return []*binding{b}
		}
		return nil
	}
	x := m(b.load)
	if x == nil || strings.HasPrefix(name, "_") || slices.Contains(seen, x) {
		return nil
	}
	for i := len(x.top.binds) - 1; i >= 0; i-- {
		if found := m.named(x.top.binds[i], name, append(seen, x)); found != nil {
			return found
		}
	}
	return nil
}

// exports returns the bindings that a load statement brings, by name.
func (m modules) exports(st *syntax.Load, into map[string]*binding, seen []*index) {
	x := m(st)
	if x == nil || slices.Contains(seen, x) {
		return
	}
	for _, b := range x.top.binds {
		if b.load != nil {
			m.exports(b.load, into, append(seen, x))
		} else if !strings.HasPrefix(b.ident.Name, "_") {
			into[b.ident.Name] = b
		}
	}
}

// reaches reports whether a statement loads a file, be it through others.
func (m modules) reaches(st *syntax.Load, name string, seen []*index) bool {
	x := m(st)
	if x == nil || slices.Contains(seen, x) {
		return false
	}
	if x.file.Source.Name() == name {
		return true
	}
	return slices.ContainsFunc(x.top.binds, func(b *binding) bool {
		return b.load != nil && m.reaches(b.load, name, append(seen, x))
	})
}

// at returns the name that stands at an offset or ends there, and what it may
// refer to; nil where there is none.
func (x *index) at(offset int, m modules) (*syntax.Ident, target) {
	for _, s := range x.scopes {
		for _, b := range s.binds {
			if b.ident != nil && touches(b.ident, offset) {
				return b.ident, target{s, b.ident.Name, []*binding{b}}
			}
		}
	}
	for _, u := range x.uses {
		if touches(u.ident, offset) {
			t, _ := m.lookup(u)
			return u.ident, t
		}
	}
	return nil, target{}
}

func touches(id *syntax.Ident, offset int) bool {
	at := id.Span()
	return at.Start <= offset && offset <= at.End
}

// scopesAt returns the scopes whose names can be used at an offset, innermost
// first.
func (x *index) scopesAt(offset int) []*scope {
	innermost := x.top
	for _, s := range x.scopes {
		if s.at.Start <= offset && offset < s.at.End {
			innermost = s // later ones are inside or beside earlier ones
		}
	}
	var all []*scope
	for s := innermost; s != nil; s = s.parent {
		all = append(all, s)
	}
	return all
}

// occurrence is a place where a name stands.
type occurrence struct {
	ident   *syntax.Ident
	written bool
}

// occurrences returns all places in the file where a name stands for the same
// variable as the target does, which for a name of the library has no scope; as
// many as there is time for.
func (x *index) occurrences(ctx context.Context, t target, m modules) []occurrence {
	var all []occurrence
	if t.scope != nil {
		for _, b := range t.scope.binds {
			if b.ident != nil && b.ident.Name == t.name {
				all = append(all, occurrence{b.ident, true})
			}
		}
	}
	for _, u := range x.uses {
		if u.ident.Name != t.name || ctx.Err() != nil {
			continue
		}
		if other, _ := m.lookup(u); other.scope == t.scope {
			all = append(all, occurrence{u.ident, false})
		}
	}
	return all
}

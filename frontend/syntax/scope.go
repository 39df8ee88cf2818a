package syntax

import (
	"slices"

	"github.com/raspc/raspc/frontend/diag"
)

// use is a place where a name stands.
type use struct {
	id    *Ident
	binds bool
}

// uses lists the names in statements and expressions, in the order in which
// they are evaluated: of an assignment its values first, of a loop or a
// comprehension what it goes over. A function's body counts where it is defined.
type uses struct{ all []use }

func (u *uses) bind(names ...*Ident) {
	for _, n := range names {
		if n != nil {
			u.all = append(u.all, use{n, true})
		}
	}
}

func (u *uses) exprs(es ...Expr) {
	for _, e := range es {
		switch e := e.(type) {
		case *Ident:
			u.all = append(u.all, use{e, false})
		case *ListComp:
			u.exprs(e.Iter)
			u.bind(e.Names...)
			u.exprs(e.Item)
		case *DictComp:
			u.exprs(e.Iter)
			u.bind(e.Names...)
			u.exprs(e.Entry.Key, e.Entry.Value)
		default:
			u.exprs(Children(e)...)
		}
	}
}

func (u *uses) stmts(ss ...Stmt) {
	for _, s := range ss {
		switch s := s.(type) {
		case *ExprStmt:
			u.exprs(s.X)
		case *Assign:
			u.exprs(s.Values...)
			u.bind(s.Names...)
		case *Def:
			u.bind(s.Name)
			u.def(s)
		case *For:
			u.exprs(s.Iter)
			u.bind(s.Names...)
			u.stmts(s.Body...)
		case *Draw:
			u.exprs(s.X, s.Input)
		case *SetExample:
			u.exprs(s.X)
		}
	}
}

func (u *uses) def(d *Def) {
	u.bind(d.Params...)
	u.stmts(d.Body...)
	u.exprs(d.Results...)
}

// Names returns the names that stand anywhere in a file, each once, sorted.
func Names(f *File) []string {
	var u uses
	u.stmts(f.Stmts...)
	var names []string
	for _, x := range u.all {
		names = append(names, x.id.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// LocalUses returns the places of a name in the function or comprehension that
// binds it at the given place. It is false where the name is bound at top
// level, and where the function reads a name of that spelling before it binds
// its own, which is another then.
func LocalUses(f *File, name *Ident) ([]diag.Span, bool) {
	var scope uses
	for _, s := range f.Stmts {
		findScope(s, name, &scope)
	}
	var places []diag.Span
	for _, x := range scope.all {
		switch {
		case x.id.Name != name.Name:
			continue
		case len(places) == 0 && !x.binds:
			return nil, false
		}
		places = append(places, x.id.Span())
	}
	return places, len(places) > 0
}

// findScope fills in the uses of the innermost scope in a statement that binds
// a name at its place.
func findScope(s Stmt, name *Ident, scope *uses) {
	if !holds(s, name) {
		return
	}
	switch s := s.(type) {
	case *Def:
		if s.Name == name {
			return
		}
		*scope = uses{}
		scope.def(s)
		for _, inner := range s.Body {
			findScope(inner, name, scope)
		}
		findInExprs(s.Results, name, scope)
	case *For:
		for _, inner := range s.Body {
			findScope(inner, name, scope)
		}
		findInExprs([]Expr{s.Iter}, name, scope)
	case *ExprStmt:
		findInExprs([]Expr{s.X}, name, scope)
	case *Assign:
		findInExprs(s.Values, name, scope)
	case *Draw:
		findInExprs([]Expr{s.X, s.Input}, name, scope)
	case *SetExample:
		findInExprs([]Expr{s.X}, name, scope)
	}
}

func findInExprs(es []Expr, name *Ident, scope *uses) {
	for _, e := range es {
		if e == nil || !holds(e, name) {
			continue
		}
		switch e := e.(type) {
		case *ListComp:
			if slices.Contains(e.Names, name) {
				*scope = uses{}
				scope.bind(e.Names...)
				scope.exprs(e.Item)
			}
		case *DictComp:
			if slices.Contains(e.Names, name) {
				*scope = uses{}
				scope.bind(e.Names...)
				scope.exprs(e.Entry.Key, e.Entry.Value)
			}
		}
		findInExprs(Children(e), name, scope)
	}
}

// holds reports whether a node encloses a name.
func holds(n Node, name *Ident) bool {
	at, inner := n.Span(), name.Span()
	return at.Start <= inner.Start && inner.End <= at.End
}

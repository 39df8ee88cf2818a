package main

import (
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
)

// pragma marks the words of a pragma's line.
func (m *marks) pragma(p *syntax.Pragma) {
	line := p.Span()
	m.add(diag.Span{Source: line.Source, Start: line.Start, End: line.Start + len("#:")}, Comment)
	m.names(Key, p.Key, p.Claim)
	m.names(Name, p.Target)
	switch v := p.Value.(type) {
	case *syntax.Interval:
		m.value(v.Lo)
		m.value(v.Hi)
	case syntax.Expr:
		m.value(v)
	}
}

// value marks a pragma's value, where names are words that stand for themselves.
func (m *marks) value(e syntax.Expr) {
	syntax.Inspect(e, func(e syntax.Expr) { m.leaf(e, Value) })
}

func (m *marks) statements(stmts []syntax.Stmt) {
	for _, s := range stmts {
		m.statement(s)
	}
}

func (m *marks) statement(s syntax.Stmt) {
	switch s := s.(type) {
	case *syntax.ExprStmt:
		m.exprs(s.X)
	case *syntax.Assign:
		m.names(Name, s.Names...)
		m.exprs(s.Values...)
	case *syntax.Def:
		m.names(Function, s.Name)
		m.names(Parameter, s.Params...)
		m.statements(s.Body)
		m.exprs(s.Results...)
	case *syntax.For:
		m.names(Name, s.Names...)
		m.exprs(s.Iter)
		m.statements(s.Body)
	case *syntax.Load:
		m.exprs(s.Path)
	case *syntax.Draw:
		m.exprs(s.X)
		if s.Input != nil {
			m.exprs(s.Input)
		}
	case *syntax.SetExample:
		m.exprs(s.X)
	}
}

func (m *marks) names(kind Kind, names ...*syntax.Ident) {
	for _, n := range names {
		if n != nil {
			m.add(n.Span(), kind)
		}
	}
}

// exprs marks the names and literals in expressions.
func (m *marks) exprs(list ...syntax.Expr) {
	called := make(map[*syntax.Ident]bool)
	for _, e := range list {
		syntax.Inspect(e, func(e syntax.Expr) {
			switch e := e.(type) {
			case *syntax.Call:
				if f, ok := e.Fun.(*syntax.Ident); ok {
					called[f] = opensOnItsLine(f)
				}
			case *syntax.ListComp:
				m.names(Name, e.Names...)
			case *syntax.DictComp:
				m.names(Name, e.Names...)
			case *syntax.Ident:
				if called[e] { // the call was visited before
					m.names(Call, e)
					return
				}
			}
			m.leaf(e, Name)
		})
	}
}

// opensOnItsLine reports whether `(` follows on the name's line: highlighting
// sees a line at a time.
func opensOnItsLine(name *syntax.Ident) bool {
	at := name.Span()
	rest := at.Source.Text()[at.End:]
	return strings.HasPrefix(strings.TrimLeft(rest, " \t"), "(")
}

// leaf marks a name, as the given kind, or a literal.
func (m *marks) leaf(e syntax.Expr, name Kind) {
	switch e := e.(type) {
	case *syntax.Ident:
		m.add(e.Span(), name)
	case *syntax.Int:
		m.add(e.Span(), Int)
	case *syntax.Float:
		m.add(e.Span(), Float)
	case *syntax.String:
		m.add(e.Span(), String)
	}
}

package syntax

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// This file renders trees as nested lists, without parentheses and positions:
// the form in which trees are compared and dumped.

// Dump writes one line a statement: its position and its tree.
func Dump(w io.Writer, f *File) error {
	for _, s := range f.Stmts {
		var b strings.Builder
		writeTree(&b, stmtTree(s))
		if _, err := fmt.Fprintf(w, "%s %s\n", s.Span(), b.String()); err != nil {
			return err
		}
	}
	return nil
}

// writeTree spells nested lists with parentheses. The head of a list is a
// bare word; all other strings are quoted where they are not plain names.
func writeTree(b *strings.Builder, tree any) {
	list, ok := tree.([]any)
	if !ok {
		b.WriteString(treeWord(fmt.Sprint(tree)))
		return
	}
	b.WriteByte('(')
	for i, t := range list {
		if i > 0 {
			b.WriteByte(' ')
		}
		writeTree(b, t)
	}
	b.WriteByte(')')
}

func treeWord(s string) string {
	if s == "" || strings.ContainsAny(s, " ()\"\t") || strconv.Quote(s) != `"`+s+`"` {
		return strconv.Quote(s)
	}
	return s
}

func exprList(es []Expr) []any {
	out := make([]any, 0, len(es))
	for _, e := range es {
		out = append(out, exprTree(e))
	}
	return out
}

func nameList(ns []*Ident) []any {
	out := make([]any, 0, len(ns))
	for _, n := range ns {
		out = append(out, nameOf(n))
	}
	return out
}

// nameOf is the name of an identifier; "" for one that is missing, which the
// parser has complained of.
func nameOf(n *Ident) string {
	if n == nil {
		return ""
	}
	return n.Name
}

func exprTree(e Expr) any {
	switch e := Unparen(e).(type) {
	case *Ident:
		return []any{"id", e.Name}
	case *Int:
		return []any{"int", e.Text}
	case *Float:
		return []any{"float", e.Text}
	case *String:
		return []any{"str", e.Value}
	case *List:
		return []any{"list", exprList(e.Items)}
	case *Dict:
		entries := []any{}
		for _, en := range e.Entries {
			entries = append(entries, []any{exprTree(en.Key), exprTree(en.Value)})
		}
		return []any{"dict", entries}
	case *ListComp:
		return []any{"listcomp", exprTree(e.Item), nameList(e.Names), exprTree(e.Iter)}
	case *DictComp:
		return []any{"dictcomp", exprTree(e.Entry.Key), exprTree(e.Entry.Value), nameList(e.Names), exprTree(e.Iter)}
	case *Unary:
		return []any{"un", e.Op.String(), exprTree(e.X)}
	case *Binary:
		if e.Op == OpIn {
			return []any{"in", exprTree(e.X), exprTree(e.Y)}
		}
		return []any{"bin", e.Op.String(), exprTree(e.X), exprTree(e.Y)}
	case *Cond:
		return []any{"if", exprTree(e.Test), exprTree(e.Then), exprTree(e.Else)}
	case *Index:
		return []any{"index", exprTree(e.X), exprTree(e.At)}
	case *Call:
		return []any{"call", exprTree(e.Fun), exprList(e.Args)}
	case *Select:
		return []any{"select", exprTree(e.Key), exprTree(e.Query), e.Op.String()}
	case *Aggregate:
		return append([]any{"aggregate"}, exprList(Children(e))...)
	case *Builtin:
		if e.Name == "len" {
			return []any{"len", exprTree(e.Args[0])}
		}
		return []any{e.Name, exprList(e.Args)}
	}
	return nil
}

func stmtList(ss []Stmt) []any {
	out := make([]any, 0, len(ss))
	for _, s := range ss {
		out = append(out, stmtTree(s))
	}
	return out
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func stmtTree(s Stmt) any {
	switch s := s.(type) {
	case *ExprStmt:
		return []any{"expr", exprTree(s.X)}
	case *Assign:
		return []any{"assign", nameList(s.Names), exprList(s.Values)}
	case *Def:
		return []any{"def", nameOf(s.Name), nameList(s.Params), stmtList(s.Body), exprList(s.Results)}
	case *For:
		return []any{"for", nameList(s.Names), exprTree(s.Iter), stmtList(s.Body)}
	case *Load:
		return []any{"load", s.Path.Value}
	case *Draw:
		if s.Input != nil {
			return []any{"draw", exprTree(s.X), exprTree(s.Input)}
		}
		return []any{"draw", exprTree(s.X)}
	case *SetExample:
		return []any{"set-example", s.Scope.String(), exprTree(s.X)}
	case *ShowExample:
		return []any{"show-example", s.Scope.String()}
	case *Examples:
		return []any{"examples", s.Scope.String(), onOff(s.On)}
	case *FullSeq:
		return []any{"full-seq", onOff(s.On)}
	case *Exit:
		return []any{"exit"}
	}
	return nil
}

package syntax

import "github.com/raspc/raspc/frontend/diag"

// Node is anything that has a place in the source.
type Node interface {
	// Span covers the node from its first to its last token.
	Span() diag.Span
}

// Expr is an expression: one of the pointer types of this file.
type Expr interface {
	Node
	expr()
}

// pos gives nodes their place.
type pos struct{ at diag.Span }

// Span returns the place of the node.
func (p pos) Span() diag.Span { return p.at }

type (
	// Ident is a name, as an expression or where a name is bound.
	Ident struct {
		pos
		Name string
	}

	// Int is an integer literal; Text is its digits, possibly with leading zeros.
	Int struct {
		pos
		Text string
	}

	// Float is a float literal: digits, a point, digits.
	Float struct {
		pos
		Text string
	}

	// String is a string literal; Value is what stands between the quotes.
	String struct {
		pos
		Value string
	}

	// Paren is an expression in parentheses. It means what X means.
	Paren struct {
		pos
		X Expr
	}

	// List is [x, …].
	List struct {
		pos
		Items []Expr
	}

	// Dict is {key: value, …}.
	Dict struct {
		pos
		Entries []Entry
	}

	// Entry is one key with its value.
	Entry struct {
		Key, Value Expr
	}

	// ListComp is [Item for Names in Iter].
	ListComp struct {
		pos
		Item  Expr
		Names []*Ident
		Iter  Expr
	}

	// DictComp is {Entry.Key: Entry.Value for Names in Iter}.
	DictComp struct {
		pos
		Entry Entry
		Names []*Ident
		Iter  Expr
	}

	// Unary is a prefix operator, or round(X) or indicator(X).
	Unary struct {
		pos
		Op Op
		X  Expr
	}

	// Binary is X Op Y; `in` is among the operators.
	Binary struct {
		pos
		Op    Op
		OpPos diag.Span
		X, Y  Expr
	}

	// Cond is Then if Test else Else.
	Cond struct {
		pos
		Then, Test, Else Expr
	}

	// Index is X[At].
	Index struct {
		pos
		X, At Expr
	}

	// Call is Fun(Args…).
	Call struct {
		pos
		Fun  Expr
		Args []Expr
	}

	// Select is select(Key, Query, Op) with a comparison.
	Select struct {
		pos
		Key, Query Expr
		Op         Op
	}

	// Aggregate is aggregate(Selector, Value) or aggregate(Selector, Value, Default).
	Aggregate struct {
		pos
		Selector, Value Expr
		Default         Expr // nil where none is given
	}

	// Builtin is range(…), zip(…) or len(…); Name is the word.
	Builtin struct {
		pos
		Name string
		Args []Expr
	}
)

func (*Ident) expr()     {}
func (*Int) expr()       {}
func (*Float) expr()     {}
func (*String) expr()    {}
func (*Paren) expr()     {}
func (*List) expr()      {}
func (*Dict) expr()      {}
func (*ListComp) expr()  {}
func (*DictComp) expr()  {}
func (*Unary) expr()     {}
func (*Binary) expr()    {}
func (*Cond) expr()      {}
func (*Index) expr()     {}
func (*Call) expr()      {}
func (*Select) expr()    {}
func (*Aggregate) expr() {}
func (*Builtin) expr()   {}

// Unparen returns e without the parentheses around it.
func Unparen(e Expr) Expr {
	for {
		p, ok := e.(*Paren)
		if !ok {
			return e
		}
		e = p.X
	}
}

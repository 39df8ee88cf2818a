package format

import (
	"slices"

	"github.com/raspc/raspc/frontend/syntax"
)

// place says which line breaks an expression may have.
type place uint8

const (
	// free is where lines may be broken anywhere.
	free place = iota
	// tight is where exactly one token can follow the expression. There other
	// interpreters refuse a line that ends with the parenthesis of a call.
	tight
	// bound is the rest of a console statement, which ends with its line: it may
	// be broken inside brackets only.
	bound
)

// slot is a new slot behind a place in the source.
func (p *printer) slot(flat string, after int) *slot {
	s := &slot{flat: flat, after: after}
	p.slots = append(p.slots, s)
	return s
}

// outermost is an expression that nothing encloses.
func (p *printer) outermost(e syntax.Expr, at place) doc { return p.expr(syntax.Unparen(e), at) }

// child is a part of e, by its place among the children.
func (p *printer) child(e syntax.Expr, child int, at place) doc {
	x, parens := operand(e, child)
	if !parens {
		return p.expr(x, at)
	}
	opened := p.slot("", syntax.Children(e)[child].Span().Start)
	var inside doc
	if isOperation(x) {
		first, rest := p.operation(x, tight)
		inside = &group{body: join{first, rest}}
	} else {
		inside = p.expr(x, tight)
	}
	return p.enclose("(", opened, inside, x.Span().End, ")")
}

func (p *printer) expr(e syntax.Expr, at place) doc {
	switch e := e.(type) {
	case *syntax.Binary, *syntax.Cond:
		first, rest := p.operation(e, at)
		return &group{body: join{first, nest{rest}}}
	case *syntax.Unary:
		return p.unary(e, at)
	case *syntax.Index:
		return join{p.child(e, 0, at), text("["), p.child(e, 1, tight), text("]")}
	case *syntax.Call:
		return p.call(e, at)
	case *syntax.List:
		return p.list(e)
	case *syntax.Dict:
		return p.dict(e)
	case *syntax.ListComp:
		return p.comprehension("[", e, p.item(e.Item, tight), e.Names, e.Iter, "]")
	case *syntax.DictComp:
		return p.comprehension("{", e, p.entry(e.Entry), e.Names, e.Iter, "}")
	case *syntax.Select:
		op := item{func() doc { return text(e.Op.String()) }, e.Query.Span().End}
		return p.bracketed("select(", e.Span().Start, []item{p.item(e.Key, tight), p.item(e.Query, tight), op}, ")")
	case *syntax.Aggregate:
		items := []item{p.item(e.Selector, tight), p.item(e.Value, free)}
		if e.Default != nil {
			items = append(items, p.item(e.Default, tight))
		}
		return p.bracketed("aggregate(", e.Span().Start, items, ")")
	case *syntax.Builtin:
		return p.bracketed(e.Name+"(", e.Span().Start, p.items(e.Args, free), ")")
	}
	return text(e.Span().Text())
}

// isOperation reports whether e has parts on both sides of an operator.
func isOperation(e syntax.Expr) bool {
	switch e.(type) {
	case *syntax.Binary, *syntax.Cond:
		return true
	}
	return false
}

// operation splits operators of one power side by side, which break together,
// and conditionals likewise, into the first operand and the rest.
func (p *printer) operation(e syntax.Expr, at place) (first doc, rest join) {
	links := []syntax.Expr{e}
	for {
		left, parens := operand(e, 0)
		if parens || syntax.Power(left) != syntax.Power(e) {
			break
		}
		links = append(links, left)
		e = left
	}
	first = p.child(e, 0, at)
	if x, parens := operand(e, 0); isOperation(x) && !parens {
		first = nest{first} // its lines are told apart from those of the rest
	}
	for _, l := range slices.Backward(links) {
		switch l := l.(type) {
		case *syntax.Binary:
			rest = append(rest, p.breakable(l.X, at), text(l.Op.String()+" "), p.child(l, 1, at))
		case *syntax.Cond:
			rest = append(rest, p.breakable(l.Then, at), text("if "), p.child(l, 1, max(at, tight)))
			rest = append(rest, p.breakable(l.Test, at), text("else "), p.child(l, 2, at))
		}
	}
	return first, rest
}

// breakable is a blank behind x that may become a line end, if there may be any.
func (p *printer) breakable(x syntax.Expr, at place) doc {
	if at == bound {
		return text(" ")
	}
	return p.slot(" ", x.Span().End)
}

func (p *printer) unary(e *syntax.Unary, at place) doc {
	switch {
	case !e.Op.IsPrefix():
		return p.bracketed(e.Op.String()+"(", e.Span().Start, []item{p.item(e.X, tight)}, ")")
	case e.Op == syntax.OpNot:
		return join{text("not "), p.child(e, 0, at)}
	}
	return join{text(e.Op.String()), p.child(e, 0, at)}
}

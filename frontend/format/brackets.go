package format

import (
	"strings"

	"github.com/raspc/raspc/frontend/syntax"
)

// item is one of the things that stand between brackets with commas between.
type item struct {
	// build makes its doc; items are built in order, as slots must be.
	build func() doc
	end   int // in the source
}

func (p *printer) item(x syntax.Expr, at place) item {
	return item{func() doc { return p.outermost(x, at) }, x.Span().End}
}

func (p *printer) items(all []syntax.Expr, at place) []item {
	items := make([]item, len(all))
	for i, x := range all {
		items[i] = p.item(x, at)
	}
	return items
}

// bracketed stands on one line, or has one item a line. What opens it ends
// behind the given place in the source.
func (p *printer) bracketed(open string, after int, items []item, closing string) doc {
	if len(items) == 0 {
		return text(open + closing)
	}
	opened := p.slot("", after)
	inside := p.separated(items)
	return p.enclose(open, opened, inside, items[len(items)-1].end, closing)
}

// enclose puts brackets around what is built; it ends at a place in the source.
func (p *printer) enclose(open string, opened *slot, inside doc, end int, closing string) *group {
	closed := p.slot("", end)
	closed.inner = true
	return &group{body: join{text(open), nest{join{opened, inside}}, closed, text(closing)}}
}

// separated builds items with commas between.
func (p *printer) separated(items []item) doc {
	var parts join
	for i, it := range items {
		if i > 0 {
			parts = append(parts, text(","), p.slot(" ", items[i-1].end))
		}
		parts = append(parts, it.build())
	}
	return parts
}

// call is broken behind its parenthesis, or where that must not be, behind its
// commas only.
func (p *printer) call(e *syntax.Call, at place) doc {
	fun, args := p.child(e, 0, at), p.items(e.Args, free)
	open := "("
	if name, ok := syntax.Unparen(e.Fun).(*syntax.Ident); ok {
		open = opening(name.Name)
	}
	if at != tight {
		return join{fun, p.bracketed(open, e.Fun.Span().End, args, ")")}
	}
	return join{fun, text(open), &group{body: align{p.separated(args)}}, text(")")}
}

// opening is the parenthesis behind the name of a function.
func opening(name string) string {
	if syntax.Glues(name) {
		return " ("
	}
	return "("
}

func (p *printer) list(e *syntax.List) doc {
	if len(e.Items) == 0 {
		return text("[]")
	}
	opened := p.slot("", e.Span().Start)
	inside := p.separatedOrFilled(e)
	g := p.enclose("[", opened, inside, e.Items[len(e.Items)-1].Span().End, "]")
	g.broken = p.beginsBroken(e, e.Items[0])
	return g
}

// separatedOrFilled puts numbers and strings beside each other where other
// items stand one a line.
func (p *printer) separatedOrFilled(e *syntax.List) doc {
	var f fill
	for i, it := range e.Items {
		literal, ok := literal(it)
		if !ok {
			return p.separated(p.items(e.Items, free))
		}
		f.items = append(f.items, literal)
		if i > 0 {
			f.slots = append(f.slots, &slot{flat: " ", after: e.Items[i-1].Span().End})
		}
	}
	p.slots = append(p.slots, f.slots...)
	return &f
}

// literal returns the text of a number or string, which may have a sign.
func literal(e syntax.Expr) (string, bool) {
	switch e := syntax.Unparen(e).(type) {
	case *syntax.Int, *syntax.Float, *syntax.String:
		return e.Span().Text(), true
	case *syntax.Unary:
		number, ok := literal(e.X)
		return "-" + number, ok && e.Op == syntax.OpNeg && number[0] != '-'
	}
	return "", false
}

// beginsBroken reports whether the first thing inside the brackets of e stands
// on a line below them.
func (p *printer) beginsBroken(e, first syntax.Node) bool {
	return strings.ContainsAny(p.src[e.Span().Start:first.Span().Start], "\r\n")
}

func (p *printer) dict(e *syntax.Dict) doc {
	if len(e.Entries) == 0 {
		return text("{}")
	}
	items := make([]item, len(e.Entries))
	for i, entry := range e.Entries {
		items[i] = p.entry(entry)
	}
	opened := p.slot("", e.Span().Start)
	inside := p.separated(items)
	g := p.enclose("{", opened, inside, items[len(items)-1].end, "}")
	g.broken = p.beginsBroken(e, e.Entries[0].Key)
	return g
}

func (p *printer) entry(e syntax.Entry) item {
	return item{func() doc {
		return join{p.outermost(e.Key, tight), text(": "), p.outermost(e.Value, free)}
	}, e.Value.Span().End}
}

// comprehension has what is made of each element, on one line, and the
// clause on the next where both do not fit.
func (p *printer) comprehension(open string, e syntax.Expr, made item, names []*syntax.Ident, iter syntax.Expr, closing string) doc {
	opened := p.slot("", e.Span().Start)
	inside := join{made.build(), p.slot(" ", made.end), text("for " + nameList(names) + " in "), p.outermost(iter, tight)}
	return p.enclose(open, opened, inside, iter.Span().End, closing)
}

func nameList(names []*syntax.Ident) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = n.Name
	}
	return strings.Join(all, ", ")
}

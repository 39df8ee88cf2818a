package lsp

import (
	"cmp"
	"context"
	"slices"

	"github.com/raspc/raspc/frontend/syntax"
)

// definition returns where a name is bound: in several places where the text
// alone does not decide, and the file for the name of one.
func definition(_ context.Context, v *view, p positionParams) ([]location, error) {
	offset := v.client.encoding.offset(v.src, p.Position)
	x := v.parsed().index
	if x.inLoad(offset) != nil {
		return v.loadedFile(x.inLoad(offset)), nil
	}
	_, t := x.at(offset, v.modules())
	found := []location{}
	for _, b := range t.bindings {
		if at, ok := v.locate(b.ident.Span()); ok {
			found = append(found, at)
		}
	}
	return found, nil
}

// inLoad returns the statement in whose file name an offset is.
func (x *index) inLoad(offset int) *syntax.Load {
	for _, s := range x.scopes {
		for _, b := range s.binds {
			if b.load == nil {
				continue
			}
			if at := b.load.Path.Span(); at.Start <= offset && offset <= at.End {
				return b.load
			}
		}
	}
	return nil
}

func (v *view) loadedFile(st *syntax.Load) []location {
	x := v.modules()(st)
	if x == nil {
		return []location{}
	}
	start := x.top.at
	start.End = start.Start
	at, _ := v.locate(start)
	return []location{at}
}

// references returns where a name stands in the document.
func references(ctx context.Context, v *view, p referenceParams) ([]location, error) {
	found := []location{}
	for _, o := range v.occurrences(ctx, p.Position) {
		if o.written && !p.Context.IncludeDeclaration || ctx.Err() != nil {
			continue
		}
		at := o.ident.Span()
		found = append(found, location{v.uri, v.client.encoding.span(v.src, at.Start, at.End)})
	}
	return found, overdue(ctx)
}

// highlights are the references, told apart by what they do.
func highlights(ctx context.Context, v *view, p positionParams) ([]highlight, error) {
	const read, written = 2, 3
	found := []highlight{}
	for _, o := range v.occurrences(ctx, p.Position) {
		if ctx.Err() != nil {
			break
		}
		at := o.ident.Span()
		h := highlight{v.client.encoding.span(v.src, at.Start, at.End), read}
		if o.written {
			h.Kind = written
		}
		found = append(found, h)
	}
	return found, overdue(ctx)
}

// overdue is the error of an answer that is not complete in time: programs of
// absurd size must not keep the server busy.
func overdue(ctx context.Context) error {
	if ctx.Err() != nil {
		return failure(codeFailed, "this takes too long")
	}
	return nil
}

func (v *view) occurrences(ctx context.Context, p position) []occurrence {
	x, m := v.parsed().index, v.modules()
	id, t := x.at(v.client.encoding.offset(v.src, p), m)
	if id == nil {
		return nil
	}
	t.name = id.Name
	found := x.occurrences(ctx, t, m)
	slices.SortFunc(found, func(a, b occurrence) int { return cmp.Compare(a.ident.Span().Start, b.ident.Span().Start) })
	return found
}

// Kinds of symbols.
const (
	functionSymbol = 12
	variableSymbol = 13
)

// symbols are the names that the document binds, those of functions inside them.
func symbols(ctx context.Context, v *view, _ documentParams) ([]documentSymbol, error) {
	return v.symbolsIn(ctx, v.parsed().file.Stmts), overdue(ctx)
}

func (v *view) symbolsIn(ctx context.Context, stmts []syntax.Stmt) []documentSymbol {
	found := []documentSymbol{}
	for _, st := range stmts {
		if ctx.Err() != nil {
			break
		}
		switch st := st.(type) {
		case *syntax.Assign:
			found = append(found, v.variables(st.Names, st)...)
		case *syntax.For:
			found = append(found, v.variables(st.Names, st)...)
			found = append(found, v.symbolsIn(ctx, st.Body)...)
		case *syntax.Def:
			if st.Name == nil {
				continue
			}
			s := v.symbol(st.Name, functionSymbol, st)
			s.Detail = headerOf(st)
			s.Children = v.symbolsIn(ctx, st.Body)
			found = append(found, s)
		}
	}
	return found
}

func (v *view) variables(names []*syntax.Ident, st syntax.Stmt) []documentSymbol {
	var found []documentSymbol
	for _, name := range names {
		if name != nil {
			found = append(found, v.symbol(name, variableSymbol, st))
		}
	}
	return found
}

func (v *view) symbol(name *syntax.Ident, kind int, st syntax.Stmt) documentSymbol {
	e, whole, own := v.client.encoding, st.Span(), name.Span()
	return documentSymbol{
		Name: name.Name, Kind: kind,
		Range: e.span(v.src, whole.Start, whole.End), SelectionRange: e.span(v.src, own.Start, own.End),
	}
}

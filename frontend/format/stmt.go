package format

import "github.com/raspc/raspc/frontend/syntax"

func (p *printer) statement(s syntax.Stmt) {
	switch s := s.(type) {
	case *syntax.Def:
		header := func() doc { return p.defHeader(s) }
		p.block(s, header, p.find('{', defHeaderEnd(s)), s.Body, s.Results)
	case *syntax.For:
		header := func() doc { return p.forHeader(s) }
		p.block(s, header, p.find('{', s.Iter.Span().End), s.Body, nil)
	default:
		p.emit(s.Span().Start, s.Span().End, p.simple(s))
	}
}

func (p *printer) defHeader(s *syntax.Def) doc {
	params := make([]item, len(s.Params))
	for i, n := range s.Params {
		params[i] = item{func() doc { return text(n.Name) }, n.Span().End}
	}
	return join{text("def " + s.Name.Name), p.bracketed(opening(s.Name.Name), s.Name.Span().End, params, ")"), text(" {")}
}

func defHeaderEnd(s *syntax.Def) int {
	if n := len(s.Params); n > 0 {
		return s.Params[n-1].Span().End
	}
	return s.Name.Span().End
}

func (p *printer) forHeader(s *syntax.For) doc {
	return join{text("for " + nameList(s.Names) + " in "), p.outermost(s.Iter, tight), text(" {")}
}

// block prints a statement with a body, whose brace is at a place in the
// source. A function's results follow its body.
func (p *printer) block(s syntax.Stmt, header func() doc, brace int, body []syntax.Stmt, results []syntax.Expr) {
	if p.onOneLine(s, header, body, results) {
		return
	}
	start, end := s.Span().Start, s.Span().End
	p.emit(start, brace+1, header())
	p.depth++
	p.first = true
	p.statements(body)
	if len(results) > 0 {
		p.comments(results[0].Span().Start)
		last := results[len(results)-1].Span().End
		p.emit(p.skip(p.end), p.find(';', last)+1, p.returned(results))
	}
	p.comments(end)
	p.depth--
	p.line("}")
	p.end, p.first = end, false
}

// onOneLine prints a statement with its body if the source has it on one line,
// the body is one statement, and all fits.
func (p *printer) onOneLine(s syntax.Stmt, header func() doc, body []syntax.Stmt, results []syntax.Expr) bool {
	at := s.Span()
	commented := len(p.notes) > 0 && p.notes[0].at.Start < at.End
	single := len(body)+min(1, len(results)) == 1 && (len(body) == 0 || isSimple(body[0]))
	if commented || !single || lineEnds(at.Text()) > 0 {
		return false
	}
	d := join{header(), text(" ")}
	if len(body) == 0 {
		d = append(d, p.returned(results))
	} else {
		d = append(d, p.simple(body[0]))
	}
	d = append(d, text(" }"))
	w := &writer{column: indent * p.depth}
	if !w.fits(d) {
		p.slots = nil
		return false
	}
	p.emit(at.Start, at.End, d)
	return true
}

func isSimple(s syntax.Stmt) bool {
	switch s.(type) {
	case *syntax.Def, *syntax.For:
		return false
	}
	return true
}

func (p *printer) returned(results []syntax.Expr) doc {
	return join{text("return "), p.values(results), text(";")}
}

// values are expressions with commas between.
func (p *printer) values(all []syntax.Expr) doc {
	if len(all) == 1 {
		return p.outermost(all[0], free)
	}
	return nest{p.separated(p.items(all, free))}
}

// simple is a statement without a body.
func (p *printer) simple(s syntax.Stmt) doc {
	switch s := s.(type) {
	case *syntax.ExprStmt:
		return join{p.outermost(s.X, free), text(";")}
	case *syntax.Assign:
		return join{text(nameList(s.Names) + " = "), p.values(s.Values), text(";")}
	case *syntax.Load:
		return text("load " + s.Path.Span().Text() + ";")
	case *syntax.Draw:
		drawn := []item{p.item(s.X, tight)}
		if s.Input != nil {
			drawn = append(drawn, p.item(s.Input, tight))
		}
		return join{p.bracketed("draw(", s.Span().Start, drawn, ")"), text(";")}
	case *syntax.SetExample:
		return join{text("set " + scoped(s.Scope, "example ")), p.outermost(s.X, bound)}
	case *syntax.ShowExample:
		return text("show " + scoped(s.Scope, "example"))
	case *syntax.Examples:
		return text(scoped(s.Scope, "examples ") + onOff(s.On))
	case *syntax.FullSeq:
		return text("full seq display " + onOff(s.On))
	}
	return text(s.Span().Text())
}

// scoped puts the scope's word, if it has one, before another.
func scoped(s syntax.Scope, word string) string {
	if s == syntax.BothScopes {
		return word
	}
	return s.String() + " " + word
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

package syntax

import "github.com/raspc/raspc/frontend/diag"

func (p *parser) def() Stmt {
	start := p.start()
	p.next()
	s := &Def{Name: p.name()}
	open := p.expect(tokLParen)
	if !p.at(tokRParen) {
		s.Params = p.names()
	}
	p.close(tokRParen, open)
	p.checkParams(s.Params)
	brace, ok := p.openBody()
	if !ok {
		return nil
	}
	s.Body, s.Results = p.body(brace, true)
	s.pos = p.since(start)
	return s
}

func (p *parser) checkParams(params []*Ident) {
	seen := make(map[string]*Ident)
	for _, n := range params {
		if n == nil {
			return
		}
		if first, twice := seen[n.Name]; twice {
			p.softError(diag.New(diag.RepeatedName, n.Span(), "parameter `%s` stands twice", n.Name).
				WithLabel(first.Span(), "first here"))
		}
		seen[n.Name] = n
	}
}

func (p *parser) forLoop() Stmt {
	start := p.start()
	p.next()
	s := &For{Names: p.names()}
	p.expect(tokIn)
	s.Iter = p.enclosed()
	p.finish(s.Iter)
	brace, ok := p.openBody()
	if !ok {
		return nil
	}
	before := p.errors
	s.Body, _ = p.body(brace, false)
	if len(s.Body) == 0 && p.errors == before {
		p.softError(diag.New(diag.EmptyBody, p.spanOf(brace).To(p.behind()), "the body of a loop must not be empty"))
	}
	s.pos = p.since(start)
	return s
}

// openBody consumes the `{` of a body. If the header before it was wrong but the
// `{` is near, the body is read all the same, so that its errors show too.
func (p *parser) openBody() (token, bool) {
	if p.at(tokLBrace) {
		return p.next(), true
	}
	p.unexpected("`{`")
	for j := p.i; j < len(p.tokens); j++ {
		switch t := p.tokens[j]; {
		case t.kind == tokLBrace:
			p.failed = false
			p.i = j
			p.boundary()
			return p.next(), true
		case t.kind == tokSemi || t.kind == tokEOF || j > p.i && t.fresh:
			return token{}, false
		}
	}
	return token{}, false
}

// body reads statements up to the closing brace; those of a function end with
// its `return`.
func (p *parser) body(brace token, function bool) (stmts []Stmt, results []Expr) {
	if !p.enter() {
		p.leave()
		return nil, nil
	}
	defer p.leave()
	defer func(old bool) { p.lineEnds = old }(p.lineEnds)
	p.lineEnds = false
	returned := false
	for {
		p.boundary()
		switch {
		case p.at(tokRBrace):
			if function && !returned {
				p.softError(diag.New(diag.BadReturn, p.here(), "the function ends without `return`").
					WithLabel(p.spanOf(brace), "body begins here").
					WithHelp("a function body ends with `return …;`"))
			}
			p.next()
			return stmts, results
		case p.at(tokEOF) || p.errors >= maxErrors:
			p.fail(diag.New(diag.UnclosedBracket, p.here(), "expected `}`, found %s", p.found()).
				WithLabel(p.spanOf(brace), "`{` opened here"))
			return stmts, results
		case function && p.at(tokReturn):
			values := p.returned(returned)
			if !returned {
				results = values
			}
			returned = true
		default:
			if returned {
				p.softError(diag.New(diag.BadReturn, p.here(), "statement after `return`").
					WithHelp("`return` is the last statement of a function, and its only one"))
			}
			if s := p.inner(); s != nil {
				stmts = append(stmts, s)
			}
		}
	}
}

// returned reads `return E, …;`.
func (p *parser) returned(again bool) []Expr {
	before := p.i
	if again {
		p.softError(diag.New(diag.BadReturn, p.here(), "a second `return`").
			WithHelp("`return` is the last statement of a function, and its only one"))
	}
	p.next()
	values := p.values()
	p.semicolon()
	p.finish(values...)
	if p.failed {
		p.recover(before, true)
	}
	return values
}

// inner reads a statement of a body; nil if it was wrong, which is reported and
// recovered from.
func (p *parser) inner() Stmt {
	before := p.i
	var s Stmt
	switch t := p.peek(); t.kind {
	case tokSet, tokSOp, tokSelector, tokShow, tokExamples, tokFullSeq,
		tokExit, tokQuit, tokExitCall, tokQuitCall:
		p.softError(diag.New(diag.ConsoleInBody, p.here(), "`%s` begins a console statement", p.here().Text()).
			WithNote("bodies hold language statements only"))
		p.console()
	case tokReturn:
		p.fail(diag.New(diag.BadReturn, p.here(), "`return` inside a loop").
			WithHelp("`return` is the last statement of a function"))
	default:
		s = p.statement()
	}
	if !p.failed {
		return s
	}
	p.recover(before, true)
	return nil
}

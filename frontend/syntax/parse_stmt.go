package syntax

import "github.com/raspc/raspc/frontend/diag"

// file reads statements to the end of the text.
func (p *parser) file() []Stmt {
	var out []Stmt
	for {
		p.boundary()
		if p.at(tokEOF) || p.errors >= maxErrors {
			return out
		}
		before := p.i
		s := p.topLevel()
		if !p.failed {
			out = append(out, s)
			continue
		}
		p.recover(before, false)
	}
}

// topLevel reads a statement where console statements are allowed too.
func (p *parser) topLevel() Stmt {
	switch p.peek().kind {
	case tokSet, tokSOp, tokSelector, tokShow, tokExamples, tokFullSeq,
		tokExit, tokQuit, tokExitCall, tokQuitCall:
		return p.console()
	case tokReturn:
		p.fail(diag.New(diag.BadReturn, p.here(), "`return` outside a function"))
		return nil
	case tokRBrace:
		p.fail(diag.New(diag.UnexpectedToken, p.here(), "`}` closes nothing"))
		return nil
	}
	return p.statement()
}

// statement reads a language statement.
func (p *parser) statement() Stmt {
	switch p.peek().kind {
	case tokDef:
		return p.def()
	case tokFor:
		return p.forLoop()
	case tokLoad:
		return p.load()
	case tokDraw:
		return p.draw()
	case tokSemi:
		p.fail(diag.New(diag.StraySemicolon, p.here(), "a statement is missing before this `;`").WithHelp("remove it").
			WithFix(p.removal(p.i)))
		return nil
	case tokIf:
		p.fail(diag.New(diag.NotInLanguage, p.here(), "RASP has no `if` statement").
			WithHelp("use the conditional expression: `x if c else y`"))
		return nil
	}
	if p.startsAssignment() {
		return p.assignment()
	}
	start, joined := p.start(), p.joined()
	x := p.expr()
	if p.at(tokAssign) {
		p.notAssignable(x)
		return nil
	}
	p.semicolon()
	s := &ExprStmt{pos: p.since(start), X: x}
	if p.checkHeight(x); !p.failed {
		lint(x, joined, p.report)
	}
	return s
}

// joined reports whether the current token, which begins a statement, stands
// behind one whose `;` is missing, or behind a console statement on its line.
func (p *parser) joined() bool {
	switch {
	case p.i == 0:
		return false
	case p.i == p.unended:
		return true
	case p.tokens[p.i].fresh:
		return false
	}
	switch p.tokens[p.i-1].kind {
	case tokSemi, tokLBrace, tokRBrace:
		return false
	}
	return true
}

func (p *parser) notAssignable(x Expr) {
	if d, ok := p.hint(); ok {
		p.fail(d)
		return
	}
	p.fail(diag.New(diag.UnexpectedToken, p.here(), "only names can be assigned to").
		WithLabel(x.Span(), "not a name").
		WithNote("RASP values are immutable; comparison is `==`"))
}

// startsAssignment looks ahead for N, N, … =.
func (p *parser) startsAssignment() bool {
	for n := 0; p.peekAt(n) == tokName; n += 2 {
		switch p.peekAt(n + 1) {
		case tokAssign:
			return true
		case tokComma:
			continue
		}
		return false
	}
	return false
}

func (p *parser) assignment() Stmt {
	start := p.start()
	names := p.names()
	p.expect(tokAssign)
	values := p.values()
	p.semicolon()
	p.finish(values...)
	return &Assign{pos: p.since(start), Names: names, Values: values}
}

// values reads E, E, … up to a `;`.
func (p *parser) values() []Expr {
	out := []Expr{p.expr()}
	for p.comma(tokSemi) {
		out = append(out, p.expr())
	}
	return out
}

// finish checks complete expressions and looks for traps in them.
func (p *parser) finish(exprs ...Expr) {
	for _, e := range exprs {
		p.checkHeight(e)
		if p.failed {
			return
		}
		lint(e, false, p.report)
	}
}

// semicolon expects the `;` of a statement. Where it is plainly forgotten, the
// statement counts as complete.
func (p *parser) semicolon() {
	if p.accept(tokSemi) || p.failed {
		return
	}
	t := p.peek()
	forgotten := t.kind == tokEOF || t.kind == tokRBrace || t.afterComment() || t.fresh && p.beginsStatement()
	if !forgotten {
		p.unexpected("`;`")
		return
	}
	if t.kind == tokEOF && p.errors == 0 {
		p.incomplete = true
	}
	p.unended = p.i
	p.softError(diag.New(diag.MissingSemicolon, p.behind(), "missing `;`").WithText("here").
		WithFix(diag.Fix{Title: "end the statement with `;`", Edits: []diag.Edit{diag.Insert(p.behind(), ";")}, Safe: true}))
}

// beginsStatement reports whether the current token can begin a statement; it
// decides only how an error is worded and how far recovery goes.
func (p *parser) beginsStatement() bool {
	switch p.tokens[p.i].kind {
	case tokName, tokInt, tokFloat, tokString, tokLParen, tokLBrack, tokLBrace, tokNot, tokMinus, tokPlus,
		tokRound, tokIndicator, tokSelect, tokAggregate, tokRange, tokZip, tokLen:
		return true
	}
	return p.beginsKeywordStatement()
}

func (p *parser) beginsKeywordStatement() bool {
	switch p.tokens[p.i].kind {
	case tokDef, tokFor, tokLoad, tokDraw, tokReturn, tokSet, tokShow, tokExamples, tokFullSeq,
		tokExit, tokQuit, tokExitCall, tokQuitCall:
		return true
	}
	return false
}

func (p *parser) load() Stmt {
	start := p.start()
	p.next()
	if !p.at(tokString) {
		p.unexpected("the file's name in quotes")
		return nil
	}
	path := p.stringLit()
	p.semicolon()
	return &Load{pos: p.since(start), Path: path}
}

func (p *parser) draw() Stmt {
	start := p.start()
	p.next()
	open := p.expect(tokLParen)
	s := &Draw{X: p.enclosed()}
	if p.comma(tokRParen) {
		s.Input = p.enclosed()
	}
	p.close(tokRParen, open)
	p.semicolon()
	s.pos = p.since(start)
	return s
}

package syntax

import "github.com/raspc/raspc/frontend/diag"

// console reads a statement that speaks to the console. None ends with `;`.
func (p *parser) console() Stmt {
	start := p.start()
	var s Stmt
	switch p.peek().kind {
	case tokSet:
		p.next()
		scope := p.scope()
		p.expect(tokExample)
		x := p.lineExpr()
		p.finish(x)
		s = &SetExample{pos: p.since(start), Scope: scope, X: x}
	case tokShow:
		p.next()
		scope := p.scope()
		p.expect(tokExample)
		s = &ShowExample{pos: p.since(start), Scope: scope}
	case tokFullSeq:
		p.next()
		on := p.onOff()
		s = &FullSeq{pos: p.since(start), On: on}
	case tokSOp, tokSelector, tokExamples:
		scope := p.scope()
		p.expect(tokExamples)
		on := p.onOff()
		s = &Examples{pos: p.since(start), Scope: scope, On: on}
	default:
		p.next()
		s = &Exit{pos: p.since(start)}
	}
	p.boundary()
	if p.at(tokSemi) {
		p.softError(diag.New(diag.StraySemicolon, p.here(), "console statements end without `;`").WithHelp("remove it").
			WithFix(p.removal(p.i)))
		p.next()
	}
	return s
}

// scope reads `s-op`, `selector` or nothing.
func (p *parser) scope() Scope {
	switch {
	case p.accept(tokSOp):
		return SOpScope
	case p.accept(tokSelector):
		return SelectorScope
	}
	return BothScopes
}

func (p *parser) onOff() bool {
	if p.accept(tokOn) {
		return true
	}
	if !p.accept(tokOff) {
		p.unexpected("`on` or `off`")
	}
	return false
}

// lineExpr reads an expression that ends with its line if it can.
func (p *parser) lineExpr() Expr {
	p.lineEnds = true
	defer func() { p.lineEnds = false }()
	return p.expr()
}

package syntax

import "github.com/raspc/raspc/frontend/diag"

// Binding powers; an operator is taken by the loop of climb whose minimum is at
// most its power, and its right operand is read with the power plus one, so that
// all associate to the left.
const (
	powerIn      = 3
	powerCond    = 12
	powerLogical = 13
	powerCompare = 15
	powerAdd     = 16
	powerMod     = 17
	powerMul     = 18
	powerPow     = 19
)

// binary maps tokens to operators with their powers.
var binary = map[kind]struct {
	op    Op
	power int
}{
	tokIn:  {OpIn, powerIn},
	tokAnd: {OpAnd, powerLogical}, tokOr: {OpOr, powerLogical},
	tokEq: {OpEq, powerCompare}, tokNe: {OpNe, powerCompare},
	tokLe: {OpLe, powerCompare}, tokGe: {OpGe, powerCompare},
	tokLt: {OpLt, powerCompare}, tokGt: {OpGt, powerCompare},
	tokPlus: {OpAdd, powerAdd}, tokMinus: {OpSub, powerAdd},
	tokPercent: {OpMod, powerMod},
	tokStar:    {OpMul, powerMul}, tokSlash: {OpDiv, powerMul},
	tokCaret: {OpPow, powerPow},
}

// expr reads an expression of any binding strength.
func (p *parser) expr() Expr { return p.climb(0) }

// enclosed reads an expression inside brackets, where line breaks mean nothing.
func (p *parser) enclosed() Expr {
	defer func(old bool) { p.lineEnds = old }(p.lineEnds)
	p.lineEnds = false
	return p.expr()
}

// climb reads an expression whose operators have at least the given power.
func (p *parser) climb(least int) Expr {
	if !p.enter() {
		p.leave()
		return nil
	}
	defer p.leave()
	start := p.start()
	left := p.prefix()
	for !p.endsAtLine() {
		if p.at(tokIf) {
			if powerCond < least {
				break
			}
			left = p.cond(start, left)
			continue
		}
		b, ok := binary[p.peek().kind]
		if !ok || b.power < least {
			break
		}
		left = p.infix(start, left, b.op, b.power)
	}
	return left
}

// endsAtLine reports whether a line break ends the expression here.
func (p *parser) endsAtLine() bool { return p.lineEnds && p.peek().fresh }

func (p *parser) infix(start int, left Expr, op Op, power int) Expr {
	opPos := p.spanOf(p.next())
	right := p.climb(power + 1)
	e := &Binary{pos: p.since(start), Op: op, OpPos: opPos, X: left, Y: right}
	if op == OpNe {
		p.notEqual(e)
	}
	return e
}

// notEqual warns of a `!=` that is no operand of `select`.
func (p *parser) notEqual(e *Binary) {
	d := diag.New(diag.NotEqualExtension, e.OpPos, "`!=` outside `select` is an extension of raspc").
		WithNote("other RASP interpreters refuse the file").
		WithHelp("write `not (a == b)`")
	if !p.failed {
		edits := append(diag.Enclose(e.Span(), "(not (", "))"), diag.Edit{Span: e.OpPos, Text: "=="})
		d = d.WithFix(diag.Fix{Title: "write `(not (… == …))`", Edits: edits})
	}
	p.report.Add(d)
}

// cond reads the rest of a conditional. Its test may be any expression, its else
// part binds like an operand of `and`; so a second `if` behind it takes the whole
// first conditional as its then part.
func (p *parser) cond(start int, then Expr) Expr {
	p.next()
	test := p.enclosed()
	if !p.at(tokElse) {
		p.noElse()
		return nil
	}
	p.next()
	otherwise := p.climb(powerLogical)
	return &Cond{pos: p.since(start), Then: then, Test: test, Else: otherwise}
}

func (p *parser) noElse() {
	if p.failed {
		return
	}
	d := diag.New(diag.UnexpectedToken, p.here(), "expected `else`, found %s", p.found()).
		WithHelp("a conditional always has both parts: `x if c else y`")
	if p.at(tokRBrack) || p.at(tokRBrace) {
		d = d.WithNote("comprehensions have no `if` clause in RASP")
	}
	p.fail(d)
}

var prefixes = map[kind]Op{tokNot: OpNot, tokMinus: OpNeg, tokPlus: OpPos}

// prefix reads prefix operators; they bind tighter than any binary operator.
func (p *parser) prefix() Expr {
	op, ok := prefixes[p.peek().kind]
	if !ok {
		return p.postfix()
	}
	start := p.start()
	p.next()
	if !p.enter() {
		p.leave()
		return nil
	}
	x := p.prefix()
	p.leave()
	return &Unary{pos: p.since(start), Op: op, X: x}
}

// postfix reads an operand with the calls and indexings behind it.
func (p *parser) postfix() Expr {
	start := p.start()
	e := p.primary()
	for !p.endsAtLine() {
		switch p.peek().kind {
		case tokLBrack:
			e = p.index(start, e)
		case tokLParen:
			open := p.next()
			args := p.list(tokRParen, true)
			p.close(tokRParen, open)
			e = &Call{pos: p.since(start), Fun: e, Args: args}
		default:
			return e
		}
	}
	return e
}

func (p *parser) index(start int, x Expr) Expr {
	open := p.next()
	if p.at(tokColon) {
		p.noSlices()
		return nil
	}
	at := p.enclosed()
	if p.at(tokColon) {
		p.noSlices()
		return nil
	}
	p.close(tokRBrack, open)
	return &Index{pos: p.since(start), X: x, At: at}
}

func (p *parser) noSlices() {
	p.fail(diag.New(diag.NotInLanguage, p.here(), "RASP has no slices").
		WithHelp("pick elements with a comprehension: `[l[i] for i in range(1,3)]`"))
}

// list reads expressions separated by commas up to, not including, the closing
// token. It may be empty only if asked for.
func (p *parser) list(closing kind, mayBeEmpty bool) []Expr {
	var out []Expr
	if mayBeEmpty && p.at(closing) {
		return nil
	}
	for {
		out = append(out, p.enclosed())
		if !p.comma(closing) {
			return out
		}
	}
}

// comma consumes a comma that something follows; a comma before the closing
// token is reported and consumed.
func (p *parser) comma(closing kind) bool {
	if !p.at(tokComma) {
		return false
	}
	t := p.next()
	if p.at(closing) {
		p.softError(diag.New(diag.TrailingComma, p.spanOf(t), "nothing follows this comma").WithHelp("remove it").
			WithFix(p.removal(p.i - 1)))
		return false
	}
	return true
}

// close consumes a closing bracket, or fails with a pointer to the opening one.
func (p *parser) close(closing kind, open token) {
	if p.at(closing) {
		p.next()
		return
	}
	if p.failed {
		return
	}
	if d, ok := p.hint(); ok {
		p.fail(d)
		return
	}
	opened := p.spanOf(open)
	switch p.peek().kind {
	case tokEOF, tokSemi, tokRParen, tokRBrack, tokRBrace, tokDef, tokFor, tokReturn, tokLoad, tokDraw, tokAssign:
		d := diag.New(diag.UnclosedBracket, p.here(), "expected `%s`, found %s", spellings[closing], p.found()).
			WithLabel(opened, "`%s` opened here", opened.Text())
		if p.at(tokSemi) {
			d = d.WithEdit("close it before the `;`", p.behind(), spellings[closing])
		}
		p.fail(d)
	default:
		p.fail(diag.New(diag.UnexpectedToken, p.here(), "expected `,` or `%s`, found %s", spellings[closing], p.found()).
			WithLabel(opened, "inside `%s` opened here", opened.Text()))
	}
}

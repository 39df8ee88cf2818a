package syntax

import "github.com/raspc/raspc/frontend/diag"

// primary reads an operand without the calls and indexings behind it.
func (p *parser) primary() Expr {
	start := p.start()
	t := p.peek()
	text := p.spanOf(t).Text()
	switch t.kind {
	case tokName:
		p.next()
		return &Ident{pos: p.since(start), Name: text}
	case tokInt:
		p.next()
		return &Int{pos: p.since(start), Text: text}
	case tokFloat:
		p.next()
		return &Float{pos: p.since(start), Text: text}
	case tokString:
		return p.stringLit()
	case tokLParen:
		return p.paren()
	case tokLBrack:
		return p.listOrComp()
	case tokLBrace:
		return p.dictOrComp()
	case tokRound, tokIndicator:
		return p.callLike(t.kind)
	case tokSelect:
		return p.selection()
	case tokAggregate:
		return p.aggregation()
	case tokRange, tokZip, tokLen:
		return p.builtin(t.kind)
	}
	p.expectedExpr()
	return nil
}

func (p *parser) stringLit() *String {
	start := p.start()
	text := p.spanOf(p.next()).Text()
	return &String{pos: p.since(start), Value: text[1 : len(text)-1]}
}

func (p *parser) paren() Expr {
	start := p.start()
	open := p.next()
	x := p.enclosed()
	if p.at(tokComma) {
		p.fail(diag.New(diag.NotInLanguage, p.here(), "RASP has no tuples").WithHelp("write a list: `[1, 2]`"))
		return nil
	}
	p.close(tokRParen, open)
	return &Paren{pos: p.since(start), X: x}
}

func (p *parser) listOrComp() Expr {
	start := p.start()
	open := p.next()
	if p.accept(tokRBrack) {
		return &List{pos: p.since(start)}
	}
	first := p.enclosed()
	if p.at(tokFor) {
		names, iter := p.clause()
		p.close(tokRBrack, open)
		return &ListComp{pos: p.since(start), Item: first, Names: names, Iter: iter}
	}
	items := []Expr{first}
	for p.comma(tokRBrack) {
		items = append(items, p.enclosed())
	}
	p.close(tokRBrack, open)
	return &List{pos: p.since(start), Items: items}
}

func (p *parser) dictOrComp() Expr {
	start := p.start()
	open := p.next()
	if p.accept(tokRBrace) {
		return &Dict{pos: p.since(start)}
	}
	first := p.entry()
	if p.at(tokFor) {
		names, iter := p.clause()
		p.close(tokRBrace, open)
		return &DictComp{pos: p.since(start), Entry: first, Names: names, Iter: iter}
	}
	entries := []Entry{first}
	for p.comma(tokRBrace) {
		entries = append(entries, p.entry())
	}
	p.close(tokRBrace, open)
	return &Dict{pos: p.since(start), Entries: entries}
}

func (p *parser) entry() Entry {
	key := p.enclosed()
	p.expect(tokColon)
	return Entry{Key: key, Value: p.enclosed()}
}

// clause reads `for N, … in E` of a comprehension.
func (p *parser) clause() ([]*Ident, Expr) {
	p.next()
	names := p.names()
	p.expect(tokIn)
	return names, p.enclosed()
}

// callLike reads round(E) or indicator(E); a blank before `(` is allowed.
func (p *parser) callLike(k kind) Expr {
	start := p.start()
	p.next()
	open := p.expect(tokLParen)
	x := p.enclosed()
	p.close(tokRParen, open)
	op := OpRound
	if k == tokIndicator {
		op = OpIndicator
	}
	return &Unary{pos: p.since(start), Op: op, X: x}
}

var comparisons = map[kind]Op{
	tokEq: OpEq, tokNe: OpNe, tokLe: OpLe, tokGe: OpGe, tokLt: OpLt, tokGt: OpGt,
}

func (p *parser) selection() Expr {
	start := p.start()
	open := p.next()
	key := p.enclosed()
	p.operandComma("select", "select(keys, queries, ==)")
	query := p.enclosed()
	p.operandComma("select", "select(keys, queries, ==)")
	op, ok := comparisons[p.peek().kind]
	if !ok {
		if !p.failed {
			d := diag.New(diag.BadSelectOp, p.here(), "`select` needs one of == != < <= > >= here, found %s", p.found())
			if p.at(tokAssign) {
				d = d.WithHelp("did you mean `==`?").WithEdit("write `==`", p.here(), "==")
			}
			p.fail(d)
		}
		return nil
	}
	p.next()
	p.close(tokRParen, open)
	return &Select{pos: p.since(start), Key: key, Query: query, Op: op}
}

// operandComma expects the comma between operands that must all be there.
func (p *parser) operandComma(what, form string) {
	if p.at(tokRParen) {
		p.fail(diag.New(diag.WrongOperands, p.here(), "`%s` needs more operands", what).WithHelp("write `%s`", form))
		return
	}
	p.expect(tokComma)
}

func (p *parser) aggregation() Expr {
	const form = "aggregate(selector, value) or aggregate(selector, value, default)"
	start := p.start()
	open := p.next()
	sel := p.enclosed()
	p.operandComma("aggregate", form)
	value := p.enclosed()
	var def Expr
	if p.comma(tokRParen) {
		def = p.enclosed()
		if p.at(tokComma) {
			p.fail(diag.New(diag.WrongOperands, p.here(), "`aggregate` takes two or three operands").WithHelp("write %s", form))
		}
	}
	p.close(tokRParen, open)
	return &Aggregate{pos: p.since(start), Selector: sel, Value: value, Default: def}
}

// builtin reads range(…), zip(…) or len(…).
func (p *parser) builtin(k kind) Expr {
	start := p.start()
	open := p.next()
	name := spellings[k][:len(spellings[k])-1]
	args := p.list(tokRParen, false)
	p.close(tokRParen, open)
	e := &Builtin{pos: p.since(start), Name: name, Args: args}
	if k == tokLen && len(args) != 1 && !p.failed {
		p.fail(diag.New(diag.WrongOperands, e.Span(), "`len` takes one list"))
	}
	return e
}

// names reads N, N, … where names are bound.
func (p *parser) names() []*Ident {
	out := []*Ident{p.name()}
	for p.accept(tokComma) {
		out = append(out, p.name())
	}
	return out
}

// name reads a name that is being bound.
func (p *parser) name() *Ident {
	t := p.peek()
	if t.kind == tokName {
		p.next()
		return &Ident{pos: pos{p.spanOf(t)}, Name: p.spanOf(t).Text()}
	}
	if t.kind.isKeyword() {
		p.fail(diag.New(diag.KeywordAsName, p.here(), "`%s` is a keyword and cannot be a name", spellings[t.kind]))
	}
	p.unexpected("a name")
	return nil
}

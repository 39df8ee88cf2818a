package syntax

import "github.com/raspc/raspc/frontend/diag"

// expectedExpr fails where an operand should begin.
func (p *parser) expectedExpr() {
	if p.failed {
		return
	}
	if d, ok := p.hint(); ok {
		p.fail(d)
		return
	}
	p.fail(diag.New(diag.ExpectedExpr, p.here(), "expected an expression, found %s", p.found()))
}

// hint recognises at the current token what people bring along from other
// languages, and words an error for it.
func (p *parser) hint() (diag.Diagnostic, bool) {
	t := p.tokens[p.i]
	before := tokEOF
	adjacent := false
	if p.i > 0 {
		before = p.tokens[p.i-1].kind
		adjacent = p.tokens[p.i-1].end == t.start
	}
	operator := p.behindOperator(t)
	switch {
	case adjacent && before == tokStar && t.kind == tokStar:
		return foreign(operator, "RASP has no `**`", "powers are written `a ^ b`").WithEdit("write `^`", operator, "^"), true
	case adjacent && before == tokSlash && t.kind == tokSlash:
		return foreign(operator, "RASP has no `//`", "write `(a - a % b) / b`"), true
	case adjacent && isArithmetic(before) && t.kind == tokAssign:
		return foreign(operator, "RASP has no `"+operator.Text()+"`", "write `a = a "+spellings[before]+" …`"), true
	case before.isKeyword() && t.kind == tokAssign:
		return diag.New(diag.KeywordAsName, p.spanOf(p.tokens[p.i-1]), "`%s` is a keyword and cannot be a name", spellings[before]), true
	case t.kind == tokNot && p.peekAt(1) == tokIn:
		return foreign(p.here().To(p.spanOf(p.tokens[p.i+1])), "RASP has no `not in`", "write `not (x in l)`"), true
	case t.kind == tokName && p.here().Text() == "is":
		return p.noIs(), true
	case p.foreignStatement() != "":
		return foreign(p.spanOf(p.tokens[p.i-1]), "RASP has no `"+p.foreignStatement()+"`", ""), true
	}
	return diag.Diagnostic{}, false
}

// noIs words the error for `x is y`, and for `x is not y`, which has no operator
// to stand for it.
func (p *parser) noIs() diag.Diagnostic {
	d := foreign(p.here(), "RASP has no `is`", "compare with `==`")
	if p.peekAt(1) == tokNot {
		return d
	}
	return d.WithEdit("write `==`", p.here(), "==")
}

// behindOperator spans the token before t and t.
func (p *parser) behindOperator(t token) diag.Span {
	if p.i == 0 {
		return p.spanOf(t)
	}
	return p.spanOf(p.tokens[p.i-1]).To(p.spanOf(t))
}

func foreign(at diag.Span, message, help string) diag.Diagnostic {
	d := diag.New(diag.NotInLanguage, at, "%s", message)
	if help != "" {
		d = d.WithHelp("%s", help)
	}
	return d
}

func isArithmetic(k kind) bool { return k >= tokPlus && k <= tokCaret }

// foreignWords begin statements elsewhere and are ordinary names in RASP.
var foreignWords = map[string]bool{
	"while": true, "import": true, "from": true, "class": true, "lambda": true, "print": true,
	"elif": true, "pass": true, "break": true, "continue": true, "try": true, "let": true,
	"var": true, "const": true, "function": true, "func": true, "with": true, "assert": true,
}

// foreignStatement returns the word before the current operand if it is one of
// foreignWords: two operands side by side are never right.
func (p *parser) foreignStatement() string {
	if p.i == 0 || p.tokens[p.i-1].kind != tokName || !p.beginsStatement() {
		return ""
	}
	word := p.spanOf(p.tokens[p.i-1]).Text()
	if !foreignWords[word] {
		return ""
	}
	return word
}

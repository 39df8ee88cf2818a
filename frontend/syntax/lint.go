package syntax

import "github.com/raspc/raspc/frontend/diag"

// lint warns of places where RASP's precedence is not what the text suggests.
// Each warning has two fixes: the parentheses that RASP reads, which leave the
// program what it is, and those that were probably meant.
func lint(root Expr, joined bool, report *diag.Report) {
	l := linter{root, joined, report}
	Inspect(root, func(e Expr) {
		switch e := e.(type) {
		case *Binary:
			l.binary(e)
		case *Cond:
			l.cond(e)
		}
	})
}

type linter struct {
	root Expr
	// joined says that nothing ends the statement before that of root: a parenthesis
	// there would make a call of both.
	joined bool
	report *diag.Report
}

func (l linter) binary(e *Binary) {
	not := leadingNot(e.X)
	left, _ := e.X.(*Binary)
	switch {
	case e.Op.IsComparison() && not != nil:
		l.report.Add(l.not(e, not, diag.New(diag.NotBindsTight, e.Span(), "`not` binds tighter than `%s`", e.Op)))
	case e.Op == OpIn && not != nil:
		l.report.Add(l.not(e, not, diag.New(diag.NotIn, e.Span(), "`not` binds tighter than `in`")))
	case e.Op == OpIn:
		l.in(e)
	case e.Op == OpAnd && left != nil && left.Op == OpOr:
		l.report.Add(diag.New(diag.MixedAndOr, e.Span(), "`and` does not bind tighter than `or`").
			WithNote("this reads `(%s) and %s`", short(left), short(e.Y)).
			WithHelp("write `%s or (%s and %s)`, or the parentheses that are meant", short(left.X), short(left.Y), short(e.Y)).
			WithFix(l.asRead(left)).
			WithFix(asMeant("the `and` first", left.Y, e)))
	case e.Op.IsComparison() && left != nil && left.Op.IsComparison():
		l.chain(e, left)
	}
}

// not finishes the warning for `not x op y`.
func (l linter) not(e *Binary, not *Unary, d diag.Diagnostic) diag.Diagnostic {
	return d.WithNote("this reads `(%s) %s %s`", short(not), e.Op, short(e.Y)).
		WithHelp("write `not (%s %s %s)`", short(not.X), e.Op, short(e.Y)).
		WithFix(l.asRead(not)).
		WithFix(asMeant("the `"+e.Op.String()+"` first", not.X, e))
}

func (l linter) chain(e, left *Binary) {
	both := diag.Fix{
		Title: "write both comparisons, joined by `and`",
		Edits: []diag.Edit{diag.Append(left.Span(), " and "+left.Y.Span().Text())},
	}
	if e != l.root {
		both.Edits = append([]diag.Edit{diag.Insert(e.Span(), "(")}, append(both.Edits, diag.Append(e.Span(), ")"))...)
	}
	l.report.Add(diag.New(diag.ChainedComparison, e.Span(), "comparisons do not chain").
		WithNote("this compares the truth value of `%s` with `%s`", short(left), short(e.Y)).
		WithHelp("write `%s and %s %s %s`", short(left), short(left.Y), e.Op, short(e.Y)).
		WithFix(l.asRead(left)).
		WithFix(both))
}

// in warns where an operand of `in` is a bare and/or, comparison or
// conditional: it belongs to the operand as a whole.
func (l linter) in(e *Binary) {
	var operands []Expr
	for _, x := range []Expr{e.X, e.Y} {
		if looser(x) != "" {
			operands = append(operands, x)
		}
	}
	if operands == nil {
		return
	}
	d := diag.New(diag.InBindsLoosely, e.Span(), "`in` binds looser than `%s`", looser(operands[0])).
		WithNote("this reads `(%s) in (%s)`", short(e.X), short(e.Y)).
		WithHelp("put the parentheses that are meant").
		WithFix(l.asRead(operands...))
	if from, to := nearest(e); from != nil {
		d = d.WithFix(asMeant("the `in` first", from, to))
	}
	l.report.Add(d)
}

// nearest returns the operands beside `in` that it would have if it bound
// tighter than what stands in its operands; nil where both of them are loose,
// and where another comparison is beside it, with which it has no usual order.
func nearest(e *Binary) (from, to Expr) {
	from, to = e.X, e.Y
	if looser(from) != "" && looser(to) != "" {
		return nil, nil
	}
	switch x := from.(type) {
	case *Binary:
		if x.Op.IsComparison() {
			return nil, nil
		}
		if x.Op.IsLogical() {
			from = x.Y
		}
	case *Cond:
		from = x.Else
	}
	for {
		switch y := to.(type) {
		case *Binary:
			if y.Op.IsComparison() {
				return nil, nil
			}
			if y.Op.IsLogical() {
				to = y.X
				continue
			}
		case *Cond:
			to = y.Then
			continue
		}
		return from, to
	}
}

// looser names the operator of a bare operand that readers take to bind looser
// than `in`; "" if there is none.
func looser(e Expr) string {
	switch e := e.(type) {
	case *Binary:
		if e.Op.IsLogical() || e.Op.IsComparison() {
			return e.Op.String()
		}
	case *Cond:
		return "if"
	}
	return ""
}

func (l linter) cond(e *Cond) {
	then, chained := e.Then.(*Cond)
	if !chained {
		return
	}
	l.report.Add(diag.New(diag.ChainedCond, e.Span(), "chained conditionals associate to the left").
		WithNote("this reads `(%s) if %s else %s`", short(then), short(e.Test), short(e.Else)).
		WithHelp("write `%s if %s else (%s if %s else %s)`",
			short(then.Then), short(then.Test), short(then.Else), short(e.Test), short(e.Else)).
		WithFix(l.asRead(then)).
		WithFix(asMeant("the second conditional first", then.Else, e)))
}

// asRead puts operands into the parentheses that RASP reads around them.
func (l linter) asRead(operands ...Expr) diag.Fix {
	fix := diag.Fix{
		Title: "write the parentheses that RASP reads: `(" + short(operands[0]) + ")`",
		Safe:  !l.joined || operands[0].Span().Start > l.root.Span().Start,
	}
	for _, x := range operands {
		fix.Edits = append(fix.Edits, diag.Enclose(x.Span(), "(", ")")...)
	}
	return fix
}

// asMeant puts what begins where one operand does and ends where another does
// into parentheses.
func asMeant(what string, from, to Expr) diag.Fix {
	return diag.Fix{
		Title: "change the meaning: " + what,
		Edits: []diag.Edit{diag.Insert(from.Span(), "("), diag.Append(to.Span(), ")")},
	}
}

// leadingNot returns the bare `not` with which an operand begins.
func leadingNot(e Expr) *Unary {
	u, ok := e.(*Unary)
	if !ok || u.Op != OpNot {
		return nil
	}
	return u
}

// short is the text of e, or an ellipsis if it is long or broken over lines.
func short(e Expr) string {
	const most = 40
	text := e.Span().Text()
	if len(text) > most {
		return "…"
	}
	for _, c := range text {
		if c == '\n' || c == '\r' {
			return "…"
		}
	}
	return text
}

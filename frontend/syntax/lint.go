package syntax

import "github.com/raspc/raspc/frontend/diag"

// lint warns of places where RASP's precedence is not what the text suggests.
func lint(e Expr, report *diag.Report) {
	Inspect(e, func(e Expr) {
		switch e := e.(type) {
		case *Binary:
			lintBinary(e, report)
		case *Cond:
			lintCond(e, report)
		}
	})
}

func lintBinary(e *Binary, report *diag.Report) {
	not := leadingNot(e.X)
	left, _ := e.X.(*Binary)
	switch {
	case e.Op.IsComparison() && not != nil:
		report.Add(diag.New(diag.NotBindsTight, e.Span(), "`not` binds tighter than `%s`", e.Op).
			WithNote("this reads `(%s) %s %s`", short(not), e.Op, short(e.Y)).
			WithHelp("write `not (%s %s %s)`", short(not.X), e.Op, short(e.Y)))
	case e.Op == OpIn && not != nil:
		report.Add(diag.New(diag.NotIn, e.Span(), "`not` binds tighter than `in`").
			WithNote("this reads `(%s) in %s`", short(not), short(e.Y)).
			WithHelp("write `not (%s in %s)`", short(not.X), short(e.Y)))
	case e.Op == OpIn:
		lintIn(e, report)
	case e.Op == OpAnd && left != nil && left.Op == OpOr:
		report.Add(diag.New(diag.MixedAndOr, e.Span(), "`and` does not bind tighter than `or`").
			WithNote("this reads `(%s) and %s`", short(left), short(e.Y)).
			WithHelp("write `%s or (%s and %s)`, or the parentheses that are meant", short(left.X), short(left.Y), short(e.Y)))
	case e.Op.IsComparison() && left != nil && left.Op.IsComparison():
		report.Add(diag.New(diag.ChainedComparison, e.Span(), "comparisons do not chain").
			WithNote("this compares the truth value of `%s` with `%s`", short(left), short(e.Y)).
			WithHelp("write `%s and %s %s %s`", short(left), short(left.Y), e.Op, short(e.Y)))
	}
}

// lintIn warns where an operand of `in` is a bare and/or, comparison or
// conditional: it belongs to the operand as a whole.
func lintIn(e *Binary, report *diag.Report) {
	loose := looser(e.X)
	if loose == "" {
		if loose = looser(e.Y); loose == "" {
			return
		}
	}
	report.Add(diag.New(diag.InBindsLoosely, e.Span(), "`in` binds looser than `%s`", loose).
		WithNote("this reads `(%s) in (%s)`", short(e.X), short(e.Y)).
		WithHelp("put the parentheses that are meant"))
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

func lintCond(e *Cond, report *diag.Report) {
	then, chained := e.Then.(*Cond)
	if !chained {
		return
	}
	report.Add(diag.New(diag.ChainedCond, e.Span(), "chained conditionals associate to the left").
		WithNote("this reads `(%s) if %s else %s`", short(then), short(e.Test), short(e.Else)).
		WithHelp("write `%s if %s else (%s if %s else %s)`",
			short(then.Then), short(then.Test), short(then.Else), short(e.Test), short(e.Else)))
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

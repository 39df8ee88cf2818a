package format

import "github.com/raspc/raspc/frontend/syntax"

// operand returns what stands at a place among the children of e, without
// parentheses, and whether it is to be printed in some.
func operand(e syntax.Expr, child int) (syntax.Expr, bool) {
	written := syntax.Children(e)[child]
	x := syntax.Unparen(written)
	if x == written {
		return x, false
	}
	return x, syntax.Power(x) < syntax.LeastPower(e, child) || guards(e, child, x)
}

// guards reports whether parentheses that RASP does not need keep readers from
// taking e for something else: by the precedence that they know from other
// languages the text would mean another tree without them.
func guards(e syntax.Expr, child int, x syntax.Expr) bool {
	outer, inner := usual(e), usual(x)
	switch e := e.(type) {
	case *syntax.Binary:
		y, ok := x.(*syntax.Binary)
		mixed := ok && e.Op.IsLogical() && y.Op.IsLogical() && e.Op != y.Op
		return inner < outer || mixed || inner == outer && (child == 1 || !associates(e.Op))
	case *syntax.Unary:
		return e.Op.IsPrefix() && (inner < outer || inner == outer && e.Op != syntax.OpNot)
	case *syntax.Cond:
		return inner == outer
	}
	return false
}

// associates reports whether a op b op c is usually read as (a op b) op c.
func associates(o syntax.Op) bool {
	return !o.IsComparison() && o != syntax.OpIn && o != syntax.OpPow
}

// usual is the precedence of the outermost operator as in Python, weakest first.
func usual(e syntax.Expr) int {
	const (
		conditional = iota
		or
		and
		not
		comparison
		sum
		product
		sign
		power
		none
	)
	switch e := e.(type) {
	case *syntax.Cond:
		return conditional
	case *syntax.Unary:
		switch {
		case e.Op == syntax.OpNot:
			return not
		case e.Op.IsPrefix():
			return sign
		}
	case *syntax.Binary:
		switch e.Op {
		case syntax.OpOr:
			return or
		case syntax.OpAnd:
			return and
		case syntax.OpAdd, syntax.OpSub:
			return sum
		case syntax.OpMul, syntax.OpDiv, syntax.OpMod:
			return product
		case syntax.OpPow:
			return power
		}
		return comparison
	}
	return none
}

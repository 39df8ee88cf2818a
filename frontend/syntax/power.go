package syntax

// Powers of what is no binary operator: prefix operators bind tighter than any
// binary one, calls and indexings tighter still.
const (
	powerPrefix  = 21
	powerOperand = 22
)

// Power returns how strongly the outermost operator of e binds; operands such
// as names, calls and anything in brackets bind strongest of all.
func Power(e Expr) int {
	switch e := e.(type) {
	case *Binary:
		return operatorPowers[e.Op]
	case *Cond:
		return powerCond
	case *Unary:
		if e.Op.IsPrefix() {
			return powerPrefix
		}
	}
	return powerOperand
}

// LeastPower returns the power that an expression needs to stand in e without
// parentheses, where child is its place among Children(e).
func LeastPower(e Expr, child int) int {
	switch e := e.(type) {
	case *Binary:
		return Power(e) + child // all associate to the left
	case *Cond:
		return [...]int{powerCond, 0, powerLogical}[child]
	case *Unary:
		if e.Op.IsPrefix() {
			return powerPrefix
		}
	case *Index, *Call:
		if child == 0 {
			return powerOperand
		}
	}
	return 0
}

// IsPrefix reports whether o is `not`, or the sign of a number.
func (o Op) IsPrefix() bool { return o == OpNot || o == OpNeg || o == OpPos }

// operatorPowers maps binary operators to their powers.
var operatorPowers = func() map[Op]int {
	powers := make(map[Op]int)
	for _, b := range binary {
		powers[b.op] = b.power
	}
	return powers
}()

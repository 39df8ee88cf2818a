package syntax

// Op is a prefix or binary operator, or a comparison named by `select`.
type Op uint8

// The operators.
const (
	OpAdd Op = iota
	OpSub
	OpMul
	OpDiv
	OpMod
	OpPow
	OpEq
	OpNe
	OpLe
	OpGe
	OpLt
	OpGt
	OpAnd
	OpOr
	OpIn
	// Prefix operators.
	OpNot
	OpNeg
	OpPos
	// Operators written like calls.
	OpRound
	OpIndicator
)

var opNames = [...]string{
	OpAdd: "+", OpSub: "-", OpMul: "*", OpDiv: "/", OpMod: "%", OpPow: "^",
	OpEq: "==", OpNe: "!=", OpLe: "<=", OpGe: ">=", OpLt: "<", OpGt: ">",
	OpAnd: "and", OpOr: "or", OpIn: "in",
	OpNot: "not", OpNeg: "-", OpPos: "+", OpRound: "round", OpIndicator: "indicator",
}

// String gives the operator as it is written.
func (o Op) String() string { return opNames[o] }

// IsComparison reports whether o is one of == != <= >= < >.
func (o Op) IsComparison() bool { return o >= OpEq && o <= OpGt }

// IsLogical reports whether o is `and` or `or`.
func (o Op) IsLogical() bool { return o == OpAnd || o == OpOr }

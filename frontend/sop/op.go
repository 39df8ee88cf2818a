package sop

import (
	"fmt"

	"github.com/raspc/raspc/frontend/value"
)

// Op is the operator of a node.
type Op uint8

// The operators, with what a node's Args hold.
const (
	// Leaves.
	Tokens  Op = iota // the input, read as Node.Read says
	Indices           // 0 … n-1
	Const             // Node.Value at every position

	// Elementwise; args are s-ops.
	Add // x + y
	Sub
	Mul
	Div
	Mod
	Pow
	Neg
	Compare // x Node.Cmp y
	And     // truthiness
	Or
	Not
	Round
	Indicator // 1 where truthy, else 0
	If        // condition, then, else
	In        // membership of x in the list Node.Table
	Lookup    // Node.Table at x

	// Selectors.
	Select // key, query: matrix[q][k] = key[k] Node.Cmp query[q]
	SelAnd
	SelOr
	SelNot

	// From selectors to s-ops.
	Aggregate // selector, s-op: mean of the selected; Node.Value where none is
	Width     // selector: how many positions the row selects

	numOps
)

// opInfo says how an operator is spelled, and what it takes and gives.
type opInfo struct {
	name   string
	args   string // one letter an argument: s for an s-op, m for a selector
	result byte
}

var ops = [numOps]opInfo{
	Tokens: {"tokens", "", 's'}, Indices: {"indices", "", 's'}, Const: {"const", "", 's'},
	Add: {"add", "ss", 's'}, Sub: {"sub", "ss", 's'}, Mul: {"mul", "ss", 's'}, Div: {"div", "ss", 's'},
	Mod: {"mod", "ss", 's'}, Pow: {"pow", "ss", 's'}, Neg: {"neg", "s", 's'},
	Compare: {"compare", "ss", 's'}, And: {"and", "ss", 's'}, Or: {"or", "ss", 's'}, Not: {"not", "s", 's'},
	Round: {"round", "s", 's'}, Indicator: {"indicator", "s", 's'}, If: {"if", "sss", 's'},
	In: {"in", "s", 's'}, Lookup: {"lookup", "s", 's'},
	Select: {"select", "ss", 'm'}, SelAnd: {"sel_and", "mm", 'm'}, SelOr: {"sel_or", "mm", 'm'}, SelNot: {"sel_not", "m", 'm'},
	Aggregate: {"aggregate", "ms", 's'}, Width: {"width", "m", 's'},
}

// String returns the operator's name in dumps.
func (o Op) String() string {
	if o >= numOps {
		return fmt.Sprintf("operator %d", o)
	}
	return ops[o].name
}

// Selector reports whether nodes of this operator are selectors.
func (o Op) Selector() bool { return o < numOps && ops[o].result == 'm' }

// Elementwise reports whether the operator computes each position from the
// same position of its arguments.
func (o Op) Elementwise() bool { return o >= Add && o <= Lookup }

// Read is how a Tokens node reads the input.
type Read uint8

// The readings of the input.
const (
	ReadStr   Read = iota // Python's str of each element
	ReadInt               // int(): truncates floats, parses digit strings
	ReadFloat             // float()
	ReadBool              // truthiness
	ReadAsIs              // unchanged

	numReads
)

// String returns the name of the s-op that reads so.
func (r Read) String() string {
	return [...]string{"tokens_str", "tokens_int", "tokens_float", "tokens_bool", "tokens_asis"}[r]
}

// Table is the constant list or dict of an In or Lookup node. A list has no
// Keys. It must not change once the node exists.
type Table struct {
	Dict bool
	Keys []value.Value // of a dict, distinct, in order
	Vals []value.Value // elements of a list, values of a dict
	// Absent says, in a message, why a dict has no value for a key; nil where there is
	// nothing but that to say. It makes no two tables different.
	Absent func(key value.Value) string
}

// Apply evaluates an elementwise node on one position's arguments.
func (n *Node) Apply(args ...value.Value) (value.Value, error) {
	x := args[0]
	switch n.Op {
	case Neg:
		return value.Neg(x)
	case Not:
		return value.Not(x), nil
	case Round:
		return value.Round(x)
	case Indicator:
		return indicator(x), nil
	case In:
		return value.Bool(n.Table.contains(x)), nil
	case Lookup:
		return n.Table.at(x)
	case If:
		if x.Truth() {
			return args[1], nil
		}
		return args[2], nil
	}
	return n.apply2(x, args[1])
}

func (n *Node) apply2(x, y value.Value) (value.Value, error) {
	switch n.Op {
	case Add:
		return value.Add(x, y)
	case Sub:
		return value.Sub(x, y)
	case Mul:
		return value.Mul(x, y)
	case Div:
		return value.Div(x, y)
	case Mod:
		return value.Mod(x, y)
	case Pow:
		return value.Pow(x, y)
	case Compare:
		holds, err := n.Cmp.Holds(x, y)
		return value.Bool(holds), err
	case And:
		return value.Bool(x.Truth() && y.Truth()), nil
	case Or:
		return value.Bool(x.Truth() || y.Truth()), nil
	}
	panic("sop: " + n.Op.String() + " is not elementwise")
}

func indicator(x value.Value) value.Value {
	if x.Truth() {
		return value.IntOf(1)
	}
	return value.IntOf(0)
}

func (t *Table) contains(x value.Value) bool {
	for _, v := range t.Vals {
		if value.Equal(v, x) {
			return true
		}
	}
	return false
}

// at returns the entry for x: a dict's value for the key x, or a list's
// element number x, counted from the end where x is negative.
func (t *Table) at(x value.Value) (value.Value, error) {
	if t.Dict {
		for i, k := range t.Keys {
			if value.Equal(k, x) {
				return t.Vals[i], nil
			}
		}
		if t.Absent != nil {
			return value.Value{}, value.Errorf(value.ValueError, "%s", t.Absent(x))
		}
		return value.Value{}, value.Errorf(value.ValueError, "the key %s is not in the dict", x.Repr())
	}
	if x.IsString() || x.Kind() == value.KindFloat {
		return value.Value{}, value.Errorf(value.ValueError, "the index %s is not an integer", x.Repr())
	}
	i, ok := x.Rat().Int64()
	n := int64(len(t.Vals))
	if !ok || i >= n || i < -n {
		return value.Value{}, value.Errorf(value.ValueError, "the index %s is out of range for a list of length %d", x.Repr(), n)
	}
	return t.Vals[(i+n)%n], nil
}

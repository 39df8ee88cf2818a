package sop

import "github.com/raspc/raspc/frontend/value"

// The methods below build nodes. Each returns the existing node where an
// equal one is there, and panics when an argument is a selector where an s-op
// is needed or the other way round.

// Tokens is the input read as r says.
func (g *Graph) Tokens(r Read, pos Pos) ID { return g.add(Node{Op: Tokens, Read: r, Pos: pos}) }

// Indices is 0 … n-1.
func (g *Graph) Indices(pos Pos) ID { return g.add(Node{Op: Indices, Pos: pos}) }

// Const is v at every position.
func (g *Graph) Const(v value.Value, pos Pos) ID { return g.add(Node{Op: Const, Value: v, Pos: pos}) }

// Map applies an elementwise operator other than Compare, In and Lookup.
func (g *Graph) Map(op Op, pos Pos, args ...ID) ID {
	if !op.Elementwise() || op == Compare || op == In || op == Lookup {
		panic("sop: Map of " + op.String())
	}
	return g.add(Node{Op: op, Args: args, Pos: pos})
}

// Compare is x c y, elementwise.
func (g *Graph) Compare(c value.Cmp, x, y ID, pos Pos) ID {
	return g.add(Node{Op: Compare, Cmp: c, Args: []ID{x, y}, Pos: pos})
}

// In tells whether x is among the elements of a list.
func (g *Graph) In(x ID, elements []value.Value, pos Pos) ID {
	return g.add(Node{Op: In, Args: []ID{x}, Table: &Table{Vals: elements}, Pos: pos})
}

// Lookup is t at x.
func (g *Graph) Lookup(t *Table, x ID, pos Pos) ID {
	return g.add(Node{Op: Lookup, Args: []ID{x}, Table: t, Pos: pos})
}

// Select compares every key position with every query position:
// matrix[q][k] = key[k] c query[q].
func (g *Graph) Select(key, query ID, c value.Cmp, pos Pos) ID {
	return g.add(Node{Op: Select, Cmp: c, Args: []ID{key, query}, Pos: pos})
}

// SelAnd, SelOr and SelNot combine selectors cell by cell.
func (g *Graph) SelAnd(a, b ID, pos Pos) ID {
	return g.add(Node{Op: SelAnd, Args: []ID{a, b}, Pos: pos})
}

// SelOr is the union of two selectors.
func (g *Graph) SelOr(a, b ID, pos Pos) ID {
	return g.add(Node{Op: SelOr, Args: []ID{a, b}, Pos: pos})
}

// SelNot is the complement of a selector.
func (g *Graph) SelNot(a ID, pos Pos) ID { return g.add(Node{Op: SelNot, Args: []ID{a}, Pos: pos}) }

// Aggregate is the mean of v over the selected positions: v itself where one
// is selected, the default (nil for the integer 0) where none is.
func (g *Graph) Aggregate(sel, v ID, def *value.Value, pos Pos) ID {
	n := Node{Op: Aggregate, Args: []ID{sel, v}, Value: value.IntOf(0), Pos: pos}
	if def != nil {
		n.Value, n.HasDefault = *def, true
	}
	return g.add(n)
}

// Width is the number of positions that each row of sel selects.
func (g *Graph) Width(sel ID, pos Pos) ID { return g.add(Node{Op: Width, Args: []ID{sel}, Pos: pos}) }

// Full is the selector that selects everything.
func (g *Graph) Full(pos Pos) ID {
	one := g.Const(value.IntOf(1), pos)
	return g.Select(one, one, value.EQ, pos)
}

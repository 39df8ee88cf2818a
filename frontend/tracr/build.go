package tracr

import (
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// builder makes the graph of a file.
type builder struct {
	src   *diag.Source
	file  *file
	g     *sop.Graph
	read  sop.Read
	ids   []sop.ID          // by the number of the node in the file
	sums  map[sop.ID]summed // of pairs that are sums
	sure  map[sop.ID]bool   // see certain
	holes map[sop.ID]bool   // functions that raise errors
}

// build makes all nodes.
func (b *builder) build() {
	for i := range b.file.nodes {
		n := &b.file.nodes[i]
		id := b.node(n)
		b.ids = append(b.ids, id)
		if n.partial {
			b.sure[id] = false
		}
		switch {
		case n.name != "":
			b.g.SetName(id, n.name)
		case operators[n.op].args == "" && n.op != "constant" && b.g.Name(id) == "":
			b.g.SetName(id, n.op) // as RASP calls it
		}
	}
}

func (b *builder) pos(n *node) sop.Pos {
	p := b.src.Position(n.at.start)
	return sop.Pos{File: b.src.Name(), Line: p.Line, Col: p.Column}
}

func (b *builder) node(n *node) sop.ID {
	at := b.pos(n)
	args := make([]sop.ID, len(n.args))
	for i, a := range n.args {
		args[i] = b.ids[a]
	}
	switch n.op {
	case "tokens":
		return b.g.Tokens(b.read, at)
	case "indices":
		return b.g.Indices(at)
	case "length":
		return b.g.Width(b.g.Full(at), at)
	case "constant":
		return b.g.Const(n.value, at)
	case "map":
		id, _ := b.ofOne(n, 0, args[0], at) // the arguments differ
		return id
	case "sequence_map":
		return b.pairs(n, args[0], args[1], at)
	case "linear":
		return b.linear(n, args[0], args[1], at)
	case "select":
		return b.selector(n, args[0], args[1], at)
	case "and":
		return b.g.SelAnd(args[0], args[1], at)
	case "or":
		return b.g.SelOr(args[0], args[1], at)
	case "not":
		return b.g.SelNot(args[0], at)
	case "aggregate":
		return b.g.Aggregate(args[0], args[1], &n.value, at)
	case "width":
		return b.g.Width(args[0], at)
	}
	panic("tracr: an operator without a node: " + n.op)
}

// dict looks an s-op up in a table; absent says why it has no value for others.
func (b *builder) dict(x sop.ID, keys, results []value.Value, absent func(value.Value) string, at sop.Pos) sop.ID {
	return b.g.Lookup(&sop.Table{Dict: true, Keys: keys, Vals: results, Absent: absent}, x, at)
}

// linear is the sum of multiples of two s-ops. Where both are taken once it is a sum or
// a difference, which can be joined with the means that it is made of.
func (b *builder) linear(n *node, x, y sop.ID, at sop.Pos) sop.ID {
	one, minus := value.IntOf(1), value.IntOf(-1)
	first, second := n.factors[0], n.factors[1]
	switch {
	case value.Identical(first, one) && value.Identical(second, minus):
		return b.g.Map(sop.Sub, at, x, y)
	case value.Identical(first, minus) && value.Identical(second, one):
		return b.g.Map(sop.Sub, at, y, x)
	}
	return b.g.Map(sop.Add, at, b.times(first, x, at), b.times(second, y, at))
}

func (b *builder) times(factor value.Value, x sop.ID, at sop.Pos) sop.ID {
	if value.Identical(factor, value.IntOf(1)) {
		return x
	}
	return b.g.Map(sop.Mul, at, b.g.Const(factor, at), x)
}

func (b *builder) selector(n *node, keys, queries sop.ID, at sop.Pos) sop.ID {
	switch {
	case n.cmp == "true":
		return b.g.Full(at)
	case n.cmp == "false":
		return b.nothing(at)
	case n.cmp != "":
		return b.compare(keys, queries, comparisons[n.cmp], at)
	}
	return b.relate(n, keys, queries, at)
}

// nothing selects nothing.
func (b *builder) nothing(at sop.Pos) sop.ID {
	one := b.g.Const(value.IntOf(1), at)
	return b.g.Select(one, one, value.NE, at)
}

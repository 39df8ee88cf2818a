package lower

import (
	"slices"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// isLeaf reports whether the s-op is a variable: what reads it cannot look
// behind it.
func (b *builder) isLeaf(id sop.ID) bool {
	if id == values.RawToken || b.forced[id] {
		return true
	}
	n := b.graph.Node(id)
	switch n.Op {
	case sop.Indices, sop.Aggregate, sop.Width:
		return true
	case sop.Const, sop.Tokens:
		return false
	}
	own := b.table.Leaves(id)
	return len(own) == 1 && own[0] == id || b.opts.MaterializeAll
}

// leaves returns the variables that an s-op is a function of, increasing; a
// variable's only leaf is itself, and an s-op with one value has none.
func (b *builder) leaves(id sop.ID) []sop.ID {
	if _, ok := b.single(id); ok {
		return nil
	}
	if b.isLeaf(id) {
		return []sop.ID{id}
	}
	return b.inputs(id)
}

// inputs returns the variables below an s-op, itself left out.
func (b *builder) inputs(id sop.ID) []sop.ID {
	if known, ok := b.memo.inputs[id]; ok {
		return known
	}
	n := b.graph.Node(id)
	var leaves []sop.ID
	if n.Op == sop.Tokens {
		leaves = append(leaves, values.RawToken)
	}
	for _, a := range n.Args {
		leaves = append(leaves, b.leaves(a)...)
	}
	slices.Sort(leaves)
	leaves = slices.Compact(leaves)
	b.memo.inputs[id] = leaves
	return leaves
}

// memo holds what is known of s-ops as long as no more of them become
// variables. Without it, shared parts of an expression would be looked at as
// often as there are ways to them.
type memo struct {
	inputs   map[sop.ID][]sop.ID
	affine   map[sop.ID]form
	literals map[sop.ID]form
}

// form is a functional, or ok is false where there is none.
type form struct {
	f  functional
	ok bool
}

// force makes a variable of an s-op that need not be one.
func (b *builder) force(id sop.ID) {
	b.forced[id] = true
	b.forget()
}

func (b *builder) forget() {
	b.memo = memo{inputs: map[sop.ID][]sop.ID{}, affine: map[sop.ID]form{}, literals: map[sop.ID]form{}}
}

// single returns the only value of an s-op that has just one.
func (b *builder) single(id sop.ID) (value.Value, bool) {
	if set := b.table.Set(id); len(set) == 1 && id != values.RawToken {
		return set[0], true
	}
	return value.Value{}, false
}

// variable returns the variable that holds a leaf, building it on first use.
func (b *builder) variable(leaf sop.ID) (varID, error) {
	if v, ok := b.native[leaf]; ok {
		return v, nil
	}
	v, err := b.build(leaf)
	if err != nil {
		return none, err
	}
	b.native[leaf] = v
	return v, nil
}

func (b *builder) build(leaf sop.ID) (varID, error) {
	if leaf == values.RawToken {
		return b.tokens(), nil
	}
	n := b.graph.Node(leaf)
	if t := b.table.Total(leaf); t != nil {
		return b.total(n, t)
	}
	switch n.Op {
	case sop.Indices:
		return b.indices(n), nil
	case sop.Width:
		return b.width(n)
	case sop.Aggregate:
		return b.aggregate(n)
	}
	return b.compute(leaf, b.encoding(leaf))
}

// encoding chooses how a computed s-op is held: as is asked for one that is to be seen, else
// numbers in one direction, strings and, where everything is to be seen, small sets one-hot.
func (b *builder) encoding(id sop.ID) craft.Encoding {
	const small = 64
	if asked, ok := b.opts.Encode[id]; ok && b.opts.Keeps(id) {
		return asked
	}
	set := b.table.Set(id)
	if !b.table.Kinds(id).Numeric() || b.opts.MaterializeAll && len(set) <= small {
		return craft.Categorical
	}
	return craft.Numeric
}

// tokens embeds the input token one-hot.
func (b *builder) tokens() varID {
	vocab := b.table.Set(values.RawToken)
	id := b.newVariable(values.RawToken, "tokens", craft.Categorical, vocab)
	for i := range vocab {
		b.embed = append(b.embed, craft.Entry{From: i, To: b.v(id).First + i, W: value.Int(1)})
	}
	return id
}

// indices embeds the position one-hot; the BOS position has none.
func (b *builder) indices(n *sop.Node) varID {
	set := b.table.Set(n.ID)
	id := b.newVariable(n.ID, b.graph.Label(n.ID), craft.Categorical, set)
	for i := range set {
		b.pos = append(b.pos, craft.Entry{From: i + 1, To: b.v(id).First + i, W: value.Int(1)})
	}
	return id
}

// name is the label of an s-op in variable names. Unnamed nodes are called by
// their operator and number.
func (b *builder) name(id sop.ID) string {
	if name := b.graph.Name(id); name != "" {
		return name
	}
	n := b.graph.Node(id)
	return n.Op.String() + "#" + b.graph.Label(id)[1:]
}

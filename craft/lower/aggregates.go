package lower

import (
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
)

// head collects one attention head.
type head struct {
	scores
	value craft.Space
	v, o  []craft.Entry
}

// newHead starts a head with the scores of a selector. noisy is the C that
// the kind of head takes where the scores read inexact variables.
func (b *builder) newHead(c conjunction, noisy int64) *head {
	h := &head{scores: scores{b: b, penalty: b.exactPenalty()}}
	p := uniform
	if noisy == b.exactPenalty() {
		p = loose // one key is selected at most
	}
	covers := make([]cover, len(c))
	for i, t := range c {
		if covers[i] = b.cover(t, p); covers[i].err > 0 {
			h.penalty = noisy
		}
	}
	h.conjunction(c, covers)
	return h
}

// column adds a value dimension that carries f to a residual direction.
func (h *head) column(d craft.Direction, f functional, to craft.Entry) {
	i := len(h.value)
	h.value = append(h.value, d)
	h.v = append(h.v, f.entries(i)...)
	h.o = append(h.o, craft.Entry{From: i, To: to.To, W: to.W})
}

// finish adds the head to the program.
func (h *head) finish(n *sop.Node, kind craft.HeadKind, sel sop.Formula) {
	h.b.prog.Parts = append(h.b.prog.Parts, craft.Part{Head: &craft.Head{
		Name: h.b.name(n.ID), SOp: n.ID, Kind: kind, Selector: h.b.words(sel),
		Score: h.space, Value: h.value,
		Q: craft.NewMap(h.q), K: craft.NewMap(h.k), V: craft.NewMap(h.v), O: craft.NewMap(h.o),
	}})
}

// aggregate builds the head of an aggregate and returns the variable that
// holds its result.
func (b *builder) aggregate(n *sop.Node) (varID, error) {
	if !b.table.Kinds(n.ID).Numeric() || b.movesFree(n) {
		if !b.table.Aggregate(n.ID).Move {
			return none, b.errorf(n.ID, "give numbers everywhere, also as the default",
				"%s averages values that are not all numbers", b.graph.Describe(n.ID))
		}
		return b.move(n)
	}
	return b.mean(n)
}

// movesFree reports whether the value of a moving aggregate can be read as a
// choice without an MLP, so that the result may be held one-hot.
func (b *builder) movesFree(n *sop.Node) bool {
	if !b.table.Aggregate(n.ID).Move || len(b.table.Set(n.ID)) > maxOneHot || b.leavesAsNumber(n) {
		return false
	}
	if _, ok := b.single(n.Args[1]); ok {
		return true
	}
	leaves := b.leaves(n.Args[1])
	if len(leaves) != 1 {
		return false
	}
	v, err := b.variable(leaves[0])
	return err == nil && b.v(v).Encoding != craft.Numeric
}

// leavesAsNumber reports whether a moving aggregate is the output and better
// moved as a number, in one direction, because the logits can be read from it:
// nothing else reads the output.
func (b *builder) leavesAsNumber(n *sop.Node) bool {
	if n.ID != b.output || b.opts.Keeps(n.ID) || !b.table.Kinds(n.ID).Numeric() {
		return false
	}
	if b.prog.Output.Encoding == craft.Numeric {
		return true
	}
	for _, leaf := range b.leaves(n.Args[1]) {
		if v, err := b.variable(leaf); err != nil || b.v(v).L1 > 0 {
			return false
		}
	}
	return squared(b.table.Set(n.ID))
}

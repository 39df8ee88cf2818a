package values

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/sop"
)

// Link is one s-op on the way to a large value set, with its number of values
// and where they come from.
type Link struct {
	Node   sop.ID
	Values int
	From   string // such as "selector_width over up to 10 positions"
}

// longestChain is the most links that are followed.
const longestChain = 8

// Causes follows the value set of an s-op to where its size comes from: the
// s-op itself, then of each the argument with the most values. Nodes that are
// not known end the chain.
func (t *Table) Causes(id sop.ID) []Link {
	var chain []Link
	for len(chain) < longestChain && t.info[id] != nil && !t.graph.Node(id).Selector() {
		from, next := t.cause(id)
		chain = append(chain, Link{Node: id, Values: len(t.info[id].set), From: from})
		if len(next) == 0 {
			break
		}
		if id = t.largest(next); len(t.info[id].set) <= 2 {
			break // a flag: what it is made from does not matter
		}
	}
	return chain
}

// largest returns the s-op with the most values, the first of several.
func (t *Table) largest(ids []sop.ID) sop.ID {
	return slices.MaxFunc(ids, func(a, b sop.ID) int { return len(t.info[a].set) - len(t.info[b].set) })
}

// cause says where the values of a node come from, and which s-ops it has them
// from.
func (t *Table) cause(id sop.ID) (from string, next []sop.ID) {
	n, i := t.graph.Node(id), t.info[id]
	switch {
	case i.total != nil:
		return t.sumCause(i.total)
	case n.Op == sop.Tokens:
		return fmt.Sprintf("the vocabulary of %d", len(t.domain.Vocab)), nil
	case n.Op == sop.Indices:
		return fmt.Sprintf("%d positions", t.domain.MaxLen), nil
	case n.Op == sop.Const:
		return "a constant", nil
	case n.Op == sop.Width:
		return fmt.Sprintf("selector_width over up to %d positions", t.info[n.Args[0]].sel.MaxWidth), nil
	case n.Op == sop.Aggregate:
		return t.aggregateCause(n, i.agg), n.Args[1:]
	}
	return t.elementwiseCause(n, i)
}

func (t *Table) sumCause(s *Total) (string, []sop.ID) {
	return fmt.Sprintf("sums of up to %d of %s", t.info[s.Selector].sel.MaxWidth, t.sized(s.Value)), []sop.ID{s.Value}
}

func (t *Table) aggregateCause(n *sop.Node, f AggregateFacts) string {
	from := "copies of " + t.sized(n.Args[1])
	if !f.Move {
		from = fmt.Sprintf("means of up to %d of %s", t.info[n.Args[0]].sel.MaxWidth, t.sized(n.Args[1]))
	}
	if f.MayDefault {
		from += ", or the default " + n.Value.Repr()
	}
	return from
}

// elementwiseCause writes a product where every combination of the arguments
// gives a value of its own.
func (t *Table) elementwiseCause(n *sop.Node, i *info) (string, []sop.ID) {
	var args []sop.ID
	for k, a := range n.Args {
		chooses := n.Op == sop.If && k == 0 // and gives no value
		if !chooses && len(t.info[a].set) > 1 && !slices.Contains(args, a) {
			args = append(args, a)
		}
	}
	parts, combinations := make([]string, len(args)), 1
	for k, a := range args {
		parts[k] = t.sized(a)
		combinations *= len(t.info[a].set)
	}
	join := " and "
	if combinations == len(i.set) {
		join = " × "
	}
	if len(args) == 0 {
		return "constants", nil
	}
	return strings.Join(parts, join), args
}

// sized is an s-op with its number of values.
func (t *Table) sized(id sop.ID) string {
	return fmt.Sprintf("%s (%d)", t.graph.Call(id), len(t.info[id].set))
}

package sop

import (
	"errors"
	"fmt"
	"slices"

	"github.com/raspc/raspc/frontend/value"
)

// Check verifies the invariants of the graph: dense ids, arguments before
// users and of the right class, constants and tables where they belong and
// nowhere else, no two equal nodes, names that are spelled and distinct.
func Check(g *Graph) error {
	var errs []error
	seen := map[string]ID{}
	for i, n := range g.nodes {
		id := ID(i)
		if n.ID != id {
			errs = append(errs, fmt.Errorf("n%d has the id %d", i, n.ID))
		}
		if err := g.problem(*n); err != nil {
			errs = append(errs, fmt.Errorf("n%d: %w", i, err))
			continue
		}
		for _, a := range n.Args {
			if a >= id {
				errs = append(errs, fmt.Errorf("n%d uses n%d, which comes later", i, a))
			}
		}
		k := key(*n)
		if first, ok := seen[k]; ok {
			errs = append(errs, fmt.Errorf("n%d repeats n%d", i, first))
		} else if found, ok := g.byKey[k]; !ok || found != id {
			errs = append(errs, fmt.Errorf("n%d is not found by its key", i))
		}
		seen[k] = id
	}
	return errors.Join(append(errs, g.checkNames())...)
}

func (g *Graph) checkNames() error {
	count := 0
	for i := range g.nodes {
		names := g.names[ID(i)]
		if len(names) > 0 {
			count++
		}
		sorted := slices.Sorted(slices.Values(names))
		if len(slices.Compact(sorted)) != len(names) || slices.Contains(names, "") {
			return fmt.Errorf("n%d has an empty or a repeated name: %q", i, names)
		}
	}
	if count != len(g.names) {
		return errors.New("a name belongs to no node")
	}
	return nil
}

// problem says what is wrong with a node by itself; arguments are looked up
// in the graph.
func (g *Graph) problem(n Node) error {
	if n.Op >= numOps {
		return fmt.Errorf("unknown operator %d", n.Op)
	}
	want := ops[n.Op].args
	if len(n.Args) != len(want) {
		return fmt.Errorf("%s takes %d arguments, got %d", n.Op, len(want), len(n.Args))
	}
	for i, a := range n.Args {
		if a < 0 || int(a) >= len(g.nodes) {
			return fmt.Errorf("%s has an unknown argument n%d", n.Op, a)
		}
		if g.nodes[a].Selector() != (want[i] == 'm') {
			return fmt.Errorf("argument n%d of %s is %s", a, n.Op, class(g.nodes[a]))
		}
	}
	return payloadProblem(n)
}

func class(n *Node) string {
	if n.Selector() {
		return "a selector, not an s-op"
	}
	return "an s-op, not a selector"
}

// payloadProblem looks at the fields that only some operators have.
func payloadProblem(n Node) error {
	reads, compares := n.Op == Tokens, n.Op == Compare || n.Op == Select
	switch {
	case n.Read >= numReads || n.Read != 0 && !reads:
		return fmt.Errorf("%s with the reading %d", n.Op, n.Read)
	case n.Cmp > value.GE || n.Cmp != 0 && !compares:
		return fmt.Errorf("%s with the comparison %d", n.Op, n.Cmp)
	case n.HasDefault && n.Op != Aggregate:
		return fmt.Errorf("%s with a default", n.Op)
	case n.Op == Aggregate && !n.HasDefault && !value.Identical(n.Value, value.IntOf(0)),
		n.Op != Aggregate && n.Op != Const && !value.Identical(n.Value, value.Value{}):
		return fmt.Errorf("%s with the value %s", n.Op, n.Value.Repr())
	case (n.Table != nil) != (n.Op == In || n.Op == Lookup):
		return fmt.Errorf("%s with the wrong table", n.Op)
	}
	return n.Table.problem(n.Op)
}

func (t *Table) problem(op Op) error {
	switch {
	case t == nil:
		return nil
	case op == In && t.Dict:
		return fmt.Errorf("%s takes a list, not a dict", op)
	case !t.Dict && len(t.Keys) > 0:
		return fmt.Errorf("%s with a list that has keys", op)
	case t.Dict && len(t.Keys) != len(t.Vals):
		return fmt.Errorf("%s with a dict of %d keys and %d values", op, len(t.Keys), len(t.Vals))
	}
	seen := make(map[value.Key]bool, len(t.Keys))
	for _, k := range t.Keys {
		if seen[k.Key()] {
			return fmt.Errorf("%s with a dict that repeats the key %s", op, k.Repr())
		}
		seen[k.Key()] = true
	}
	return nil
}

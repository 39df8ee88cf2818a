package sop

import "slices"

// Reachable returns the nodes that the given nodes depend on, themselves
// included, in increasing order of id: arguments before users.
func (g *Graph) Reachable(roots ...ID) []ID {
	seen := make([]bool, len(g.nodes))
	for _, r := range roots {
		seen[r] = true
	}
	var ids []ID
	for id := len(g.nodes) - 1; id >= 0; id-- {
		if !seen[id] {
			continue
		}
		ids = append(ids, ID(id))
		for _, a := range g.nodes[id].Args {
			seen[a] = true
		}
	}
	slices.Reverse(ids)
	return ids
}

// Prune copies the nodes that the given nodes depend on into a new graph, in
// the same order, with their names and positions. It returns the graph and
// the ids that the given nodes have there.
func Prune(g *Graph, roots ...ID) (*Graph, []ID) {
	pruned := g.Like()
	moved := make([]ID, len(g.nodes))
	for _, id := range g.Reachable(roots...) {
		n := *g.nodes[id]
		n.Args = slices.Clone(n.Args)
		for i, a := range n.Args {
			n.Args[i] = moved[a]
		}
		moved[id] = pruned.add(n)
		if names := g.names[id]; len(names) > 0 {
			pruned.names[moved[id]] = slices.Clone(names)
		}
	}
	ids := make([]ID, len(roots))
	for i, r := range roots {
		ids[i] = moved[r]
	}
	return pruned, ids
}

// Copy adds a node of another graph with the given arguments of this one, and
// returns the node equal to it.
func (g *Graph) Copy(n *Node, args []ID) ID {
	c := *n
	c.Args = args
	return g.add(c)
}

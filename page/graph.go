package page

import (
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// Nodes are a graph of s-ops as the script reads it.
type Nodes []node

// NodesOf returns the nodes that a node depends on, itself last.
func NodesOf(g *sop.Graph, root sop.ID) Nodes {
	var nodes Nodes
	place := map[sop.ID]int{}
	for _, id := range g.Reachable(root) {
		n := g.Node(id)
		out := node{ID: id, Op: n.Op.String(), Names: g.Names(id), Expr: g.Express(id)}
		for _, a := range n.Args {
			out.Args = append(out.Args, place[a])
		}
		switch n.Op {
		case sop.Tokens:
			out.Read = n.Read.String()
		case sop.Compare, sop.Select:
			out.Cmp = n.Cmp.String()
		case sop.Const, sop.Aggregate:
			out.Value = pointer(atomOf(n.Value))
		}
		if t := n.Table; t != nil {
			out.Table = &table{t.Dict, atomsOf(t.Keys), atomsOf(t.Vals)}
		}
		place[id] = len(nodes)
		nodes = append(nodes, out)
	}
	return nodes
}

func pointer(a atom) *atom { return &a }

// Atoms spells values as the script reads them.
func Atoms(vs []value.Value) []string {
	all := make([]string, len(vs))
	for i, a := range atomsOf(vs) {
		all[i] = string(a)
	}
	return all
}

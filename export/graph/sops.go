package graph

import (
	"slices"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/fault"
)

// Output is the node of the logits among s-ops. No variable has such a name.
const Output = "(logits)"

// sops builds the graph between variables.
func (g *Graph) sops(man *manifest.Manifest) error {
	nodes, fixed := map[string]*Node{}, map[string]bool{}
	for _, v := range man.Variables {
		nodes[v.Name], fixed[v.Name] = &Node{ID: v.Name}, v.Fixed
		if v.Expr != "" {
			nodes[v.Name].Computes = []string{v.Expr}
		}
	}
	nodes[Output] = &Node{ID: Output, Computes: []string{man.Options.Output}}
	links, into := map[[3]string]*Link{}, map[string][]string{}
	for _, f := range man.Flows {
		to := f.To
		if to == "" {
			to = Output
		}
		if nodes[f.From] == nil || nodes[to] == nil || f.From == Output {
			return fault.New(fault.Disagreeing, "no variable %q goes into %q", f.From, f.To)
		}
		links[[3]string{f.From, to, ""}] = &Link{From: f.From, To: to, Variables: slices.Clone(f.Through), Fixed: fixed[f.From]}
		into[f.From] = append(into[f.From], to)
	}
	if !stage(nodes, into) {
		return fault.New(fault.Disagreeing, "a variable goes into itself")
	}
	g.collect(nodes, links)
	return nil
}

// stage puts each node behind all that lead to it, and fails on a circle.
func stage(nodes map[string]*Node, into map[string][]string) bool {
	open := map[string]int{} // edges from nodes that are not placed
	for _, tos := range into {
		for _, to := range tos {
			open[to]++
		}
	}
	var ready []string
	for id := range nodes {
		if open[id] == 0 {
			ready = append(ready, id)
		}
	}
	placed := 0
	for ; placed < len(ready); placed++ {
		from := ready[placed]
		for _, to := range into[from] {
			nodes[to].Stage = max(nodes[to].Stage, nodes[from].Stage+1)
			if open[to]--; open[to] == 0 {
				ready = append(ready, to)
			}
		}
	}
	return placed == len(nodes)
}

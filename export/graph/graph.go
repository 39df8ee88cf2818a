// Package graph writes the causal graph of a model, as raspc.json lists it, at
// four levels and in the formats that people and tools read: text, DOT, SVG, JSON,
// and the names that tools for circuit discovery give to components and edges.
package graph

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/fault"
)

// Level is how finely a graph tells parts apart.
type Level string

// The levels.
const (
	SOp   Level = "sop"   // the variables of s-ops
	Layer Level = "layer" // embed, pos, the attention and the MLP of each layer, logits
	Head  Level = "head"  // the same with each head by itself
	Edge  Level = "edge"  // the same with edges to queries, keys and values apart
)

// Levels are all levels, from the coarsest.
func Levels() []Level { return []Level{SOp, Layer, Head, Edge} }

// Node is a part of the model.
type Node struct {
	ID string
	// Computes says what it computes: names of variables, or the expression of one.
	Computes []string
	// Stage orders nodes: edges lead from one to a later one.
	Stage int
}

// Link is an edge from one node to another.
type Link struct {
	From, To string
	// Input is q, k or v at the level Edge, if it leads to a head; else it is
	// empty.
	Input string
	// Variables are what it carries, at the level SOp the inputs of components that
	// it runs through.
	Variables []string
	Cancelled []string // what other edges take back before it is read
	Fixed     bool     // no token changes what it carries
}

// Graph is a causal graph. It is immutable.
type Graph struct {
	Program string
	Level   Level
	Nodes   []Node // by stage
	Links   []Link // in the order of their ends
	layers  int
}

// Of returns the graph that a manifest lists. The manifest may be anything that
// manifest.Decode accepts: what it says of components is checked here. Its errors
// are faults.
func Of(man *manifest.Manifest, level Level) (*Graph, error) {
	if len(man.Edges) == 0 {
		return nil, fault.New(fault.Missing, "the manifest lists no edges, as those of old versions; another export has them")
	}
	g := &Graph{Program: man.Program.Name, Level: level, layers: man.Model.Layers}
	var err error
	switch level {
	case SOp:
		err = g.sops(man)
	case Layer, Head, Edge:
		err = g.components(man)
	default:
		err = fmt.Errorf("the level %q is none of %v", level, Levels())
	}
	return g, err
}

// Varying returns the graph without the edges that no token changes, and without
// nodes that have no other: what is found by exchanging tokens of the input.
func (g *Graph) Varying() *Graph {
	v := *g
	v.Links = slices.DeleteFunc(slices.Clone(g.Links), func(l Link) bool { return l.Fixed })
	linked := map[string]bool{}
	for _, l := range v.Links {
		linked[l.From], linked[l.To] = true, true
	}
	v.Nodes = slices.DeleteFunc(slices.Clone(g.Nodes), func(n Node) bool { return !linked[n.ID] })
	return &v
}

// components builds the graph between components.
func (g *Graph) components(man *manifest.Manifest) error {
	nodes := map[string]*Node{}
	node := func(c component) string {
		if g.Level == Layer {
			c = c.whole()
		}
		id := c.String()
		if nodes[id] == nil {
			nodes[id] = &Node{ID: id, Stage: c.stage()}
		}
		return id
	}
	links, carried, cancelled := map[[3]string]*Link{}, ordered{}, ordered{}
	for _, e := range man.Edges {
		from, ok := parseComponent(e.From)
		to, okTo := parseComponent(e.To)
		if !ok || !okTo || from.kind == logits || from.input != "" || to.kind == head && to.input == "" || from.stage() >= to.stage() {
			return fault.New(fault.Disagreeing, "no edge leads from %q to %q", e.From, e.To)
		}
		input := to.input
		if g.Level != Edge {
			input = ""
		}
		to.input = ""
		key := [3]string{node(from), node(to), input}
		l := links[key]
		if l == nil {
			l = &Link{From: key[0], To: key[1], Input: input, Fixed: true}
			links[key] = l
		}
		l.Variables = carried.add(l.Variables, fmt.Sprint(key), e.Variables...)
		l.Cancelled = cancelled.add(l.Cancelled, fmt.Sprint(key), e.Cancelled...)
		l.Fixed = l.Fixed && e.Fixed
	}
	computed := ordered{}
	for _, col := range man.Columns {
		for _, w := range col.Writers {
			c, ok := parseComponent(w)
			if g.Level == Layer {
				c = c.whole()
			}
			if n := nodes[c.String()]; ok && n != nil {
				n.Computes = computed.add(n.Computes, n.ID, col.Variable)
			}
		}
	}
	if n := nodes["logits"]; n != nil {
		n.Computes = []string{man.Options.Output}
	}
	g.collect(nodes, links)
	return nil
}

// ordered remembers what is in some lists, by the name of the list.
type ordered map[[2]string]bool

// add appends the strings that are new to a list.
func (o ordered) add(to []string, list string, more ...string) []string {
	for _, s := range more {
		if key := [2]string{list, s}; !o[key] {
			o[key] = true
			to = append(to, s)
		}
	}
	return to
}

// collect sorts nodes and links.
func (g *Graph) collect(nodes map[string]*Node, links map[[3]string]*Link) {
	for _, n := range nodes {
		g.Nodes = append(g.Nodes, *n)
	}
	slices.SortFunc(g.Nodes, func(a, b Node) int { return cmp.Or(cmp.Compare(a.Stage, b.Stage), compareIDs(a.ID, b.ID)) })
	place := map[string]int{}
	for i, n := range g.Nodes {
		place[n.ID] = i
	}
	for _, l := range links {
		g.Links = append(g.Links, *l)
	}
	slices.SortFunc(g.Links, func(a, b Link) int {
		return cmp.Or(cmp.Compare(place[a.From], place[b.From]), cmp.Compare(place[a.To], place[b.To]), cmp.Compare(inputs[a.Input], inputs[b.Input]))
	})
}

// inputs orders the inputs of a head.
var inputs = map[string]int{"q": 1, "k": 2, "v": 3}

// compareIDs orders the heads of a layer by number.
func compareIDs(a, b string) int {
	x, _ := parseComponent(a)
	y, _ := parseComponent(b)
	return cmp.Or(cmp.Compare(x.index, y.index), cmp.Compare(a, b))
}

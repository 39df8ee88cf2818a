package graph

import (
	"bufio"
	"fmt"
	"io"
)

// Tool is a library for circuit discovery whose names an edge list can have.
type Tool string

// The tools. What they compare with is a list of edges to inputs of heads, so
// that the level is Edge.
const (
	ACDC        Tool = "acdc"         // Conmy et al. 2023; hooks of TransformerLens with an index
	EAP         Tool = "eap"          // EAP-IG, Hanna et al. 2024
	AutoCircuit Tool = "auto-circuit" // Miller et al. 2024
)

// Tools are all tools.
func Tools() []Tool { return []Tool{ACDC, EAP, AutoCircuit} }

// Names writes the edges of a graph of the level Edge, one a line, as a tool names
// them. EAP-IG and auto-circuit have one node for embedding and positions, where
// the two become one; so an edge may then stand for both.
func (g *Graph) Names(w io.Writer, tool Tool) error {
	name, ok := map[Tool]func(component, bool, int) string{ACDC: hook, EAP: eapName, AutoCircuit: autoName}[tool]
	if !ok || g.Level != Edge {
		return fmt.Errorf("no names of %q for edges of the level %s", tool, g.Level)
	}
	arrow := "->"
	if tool == ACDC {
		arrow = " -> "
	}
	b, seen := bufio.NewWriter(w), map[string]bool{}
	for _, l := range g.Links {
		from, _ := parseComponent(l.From)
		to, _ := parseComponent(l.end())
		line := name(from, true, g.layers) + arrow + name(to, false, g.layers)
		if !seen[line] {
			seen[line] = true
			fmt.Fprintln(b, line)
		}
	}
	return b.Flush()
}

// hook is the hook of TransformerLens that holds what a component writes or what an
// input reads, with the index of the head, as ACDC writes it.
func hook(c component, writes bool, layers int) string {
	switch {
	case c.kind == embed:
		return "hook_embed[:]"
	case c.kind == position:
		return "hook_pos_embed[:]"
	case c.kind == head && writes:
		return fmt.Sprintf("blocks.%d.attn.hook_result[:, :, %d]", c.layer, c.index)
	case c.kind == head:
		return fmt.Sprintf("blocks.%d.hook_%s_input[:, :, %d]", c.layer, c.input, c.index)
	case c.kind == mlp && writes:
		return fmt.Sprintf("blocks.%d.hook_mlp_out[:]", c.layer)
	case c.kind == mlp:
		return fmt.Sprintf("blocks.%d.hook_mlp_in[:]", c.layer)
	}
	return fmt.Sprintf("blocks.%d.hook_resid_post[:]", max(1, layers)-1)
}

func eapName(c component, _ bool, _ int) string {
	switch {
	case c.kind == embed || c.kind == position:
		return "input"
	case c.input != "":
		return c.String() + "<" + c.input + ">"
	}
	return c.String()
}

func autoName(c component, _ bool, _ int) string {
	switch c.kind {
	case embed, position:
		return "Resid Start"
	case head:
		name := fmt.Sprintf("A%d.%d", c.layer, c.index)
		if in := map[string]string{"q": ".Q", "k": ".K", "v": ".V"}[c.input]; in != "" {
			name += in
		}
		return name
	case mlp:
		return fmt.Sprintf("MLP %d", c.layer)
	}
	return "Resid End"
}

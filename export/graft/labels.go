package graft

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/raspc/raspc/export/manifest"
)

// Relabel gives the parts of a circuit's manifest the numbers that they have in the
// host.
func (p *Place) Relabel(m *manifest.Manifest) {
	for i := range m.Columns {
		c := &m.Columns[i]
		c.Index = p.Columns[c.Index]
		c.Written, c.Cleared = p.when(c.Written), p.when(c.Cleared)
		p.names(c.Writers)
		p.names(c.Readers)
	}
	for i := range m.Heads {
		h := &m.Heads[i]
		h.ID = p.name(h.ID)
		h.Layer, h.Index = p.layer(h.Layer), p.Heads[p.Front+h.Layer][h.Index]
		for _, port := range []*manifest.Port{h.Query, h.Key, h.Value, h.Output} {
			p.port(port)
		}
	}
	for i := range m.Neurons {
		n := &m.Neurons[i]
		n.ID = p.name(n.ID)
		n.Layer, n.Index = p.layer(n.Layer), p.Neurons[p.Front+n.Layer][n.Index]
	}
	for i := range m.SOps {
		s := &m.SOps[i]
		s.Columns = p.columns(s.Columns)
		p.names(s.Heads)
		neurons := map[string]manifest.Runs{}
		for mlp, runs := range s.Neurons {
			neurons[p.name(mlp)] = p.neurons(mlp, runs)
		}
		s.Neurons = neurons
	}
	for i := range m.Edges {
		e := &m.Edges[i]
		e.From, e.To = p.name(e.From), p.name(e.To)
	}
	for i := range m.Flows {
		p.names(m.Flows[i].Through)
	}
	p.port(m.Output.Reads)
}

// layer returns where a layer stands that labels number.
func (p *Place) layer(n int) int { return p.Layers[p.Front+n] }

func (p *Place) columns(all []int) []int {
	moved := make([]int, len(all))
	for i, c := range all {
		moved[i] = p.Columns[c]
	}
	return moved
}

func (p *Place) port(port *manifest.Port) {
	if port != nil {
		port.Columns = p.columns(port.Columns)
	}
}

// neurons moves runs of neurons of an MLP.
func (p *Place) neurons(mlp string, runs manifest.Runs) manifest.Runs {
	layer, _ := strconv.Atoi(mlp[1:])
	var all []int
	for n, at := range p.Neurons[p.Front+layer] {
		if runs.Has(n) {
			all = append(all, at)
		}
	}
	return manifest.RunsOf(all)
}

// component matches the names of heads, neurons and MLPs, and of inputs of these.
var component = regexp.MustCompile(`^([am])(\d+)(?:\.([hn])(\d+))?(<.>)?$`)

// name moves the name of a component; embed, pos and logits keep theirs.
func (p *Place) name(text string) string {
	parts := component.FindStringSubmatch(text)
	if parts == nil {
		return text
	}
	layer, _ := strconv.Atoi(parts[2])
	name := fmt.Sprintf("%s%d", parts[1], p.layer(layer))
	if parts[3] == "" {
		return name + parts[5]
	}
	n, _ := strconv.Atoi(parts[4])
	slots := p.Heads
	if parts[3] == "n" {
		slots = p.Neurons
	}
	return fmt.Sprintf("%s.%s%d%s", name, parts[3], slots[p.Front+layer][n], parts[5])
}

func (p *Place) names(all []string) {
	for i, text := range all {
		all[i] = p.name(text)
	}
}

// inLayer matches what says when a column is written or cleared.
var inLayer = regexp.MustCompile(`^layer (\d+) (attention|mlp)$`)

func (p *Place) when(text string) string {
	parts := inLayer.FindStringSubmatch(text)
	if parts == nil {
		return text
	}
	n, _ := strconv.Atoi(parts[1])
	return fmt.Sprintf("layer %d %s", p.layer(n), parts[2])
}

package raspc

import (
	"fmt"

	"github.com/raspc/raspc/backend/circuit"
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/value"
)

// heads describes the heads that are no padding.
func (p *parts) heads() []manifest.Head {
	heads := make([]manifest.Head, len(p.m.result.Layout.Heads))
	for i, h := range p.m.result.Layout.Heads {
		part := p.m.result.Craft.Parts[h.Part].Head
		c := circuit.Component{Kind: circuit.Head, Layer: h.Layer, Index: h.Index}
		reads := func(in circuit.Input) *manifest.Port {
			return p.port(p.circuit.Reads(circuit.Port{Component: c, Input: in}))
		}
		heads[i] = manifest.Head{
			Layer: h.Layer, Index: h.Index, SOp: part.Name, Kind: string(part.Kind), Selector: part.Selector, ID: c.String(),
			Query: reads(circuit.Query), Key: reads(circuit.Key), Value: reads(circuit.Value), Output: p.port(p.circuit.Writes(c)),
			ScoreDims: len(part.Score), ValueDims: len(part.Value), Copy: part.Copy,
		}
	}
	return heads
}

// neuronRoles describes the neurons that are no padding.
func (p *parts) neuronRoles() []manifest.Neuron {
	l := p.m.result.Layout
	neurons := make([]manifest.Neuron, 0, len(l.Neurons)+len(l.Cleared))
	for _, n := range l.Neurons {
		part := p.m.result.Craft.Parts[n.Part].MLP
		described := p.neuron(n.Layer, n.Index)
		described.SOp, described.Role, described.Copy = part.Name, part.Hidden[n.Neuron].Value, part.Copy
		p.role(&described, part.Roles[n.Neuron])
		neurons = append(neurons, described)
	}
	for _, n := range l.Cleared {
		d := p.m.result.Craft.Residual[n.Direction]
		described := p.neuron(n.Layer, n.Index)
		described.SOp, described.Role, described.Kind = d.Variable, "clears "+d.String(), "clear"
		neurons = append(neurons, described)
	}
	return neurons
}

// neuron describes what a neuron reads and writes.
func (p *parts) neuron(layer, index int) manifest.Neuron {
	mlp := circuit.Component{Kind: circuit.MLP, Layer: layer}
	n := manifest.Neuron{Layer: layer, Index: index, ID: fmt.Sprintf("%s.n%d", mlp, index)}
	if i, ok := p.neurons[[2]int{layer, index}]; ok {
		found := p.circuit.Neurons[i]
		n.Reads, n.Writes = p.variableNames(found.Reads), p.variableNames(found.Writes)
	}
	return n
}

// role takes over what is known of a neuron's role.
func (p *parts) role(n *manifest.Neuron, r craft.Role) {
	number := func(x value.Rat) *float64 {
		f := x.Float64()
		return &f
	}
	n.Kind, n.Below, n.Saturates, n.Offset = string(r.Kind), r.Below, r.Saturates, r.Offset
	if r.Kind != craft.Rectangle {
		n.At = number(r.At)
	}
	if r.Kind == craft.Gate {
		n.Factor = number(r.Factor)
	}
	for _, w := range r.Where {
		v := &p.m.result.Craft.Variables[w.Variable]
		n.Where = append(n.Where, manifest.Where{Variable: v.Name, On: p.runs(v, w.Values)})
	}
}

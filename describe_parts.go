package raspc

import (
	"fmt"
	"slices"

	"github.com/raspc/raspc/backend/circuit"
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// parts describes the parts of a model. Who reads and writes what is found in the
// weights; what it means is known from the layout and the craft program.
type parts struct {
	m       *Model
	circuit *circuit.Circuit
	labels  []int          // the residual direction of each label
	neurons map[[2]int]int // in the circuit, by layer and index
	names   map[sop.ID]string
}

// The variables of a circuit are numbered: what all models have, then those of the
// craft program.
const (
	bosVariable = iota
	realVariable
	firstVariable
)

func newParts(m *Model) *parts {
	p := &parts{m: m, neurons: map[[2]int]int{}}
	l, variable := m.result.Layout, p.variableNumbers()
	cleared := map[int]int{} // by direction, the layer
	for _, n := range l.Cleared {
		cleared[n.Direction] = n.Layer
	}
	number := map[int]int{} // of labels, by direction
	var labels []circuit.Label
	for d, col := range l.Columns {
		if col < 0 {
			continue
		}
		label := circuit.Label{Column: col, Variable: variable[d], Cleared: -1}
		if layer, ok := cleared[d]; ok {
			label.Cleared = layer
		}
		number[d] = len(labels)
		labels, p.labels = append(labels, label), append(p.labels, d)
	}
	var clearings []circuit.Clearing
	for _, n := range l.Cleared {
		clearings = append(clearings, circuit.Clearing{Layer: n.Layer, Neuron: n.Index, Label: number[n.Direction]})
	}
	c, err := circuit.Trace(l.Traced(), labels, clearings)
	if err != nil {
		panic(fmt.Sprintf("the layout and the decoder disagree: %v", err))
	}
	p.circuit = c
	for i, n := range c.Neurons {
		p.neurons[[2]int{n.Layer, n.Index}] = i
	}
	p.names = sopNames(m.result.Graph, m.result.Graph.Reachable(m.result.Output))
	return p
}

// variableNumbers returns the variable of each residual direction.
func (p *parts) variableNumbers() []int {
	number := make([]int, len(p.m.result.Craft.Residual))
	number[craft.BOS], number[craft.Real] = bosVariable, realVariable
	for i, v := range p.m.result.Craft.Variables {
		for k := range v.Size() {
			number[v.First+k] = firstVariable + i
		}
	}
	return number
}

// variableName is the name of a variable by its number.
func (p *parts) variableName(number int) string {
	if number < firstVariable {
		return p.m.result.Craft.Residual[number].Variable
	}
	return p.m.result.Craft.Variables[number-firstVariable].Name
}

func (p *parts) variableNames(numbers []int) []string {
	names := make([]string, len(numbers))
	for i, n := range numbers {
		names[i] = p.variableName(n)
	}
	return names
}

// fixed reports whether no token changes any of some variables.
func (p *parts) fixed(numbers ...int) bool {
	g := p.m.result.Graph
	for _, n := range numbers {
		if n < firstVariable {
			continue
		}
		id := p.m.result.Craft.Variables[n-firstVariable].SOp
		if id == values.RawToken || slices.ContainsFunc(g.Reachable(id), func(a sop.ID) bool { return g.Node(a).Op == sop.Tokens }) {
			return false
		}
	}
	return true
}

// fill describes all parts.
func (p *parts) fill(man *manifest.Manifest) {
	man.Columns, man.Variables = p.columns(), p.variables()
	man.Heads, man.Neurons = p.heads(), p.neuronRoles()
	man.SOps, man.Edges, man.Flows = p.sops(), p.edges(), p.flows()
	man.Output.Reads = p.port(p.circuit.Reads(circuit.Port{Component: circuit.Logits}))
}

func (p *parts) port(columns, variables []int) *manifest.Port {
	return &manifest.Port{Variables: p.variableNames(variables), Columns: columns}
}

func (p *parts) edges() []manifest.Edge {
	edges := make([]manifest.Edge, len(p.circuit.Edges))
	for i, e := range p.circuit.Edges {
		edges[i] = manifest.Edge{
			From: e.From.String(), To: e.To.String(), Variables: p.variableNames(e.Variables),
			Cancelled: p.variableNames(e.Cancelled), Fixed: p.fixed(e.Variables...) && p.fixed(e.Cancelled...),
		}
	}
	return edges
}

// flows joins the inputs through which a variable goes into another.
func (p *parts) flows() []manifest.Flow {
	flows := []manifest.Flow{}
	var last circuit.Flow
	for _, f := range p.circuit.Flows {
		if f.From < firstVariable {
			continue
		}
		if len(flows) == 0 || f.From != last.From || f.To != last.To {
			to := ""
			if f.To >= 0 {
				to = p.variableName(f.To)
			}
			flows = append(flows, manifest.Flow{From: p.variableName(f.From), To: to})
		}
		into := &flows[len(flows)-1]
		into.Through, last = append(into.Through, f.Through.String()), f
	}
	return flows
}

// columns labels the residual stream.
func (p *parts) columns() []manifest.Column {
	r := p.m.result
	cols := make([]manifest.Column, len(p.labels))
	for i, d := range p.labels {
		l := p.circuit.Labels[i]
		c := manifest.Column{
			Index: l.Column, Variable: r.Craft.Residual[d].Variable, Value: r.Craft.Residual[d].Value,
			Written: written(p.circuit.Writers[i], l.Cleared), Writers: spelled(p.circuit.Writers[i]), Readers: spelled(p.circuit.Readers[i]),
		}
		if l.Cleared >= 0 {
			c.Cleared = fmt.Sprintf("layer %d mlp", l.Cleared)
		}
		switch {
		case d == craft.BOS:
			c.AtBOS = 1
		case l.Variable >= firstVariable:
			c.Copy = r.Craft.Variables[l.Variable-firstVariable].Copy
			p.describeCode(&c, &r.Craft.Variables[l.Variable-firstVariable], d)
		}
		cols[i] = c
	}
	return cols
}

// spelled names components or ports.
func spelled[T fmt.Stringer](all []T) []string {
	names := make([]string, len(all))
	for i, x := range all {
		names[i] = x.String()
	}
	return names
}

// written says when a column is complete. The MLP of the layer that clears it has
// nothing to do with that.
func written(writers []circuit.Component, cleared int) string {
	at := "embedding"
	for _, c := range writers {
		switch c.Kind {
		case circuit.Position:
			at = "position"
		case circuit.Head:
			at = fmt.Sprintf("layer %d attention", c.Layer)
		case circuit.MLP:
			if c.Layer == cleared {
				continue
			}
			at = fmt.Sprintf("layer %d mlp", c.Layer)
		}
	}
	return at
}

// describeCode says what a direction of a variable holds.
func (p *parts) describeCode(c *manifest.Column, v *craft.Variable, direction int) {
	k := direction - v.First
	c.AtBOS = v.AtBOS[k].Float64()
	var on []int
	switch v.Encoding {
	case craft.Categorical:
		on = []int{k}
	case craft.Steps:
		for i := k + 1; i < len(v.Values); i++ {
			on = append(on, i)
		}
	case craft.Marks:
		on = v.Sets[k]
	case craft.Digits:
		c.Digit = &k
	}
	c.On = p.runs(v, on)
}

// valuesOf are the values that a variable can have, each s-op's value by itself; nil
// for numbers.
func (p *parts) valuesOf(v *craft.Variable) []value.Value {
	if v.Members == nil {
		return v.Values
	}
	return p.m.result.Values.Set(v.SOp)
}

// runs are value numbers of a variable as numbers in valuesOf.
func (p *parts) runs(v *craft.Variable, numbers []int) manifest.Runs {
	if v.Members == nil {
		return manifest.RunsOf(numbers)
	}
	in := map[value.Key]bool{}
	for _, i := range numbers {
		for _, x := range v.Members[i] {
			in[x.Key()] = true
		}
	}
	var all []int
	for i, x := range p.valuesOf(v) {
		if in[x.Key()] {
			all = append(all, i)
		}
	}
	return manifest.RunsOf(all)
}

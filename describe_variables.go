package raspc

import (
	"slices"

	"github.com/raspc/raspc/backend/circuit"
	"github.com/raspc/raspc/backend/pipeline"
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/values"
)

// variables describes each variable that has columns.
func (p *parts) variables() []manifest.Variable {
	all := []manifest.Variable{}
	for i := range p.m.result.Craft.Variables {
		v := &p.m.result.Craft.Variables[i]
		if blur := p.m.result.Layout.Blur; blur != nil {
			blurred := *v
			blurred.Noise += blur[i]
			v = &blurred
		}
		held, ok := p.m.variable(v)
		if !ok {
			continue
		}
		described := manifest.Variable{
			Name: held.Name, Encoding: held.Encoding, Columns: held.Columns, Error: held.Error, Gap: held.Gap, Line: held.Line, Expr: held.Expr, Copy: v.Copy,
			SOp: p.sopOf(v), Part: v.Part, Base: v.Base, Values: manifest.AtomsOf(p.valuesOf(v)), Fixed: p.fixed(firstVariable + i),
		}
		if v.Encoding == craft.Numeric || v.Encoding == craft.Digits {
			described.Scale = v.Scale.Float64()
		}
		all = append(all, described)
	}
	return all
}

// variable gives the budget of a variable, or false where it has no columns.
func (m *Model) variable(v *craft.Variable) (Variable, bool) {
	held := Variable{Name: v.Name, Encoding: v.Encoding.String(), Error: v.Noise, Gap: 1}
	for k := range v.Size() {
		if m.result.Layout.Columns[v.First+k] >= 0 {
			held.Columns++
		}
	}
	if v.Encoding == craft.Numeric {
		held.Error *= v.Scale.Float64()
		held.Gap = pipeline.LeastGap(m.result.Values.Set(v.SOp))
	}
	if g := m.result.Graph; v.SOp != values.RawToken {
		held.Line = m.result.Line(g, v.SOp)
		if g.Name(v.SOp) == "" {
			held.Expr = g.Express(v.SOp)
		}
	}
	return held, held.Columns > 0
}

// sopOf names the s-op that a variable holds. The input's token is the first s-op
// that reads it.
func (p *parts) sopOf(v *craft.Variable) string {
	if v.SOp != values.RawToken {
		return p.names[v.SOp]
	}
	g := p.m.result.Graph
	for _, id := range g.Reachable(p.m.result.Output) {
		if g.Node(id).Op == sop.Tokens {
			return p.names[id]
		}
	}
	return v.Name
}

// sopNames names s-ops: by the last name that the program gives, or by operator and
// number where it gives none or gives it to another one, too.
func sopNames(g *sop.Graph, ids []sop.ID) map[sop.ID]string {
	bearers := map[string]int{}
	for _, id := range ids {
		for _, name := range g.Names(id) {
			bearers[name]++
		}
	}
	names := map[sop.ID]string{}
	for _, id := range ids {
		name := g.Name(id)
		if bearers[name] != 1 || name == rawToken && g.Node(id).Op != sop.Tokens {
			name = stable(g, id)
		}
		names[id] = name
	}
	return names
}

// sops says of the s-ops that have a name or a variable where they are found.
func (p *parts) sops() []manifest.SOp {
	r := p.m.result
	all, bypassed := []manifest.SOp{}, p.bypassed()
	for _, id := range r.Graph.Reachable(r.Output) {
		n := r.Graph.Node(id)
		if n.Selector() || !r.Values.Has(id) {
			continue
		}
		s := manifest.SOp{
			Name: p.names[id], Names: r.Graph.Names(id), Expr: r.Graph.Express(id), Line: r.Line(r.Graph, id),
			Size: len(r.Values.Set(id)), Variables: []string{}, Columns: []int{}, Heads: []string{}, Neurons: map[string]manifest.Runs{},
		}
		if s.Size <= manifest.MaxValues {
			s.Values = manifest.AtomsOf(r.Values.Set(id))
		}
		for _, reader := range bypassed[id] {
			name := p.names[reader]
			if reader == logits {
				name = circuit.Logits.String()
			}
			s.Bypassed = append(s.Bypassed, name)
		}
		neurons := map[string][]int{} // by MLP
		for i, v := range r.Craft.Variables {
			if v.Part == "" && (v.SOp == id || v.SOp == values.RawToken && n.Op == sop.Tokens) {
				p.locate(&s, neurons, firstVariable+i)
			}
		}
		for mlp, at := range neurons {
			slices.Sort(at)
			s.Neurons[mlp] = manifest.RunsOf(slices.Compact(at))
		}
		if len(s.Names)+len(s.Variables) > 0 {
			all = append(all, s)
		}
	}
	return all
}

// locate adds the places of a variable to those of its s-op, and the neurons that
// write it to those of each MLP.
func (p *parts) locate(s *manifest.SOp, neurons map[string][]int, variable int) {
	columns := len(s.Columns)
	for i, l := range p.circuit.Labels {
		if l.Variable != variable {
			continue
		}
		s.Columns = append(s.Columns, l.Column)
		for _, c := range p.circuit.Writers[i] {
			if name := c.String(); c.Kind == circuit.Head && !slices.Contains(s.Heads, name) {
				s.Heads = append(s.Heads, name)
			}
		}
	}
	if len(s.Columns) == columns {
		return // nothing reads the variable
	}
	s.Variables = append(s.Variables, p.variableName(variable))
	for _, n := range p.circuit.Neurons {
		if slices.Contains(n.Writes, variable) && !slices.Contains(n.Reads, variable) { // else it clears
			mlp := circuit.Component{Kind: circuit.MLP, Layer: n.Layer}.String()
			neurons[mlp] = append(neurons[mlp], n.Index)
		}
	}
}

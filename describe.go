package raspc

import (
	"fmt"
	"path/filepath"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// manifest describes the model, all but its files.
func (m *Model) manifest() *manifest.Manifest {
	r := m.result
	man := &manifest.Manifest{
		Schema: manifest.Version, Raspc: Version,
		Program: m.program(),
		Options: manifest.Options{
			Tokens: tokenKind(m), Vocab: manifest.AtomsOf(r.Domain.Vocab), MaxLen: r.Domain.MaxLen,
			Causal: r.Domain.Causal, Output: r.Program.Output.Name, Opt: r.Options.Opt,
		},
		Tokens:  manifest.Tokens{BOS: r.Layout.Model.Config.BOS, PAD: r.Layout.Model.Config.PAD},
		Output:  m.output(),
		Model:   m.sizes(),
		Values:  m.values(),
		Columns: m.columns(), Variables: m.variables(),
		Heads:   m.heads(),
		Neurons: m.neurons(),
	}
	for _, v := range r.Domain.Vocab {
		man.Tokens.Vocab = append(man.Tokens.Vocab, v.Display())
	}
	if s := r.Program.Settings; s.BOS.Set {
		bos := manifest.AtomOf(s.BOS.Value)
		man.Options.BOS = &bos
	}
	man.Options.Inputs = r.Program.Settings.Pattern()
	for _, o := range r.Options.Overrides {
		man.Options.Overrides = append(man.Options.Overrides, o.Text)
	}
	for _, a := range r.Craft.Assumptions {
		man.Assumptions = append(man.Assumptions, manifest.Assumption(a))
	}
	return man
}

func (m *Model) program() manifest.Program {
	p := manifest.Program{Name: filepath.Base(m.name), Source: m.result.Source.Text()}
	for _, f := range m.result.Program.Files[1:] {
		if p.Loaded == nil {
			p.Loaded = map[string]string{}
		}
		p.Loaded[f.Name()] = f.Text()
	}
	p.SHA256 = p.Hash()
	return p
}

// tokenKind is the word of the tokens pragma.
func tokenKind(m *Model) string {
	return m.result.Program.Settings.TokenKind()
}

func (m *Model) output() manifest.Output {
	o := m.result.Craft.Output
	if o.Encoding == craft.Numeric {
		return manifest.Output{Kind: manifest.Numeric}
	}
	out := manifest.Output{Kind: manifest.Categorical, Labels: manifest.AtomsOf(o.Labels)}
	if m.opts.nextToken {
		out.Task, out.EOS = manifest.CausalLM, m.eos()
	}
	return out
}

func (m *Model) sizes() manifest.Sizes {
	l := m.result.Layout
	c := l.Model.Config
	dense, nonzero := l.Model.Params()
	return manifest.Sizes{
		Attention: m.attention(), Layers: c.Layers, Heads: c.Heads, DModel: c.DModel, DHead: c.DHead, DMLP: c.DMLP,
		Params: dense, NonZero: nonzero, UsefulHeads: len(l.Heads), UsefulNeurons: len(l.Neurons) + len(l.Cleared),
	}
}

// attention is the word for what queries see.
func (m *Model) attention() string {
	if m.result.Craft.Causal {
		return "causal"
	}
	return "full"
}

// values counts the values of the named s-ops that the model is built from.
func (m *Model) values() map[string]int {
	sizes := map[string]int{}
	g := m.result.Graph
	for _, id := range g.Reachable(m.result.Output) {
		if g.Node(id).Selector() || !m.result.Values.Has(id) {
			continue
		}
		for _, name := range g.Names(id) {
			sizes[name] = len(m.result.Values.Set(id))
		}
	}
	return sizes
}

// columns labels the residual stream.
func (m *Model) columns() []manifest.Column {
	written := make([]string, len(m.result.Craft.Residual))
	for i := range written {
		written[i] = "embedding"
	}
	for _, e := range m.result.Craft.Position {
		written[e.To] = "position"
	}
	for i, part := range m.result.Craft.Parts {
		kind := "mlp"
		if part.Head != nil {
			kind = "attention"
		}
		for _, to := range part.Writes() {
			written[to] = fmt.Sprintf("layer %d %s", m.result.Schedule.Layer[i], kind)
		}
	}
	cleared := map[int]string{}
	for _, n := range m.result.Layout.Cleared {
		cleared[n.Direction] = fmt.Sprintf("layer %d mlp", n.Layer)
	}
	var cols []manifest.Column
	for i, d := range m.result.Craft.Residual {
		if at := m.result.Layout.Columns[i]; at >= 0 {
			cols = append(cols, manifest.Column{Index: at, Variable: d.Variable, Value: d.Value, Written: written[i], Cleared: cleared[i]})
		}
	}
	return cols
}

// variables gives the budget of each variable that has columns.
func (m *Model) variables() []manifest.Variable {
	all := []manifest.Variable{}
	for _, v := range m.result.Craft.Variables {
		if held, ok := m.variable(v); ok {
			all = append(all, held)
		}
	}
	return all
}

// variable gives the budget of a variable, or false where it has no columns.
func (m *Model) variable(v craft.Variable) (manifest.Variable, bool) {
	held := manifest.Variable{Name: v.Name, Encoding: v.Encoding.String(), Error: v.Noise, Gap: 1}
	for k := range v.Size() {
		if m.result.Layout.Columns[v.First+k] >= 0 {
			held.Columns++
		}
	}
	if v.Encoding == craft.Numeric {
		held.Error *= v.Scale.Float64()
		held.Gap = leastGap(m.result.Values.Set(v.SOp))
	}
	if g := m.result.Graph; v.SOp != values.RawToken {
		held.Line = m.result.Line(g, v.SOp)
		if g.Name(v.SOp) == "" {
			held.Expr = g.Express(v.SOp)
		}
	}
	return held, held.Columns > 0
}

// leastGap is the least distance of two numbers of a set, 1 where there are no
// two.
func leastGap(set []value.Value) float64 {
	gap := value.Int(1)
	for i := 1; i < len(set); i++ {
		if g := set[i].Rat().Sub(set[i-1].Rat()); i == 1 || g.Cmp(gap) < 0 {
			gap = g
		}
	}
	return gap.Float64()
}

func (m *Model) heads() []manifest.Head {
	heads := make([]manifest.Head, len(m.result.Layout.Heads))
	for i, h := range m.result.Layout.Heads {
		part := m.result.Craft.Parts[h.Part].Head
		heads[i] = manifest.Head{Layer: h.Layer, Index: h.Index, SOp: part.Name, Kind: string(part.Kind), Selector: part.Selector}
	}
	return heads
}

func (m *Model) neurons() []manifest.Neuron {
	l := m.result.Layout
	neurons := make([]manifest.Neuron, 0, len(l.Neurons)+len(l.Cleared))
	for _, n := range l.Neurons {
		part := m.result.Craft.Parts[n.Part].MLP
		neurons = append(neurons, manifest.Neuron{Layer: n.Layer, Index: n.Index, SOp: part.Name, Role: part.Hidden[n.Neuron].Value})
	}
	for _, n := range l.Cleared {
		d := m.result.Craft.Residual[n.Direction]
		neurons = append(neurons, manifest.Neuron{Layer: n.Layer, Index: n.Index, SOp: d.Variable, Role: "clears " + d.String()})
	}
	return neurons
}

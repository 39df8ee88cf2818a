package raspc

import (
	"path/filepath"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/export/manifest"
)

// Manifest is what raspc.json holds: what a model computes, and which part of it
// does what.
type Manifest = manifest.Manifest

// Manifest describes the model, all but its files.
func (m *Model) Manifest() *Manifest {
	r := m.result
	man := &manifest.Manifest{
		Schema: manifest.Version, Raspc: Version,
		Program: m.program(),
		Options: manifest.Options{
			Tokens: tokenKind(m), Vocab: manifest.AtomsOf(r.Domain.Vocab), MaxLen: r.Domain.MaxLen,
			Causal: r.Domain.Causal, Output: r.Program.Output.Name, Opt: r.Options.Opt,
			Reuse: r.Options.Layout.Reuse, Squeeze: r.Options.Squeeze, Materialize: m.opts.Materialize, Disguise: m.opts.disguise(),
		},
		Tokens:   manifest.Tokens{BOS: r.Layout.Model.Config.BOS, PAD: r.Layout.Model.Config.PAD},
		Output:   m.output(),
		Model:    m.sizes(),
		Values:   m.values(),
		Rotation: r.Layout.Rotation,
	}
	newParts(m).fill(man)
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

// Params returns the number of weights of the model, and how many of them are not 0.
func (m *Model) Params() (dense, nonzero int64) { return m.result.Layout.Model.Params() }

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

// disguise is what the manifest says of the transformations of the model.
func (o Options) disguise() *manifest.Disguise {
	d := o.Disguise
	out := &manifest.Disguise{Permute: d.Permute, Noise: d.Noise, Rotate: d.Rotate}
	if d.Noise != 0 {
		out.NoiseSeed = d.NoiseSeed
	}
	for _, c := range d.Duplicate {
		out.Duplicate = append(out.Duplicate, manifest.Duplicate{SOp: c.Name, Copies: c.Copies, Mean: c.Mean})
	}
	if out.Permute == 0 && out.Noise == 0 && out.Duplicate == nil && out.Rotate == 0 {
		return nil
	}
	return out
}

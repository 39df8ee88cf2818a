package pipeline

import (
	"fmt"
	"io"
	"strings"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/backend/layout"
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// Dump writes the text of one stage's result.
func Dump(w io.Writer, r *Result, stage string) error {
	for _, s := range Stages {
		if s.Name == stage {
			return s.dump(r, w)
		}
	}
	return fmt.Errorf("no stage is called %q; the stages are %s", stage, strings.Join(Names(), ", "))
}

// Names returns the names of the stages in order.
func Names() []string {
	names := make([]string, len(Stages))
	for i, s := range Stages {
		names[i] = s.Name
	}
	return names
}

func dumpAST(r *Result, w io.Writer) error {
	if r.AST == nil {
		_, err := fmt.Fprintf(w, "# %s is a program of Tracr's: a graph, without a syntax tree\n", r.Source.Name())
		return err
	}
	return syntax.Dump(w, r.AST)
}

func dumpSOp(r *Result, w io.Writer) error {
	g, root := r.Graph, r.Output
	if g == nil { // no s-op is computed; a selector may be
		if r.Program.Output == nil {
			return nil
		}
		g, root = r.Program.Graph, r.Program.Output.ID
	}
	_, err := io.WriteString(w, sop.Dump(g, root))
	return err
}

// printer writes lines and keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) linef(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func dumpValues(r *Result, w io.Writer) error {
	p := &printer{w: w}
	g := r.Graph
	for _, id := range g.Reachable(r.Output) {
		n := g.Node(id)
		if !r.Values.Has(id) {
			continue // known only as part of a total
		}
		if n.Selector() {
			p.linef("%s: %s", g.Label(id), selectorFacts(r.Values.Selector(id)))
			continue
		}
		set := r.Values.Set(id)
		p.linef("%s: %d values %s%s", g.Label(id), len(set), shorten(set), aggregateFacts(n, r.Values))
	}
	for _, h := range r.Values.Hazards() {
		p.linef("hazard: %s: %s", g.Label(h.Node), h.What)
	}
	return p.err
}

func selectorFacts(f values.SelectorFacts) string {
	s := fmt.Sprintf("rows of %d at most", f.MaxWidth)
	if f.Why != "" {
		s += ", because " + f.Why
	}
	switch {
	case f.Full:
		s += "; everything"
	case f.NonEmpty:
		s += "; never empty"
	}
	return s
}

func aggregateFacts(n *sop.Node, t *values.Table) string {
	if t.Total(n.ID) != nil {
		return "; total"
	}
	if n.Op != sop.Aggregate {
		return ""
	}
	f := t.Aggregate(n.ID)
	s := "; mean"
	if f.Move {
		s = "; move"
	}
	if f.Assumed {
		s += " (assumed)"
	}
	if f.MayDefault {
		s += " or default " + n.Value.Repr()
	}
	return s
}

// shorten lists the first values of a set.
func shorten(set []value.Value) string {
	const most = 16
	parts := make([]string, 0, most+1)
	for i, v := range set {
		if i == most {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, exact(v))
	}
	return "{" + strings.Join(parts, " ") + "}"
}

// exact prints fractions as fractions.
func exact(v value.Value) string {
	if v.Kind() == value.KindFloat {
		return v.Rat().String()
	}
	return v.Repr()
}

func dumpCraft(r *Result, w io.Writer) error {
	p := &printer{w: w}
	c := r.Craft
	for _, v := range c.Variables {
		p.linef("variable %s: %s, directions %d-%d, error %.2g", v.Name, v.Encoding, v.First, v.First+v.Size()-1, v.Noise)
	}
	for i, part := range c.Parts {
		if h := part.Head; h != nil {
			p.linef("head %d %s: %s over %s", i, h.Name, h.Kind, h.Selector)
			p.maps(c.Residual, h.Score, "Q", h.Q)
			p.maps(c.Residual, h.Score, "K", h.K)
			p.maps(c.Residual, h.Value, "V", h.V)
			p.maps(h.Value, c.Residual, "O", h.O)
			continue
		}
		m := part.MLP
		p.linef("mlp %d %s: %s", i, m.Name, m.Why)
		p.maps(c.Residual, m.Hidden, "in", m.In)
		p.maps(m.Hidden, c.Residual, "out", m.Out)
		p.maps(craft.Space{{Variable: "bias"}}, c.Residual, "bias", m.Bias)
	}
	p.linef("output %s: %s, %d logits", c.Output.Name, c.Output.Encoding, c.Outputs())
	for _, a := range c.Assumptions {
		p.linef("assume %s: %s", a.SOp, a.Claim)
	}
	return p.err
}

// maps prints one line a source direction.
func (p *printer) maps(from, to craft.Space, name string, m craft.Map) {
	const most = 24 // targets on one line
	for i := 0; i < len(m); {
		j := i
		var row strings.Builder
		for ; j < len(m) && m[j].From == m[i].From; j++ {
			if j-i < most {
				fmt.Fprintf(&row, " %s:%s", to[m[j].To], m[j].W)
			}
		}
		if j-i > most {
			fmt.Fprintf(&row, " … %d more", j-i-most)
		}
		p.linef("  %s %s ->%s", name, from[m[i].From], row.String())
		i = j
	}
}

func dumpLayout(r *Result, w io.Writer) error {
	p := &printer{w: w}
	l := r.Layout
	for _, h := range l.Heads {
		part := r.Craft.Parts[h.Part].Head
		p.linef("layer %d head %d: %s (%s)", h.Layer, h.Index, part.Name, part.Kind)
	}
	for i := 0; i < len(l.Neurons); {
		first := l.Neurons[i]
		j := i
		for ; j < len(l.Neurons) && l.Neurons[j].Part == first.Part; j++ {
		}
		p.linef("layer %d neurons %s: %s", first.Layer, numbers(l.Neurons[i:j]), r.Craft.Parts[first.Part].MLP.Name)
		i = j
	}
	for _, n := range l.Cleared {
		p.linef("layer %d neuron %d: clears %s", n.Layer, n.Index, r.Craft.Residual[n.Direction])
	}
	for i, d := range r.Craft.Residual {
		if at := l.Columns[i]; at >= 0 {
			p.linef("column %d: %s", at, d)
		}
	}
	return p.err
}

// numbers lists neurons, as a range where they are neighbours.
func numbers(places []layout.NeuronPlace) string {
	words := make([]string, len(places))
	neighbours := true
	for i, n := range places {
		words[i] = fmt.Sprint(n.Index)
		neighbours = neighbours && n.Index == places[0].Index+i
	}
	if neighbours {
		return words[0] + "-" + words[len(words)-1]
	}
	return strings.Join(words, " ")
}

func dumpDecoder(r *Result, w io.Writer) error {
	p := &printer{w: w}
	c := r.Layout.Model.Config
	dense, nonzero := r.Layout.Model.Params()
	p.linef("layers %d heads %d d_model %d d_head %d d_mlp %d", c.Layers, c.Heads, c.DModel, c.DHead, c.DMLP)
	p.linef("vocab %d bos %d pad %d positions %d outputs %d causal %t", c.Vocab, c.BOS, c.PAD, c.Positions, c.Outputs, c.Causal)
	p.linef("parameters %d, %d of them not zero", dense, nonzero)
	m := r.Layout.Model
	p.matrix("embedding", m.Embed)
	p.matrix("position", m.Position)
	for l, layer := range m.Layers {
		for h, head := range layer.Heads {
			name := fmt.Sprintf("layer %d head %d ", l, h)
			p.matrix(name+"Q", head.Q)
			p.matrix(name+"K", head.K)
			p.matrix(name+"V", head.V)
			p.matrix(name+"O", head.O)
		}
		name := fmt.Sprintf("layer %d ", l)
		p.matrix(name+"in", layer.In)
		p.matrix(name+"out", layer.Out)
		p.matrix(name+"out bias", layer.OutBias)
	}
	p.matrix("unembedding", m.Unembed)
	return p.err
}

// matrix prints the shape and the number of weights, and the weights where
// they are few.
func (p *printer) matrix(name string, m decoder.Matrix) {
	const few = 64
	p.linef("%s: %d x %d, %d weights", name, m.Rows, m.Cols, len(m.Entries))
	if len(m.Entries) > few {
		return
	}
	for _, e := range m.Entries {
		p.linef("  %d %d %g", e.Row, e.Col, e.W)
	}
}

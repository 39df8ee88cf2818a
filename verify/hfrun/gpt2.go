package hfrun

import (
	"fmt"

	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/network"
)

// The stock classes of a GPT-2.
const (
	gpt2Labels = "GPT2ForTokenClassification"
	gpt2Next   = "GPT2LMHeadModel"
)

// gpt2 is GPT2ForTokenClassification or GPT2LMHeadModel: learned positions,
// pre-norm blocks of causal attention and MLP, a final norm, a linear head.
type gpt2 struct {
	arithmetic
	d         int
	tokens    []float64 // vocab x d
	positions []float64 // positions x d
	layers    []gpt2Layer
	final     norm
	head      linear
	attention attention
	act       network.Activation
}

// gpt2Layer is one block.
type gpt2Layer struct {
	norm1, norm2 norm
	qkv, proj    linear
	in, out      linear
}

// causal implements architecture; it is true of every GPT-2 of a Hugging Face folder.
func (g *gpt2) causal() bool { return g.attention.causal }

// loadGPT2 reads the configuration and the weights.
func (m *Model) loadGPT2(s *settings, w *weights) error {
	next := s.common(gpt2Labels, gpt2Next) == gpt2Next
	m.sizes.vocab, m.sizes.positions = s.size("vocab_size", 1), s.size("n_positions", 1)
	d, layers, heads, inner := s.size("n_embd", 1), s.size("n_layer", 0), s.size("n_head", 1), s.size("n_inner", 1)
	eps := s.positive("layer_norm_epsilon")
	m.names, m.next = s.names(m.sizes.vocab, next), next
	if m.sizes.outputs = len(m.names.Labels); next {
		m.sizes.outputs = m.sizes.vocab
	}
	s.text("activation_function", "relu")
	s.optional("scale_attn_weights", "true")
	s.optional("scale_attn_by_inverse_layer_idx", "false")
	s.optional("reorder_and_upcast_attn", "false")
	s.optional("is_causal", "true")
	s.harmless("resid_pdrop", "embd_pdrop", "attn_pdrop", "classifier_dropout",
		"summary_type", "summary_use_proj", "summary_activation", "summary_proj_to_labels", "summary_first_dropout")
	if d%heads != 0 {
		s.fail(fault.Setting, "n_embd %d is not a multiple of n_head %d", d, heads)
	}
	if err := s.finish(); err != nil {
		return err
	}
	g := &gpt2{
		arithmetic: arithmetic{w.as},
		d:          d,
		tokens:     w.tensor("transformer.wte.weight", m.sizes.vocab, d),
		positions:  w.tensor("transformer.wpe.weight", m.sizes.positions, d),
		final:      w.norm("transformer.ln_f", d, eps),
		attention:  attention{arithmetic: arithmetic{w.as}, heads: heads, size: d / heads, causal: true},
	}
	if next {
		g.head = w.unbiased("lm_head", d, m.sizes.outputs)
	} else {
		g.head = w.linear("classifier", d, m.sizes.outputs)
	}
	for i := 0; i < layers && w.err == nil; i++ {
		g.layers = append(g.layers, loadGPT2Layer(w, fmt.Sprintf("transformer.h.%d.", i), d, inner, eps))
	}
	m.net = g
	return w.finish()
}

// loadGPT2Layer takes the weights of one block.
func loadGPT2Layer(w *weights, name string, d, inner int, eps float64) gpt2Layer {
	return gpt2Layer{
		norm1: w.norm(name+"ln_1", d, eps),
		qkv:   w.conv1D(name+"attn.c_attn", d, 3*d),
		proj:  w.conv1D(name+"attn.c_proj", d, d),
		norm2: w.norm(name+"ln_2", d, eps),
		in:    w.conv1D(name+"mlp.c_fc", d, inner),
		out:   w.conv1D(name+"mlp.c_proj", inner, d),
	}
}

// forward implements architecture.
func (g *gpt2) forward(in batch) ([]float64, error) {
	x := make([]float64, 0, len(in.ids)*g.d)
	for t, id := range in.ids {
		at, pos := int(id)*g.d, t%in.n*g.d
		x = append(x, g.tokens[at:at+g.d]...)
		if err := g.add(x[t*g.d:], g.positions[pos:pos+g.d]); err != nil {
			return nil, err
		}
	}
	in.at(0, x)
	for i, layer := range g.layers {
		if err := g.block(i, layer, in, x); err != nil {
			return nil, fmt.Errorf("layer %d: %w", i, err)
		}
		in.at(2*i+2, x)
	}
	normed, err := g.final.apply(x)
	if err != nil {
		return nil, err
	}
	return g.head.apply(normed)
}

// block adds block i's two parts to x.
func (g *gpt2) block(i int, l gpt2Layer, in batch, x []float64) error {
	mixed, err := g.attend(l, in, x)
	if err != nil {
		return err
	}
	if err := g.add(x, mixed); err != nil {
		return err
	}
	in.at(2*i+1, x)
	normed, err := l.norm2.apply(x)
	if err != nil {
		return err
	}
	out, err := mlp(l.in, l.out, g.act, normed)
	if err != nil {
		return err
	}
	return g.add(x, out)
}

// attend is the attention part of a block.
func (g *gpt2) attend(l gpt2Layer, in batch, x []float64) ([]float64, error) {
	normed, err := l.norm1.apply(x)
	if err != nil {
		return nil, err
	}
	qkv, err := l.qkv.apply(normed)
	if err != nil {
		return nil, err
	}
	part := func(i int) rows { return rows{data: qkv, stride: 3 * g.d, offset: i * g.d} }
	mixed, err := g.attention.apply(in, part(0), part(1), part(2))
	if err != nil {
		return nil, err
	}
	return l.proj.apply(mixed)
}

// mlp is act(x In) Out with both biases.
func mlp(in, out linear, act network.Activation, x []float64) ([]float64, error) {
	hidden, err := in.apply(x)
	if err != nil {
		return nil, err
	}
	activate(act, hidden)
	return out.apply(hidden)
}

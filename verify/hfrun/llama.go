package hfrun

import (
	"fmt"

	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/network"
)

// The stock classes of a Llama.
const (
	llamaLabels = "LlamaForTokenClassification"
	llamaNext   = "LlamaForCausalLM"
)

// llama is LlamaForTokenClassification or LlamaForCausalLM: no table of positions,
// pre-norm blocks of causal attention, whose queries and keys are turned by their
// positions, and gated MLP, a final norm, a linear head.
type llama struct {
	arithmetic
	d         int
	tokens    []float64 // vocab x d
	layers    []llamaLayer
	final     norm
	head      linear
	attention attention
	rotary    rotary
}

// llamaLayer is one block.
type llamaLayer struct {
	norm1, norm2      norm
	query, key, value linear
	proj              linear
	gate, up, down    linear
}

// causal is true of every Llama.
func (*llama) causal() bool { return true }

// loadLlama reads the configuration and the weights.
func (m *Model) loadLlama(s *settings, w *weights) error {
	next := s.common(llamaLabels, llamaNext) == llamaNext
	m.sizes.vocab, m.sizes.positions = s.size("vocab_size", 1), s.size("max_position_embeddings", 1)
	d, layers, heads := s.size("hidden_size", 1), s.size("num_hidden_layers", 0), s.size("num_attention_heads", 1)
	inner, keyHeads, size := s.size("intermediate_size", 1), s.size("num_key_value_heads", 1), s.size("head_dim", 2)
	eps := s.positive("rms_norm_eps")
	rope := s.rope()
	m.names, m.next = s.names(m.sizes.vocab, next), next
	if m.sizes.outputs = len(m.names.Labels); next {
		m.sizes.outputs = m.sizes.vocab
	}
	s.text("hidden_act", "relu")
	s.optional("attention_bias", "false")
	s.exactly("mlp_bias", "true")
	s.harmless("attention_dropout", "classifier_dropout", "pretraining_tp")
	switch {
	case d%heads != 0: // transformers does not load such a model
		s.fail(fault.Setting, "hidden_size %d is not a multiple of num_attention_heads %d", d, heads)
	case keyHeads != heads:
		s.fail(fault.Setting, "num_key_value_heads is %d and num_attention_heads %d; the forward pass knows equal ones only", keyHeads, heads)
	case size%2 != 0:
		s.fail(fault.Setting, "head_dim is %d; its halves cannot be turned", size)
	case heads*size > maxSize:
		s.fail(fault.TooLarge, "%d heads of %d are more than %d", heads, size, maxSize)
	}
	if err := s.finish(); err != nil {
		return err
	}
	l := &llama{
		arithmetic: arithmetic{w.as},
		d:          d,
		tokens:     w.tensor("model.embed_tokens.weight", m.sizes.vocab, d),
		final:      w.rootMeanSquare("model.norm", d, eps),
		attention:  attention{arithmetic: arithmetic{w.as}, heads: heads, size: size, causal: true},
	}
	if next {
		l.head = w.unbiased("lm_head", d, m.sizes.outputs)
	} else {
		l.head = w.linear("score", d, m.sizes.outputs)
	}
	for i := 0; i < layers && w.err == nil; i++ {
		l.layers = append(l.layers, loadLlamaLayer(w, fmt.Sprintf("model.layers.%d.", i), d, heads*size, inner, eps))
	}
	if len(l.layers) > 0 && w.err == nil { // some tensor has heads of this size
		l.rotary = newRotary(rope, size)
	}
	m.net = l
	return w.finish()
}

// loadLlamaLayer takes the weights of one block.
func loadLlamaLayer(w *weights, name string, d, heads, inner int, eps float64) llamaLayer {
	return llamaLayer{
		norm1: w.rootMeanSquare(name+"input_layernorm", d, eps),
		query: w.unbiased(name+"self_attn.q_proj", d, heads),
		key:   w.unbiased(name+"self_attn.k_proj", d, heads),
		value: w.unbiased(name+"self_attn.v_proj", d, heads),
		proj:  w.unbiased(name+"self_attn.o_proj", heads, d),
		norm2: w.rootMeanSquare(name+"post_attention_layernorm", d, eps),
		gate:  w.linear(name+"mlp.gate_proj", d, inner),
		up:    w.linear(name+"mlp.up_proj", d, inner),
		down:  w.linear(name+"mlp.down_proj", inner, d),
	}
}

// forward implements architecture.
func (l *llama) forward(in batch) ([]float64, error) {
	x := make([]float64, 0, len(in.ids)*l.d)
	for _, id := range in.ids {
		x = append(x, l.tokens[int(id)*l.d:(int(id)+1)*l.d]...)
	}
	in.at(0, x)
	for i, layer := range l.layers {
		if err := l.block(i, layer, in, x); err != nil {
			return nil, fmt.Errorf("layer %d: %w", i, err)
		}
		in.at(2*i+2, x)
	}
	normed, err := l.final.apply(x)
	if err != nil {
		return nil, err
	}
	return l.head.apply(normed)
}

// block adds block i's two parts to x.
func (l *llama) block(i int, b llamaLayer, in batch, x []float64) error {
	mixed, err := l.attend(b, in, x)
	if err != nil {
		return err
	}
	if err := l.add(x, mixed); err != nil {
		return err
	}
	in.at(2*i+1, x)
	out, err := b.mlp(x)
	if err != nil {
		return err
	}
	return l.add(x, out)
}

// attend is the attention part of a block.
func (l *llama) attend(b llamaLayer, in batch, x []float64) ([]float64, error) {
	normed, err := b.norm1.apply(x)
	if err != nil {
		return nil, err
	}
	var parts [3]rows
	for i, p := range []linear{b.query, b.key, b.value} {
		y, err := p.apply(normed)
		if err != nil {
			return nil, err
		}
		if i < 2 {
			if err := l.rotary.turn(y, in.n, l.attention); err != nil {
				return nil, err
			}
		}
		parts[i] = rows{data: y, stride: l.attention.heads * l.attention.size}
	}
	mixed, err := l.attention.apply(in, parts[0], parts[1], parts[2])
	if err != nil {
		return nil, err
	}
	return b.proj.apply(mixed)
}

// mlp is the gated part of a block: (relu(x Gate) * (x Up)) Down, with biases.
func (b llamaLayer) mlp(x []float64) ([]float64, error) {
	normed, err := b.norm2.apply(x)
	if err != nil {
		return nil, err
	}
	hidden, err := b.gate.apply(normed)
	if err != nil {
		return nil, err
	}
	up, err := b.up.apply(normed)
	if err != nil {
		return nil, err
	}
	activate(network.ReLU, hidden)
	for i, v := range up {
		hidden[i] *= v
	}
	if err := b.down.roundAll(hidden); err != nil {
		return nil, err
	}
	return b.down.apply(hidden)
}

package hfrun

import (
	"errors"
	"fmt"

	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/network"
)

// bert is BertForTokenClassification without a decoder's mask: learned
// positions and one token type, post-norm blocks of full attention and MLP, a
// linear classifier. MobileBERT without bottlenecks is the same, but for its norms.
type bert struct {
	arithmetic
	d          int
	tokens     []float64 // vocab x d
	positions  []float64 // positions x d
	tokenType  []float64 // d, of type 0
	embedNorm  norm
	layers     []bertLayer
	classifier linear
	attention  attention
	typesLast  bool // the token type is added behind the position
}

// bertLayer is one block.
type bertLayer struct {
	query, key, value linear
	proj              linear
	norm1, norm2      norm
	in, out           linear
}

// causal is false: queries see every key that is not padding.
func (*bert) causal() bool { return false }

// loadBert reads the configuration and the weights.
func (m *Model) loadBert(s *settings, w *weights) error {
	s.common("BertForTokenClassification")
	m.sizes.vocab, m.sizes.positions = s.size("vocab_size", 1), s.size("max_position_embeddings", 1)
	d, layers, heads := s.size("hidden_size", 1), s.size("num_hidden_layers", 0), s.size("num_attention_heads", 1)
	inner, types := s.size("intermediate_size", 1), s.size("type_vocab_size", 1)
	eps := s.positive("layer_norm_eps")
	m.names = s.names(m.sizes.vocab, false)
	m.sizes.outputs = len(m.names.Labels)
	s.text("hidden_act", "relu")
	s.optional("position_embedding_type", `"absolute"`)
	s.optional("is_decoder", "false")
	s.optional("chunk_size_feed_forward", "0")
	s.harmless("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout")
	if d%heads != 0 {
		s.fail(fault.Setting, "hidden_size %d is not a multiple of num_attention_heads %d", d, heads)
	}
	if err := s.finish(); err != nil {
		return err
	}
	e := encoder{prefix: "bert.", d: d, inner: inner, layers: layers, heads: heads, types: types}
	e.norm = func(name string) norm { return w.norm(name, d, eps) }
	m.net = e.load(w, m.sizes)
	return w.finish()
}

// encoder says how a BERT's weights are stored.
type encoder struct {
	prefix                         string // of the base model's names
	d, inner, layers, heads, types int
	norm                           func(name string) norm // takes a norm
}

// load takes the weights.
func (e encoder) load(w *weights, s sizes) *bert {
	embed := e.prefix + "embeddings."
	b := &bert{
		arithmetic: arithmetic{w.as},
		d:          e.d,
		tokens:     w.tensor(embed+"word_embeddings.weight", s.vocab, e.d),
		positions:  w.tensor(embed+"position_embeddings.weight", s.positions, e.d),
		tokenType:  w.tensor(embed+"token_type_embeddings.weight", e.types, e.d),
		embedNorm:  e.norm(embed + "LayerNorm"),
		classifier: w.linear("classifier", e.d, s.outputs),
		attention:  attention{arithmetic: arithmetic{w.as}, heads: e.heads, size: e.d / e.heads},
	}
	for i := 0; i < e.layers && w.err == nil; i++ {
		b.layers = append(b.layers, e.layer(w, fmt.Sprintf("%sencoder.layer.%d.", e.prefix, i)))
	}
	return b
}

// layer takes the weights of one block.
func (e encoder) layer(w *weights, name string) bertLayer {
	d := e.d
	return bertLayer{
		query: w.linear(name+"attention.self.query", d, d),
		key:   w.linear(name+"attention.self.key", d, d),
		value: w.linear(name+"attention.self.value", d, d),
		proj:  w.linear(name+"attention.output.dense", d, d),
		norm1: e.norm(name + "attention.output.LayerNorm"),
		in:    w.linear(name+"intermediate.dense", d, e.inner),
		out:   w.linear(name+"output.dense", e.inner, d),
		norm2: e.norm(name + "output.LayerNorm"),
	}
}

// forward implements architecture.
func (b *bert) forward(in batch) ([]float64, error) {
	x := make([]float64, 0, len(in.ids)*b.d)
	for t, id := range in.ids {
		at, pos := int(id)*b.d, t%in.n*b.d
		x = append(x, b.tokens[at:at+b.d]...)
		first, second := b.tokenType[:b.d], b.positions[pos:pos+b.d]
		if b.typesLast {
			first, second = second, first
		}
		if err := errors.Join(b.add(x[t*b.d:], first), b.add(x[t*b.d:], second)); err != nil {
			return nil, err
		}
	}
	x, err := b.embedNorm.apply(x)
	if err != nil {
		return nil, err
	}
	for i, layer := range b.layers {
		if x, err = b.block(layer, in, x); err != nil {
			return nil, fmt.Errorf("layer %d: %w", i, err)
		}
	}
	return b.classifier.apply(x)
}

// block returns what a block makes of x: each part's result is added to its
// input and the sum is normed.
func (b *bert) block(l bertLayer, in batch, x []float64) ([]float64, error) {
	mixed, err := b.attend(l, in, x)
	if err != nil {
		return nil, err
	}
	if err := b.add(mixed, x); err != nil {
		return nil, err
	}
	if x, err = l.norm1.apply(mixed); err != nil {
		return nil, err
	}
	out, err := mlp(l.in, l.out, network.ReLU, x)
	if err != nil {
		return nil, err
	}
	if err := b.add(out, x); err != nil {
		return nil, err
	}
	return l.norm2.apply(out)
}

// attend is the attention part of a block.
func (b *bert) attend(l bertLayer, in batch, x []float64) ([]float64, error) {
	var parts [3]rows
	for i, p := range []linear{l.query, l.key, l.value} {
		y, err := p.apply(x)
		if err != nil {
			return nil, err
		}
		parts[i] = rows{data: y, stride: b.d}
	}
	mixed, err := b.attention.apply(in, parts[0], parts[1], parts[2])
	if err != nil {
		return nil, err
	}
	return l.proj.apply(mixed)
}

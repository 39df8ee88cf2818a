package hfrun

import (
	"fmt"

	"github.com/raspc/raspc/verify/fault"
)

// bert is BertForTokenClassification without a decoder's mask: learned
// positions and one token type, post-norm blocks of full attention and MLP, a
// linear classifier.
type bert struct {
	d          int
	tokens     []float64 // vocab x d
	positions  []float64 // positions x d
	tokenType  []float64 // d, of type 0
	embedNorm  norm
	layers     []bertLayer
	classifier linear
	attention  attention
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
	m.names = s.names(m.sizes.vocab)
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
	const embed = "bert.embeddings."
	b := &bert{
		d:          d,
		tokens:     w.tensor(embed+"word_embeddings.weight", m.sizes.vocab, d),
		positions:  w.tensor(embed+"position_embeddings.weight", m.sizes.positions, d),
		tokenType:  w.tensor(embed+"token_type_embeddings.weight", types, d),
		embedNorm:  w.norm(embed+"LayerNorm", d, eps),
		classifier: w.linear("classifier", d, m.sizes.outputs),
		attention:  attention{heads: heads, size: d / heads},
	}
	for i := 0; i < layers && w.err == nil; i++ {
		b.layers = append(b.layers, loadBertLayer(w, fmt.Sprintf("bert.encoder.layer.%d.", i), d, inner, eps))
	}
	m.net = b
	return w.finish()
}

// loadBertLayer takes the weights of one block.
func loadBertLayer(w *weights, name string, d, inner int, eps float64) bertLayer {
	return bertLayer{
		query: w.linear(name+"attention.self.query", d, d),
		key:   w.linear(name+"attention.self.key", d, d),
		value: w.linear(name+"attention.self.value", d, d),
		proj:  w.linear(name+"attention.output.dense", d, d),
		norm1: w.norm(name+"attention.output.LayerNorm", d, eps),
		in:    w.linear(name+"intermediate.dense", d, inner),
		out:   w.linear(name+"output.dense", inner, d),
		norm2: w.norm(name+"output.LayerNorm", d, eps),
	}
}

// forward implements architecture.
func (b *bert) forward(in batch) ([]float64, error) {
	x := make([]float64, 0, len(in.ids)*b.d)
	for t, id := range in.ids {
		at, pos := int(id)*b.d, t%in.n*b.d
		x = append(x, b.tokens[at:at+b.d]...)
		if err := add(x[t*b.d:], b.tokenType[:b.d]); err != nil {
			return nil, err
		}
		if err := add(x[t*b.d:], b.positions[pos:pos+b.d]); err != nil {
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
	if err := add(mixed, x); err != nil {
		return nil, err
	}
	if x, err = l.norm1.apply(mixed); err != nil {
		return nil, err
	}
	out, err := mlp(l.in, l.out, x)
	if err != nil {
		return nil, err
	}
	if err := add(out, x); err != nil {
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

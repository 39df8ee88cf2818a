package hfrun

import "github.com/raspc/raspc/verify/fault"

// loadMobileBert reads a MobileBERT without bottlenecks, trigrams and norms,
// which is a BERT that only scales where that norms. Its embedding_transformation
// is there for streams that are not as wide as the embeddings.
func (m *Model) loadMobileBert(s *settings, w *weights) error {
	s.common("MobileBertForTokenClassification")
	m.sizes.vocab, m.sizes.positions = s.size("vocab_size", 1), s.size("max_position_embeddings", 1)
	e := encoder{prefix: "mobilebert.", d: s.size("hidden_size", 1), inner: s.size("intermediate_size", 1),
		layers: s.size("num_hidden_layers", 0), heads: s.size("num_attention_heads", 1), types: s.size("type_vocab_size", 1)}
	m.names = s.names(m.sizes.vocab, false)
	m.sizes.outputs = len(m.names.Labels)
	s.text("hidden_act", "relu")
	s.text("normalization_type", "no_norm")
	s.exactly("trigram_input", "false")
	s.exactly("use_bottleneck", "false")
	s.exactly("num_feedforward_networks", "1")
	s.optional("chunk_size_feed_forward", "0")
	s.harmless("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout", "layer_norm_eps",
		"intra_bottleneck_size", "use_bottleneck_attention", "key_query_shared_bottleneck", "classifier_activation")
	if e.d%e.heads != 0 {
		s.fail(fault.Setting, "hidden_size %d is not a multiple of num_attention_heads %d", e.d, e.heads)
	}
	if width := s.size("embedding_size", 1); width != e.d {
		s.fail(fault.Setting, "embedding_size is %d and hidden_size %d; the forward pass knows equal ones only", width, e.d)
	}
	if err := s.finish(); err != nil {
		return err
	}
	e.norm = func(name string) norm { return w.scaling(name, e.d) }
	b := e.load(w, m.sizes)
	b.typesLast = true
	w.linear("mobilebert.embeddings.embedding_transformation", e.d, e.d)
	m.net = b
	return w.finish()
}

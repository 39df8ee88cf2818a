package hf

import (
	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/tensor"
)

// mobileBertConfig is config.json of MobileBertForTokenClassification. Without
// bottlenecks, trigrams and norms it is BERT with sums alone on the stream.
type mobileBertConfig struct {
	Architectures []string `json:"architectures"`
	ModelType     string   `json:"model_type"`
	DType         string   `json:"dtype"`
	VocabSize     int      `json:"vocab_size"`
	TypeVocabSize int      `json:"type_vocab_size"`
	Positions     int      `json:"max_position_embeddings"`
	Hidden        int      `json:"hidden_size"`
	Embedding     int      `json:"embedding_size"`
	Layers        int      `json:"num_hidden_layers"`
	Heads         int      `json:"num_attention_heads"`
	Intermediate  int      `json:"intermediate_size"`
	Feedforwards  int      `json:"num_feedforward_networks"`
	Activation    string   `json:"hidden_act"`
	Normalization string   `json:"normalization_type"`
	Trigrams      bool     `json:"trigram_input"`
	Bottleneck    bool     `json:"use_bottleneck"`
	SharedKeys    bool     `json:"key_query_shared_bottleneck"`
	HiddenDrop    decimal  `json:"hidden_dropout_prob"`
	AttentionDrop decimal  `json:"attention_probs_dropout_prob"`
	Dropout       decimal  `json:"classifier_dropout"`
	Tie           bool     `json:"tie_word_embeddings"`
	BOS           int      `json:"bos_token_id"`
	EOS           *int     `json:"eos_token_id"`
	PAD           int      `json:"pad_token_id"`
	ID2Label      byID     `json:"id2label"`
	Label2ID      idOf     `json:"label2id"`
}

// realiseMobileBert builds a MobileBERT. What stands for its norms multiplies by
// 1 and adds 0: the stream needs no columns beside the decoder's.
func realiseMobileBert(m *decoder.Model, l labels, d tensor.DType) (realisation, error) {
	f, err := newFrame(m, l.numeric, d, false)
	if err != nil {
		return realisation{}, err
	}
	f.Eps = 1 // the square of the weight
	t := tensor.NewList(d)
	f.encoderTensors(t, "mobilebert.")
	// It maps embeddings to a stream of another width. The class has it at any
	// width, and leaves it out of the computation at this one.
	const unused = "mobilebert.embeddings.embedding_transformation."
	t.Matrix(unused+"weight", f.Width, f.Width)
	t.Constant(unused+"bias", 0, f.Width)
	return f.realised(f.mobileBertConfig(l), t)
}

// mobileBertConfig returns the configuration for the frame.
func (f frame) mobileBertConfig(l labels) mobileBertConfig {
	c := f.Model.Config
	return mobileBertConfig{
		Architectures: []string{"MobileBertForTokenClassification"},
		ModelType:     MobileBert,
		DType:         f.DType.String(),
		VocabSize:     c.Vocab,
		TypeVocabSize: 1,
		Positions:     c.Positions,
		Hidden:        f.Width,
		Embedding:     f.Width,
		Layers:        c.Layers,
		Heads:         f.Heads,
		Intermediate:  f.Inner,
		Feedforwards:  1,
		Activation:    "relu",
		Normalization: "no_norm",
		BOS:           c.BOS,
		PAD:           c.PAD,
		ID2Label:      l.texts,
		Label2ID:      l.texts,
	}
}

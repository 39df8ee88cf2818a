package hf

import (
	"fmt"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/stock"
	"github.com/raspc/raspc/export/tensor"
)

// bertConfig is config.json of BertForTokenClassification.
type bertConfig struct {
	Architectures []string `json:"architectures"`
	ModelType     string   `json:"model_type"`
	DType         string   `json:"dtype"`
	VocabSize     int      `json:"vocab_size"`
	TypeVocabSize int      `json:"type_vocab_size"`
	Positions     int      `json:"max_position_embeddings"`
	PositionType  string   `json:"position_embedding_type"`
	Hidden        int      `json:"hidden_size"`
	Layers        int      `json:"num_hidden_layers"`
	Heads         int      `json:"num_attention_heads"`
	Intermediate  int      `json:"intermediate_size"`
	Activation    string   `json:"hidden_act"`
	Epsilon       decimal  `json:"layer_norm_eps"`
	HiddenDrop    decimal  `json:"hidden_dropout_prob"`
	AttentionDrop decimal  `json:"attention_probs_dropout_prob"`
	Dropout       decimal  `json:"classifier_dropout"`
	IsDecoder     bool     `json:"is_decoder"`
	Tie           bool     `json:"tie_word_embeddings"`
	UseCache      bool     `json:"use_cache"`
	BOS           int      `json:"bos_token_id"`
	EOS           *int     `json:"eos_token_id"`
	PAD           int      `json:"pad_token_id"`
	ID2Label      byID     `json:"id2label"`
	Label2ID      idOf     `json:"label2id"`
}

// realiseBert builds a BERT.
func realiseBert(m *decoder.Model, l labels, d tensor.DType) (realisation, error) {
	f, err := newFrame(m, l.numeric, d, true)
	if err != nil {
		return realisation{}, err
	}
	t := tensor.NewList(d)
	f.bertTensors(t)
	return f.realised(f.bertConfig(l), t)
}

// bertConfig returns the configuration for the frame.
func (f frame) bertConfig(l labels) bertConfig {
	c := f.Model.Config
	return bertConfig{
		Architectures: []string{"BertForTokenClassification"},
		ModelType:     Bert,
		DType:         f.DType.String(),
		VocabSize:     c.Vocab,
		TypeVocabSize: 1,
		Positions:     c.Positions,
		PositionType:  "absolute",
		Hidden:        f.Width,
		Layers:        c.Layers,
		Heads:         f.Heads,
		Intermediate:  f.Inner,
		Activation:    "relu",
		Epsilon:       decimal(f.Eps),
		BOS:           c.BOS,
		PAD:           c.PAD,
		ID2Label:      l.texts,
		Label2ID:      l.texts,
	}
}

// bertTensors adds the weights.
func (f frame) bertTensors(t *tensor.List) { f.encoderTensors(t, "bert.") }

// encoderTensors adds the weights that BERT and MobileBERT have in common, the
// base model's under a prefix. All layers are torch Linear layers, which keep a
// weight as [out, in]. Norms stand behind each sum: identities there too, since
// both summands have mean 0, or because they are none.
func (f frame) encoderTensors(t *tensor.List, prefix string) {
	m, c := f.Model, f.Model.Config
	embeddings := prefix + "embeddings."
	t.Matrix(embeddings+"word_embeddings.weight", c.Vocab, f.Width, f.Writer(m.Embed, 0)...)
	t.Matrix(embeddings+"position_embeddings.weight", c.Positions, f.Width, f.Writer(m.Position, 0)...)
	t.Matrix(embeddings+"token_type_embeddings.weight", 1, f.Width)
	f.Norm(t, embeddings+"LayerNorm")
	for i, layer := range m.Layers {
		f.encoderLayer(t, fmt.Sprintf("%sencoder.layer.%d.", prefix, i), layer)
	}
	t.Matrix("classifier.weight", c.Outputs, f.Width, stock.Transposed(f.Reader(m.Unembed, 0, f.Logits))...)
	t.Constant("classifier.bias", 0, c.Outputs)
}

// encoderLayer adds the weights of one block.
func (f frame) encoderLayer(t *tensor.List, name string, layer decoder.Layer) {
	query, key, value, out := f.Projections(layer.Heads)
	square := func(part string, blocks []tensor.Block) {
		t.Matrix(name+part+".weight", f.Width, f.Width, blocks...)
		t.Constant(name+part+".bias", 0, f.Width)
	}
	square("attention.self.query", query)
	square("attention.self.key", key)
	square("attention.self.value", value)
	square("attention.output.dense", out)
	f.Norm(t, name+"attention.output.LayerNorm")
	t.Matrix(name+"intermediate.dense.weight", f.Inner, f.Width, stock.Transposed(f.Reader(layer.In, 0, 1))...)
	t.Constant(name+"intermediate.dense.bias", 0, f.Inner)
	t.Matrix(name+"output.dense.weight", f.Width, f.Inner, stock.Transposed(f.Writer(layer.Out, 0))...)
	t.Vector(name+"output.dense.bias", f.Width, f.Writer(layer.OutBias, 0)...)
	f.Norm(t, name+"output.LayerNorm")
}

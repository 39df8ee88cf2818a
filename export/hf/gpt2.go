package hf

import (
	"fmt"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/stock"
	"github.com/raspc/raspc/export/tensor"
)

// gpt2Config is config.json of GPT2ForTokenClassification or GPT2LMHeadModel.
type gpt2Config struct {
	Architectures []string `json:"architectures"`
	ModelType     string   `json:"model_type"`
	DType         string   `json:"dtype"`
	VocabSize     int      `json:"vocab_size"`
	Positions     int      `json:"n_positions"`
	Embd          int      `json:"n_embd"`
	Layer         int      `json:"n_layer"`
	Head          int      `json:"n_head"`
	Inner         int      `json:"n_inner"`
	Activation    string   `json:"activation_function"`
	Epsilon       decimal  `json:"layer_norm_epsilon"`
	ResidPdrop    decimal  `json:"resid_pdrop"`
	EmbdPdrop     decimal  `json:"embd_pdrop"`
	AttnPdrop     decimal  `json:"attn_pdrop"`
	Dropout       decimal  `json:"classifier_dropout"`
	SummaryDrop   decimal  `json:"summary_first_dropout"`
	ScaleWeights  bool     `json:"scale_attn_weights"`
	ScaleByLayer  bool     `json:"scale_attn_by_inverse_layer_idx"`
	Upcast        bool     `json:"reorder_and_upcast_attn"`
	Tie           bool     `json:"tie_word_embeddings"`
	UseCache      bool     `json:"use_cache"`
	BOS           int      `json:"bos_token_id"`
	EOS           *int     `json:"eos_token_id"`
	PAD           int      `json:"pad_token_id"`
	ID2Label      byID     `json:"id2label,omitempty"`
	Label2ID      idOf     `json:"label2id,omitempty"`
}

// realiseGPT2 builds a GPT-2.
func realiseGPT2(m *decoder.Model, l labels, d tensor.DType) (realisation, error) {
	f, err := newFrame(m, l.numeric, d, true)
	if err != nil {
		return realisation{}, err
	}
	t := tensor.NewList(d)
	f.gpt2Tensors(t, l)
	return f.realised(f.gpt2Config(l), t)
}

// gpt2Config returns the configuration for the frame.
func (f frame) gpt2Config(l labels) gpt2Config {
	c := f.Model.Config
	config := gpt2Config{
		Architectures: []string{"GPT2ForTokenClassification"},
		ModelType:     GPT2,
		DType:         f.DType.String(),
		VocabSize:     c.Vocab,
		Positions:     c.Positions,
		Embd:          f.Width,
		Layer:         c.Layers,
		Head:          f.Heads,
		Inner:         f.Inner,
		Activation:    "relu",
		Epsilon:       decimal(f.Eps),
		ScaleWeights:  true,
		BOS:           c.BOS,
		PAD:           c.PAD,
		ID2Label:      l.texts,
		Label2ID:      l.texts,
	}
	if l.next {
		config.Architectures = []string{"GPT2LMHeadModel"}
		config.UseCache, config.EOS, config.ID2Label, config.Label2ID = true, l.eos, nil, nil
	}
	return config
}

// gpt2Tensors adds the weights. GPT-2's own layers (Conv1D) keep a weight as
// [in, out]; the head is a torch Linear and keeps it as [out, in]. That of a
// language model has no bias.
func (f frame) gpt2Tensors(t *tensor.List, l labels) {
	m, c := f.Model, f.Model.Config
	t.Matrix("transformer.wte.weight", c.Vocab, f.Width, f.Writer(m.Embed, 0)...)
	t.Matrix("transformer.wpe.weight", c.Positions, f.Width, f.Writer(m.Position, 0)...)
	for i, layer := range m.Layers {
		f.gpt2Layer(t, fmt.Sprintf("transformer.h.%d.", i), layer)
	}
	f.Norm(t, "transformer.ln_f")
	head := stock.Transposed(f.Reader(m.Unembed, 0, f.Logits))
	if l.next {
		t.Matrix("lm_head.weight", c.Outputs, f.Width, head...)
		return
	}
	t.Matrix("classifier.weight", c.Outputs, f.Width, head...)
	t.Constant("classifier.bias", 0, c.Outputs)
}

// gpt2Layer adds the weights of one block. c_attn holds queries, keys and
// values side by side, each with its heads side by side.
func (f frame) gpt2Layer(t *tensor.List, name string, layer decoder.Layer) {
	var qkv, out []tensor.Block
	for h, head := range layer.Heads {
		at := h * f.HeadSize
		qkv = append(qkv, f.Reader(head.Q, at, f.QueryScale())...)
		qkv = append(qkv, f.Reader(head.K, f.Width+at, 1)...)
		qkv = append(qkv, f.Reader(head.V, 2*f.Width+at, 1)...)
		out = append(out, f.Writer(head.O, at)...)
	}
	f.Norm(t, name+"ln_1")
	t.Matrix(name+"attn.c_attn.weight", f.Width, 3*f.Width, qkv...)
	t.Constant(name+"attn.c_attn.bias", 0, 3*f.Width)
	t.Matrix(name+"attn.c_proj.weight", f.Width, f.Width, out...)
	t.Constant(name+"attn.c_proj.bias", 0, f.Width)
	f.Norm(t, name+"ln_2")
	t.Matrix(name+"mlp.c_fc.weight", f.Width, f.Inner, f.Reader(layer.In, 0, 1)...)
	t.Constant(name+"mlp.c_fc.bias", 0, f.Inner)
	t.Matrix(name+"mlp.c_proj.weight", f.Inner, f.Width, f.Writer(layer.Out, 0)...)
	t.Vector(name+"mlp.c_proj.bias", f.Width, f.Writer(layer.OutBias, 0)...)
}

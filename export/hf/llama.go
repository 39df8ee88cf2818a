package hf

import (
	"fmt"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/stock"
	"github.com/raspc/raspc/export/tensor"
)

// llamaConfig is config.json of LlamaForTokenClassification or LlamaForCausalLM.
type llamaConfig struct {
	Architectures []string    `json:"architectures"`
	ModelType     string      `json:"model_type"`
	DType         string      `json:"dtype"`
	VocabSize     int         `json:"vocab_size"`
	Positions     int         `json:"max_position_embeddings"`
	Hidden        int         `json:"hidden_size"`
	Layers        int         `json:"num_hidden_layers"`
	Heads         int         `json:"num_attention_heads"`
	KeyHeads      int         `json:"num_key_value_heads"`
	HeadDim       int         `json:"head_dim"`
	Intermediate  int         `json:"intermediate_size"`
	Activation    string      `json:"hidden_act"`
	Epsilon       decimal     `json:"rms_norm_eps"`
	RopeTheta     decimal     `json:"rope_theta"`
	RopeScaling   ropeScaling `json:"rope_scaling"`
	AttentionBias bool        `json:"attention_bias"`
	MLPBias       bool        `json:"mlp_bias"`
	AttentionDrop decimal     `json:"attention_dropout"`
	Dropout       decimal     `json:"classifier_dropout"`
	Tie           bool        `json:"tie_word_embeddings"`
	UseCache      bool        `json:"use_cache"`
	BOS           int         `json:"bos_token_id"`
	EOS           *int        `json:"eos_token_id"`
	PAD           int         `json:"pad_token_id"`
	ID2Label      byID        `json:"id2label,omitempty"`
	Label2ID      idOf        `json:"label2id,omitempty"`
}

// ropeScaling divides the angles by which queries and keys are turned. It has
// the names of transformers 4, which 5 reads as well.
type ropeScaling struct {
	Old    string  `json:"type"`
	Type   string  `json:"rope_type"`
	Factor float64 `json:"factor"`
}

// stillness is the factor of ropeScaling. It leaves angles of less than 2^-89 at
// any position: a query or key is turned by less than float32 can tell from its
// largest element. float32 can hold the factor and its inverse.
const stillness = 1e30

// realiseLlama builds a Llama. It has no table of positions: see counted. Its
// norms subtract no mean, so that a large epsilon alone makes identities of them.
func realiseLlama(m *decoder.Model, l labels, d tensor.DType) (realisation, error) {
	if d != tensor.Float32 {
		return realisation{}, fmt.Errorf("%w: llama counts positions by what float32 rounds, which %v does not; use %s", ErrArch, d, GPT2)
	}
	if err := decoder.Check(m); err != nil {
		return realisation{}, fmt.Errorf("hf: %w", err)
	}
	placed, count, err := counted(m)
	if err != nil {
		return realisation{}, err
	}
	f, err := newFrame(placed, l.numeric, d, false)
	if err != nil {
		return realisation{}, err
	}
	// The largest mean of squares that the decoder's columns can have is at most
	// twice the bound, which counts a column more. What counting adds is at most
	// the count's own column, whose intervals would be far too wide.
	f.Eps = stock.NormEpsilon(2*stock.VarianceBound(stock.Trimmed(m)) + 2*count*count)
	f.HeadSize = rotarySize(m.Config.DHead)
	f.Width = (placed.Config.DModel + f.Heads - 1) / f.Heads * f.Heads
	t := tensor.NewList(d)
	f.llamaTensors(t, l)
	return f.realised(f.llamaConfig(l), t)
}

// rotarySize returns the size of a head, which has to be even: a power of 4,
// whose root divides exactly, unless that would be more than twice as much as is
// needed.
func rotarySize(need int) int {
	even := max(need+need%2, 2)
	for size := 4; size <= 2*even; size *= 4 {
		if size >= even {
			return size
		}
	}
	return even
}

// llamaConfig returns the configuration for the frame.
func (f frame) llamaConfig(l labels) llamaConfig {
	c := f.Model.Config
	config := llamaConfig{
		Architectures: []string{"LlamaForTokenClassification"},
		ModelType:     Llama,
		DType:         f.DType.String(),
		VocabSize:     c.Vocab,
		Positions:     c.Positions,
		Hidden:        f.Width,
		Layers:        c.Layers,
		Heads:         f.Heads,
		KeyHeads:      f.Heads,
		HeadDim:       f.HeadSize,
		Intermediate:  f.Inner,
		Activation:    "relu",
		Epsilon:       decimal(f.Eps),
		RopeTheta:     10000,
		RopeScaling:   ropeScaling{"linear", "linear", stillness},
		MLPBias:       true,
		BOS:           c.BOS,
		PAD:           c.PAD,
		ID2Label:      l.texts,
		Label2ID:      l.texts,
	}
	if l.next {
		config.Architectures = []string{"LlamaForCausalLM"}
		config.UseCache, config.EOS, config.ID2Label, config.Label2ID = true, l.eos, nil, nil
	}
	return config
}

// llamaTensors adds the weights. All layers are torch Linear layers, which keep
// a weight as [out, in]. The head of a language model has no bias.
func (f frame) llamaTensors(t *tensor.List, l labels) {
	m, c := f.Model, f.Model.Config
	t.Matrix("model.embed_tokens.weight", c.Vocab, f.Width, f.Writer(m.Embed, 0)...)
	for i, layer := range m.Layers {
		f.llamaLayer(t, fmt.Sprintf("model.layers.%d.", i), layer)
	}
	f.Gain(t, "model.norm.weight")
	head := stock.Transposed(f.Reader(m.Unembed, 0, f.Logits))
	if l.next {
		t.Matrix("lm_head.weight", c.Outputs, f.Width, head...)
		return
	}
	t.Matrix("score.weight", c.Outputs, f.Width, head...)
	t.Constant("score.bias", 0, c.Outputs)
}

// llamaLayer adds the weights of one block. Its MLP multiplies the neurons of
// the decoder by what another matrix reads, here always 1.
func (f frame) llamaLayer(t *tensor.List, name string, layer decoder.Layer) {
	query, key, value, out := f.Projections(layer.Heads)
	heads := f.Heads * f.HeadSize
	f.Gain(t, name+"input_layernorm.weight")
	t.Matrix(name+"self_attn.q_proj.weight", heads, f.Width, query...)
	t.Matrix(name+"self_attn.k_proj.weight", heads, f.Width, key...)
	t.Matrix(name+"self_attn.v_proj.weight", heads, f.Width, value...)
	t.Matrix(name+"self_attn.o_proj.weight", f.Width, heads, out...)
	f.Gain(t, name+"post_attention_layernorm.weight")
	t.Matrix(name+"mlp.gate_proj.weight", f.Inner, f.Width, stock.Transposed(f.Reader(layer.In, 0, 1))...)
	t.Constant(name+"mlp.gate_proj.bias", 0, f.Inner)
	t.Matrix(name+"mlp.up_proj.weight", f.Inner, f.Width)
	t.Constant(name+"mlp.up_proj.bias", 1, f.Inner)
	t.Matrix(name+"mlp.down_proj.weight", f.Width, f.Inner, stock.Transposed(f.Writer(layer.Out, 0))...)
	t.Vector(name+"mlp.down_proj.bias", f.Width, f.Writer(layer.OutBias, 0)...)
}

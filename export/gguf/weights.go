package gguf

import (
	"fmt"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/stock"
	"github.com/raspc/raspc/export/tensor"
)

// architecture is llama.cpp's name of it.
const architecture = "gpt2"

// neuronScale multiplies what neurons read, and divides what they write. The
// GELU differs from a ReLU by less than 0.18 between -10 and 10, and not at all
// elsewhere, so that a neuron is a ReLU but for 2^-42. A power of two rounds
// nothing, and up to 2^87 before it there is room in float32.
const neuronScale = 1 << 40

// settings describe the architecture and where the file comes from.
func settings(f stock.Frame, man *manifest.Manifest) []setting {
	c := f.Model.Config
	size := func(key string, n int) setting { return setting{architecture + "." + key, uint32(n)} }
	all := []setting{
		{"general.architecture", architecture},
		{"general.name", man.Program.Name},
		{"general.file_type", uint32(0)}, // all weights are float32
		size("context_length", c.Positions),
		size("embedding_length", f.Width),
		size("block_count", max(c.Layers, 1)),
		size("feed_forward_length", f.Inner),
		size("attention.head_count", f.Heads),
		{architecture + ".attention.layer_norm_epsilon", float32(f.Eps)},
		{architecture + ".attention.causal", c.Causal},
	}
	origin := man.Origin()
	for _, s := range []setting{{"raspc.version", origin["raspc"]}, {"raspc.program", origin["program"]}, {"raspc.program_sha256", origin["program_sha256"]}} {
		if s.value != "" {
			all = append(all, s)
		}
	}
	return all
}

// builder collects the tensors.
type builder struct {
	stock.Frame
	*tensor.List
}

// newWeights returns the tensors. llama.cpp keeps a weight as [out, in].
func newWeights(f stock.Frame) ([]tensor.Named, error) {
	b := builder{f, tensor.NewList(tensor.Float32)}
	m, c := f.Model, f.Model.Config
	b.Matrix("token_embd.weight", c.Vocab, f.Width, f.Writer(m.Embed, 0)...)
	b.Matrix("position_embd.weight", c.Positions, f.Width, f.Writer(m.Position, 0)...)
	for i := range max(c.Layers, 1) {
		var l decoder.Layer // of zeros, where the decoder has none: llama.cpp takes no model without
		if i < len(m.Layers) {
			l = m.Layers[i]
		}
		b.layer(fmt.Sprintf("blk.%d.", i), l)
	}
	b.Norm(b.List, "output_norm")
	b.Matrix("output.weight", c.Outputs, f.Width, stock.Transposed(f.Reader(m.Unembed, 0, f.Logits))...)
	return b.Tensors()
}

// layer adds the weights of one block. Queries, keys and values stand below each
// other, each with its heads.
func (b builder) layer(name string, l decoder.Layer) {
	query, key, value, out := b.Projections(l.Heads)
	for i := range key {
		key[i].Row += b.Width
	}
	for i := range value {
		value[i].Row += 2 * b.Width
	}
	b.Norm(b.List, name+"attn_norm")
	b.Matrix(name+"attn_qkv.weight", 3*b.Width, b.Width, append(append(query, key...), value...)...)
	b.Constant(name+"attn_qkv.bias", 0, 3*b.Width)
	b.Matrix(name+"attn_output.weight", b.Width, b.Width, out...)
	b.Constant(name+"attn_output.bias", 0, b.Width)
	b.Norm(b.List, name+"ffn_norm")
	b.Matrix(name+"ffn_up.weight", b.Inner, b.Width, stock.Transposed(b.Reader(l.In, 0, neuronScale))...)
	b.Constant(name+"ffn_up.bias", 0, b.Inner)
	b.Matrix(name+"ffn_down.weight", b.Width, b.Inner, divided(stock.Transposed(b.Writer(l.Out, 0)))...)
	b.Vector(name+"ffn_down.bias", b.Width, b.Writer(l.OutBias, 0)...)
}

// divided returns blocks divided by the scale of neurons.
func divided(blocks []tensor.Block) []tensor.Block {
	for i := range blocks {
		blocks[i].Scale = 1.0 / neuronScale
	}
	return blocks
}

package onnx

import (
	"fmt"
	"math"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/export/tensor"
)

// Names of the graph's inputs, outputs and free dimensions.
const (
	nameIDs      = "input_ids"
	nameMask     = "attention_mask"
	nameLogits   = "logits"
	nameBatch    = "batch"
	nameSequence = "sequence"
)

// maskedScore replaces the score of a hidden key: the lowest finite float32.
const maskedScore = -math.MaxFloat32

// build lays out the graph of a checked model. It reads no weights.
func build(m *decoder.Model) (*graph, error) {
	b := &builder{c: m.Config}
	positions := b.positions()
	x := b.embed(m, positions)
	if m.Config.Layers > 0 && m.Config.Heads > 0 {
		b.mask(positions)
		b.headShapes()
	}
	for i, l := range m.Layers {
		name := fmt.Sprintf("layer%d", i)
		x = b.attention(name+".attn", l.Heads, x)
		x = b.mlp(name+".mlp", l, x)
	}
	src, err := tensor.Matrix(m.Unembed)
	b.node("MatMul", nameLogits, x, b.init("unembed.weight", src, err))
	return &b.graph, b.err
}

// builder is a graph under construction, with the names of what the layers
// share.
type builder struct {
	graph
	c decoder.Config

	allowed string // bool: the keys that each query may see
	masked  string // the score of the others
	split   string // shape that splits a row into heads
	merge   string // shape that joins the heads of a row
}

// positions returns the int64 vector 0..sequence-1.
func (b *builder) positions() string {
	zero, one := b.scalar("const.zero", 0), b.scalar("const.one", 1)
	shape := b.node("Shape", "position.shape", nameIDs)
	length := b.node("Gather", "position.length", shape, one)
	return b.node("Range", "position.ids", zero, length, one)
}

// embed returns the residual stream before the first layer, [batch,
// sequence, d_model].
func (b *builder) embed(m *decoder.Model, positions string) string {
	src, err := tensor.Matrix(m.Embed)
	tokens := b.node("Gather", "embed.tokens", b.init("embed.weight", src, err), nameIDs)
	src, err = tensor.Matrix(m.Position)
	table := b.node("Gather", "embed.positions", b.init("position.weight", src, err), positions)
	return b.node("Add", "embed", tokens, table)
}

// mask sets allowed, [batch, 1, sequence or 1, sequence], whose rows are
// queries and whose columns are keys.
func (b *builder) mask(positions string) {
	b.node("Cast", "mask.real", nameMask)
	b.attr("to", int64(onnxpb.TensorProto_BOOL))
	b.allowed = b.node("Unsqueeze", "mask.keys", "mask.real", b.ints("const.head_and_query_axes", 1, 2))
	if b.c.Causal {
		queries := b.node("Unsqueeze", "mask.queries", positions, b.ints("const.key_axis", 1))
		causal := b.node("LessOrEqual", "mask.causal", positions, queries)
		b.allowed = b.node("And", "mask.allowed", b.allowed, causal)
	}
	src, err := tensor.Fill(maskedScore)
	b.masked = b.init("const.masked_score", src, err)
}

// headShapes sets the shapes by which rows are split into heads and joined
// again. 0 keeps the dimension as it is.
func (b *builder) headShapes() {
	h, d := int64(b.c.Heads), int64(b.c.DHead)
	b.split = b.ints("const.split_heads", 0, 0, h, d)
	b.merge = b.ints("const.merge_heads", 0, 0, h*d)
}

// attention adds the heads of one layer to the residual stream x and returns
// the sum. The heads' matrices stand side by side, so that one product serves
// them all.
func (b *builder) attention(name string, heads []decoder.Head, x string) string {
	if len(heads) == 0 {
		return x
	}
	q := b.project(name+".q", x, heads, func(h decoder.Head) decoder.Matrix { return h.Q }, 0, 2, 1, 3)
	k := b.project(name+".k", x, heads, func(h decoder.Head) decoder.Matrix { return h.K }, 0, 2, 3, 1)
	v := b.project(name+".v", x, heads, func(h decoder.Head) decoder.Matrix { return h.V }, 0, 2, 1, 3)

	scores := b.node("MatMul", name+".scores", q, k)
	visible := b.node("Where", name+".visible_scores", b.allowed, scores, b.masked)
	pattern := b.node("Softmax", name+".pattern", visible)
	b.attr("axis", -1)
	mixed := b.node("MatMul", name+".mixed", pattern, v)
	rows := b.node("Transpose", name+".mixed_rows", mixed)
	b.attrs("perm", 0, 2, 1, 3)
	joined := b.node("Reshape", name+".joined", rows, b.merge)

	src, err := tensor.Below(collect(heads, func(h decoder.Head) decoder.Matrix { return h.O })...)
	out := b.node("MatMul", name+".out", joined, b.init(name+".o.weight", src, err))
	return b.node("Add", name, x, out)
}

// project multiplies x by one matrix of every head and returns the result
// with its axes [batch, sequence, head, column] permuted.
func (b *builder) project(name, x string, heads []decoder.Head, of func(decoder.Head) decoder.Matrix, perm ...int64) string {
	src, err := tensor.Beside(collect(heads, of)...)
	rows := b.node("MatMul", name+".rows", x, b.init(name+".weight", src, err))
	split := b.node("Reshape", name+".split", rows, b.split)
	out := b.node("Transpose", name, split)
	b.attrs("perm", perm...)
	return out
}

// collect returns one matrix of each head.
func collect(heads []decoder.Head, of func(decoder.Head) decoder.Matrix) []decoder.Matrix {
	ms := make([]decoder.Matrix, len(heads))
	for i, h := range heads {
		ms[i] = of(h)
	}
	return ms
}

// mlp adds one layer's MLP to the residual stream x and returns the sum.
// Without neurons there is only the bias, and without a bias nothing: an empty
// tensor is something that runtimes may refuse.
func (b *builder) mlp(name string, l decoder.Layer, x string) string {
	if b.c.DMLP > 0 {
		src, err := tensor.Matrix(l.In)
		pre := b.node("MatMul", name+".pre", x, b.init(name+".in.weight", src, err))
		post := b.node("Relu", name+".post", pre)
		src, err = tensor.Matrix(l.Out)
		out := b.node("MatMul", name+".out", post, b.init(name+".out.weight", src, err))
		out = b.node("Add", name+".biased", out, b.bias(name, l))
		return b.node("Add", name, x, out)
	}
	if len(l.OutBias.Entries) > 0 {
		return b.node("Add", name, x, b.bias(name, l))
	}
	return x
}

// bias adds the MLP's output bias as a vector.
func (b *builder) bias(name string, l decoder.Layer) string {
	src, err := tensor.Matrix(l.OutBias)
	if err == nil {
		src, err = tensor.Reshape(src, b.c.DModel)
	}
	return b.init(name+".out.bias", src, err)
}

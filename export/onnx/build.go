package onnx

import (
	"fmt"
	"math"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/export/tensor"
)

// Names of the graph's inputs and outputs.
const (
	nameIDs    = "input_ids"
	nameMask   = "attention_mask"
	nameLogits = "logits"
	nameValues = "values" // the output of a model whose output is a number
)

// hiddenStates names the residual stream before layer i.
func hiddenStates(i int) string { return fmt.Sprintf("hidden_states.%d", i) }

// maskedScore replaces the score of a hidden key: the lowest finite float32.
const maskedScore = -math.MaxFloat32

// build lays out the graph of a checked model. It reads no weights.
func build(m *decoder.Model, o Options) (*graph, error) {
	b := &builder{c: m.Config, say: labels{o.Manifest}, ids: onnxpb.TensorProto_INT64}
	if o.Int32IDs {
		b.ids = onnxpb.TensorProto_INT32
	}
	b.ports(o.HiddenStates)
	positions := b.positions()
	x := b.embed(m, positions)
	if m.Config.Layers > 0 && m.Config.Heads > 0 {
		b.mask(positions)
		b.headShapes()
	}
	for i, l := range m.Layers {
		x = b.layer(i, l, x)
	}
	src, err := tensor.Matrix(m.Unembed)
	begin := len(b.nodes)
	b.named("MatMul", "output/unembedding", b.output(), b.stream(m.Config.Outputs), x, b.init("unembed.weight", src, err))
	b.doc(begin, b.say.output())
	return &b.graph, b.err
}

// builder is a graph under construction, with the names of what the layers
// share.
type builder struct {
	graph
	c   decoder.Config
	say labels
	ids onnxpb.TensorProto_DataType // of the inputs

	allowed string // bool: the keys that each query may see
	masked  string // the score of the others
	split   string // shape that splits a row into heads
	merge   string // shape that joins the heads of a row
}

// output names the output: numbers are no logits.
func (b *builder) output() string {
	if b.say.numeric() {
		return nameValues
	}
	return nameLogits
}

// stream is the type of n numbers at each position.
func (b *builder) stream(n int) valueType { return floats(batch(), sequence(), fixed(n)) }

// ports declares the inputs and outputs.
func (b *builder) ports(hidden bool) {
	ids := valueType{b.ids, []dim{batch(), sequence()}}
	b.inputs = []*onnxpb.ValueInfoProto{
		ids.info(nameIDs, b.say.ids()),
		ids.info(nameMask, "1 where there is a token, 0 on padding"),
	}
	b.outputs = []*onnxpb.ValueInfoProto{b.stream(b.c.Outputs).info(b.output(), b.say.output())}
	if !hidden {
		return
	}
	for i := range b.c.Layers + 1 {
		b.outputs = append(b.outputs, b.stream(b.c.DModel).info(hiddenStates(i), b.say.hidden(i)))
	}
}

// positions returns the int64 vector 0..sequence-1.
func (b *builder) positions() string {
	begin := len(b.nodes)
	zero, one := b.scalar("const.zero", 0), b.scalar("const.one", 1)
	shape := b.node("Shape", "positions/shape", int64s(fixed(2)), nameIDs)
	length := b.node("Gather", "positions/length", int64s(), shape, one)
	ids := b.node("Range", "positions/ids", int64s(sequence()), zero, length, one)
	b.doc(begin, "the positions, BOS at 0")
	return ids
}

// embed returns the residual stream before the first layer, [batch,
// sequence, d_model].
func (b *builder) embed(m *decoder.Model, positions string) string {
	begin := len(b.nodes)
	src, err := tensor.Matrix(m.Embed)
	tokens := b.node("Gather", "embedding/tokens", b.stream(b.c.DModel), b.init("embed.weight", src, err), nameIDs)
	b.doc(begin, b.say.written("embedding"))
	src, err = tensor.Matrix(m.Position)
	table := b.node("Gather", "embedding/positions", floats(sequence(), fixed(b.c.DModel)), b.init("position.weight", src, err), positions)
	b.doc(begin, b.say.written("position"))
	x := b.named("Add", "embedding/sum", hiddenStates(0), b.stream(b.c.DModel), tokens, table)
	b.doc(begin, b.say.hidden(0))
	return x
}

// mask sets allowed, [batch, 1, sequence or 1, sequence], whose rows are
// queries and whose columns are keys.
func (b *builder) mask(positions string) {
	begin := len(b.nodes)
	b.node("Cast", "mask/tokens", bools(batch(), sequence()), nameMask)
	b.attr("to", int64(onnxpb.TensorProto_BOOL))
	b.allowed = b.node("Unsqueeze", "mask/keys", bools(batch(), fixed(1), fixed(1), sequence()), "mask/tokens", b.ints("const.head_and_query_axes", 1, 2))
	if b.c.Causal {
		queries := b.node("Unsqueeze", "mask/queries", int64s(sequence(), fixed(1)), positions, b.ints("const.key_axis", 1))
		causal := b.node("LessOrEqual", "mask/causal", bools(sequence(), sequence()), positions, queries)
		b.allowed = b.node("And", "mask/visible", bools(batch(), fixed(1), sequence(), sequence()), b.allowed, causal)
	}
	b.doc(begin, "which keys (columns) each query (row) may see")
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

// layer adds layer i, which reads the residual stream x, and returns the stream
// behind it. A layer that adds nothing hands the stream on.
func (b *builder) layer(i int, l decoder.Layer, x string) string {
	next := hiddenStates(i + 1)
	hasMLP := b.c.DMLP > 0 || len(l.OutBias.Entries) > 0
	if len(l.Heads) > 0 {
		scope, out := fmt.Sprintf("layer%d/attention", i), next
		if hasMLP {
			out = scope + "/residual"
		}
		begin := len(b.nodes)
		added := b.attention(i, scope, l.Heads, x)
		b.doc(begin, b.say.heads(i))
		x = b.named("Add", scope+"/residual", out, b.stream(b.c.DModel), x, added)
		b.doc(begin, b.say.written(fmt.Sprintf("layer %d attention", i)))
	}
	if hasMLP {
		scope, begin := fmt.Sprintf("layer%d/mlp", i), len(b.nodes)
		added := b.mlp(i, scope, l, x)
		b.doc(begin, b.say.neurons(i))
		x = b.named("Add", scope+"/residual", next, b.stream(b.c.DModel), x, added)
		b.doc(begin, b.say.written(fmt.Sprintf("layer %d mlp", i)))
	}
	if x != next {
		b.named("Identity", fmt.Sprintf("layer%d/nothing", i), next, b.stream(b.c.DModel), x)
	}
	return next
}

// attention returns what the heads of a layer add to the residual stream x.
// Their matrices stand side by side, so that one product serves them all.
func (b *builder) attention(i int, scope string, heads []decoder.Head, x string) string {
	h, d := fixed(b.c.Heads), fixed(b.c.DHead)
	byHead := floats(batch(), h, sequence(), d)
	q := b.project(i, scope, "q", x, heads, func(h decoder.Head) decoder.Matrix { return h.Q }, byHead, 0, 2, 1, 3)
	k := b.project(i, scope, "k", x, heads, func(h decoder.Head) decoder.Matrix { return h.K }, floats(batch(), h, d, sequence()), 0, 2, 3, 1)
	v := b.project(i, scope, "v", x, heads, func(h decoder.Head) decoder.Matrix { return h.V }, byHead, 0, 2, 1, 3)

	pairs := floats(batch(), h, sequence(), sequence())
	scores := b.node("MatMul", scope+"/scores", pairs, q, k)
	visible := b.node("Where", scope+"/visible_scores", pairs, b.allowed, scores, b.masked)
	pattern := b.node("Softmax", scope+"/pattern", pairs, visible)
	b.attr("axis", -1)
	mixed := b.node("MatMul", scope+"/mixed", byHead, pattern, v)
	rows := b.node("Transpose", scope+"/mixed_rows", floats(batch(), sequence(), h, d), mixed)
	b.attrs("perm", 0, 2, 1, 3)
	joined := b.node("Reshape", scope+"/joined", b.stream(b.c.Heads*b.c.DHead), rows, b.merge)

	src, err := tensor.Below(collect(heads, func(h decoder.Head) decoder.Matrix { return h.O })...)
	return b.node("MatMul", scope+"/out", b.stream(b.c.DModel), joined, b.init(fmt.Sprintf("layer%d.attn.o.weight", i), src, err))
}

// project multiplies x by one matrix of every head and returns the result
// with its axes [batch, sequence, head, column] permuted.
func (b *builder) project(i int, scope, name, x string, heads []decoder.Head, of func(decoder.Head) decoder.Matrix, t valueType, perm ...int64) string {
	h, d := b.c.Heads, b.c.DHead
	src, err := tensor.Beside(collect(heads, of)...)
	weight := b.init(fmt.Sprintf("layer%d.attn.%s.weight", i, name), src, err)
	rows := b.node("MatMul", scope+"/"+name+"/rows", b.stream(h*d), x, weight)
	split := b.node("Reshape", scope+"/"+name+"/split", floats(batch(), sequence(), fixed(h), fixed(d)), rows, b.split)
	out := b.node("Transpose", scope+"/"+name+"/heads", t, split)
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

// mlp returns what the MLP of a layer adds to the residual stream x. Without
// neurons that is the bias alone: an empty tensor is something that runtimes
// may refuse.
func (b *builder) mlp(i int, scope string, l decoder.Layer, x string) string {
	weight := fmt.Sprintf("layer%d.mlp", i)
	if b.c.DMLP == 0 {
		return b.bias(weight, l)
	}
	src, err := tensor.Matrix(l.In)
	pre := b.node("MatMul", scope+"/pre", b.stream(b.c.DMLP), x, b.init(weight+".in.weight", src, err))
	post := b.node("Relu", scope+"/post", b.stream(b.c.DMLP), pre)
	src, err = tensor.Matrix(l.Out)
	out := b.node("MatMul", scope+"/out", b.stream(b.c.DModel), post, b.init(weight+".out.weight", src, err))
	return b.node("Add", scope+"/biased", b.stream(b.c.DModel), out, b.bias(weight, l))
}

// bias adds the MLP's output bias as a vector.
func (b *builder) bias(name string, l decoder.Layer) string {
	src, err := tensor.Matrix(l.OutBias)
	if err == nil {
		src, err = tensor.Reshape(src, b.c.DModel)
	}
	return b.init(name+".out.bias", src, err)
}

package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/onnx/onnxpb"
)

// describe prints a graph, one node or initializer a line.
func describe(g *onnxpb.GraphProto) string {
	var b strings.Builder
	for _, t := range g.GetInitializer() {
		fmt.Fprintf(&b, "%s %v\n", t.GetName(), t.GetDims())
	}
	for _, n := range g.GetNode() {
		fmt.Fprintf(&b, "%s = %s(%s", n.GetOutput()[0], n.GetOpType(), strings.Join(n.GetInput(), ", "))
		for _, a := range n.GetAttribute() {
			if a.GetType() == onnxpb.AttributeProto_INT {
				fmt.Fprintf(&b, "; %s=%d", a.GetName(), a.GetI())
			} else {
				fmt.Fprintf(&b, "; %s=%v", a.GetName(), a.GetInts())
			}
		}
		b.WriteString(")\n")
	}
	return b.String()
}

func TestGraph(t *testing.T) {
	got := describe(parse(t, encode(t, sample(small()), Options{})).GetGraph())
	want := `const.zero []
const.one []
embed.weight [5 6]
position.weight [4 6]
const.head_and_query_axes [2]
const.key_axis [1]
const.masked_score []
const.split_heads [4]
const.merge_heads [3]
layer0.attn.q.weight [6 6]
layer0.attn.k.weight [6 6]
layer0.attn.v.weight [6 6]
layer0.attn.o.weight [6 6]
layer0.mlp.in.weight [6 4]
layer0.mlp.out.weight [4 6]
layer0.mlp.out.bias [6]
unembed.weight [6 2]
position.shape = Shape(input_ids)
position.length = Gather(position.shape, const.one)
position.ids = Range(const.zero, position.length, const.one)
embed.tokens = Gather(embed.weight, input_ids)
embed.positions = Gather(position.weight, position.ids)
embed = Add(embed.tokens, embed.positions)
mask.real = Cast(attention_mask; to=9)
mask.keys = Unsqueeze(mask.real, const.head_and_query_axes)
mask.queries = Unsqueeze(position.ids, const.key_axis)
mask.causal = LessOrEqual(position.ids, mask.queries)
mask.allowed = And(mask.keys, mask.causal)
layer0.attn.q.rows = MatMul(embed, layer0.attn.q.weight)
layer0.attn.q.split = Reshape(layer0.attn.q.rows, const.split_heads)
layer0.attn.q = Transpose(layer0.attn.q.split; perm=[0 2 1 3])
layer0.attn.k.rows = MatMul(embed, layer0.attn.k.weight)
layer0.attn.k.split = Reshape(layer0.attn.k.rows, const.split_heads)
layer0.attn.k = Transpose(layer0.attn.k.split; perm=[0 2 3 1])
layer0.attn.v.rows = MatMul(embed, layer0.attn.v.weight)
layer0.attn.v.split = Reshape(layer0.attn.v.rows, const.split_heads)
layer0.attn.v = Transpose(layer0.attn.v.split; perm=[0 2 1 3])
layer0.attn.scores = MatMul(layer0.attn.q, layer0.attn.k)
layer0.attn.visible_scores = Where(mask.allowed, layer0.attn.scores, const.masked_score)
layer0.attn.pattern = Softmax(layer0.attn.visible_scores; axis=-1)
layer0.attn.mixed = MatMul(layer0.attn.pattern, layer0.attn.v)
layer0.attn.mixed_rows = Transpose(layer0.attn.mixed; perm=[0 2 1 3])
layer0.attn.joined = Reshape(layer0.attn.mixed_rows, const.merge_heads)
layer0.attn.out = MatMul(layer0.attn.joined, layer0.attn.o.weight)
layer0.attn = Add(embed, layer0.attn.out)
layer0.mlp.pre = MatMul(layer0.attn, layer0.mlp.in.weight)
layer0.mlp.post = Relu(layer0.mlp.pre)
layer0.mlp.out = MatMul(layer0.mlp.post, layer0.mlp.out.weight)
layer0.mlp.biased = Add(layer0.mlp.out, layer0.mlp.out.bias)
layer0.mlp = Add(layer0.attn, layer0.mlp.biased)
logits = MatMul(layer0.mlp, unembed.weight)
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// checkGraph reports what no written graph may have: empty tensors, Constant
// nodes, names that are defined twice, late or never read.
func checkGraph(g *onnxpb.GraphProto) error {
	defined := map[string]bool{nameIDs: true, nameMask: true}
	read := map[string]bool{nameIDs: true, nameMask: true}
	for _, t := range g.GetInitializer() {
		if defined[t.GetName()] || slices.Contains(t.GetDims(), 0) {
			return fmt.Errorf("initializer %s %v is empty or defined twice", t.GetName(), t.GetDims())
		}
		defined[t.GetName()] = true
	}
	for _, n := range g.GetNode() {
		out := n.GetOutput()[0]
		if n.GetOpType() == "Constant" || n.GetName() != out || defined[out] {
			return fmt.Errorf("node %s of type %s", n.GetName(), n.GetOpType())
		}
		for _, in := range n.GetInput() {
			if !defined[in] {
				return fmt.Errorf("node %s reads %s, which is not defined", n.GetName(), in)
			}
			read[in] = true
		}
		defined[out] = true
	}
	for name := range defined {
		if !read[name] && name != nameLogits {
			return fmt.Errorf("nothing reads %s", name)
		}
	}
	return nil
}

func TestPartsMayBeAbsent(t *testing.T) {
	for layers := range 3 {
		for heads := range 3 {
			for mlp := range 2 {
				for _, causal := range []bool{false, true} {
					c := small()
					c.Layers, c.Heads, c.DMLP, c.Causal = layers, heads, mlp, causal
					if heads == 0 {
						c.DHead = 0
					}
					m := sample(c)
					g := parse(t, encode(t, m, Options{})).GetGraph()
					if err := checkGraph(g); err != nil {
						t.Errorf("%+v: %v", c, err)
					}
					// Without neurons the bias still counts, unless it is empty.
					for i := range m.Layers {
						m.Layers[i].OutBias.Entries = nil
					}
					g = parse(t, encode(t, m, Options{})).GetGraph()
					if err := checkGraph(g); err != nil {
						t.Errorf("%+v without bias: %v", c, err)
					}
				}
			}
		}
	}
}

// floats decodes the elements of a float32 initializer.
func floats(t testing.TB, g *onnxpb.GraphProto, name string) []float32 {
	t.Helper()
	for _, i := range g.GetInitializer() {
		if i.GetName() != name {
			continue
		}
		out := make([]float32, len(i.GetRawData())/4)
		for k := range out {
			out[k] = math.Float32frombits(binary.LittleEndian.Uint32(i.GetRawData()[4*k:]))
		}
		return out
	}
	t.Fatalf("no initializer %s", name)
	return nil
}

func TestWeightsOfHeadsStandTogether(t *testing.T) {
	c := small()
	c.DModel, c.DHead = 2, 1
	m := sample(c)
	m.Layers[0].Heads[1].Q.Entries = []decoder.Entry{{Row: 1, Col: 0, W: -1}}
	m.Layers[0].Heads[1].O.Entries = []decoder.Entry{{Row: 0, Col: 1, W: -2}}
	g := parse(t, encode(t, m, Options{})).GetGraph()
	for name, want := range map[string][]float32{
		"layer0.attn.q.weight": {7, 0, 0, -1},  // a column for each head
		"layer0.attn.o.weight": {10, 0, 0, -2}, // a row for each head
		"layer0.mlp.out.bias":  {6, 0},
		"const.masked_score":   {-math.MaxFloat32},
	} {
		if diff := cmp.Diff(want, floats(t, g, name)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestInterface(t *testing.T) {
	g := parse(t, encode(t, sample(small()), Options{})).GetGraph()
	var got []string
	for _, v := range slices.Concat(g.GetInput(), g.GetOutput()) {
		tensor := v.GetType().GetTensorType()
		line := fmt.Sprintf("%s %v", v.GetName(), onnxpb.TensorProto_DataType(tensor.GetElemType()))
		for _, d := range tensor.GetShape().GetDim() {
			if d.GetDimParam() != "" {
				line += " " + d.GetDimParam()
			} else {
				line += fmt.Sprint(" ", d.GetDimValue())
			}
		}
		got = append(got, line)
	}
	want := []string{"input_ids INT64 batch sequence", "attention_mask INT64 batch sequence", "logits FLOAT batch sequence 2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

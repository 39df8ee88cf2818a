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
	"github.com/raspc/raspc/export/manifest"
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
positions/shape = Shape(input_ids)
positions/length = Gather(positions/shape, const.one)
positions/ids = Range(const.zero, positions/length, const.one)
embedding/tokens = Gather(embed.weight, input_ids)
embedding/positions = Gather(position.weight, positions/ids)
hidden_states.0 = Add(embedding/tokens, embedding/positions)
mask/tokens = Cast(attention_mask; to=9)
mask/keys = Unsqueeze(mask/tokens, const.head_and_query_axes)
mask/queries = Unsqueeze(positions/ids, const.key_axis)
mask/causal = LessOrEqual(positions/ids, mask/queries)
mask/visible = And(mask/keys, mask/causal)
layer0/attention/q/rows = MatMul(hidden_states.0, layer0.attn.q.weight)
layer0/attention/q/split = Reshape(layer0/attention/q/rows, const.split_heads)
layer0/attention/q/heads = Transpose(layer0/attention/q/split; perm=[0 2 1 3])
layer0/attention/k/rows = MatMul(hidden_states.0, layer0.attn.k.weight)
layer0/attention/k/split = Reshape(layer0/attention/k/rows, const.split_heads)
layer0/attention/k/heads = Transpose(layer0/attention/k/split; perm=[0 2 3 1])
layer0/attention/v/rows = MatMul(hidden_states.0, layer0.attn.v.weight)
layer0/attention/v/split = Reshape(layer0/attention/v/rows, const.split_heads)
layer0/attention/v/heads = Transpose(layer0/attention/v/split; perm=[0 2 1 3])
layer0/attention/scores = MatMul(layer0/attention/q/heads, layer0/attention/k/heads)
layer0/attention/visible_scores = Where(mask/visible, layer0/attention/scores, const.masked_score)
layer0/attention/pattern = Softmax(layer0/attention/visible_scores; axis=-1)
layer0/attention/mixed = MatMul(layer0/attention/pattern, layer0/attention/v/heads)
layer0/attention/mixed_rows = Transpose(layer0/attention/mixed; perm=[0 2 1 3])
layer0/attention/joined = Reshape(layer0/attention/mixed_rows, const.merge_heads)
layer0/attention/out = MatMul(layer0/attention/joined, layer0.attn.o.weight)
layer0/attention/residual = Add(hidden_states.0, layer0/attention/out)
layer0/mlp/pre = MatMul(layer0/attention/residual, layer0.mlp.in.weight)
layer0/mlp/post = Relu(layer0/mlp/pre)
layer0/mlp/out = MatMul(layer0/mlp/post, layer0.mlp.out.weight)
layer0/mlp/biased = Add(layer0/mlp/out, layer0.mlp.out.bias)
hidden_states.1 = Add(layer0/attention/residual, layer0/mlp/biased)
logits = MatMul(hidden_states.1, unembed.weight)
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// checkGraph reports what no written graph may have: empty tensors, Constant
// nodes, names that are defined twice, late or never read, tensors without a
// type.
func checkGraph(g *onnxpb.GraphProto) error {
	types := map[string]int{}
	for _, v := range slices.Concat(g.GetValueInfo(), g.GetOutput()) {
		types[v.GetName()]++
	}
	names := map[string]bool{}
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
		if n.GetOpType() == "Constant" || names[n.GetName()] || defined[out] || types[out] != 1 {
			return fmt.Errorf("node %s of type %s, %d types of %s", n.GetName(), n.GetOpType(), types[out], out)
		}
		if !strings.HasPrefix(out, "hidden_states.") && out != nameLogits && n.GetName() != out {
			return fmt.Errorf("node %s computes %s", n.GetName(), out)
		}
		names[n.GetName()] = true
		for _, in := range n.GetInput() {
			if !defined[in] {
				return fmt.Errorf("node %s reads %s, which is not defined", n.GetName(), in)
			}
			read[in] = true
		}
		defined[out] = true
	}
	if len(types) != len(names) {
		return fmt.Errorf("%d tensors with types, %d nodes", len(types), len(names))
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

// elements decodes the elements of a float32 initializer.
func elements(t testing.TB, g *onnxpb.GraphProto, name string) []float32 {
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
		if diff := cmp.Diff(want, elements(t, g, name)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// declared prints the types of tensors, one a line.
func declared(infos ...*onnxpb.ValueInfoProto) []string {
	var lines []string
	for _, v := range infos {
		tensor := v.GetType().GetTensorType()
		line := fmt.Sprintf("%s %v", v.GetName(), onnxpb.TensorProto_DataType(tensor.GetElemType()))
		for _, d := range tensor.GetShape().GetDim() {
			if d.GetDimParam() != "" {
				line += " " + d.GetDimParam()
			} else {
				line += fmt.Sprint(" ", d.GetDimValue())
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func TestInterface(t *testing.T) {
	numeric := &manifest.Manifest{Output: manifest.Output{Kind: manifest.Numeric}}
	tests := []struct {
		name string
		o    Options
		want []string
	}{
		{"default", Options{}, []string{"input_ids INT64 batch sequence", "attention_mask INT64 batch sequence", "logits FLOAT batch sequence 2"}},
		{"int32", Options{Int32IDs: true}, []string{"input_ids INT32 batch sequence", "attention_mask INT32 batch sequence", "logits FLOAT batch sequence 2"}},
		{"numeric", Options{Manifest: numeric}, []string{"input_ids INT64 batch sequence", "attention_mask INT64 batch sequence", "values FLOAT batch sequence 2"}},
		{"hidden states", Options{HiddenStates: true, Functions: true}, []string{
			"input_ids INT64 batch sequence", "attention_mask INT64 batch sequence", "logits FLOAT batch sequence 2",
			"hidden_states.0 FLOAT batch sequence 6", "hidden_states.1 FLOAT batch sequence 6",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := parse(t, encode(t, sample(small()), test.o)).GetGraph()
			if diff := cmp.Diff(test.want, declared(slices.Concat(g.GetInput(), g.GetOutput())...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Runtimes fix free dimensions by what they mean, too.
func TestDenotations(t *testing.T) {
	g := parse(t, encode(t, sample(small()), Options{})).GetGraph()
	for _, v := range slices.Concat(g.GetInput(), g.GetOutput()) {
		dims := v.GetType().GetTensorType().GetShape().GetDim()
		if dims[0].GetDenotation() != "DATA_BATCH" || dims[1].GetDenotation() != "DATA_TIME" {
			t.Errorf("%s: %v", v.GetName(), dims)
		}
	}
}

func TestTypes(t *testing.T) {
	g := parse(t, encode(t, sample(small()), Options{})).GetGraph()
	want := []string{
		"positions/shape INT64 2", "positions/length INT64", "positions/ids INT64 sequence",
		"embedding/tokens FLOAT batch sequence 6", "embedding/positions FLOAT sequence 6", "hidden_states.0 FLOAT batch sequence 6",
		"mask/tokens BOOL batch sequence", "mask/keys BOOL batch 1 1 sequence", "mask/queries INT64 sequence 1",
		"mask/causal BOOL sequence sequence", "mask/visible BOOL batch 1 sequence sequence",
	}
	if diff := cmp.Diff(want, declared(g.GetValueInfo()[:len(want)]...)); diff != "" {
		t.Error(diff)
	}
	want = []string{
		"layer0/attention/q/rows FLOAT batch sequence 6", "layer0/attention/q/split FLOAT batch sequence 2 3", "layer0/attention/q/heads FLOAT batch 2 sequence 3",
		"layer0/attention/k/rows FLOAT batch sequence 6", "layer0/attention/k/split FLOAT batch sequence 2 3", "layer0/attention/k/heads FLOAT batch 2 3 sequence",
		"layer0/attention/v/rows FLOAT batch sequence 6", "layer0/attention/v/split FLOAT batch sequence 2 3", "layer0/attention/v/heads FLOAT batch 2 sequence 3",
		"layer0/attention/scores FLOAT batch 2 sequence sequence", "layer0/attention/visible_scores FLOAT batch 2 sequence sequence",
		"layer0/attention/pattern FLOAT batch 2 sequence sequence", "layer0/attention/mixed FLOAT batch 2 sequence 3",
		"layer0/attention/mixed_rows FLOAT batch sequence 2 3", "layer0/attention/joined FLOAT batch sequence 6",
		"layer0/attention/out FLOAT batch sequence 6", "layer0/attention/residual FLOAT batch sequence 6",
		"layer0/mlp/pre FLOAT batch sequence 4", "layer0/mlp/post FLOAT batch sequence 4", "layer0/mlp/out FLOAT batch sequence 6",
		"layer0/mlp/biased FLOAT batch sequence 6", "hidden_states.1 FLOAT batch sequence 6",
	}
	if diff := cmp.Diff(want, declared(g.GetValueInfo()[11:]...)); diff != "" {
		t.Error(diff)
	}
}

package network_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/onnx"
	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/verify/network"
	"github.com/raspc/raspc/verify/onnxrun"
)

const bos = 3

// band is a matrix with one weight a row.
func band(rows, cols int, w float32) decoder.Matrix {
	m := decoder.Matrix{Rows: rows, Cols: cols}
	for i := range rows {
		m.Entries = append(m.Entries, decoder.Entry{Row: i, Col: i % cols, W: w + float32(i)})
	}
	return m
}

// sample is a causal decoder of two layers, each with two heads and neurons.
func sample() *decoder.Model {
	c := decoder.Config{Layers: 2, Heads: 2, DModel: 4, DHead: 3, DMLP: 5, Vocab: 5, Positions: 3, Outputs: 2, BOS: bos, PAD: 4, Causal: true}
	m := &decoder.Model{Config: c, Embed: band(c.Vocab, c.DModel, 1), Position: band(c.Positions, c.DModel, 2), Unembed: band(c.DModel, c.Outputs, 3)}
	for i := range c.Layers {
		w := float32(10 * (i + 1))
		l := decoder.Layer{In: band(c.DModel, c.DMLP, w), Out: band(c.DMLP, c.DModel, w+1), OutBias: band(1, c.DModel, w+2)}
		for h := range c.Heads {
			w += float32(4 * h)
			l.Heads = append(l.Heads, decoder.Head{
				Q: band(c.DModel, c.DHead, w+3), K: band(c.DModel, c.DHead, w+4), V: band(c.DModel, c.DHead, w+5), O: band(c.DHead, c.DModel, w+6),
			})
		}
		m.Layers = append(m.Layers, l)
	}
	return m
}

// file writes the sample and decodes the message.
func file(t *testing.T, o onnx.Options) *onnxpb.ModelProto {
	t.Helper()
	var buf bytes.Buffer
	if _, err := onnx.Encode(&buf, sample(), o); err != nil {
		t.Fatal(err)
	}
	var m onnxpb.ModelProto
	if err := proto.Unmarshal(buf.Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	return &m
}

// read reads a network from a message.
func read(t *testing.T, m *onnxpb.ModelProto) (*network.Network, error) {
	t.Helper()
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	model, err := onnxrun.Decode(data, onnxrun.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return network.FromONNX(model, bos)
}

func TestOptionsAreOneNetwork(t *testing.T) {
	want, err := read(t, file(t, onnx.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if len(want.Layers) != 2 || len(want.Layers[1].Heads) != 2 || len(want.Layers[1].In.Columns) != 5 {
		t.Errorf("%d layers", len(want.Layers))
	}
	for name, o := range map[string]onnx.Options{
		"hidden states": {HiddenStates: true},
		"int32":         {Int32IDs: true},
		"functions":     {Functions: true},
		"all":           {Functions: true, HiddenStates: true, Int32IDs: true, Opset: 21},
		"numbers":       {Manifest: &manifest.Manifest{Output: manifest.Output{Kind: manifest.Numeric}}},
	} {
		got, err := read(t, file(t, o))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// rename gives a value of the graph another name, but not where it is an output.
func rename(m *onnxpb.ModelProto, from, to string) {
	for _, n := range m.Graph.Node {
		for _, names := range [][]string{n.Input, n.Output} {
			for i := range names {
				if names[i] == from {
					names[i] = to
				}
			}
		}
	}
}

// identity computes a value that is another one.
func identity(m *onnxpb.ModelProto, of, name string) {
	m.Graph.Node = append(m.Graph.Node, &onnxpb.NodeProto{OpType: proto.String("Identity"), Name: proto.String(name), Input: []string{of}, Output: []string{name}})
}

// Whoever reads hidden states trusts their names.
func TestHiddenStatesThatAreOthers(t *testing.T) {
	tests := []struct {
		name   string
		change func(m *onnxpb.ModelProto)
		want   string
	}{
		{"exchanged", func(m *onnxpb.ModelProto) {
			rename(m, "hidden_states.1", "x")
			rename(m, "hidden_states.2", "hidden_states.1")
			rename(m, "x", "hidden_states.2")
		}, `"hidden_states.1" is not the residual stream before layer 1`},
		{"within a layer", func(m *onnxpb.ModelProto) {
			rename(m, "hidden_states.1", "x")
			rename(m, "layer0/attention/residual", "hidden_states.1")
		}, `"hidden_states.1" is not the residual stream before layer 1`},
		{"not all", func(m *onnxpb.ModelProto) { m.Graph.Output = m.Graph.Output[:3] }, "2 hidden states are outputs, of 3"},
		{"too many", func(m *onnxpb.ModelProto) {
			identity(m, "hidden_states.2", "hidden_states.3")
			extra := proto.CloneOf(m.Graph.Output[3])
			extra.Name = proto.String("hidden_states.3")
			m.Graph.Output = append(m.Graph.Output, extra)
		}, "4 hidden states are outputs, of 3"},
		{"another's copy", func(m *onnxpb.ModelProto) {
			rename(m, "hidden_states.2", "x")
			identity(m, "hidden_states.1", "hidden_states.2")
		}, `"hidden_states.2" is not the residual stream before layer 2`},
		{"a copy of its own", func(m *onnxpb.ModelProto) {
			rename(m, "hidden_states.2", "x")
			identity(m, "x", "hidden_states.2")
		}, `"hidden_states.2" is not the residual stream before layer 2`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := file(t, onnx.Options{HiddenStates: true})
			test.change(m)
			if _, err := read(t, m); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// What a function hides is looked at as if it stood in the graph.
func TestFunctionsThatComputeSomethingElse(t *testing.T) {
	function := func(m *onnxpb.ModelProto, name string) *onnxpb.FunctionProto {
		for _, f := range m.Functions {
			if f.GetName() == name {
				return f
			}
		}
		t.Fatalf("no function %s", name)
		return nil
	}
	tests := []struct {
		name   string
		change func(m *onnxpb.ModelProto)
		want   string
	}{
		{"no ramp", func(m *onnxpb.ModelProto) {
			function(m, "Layer0Mlp").Node[1].OpType = proto.String("Tanh")
		}, "made by a Tanh, not a Relu"},
		{"looks ahead", func(m *onnxpb.ModelProto) {
			f := function(m, "Mask")
			f.Node[len(f.Node)-1].Output[0], f.Node[1].Output[0] = "all", "visible"
			f.Node[len(f.Node)-1].Input[0] = "visible"
		}, "no part in the decoder"},
		{"does more", func(m *onnxpb.ModelProto) {
			f := function(m, "Layer1Mlp")
			n := proto.CloneOf(f.Node[1])
			n.Name, n.Output[0] = proto.String("again"), "again"
			f.Node = append(f.Node, n)
		}, "1 of its"},
		{"heads passed over", func(m *onnxpb.ModelProto) {
			for _, n := range m.Graph.Node {
				if n.GetOpType() == "Layer1Mlp" {
					n.Input[0] = "hidden_states.1"
				}
			}
		}, "no part in the decoder"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := file(t, onnx.Options{Functions: true})
			test.change(m)
			_, err := read(t, m)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// int32 shapes are no graph that a runtime loads.
func TestNarrowShapes(t *testing.T) {
	m := file(t, onnx.Options{})
	for _, i := range m.Graph.Initializer {
		if i.GetName() == "const.merge_heads" {
			i.DataType, i.RawData, i.Int32Data = proto.Int32(int32(onnxpb.TensorProto_INT32)), nil, []int32{0, 0, 6}
		}
	}
	if _, err := read(t, m); err == nil || !strings.Contains(err.Error(), `"const.merge_heads" is not [0 0 6]`) {
		t.Errorf("error %v", err)
	}
}

package onnxrun

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/export/onnx/onnxpb"
)

// tight are limits that no test model needs to exceed.
func tight() Limits {
	return Limits{FileBytes: 1 << 20, Fields: 1000, Elements: 1 << 12, Work: 1 << 16}
}

// load decodes a model that must be good.
func load(t testing.TB, pb *onnxpb.ModelProto) *Model {
	t.Helper()
	m, err := Decode(bytesOf(t, pb), tight())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestModelFacts(t *testing.T) {
	m := load(t, tiny())
	wantIn := []Port{{InputIDs, "int64", []int64{-1, -1}}, {AttentionMask, "int64", []int64{-1, -1}}}
	if diff := cmp.Diff(wantIn, m.Inputs()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Port{{Logits, "float32", []int64{-1, -1, 2}}}, m.Outputs()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"k": "v"}, m.Metadata()); diff != "" {
		t.Error(diff)
	}
	if m.Opset() != 17 {
		t.Errorf("opset %d", m.Opset())
	}
	m.Inputs()[0].Dims[0], m.Metadata()["k"] = 9, "changed"
	if diff := cmp.Diff(wantIn, m.Inputs()); diff != "" || m.Metadata()["k"] != "v" {
		t.Error("a caller changed the model")
	}
}

// TestManyWeights reads as many as the files have, inside the model file and beside
// it, however few elements a run may have.
func TestManyWeights(t *testing.T) {
	few := tight()
	few.Elements = 16
	many := make([]byte, 4*1000)
	inside := tiny()
	inside.Graph.Initializer[1].Dims, inside.Graph.Initializer[1].RawData = []int64{1, 1000}, many
	if _, err := Decode(bytesOf(t, inside), few); err != nil {
		t.Error(err)
	}
	dir := t.TempDir()
	external(inside.Graph.Initializer[1], "location", "data")
	for name, data := range map[string][]byte{"data": many, "model.onnx": bytesOf(t, inside)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := OpenWithin(filepath.Join(dir, "model.onnx"), few); err != nil {
		t.Error(err)
	}
	// Without the bytes, no memory is taken for them.
	inside.Graph.Initializer[1].Dims = []int64{1 << 20, 1 << 20}
	if err := os.WriteFile(filepath.Join(dir, "model.onnx"), bytesOf(t, inside), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenWithin(filepath.Join(dir, "model.onnx"), few); err == nil || !strings.Contains(err.Error(), "which has 4000") {
		t.Errorf("error %v", err)
	}
}

func TestRun(t *testing.T) {
	want := [][][]float32{{{1, 2}, {2, 4}, {3, 6}}, {{4, 8}, {0, 0}, {-1, -2}}}
	ids, mask := [][]int64{{1, 2, 3}, {4, 0, -1}}, [][]int64{{1, 1, 1}, {1, 0, 0}}
	for name, change := range map[string]func(*onnxpb.ModelProto){
		"as it is": func(*onnxpb.ModelProto) {},
		"constant node": func(m *onnxpb.ModelProto) {
			g := m.Graph
			c := node("Constant", "weight", nil, &onnxpb.AttributeProto{Name: proto.String("value"), Type: onnxpb.AttributeProto_TENSOR.Enum(), T: g.Initializer[1]})
			g.Initializer, g.Node = g.Initializer[:1], append([]*onnxpb.NodeProto{c}, g.Node...)
		},
		"constant list": func(m *onnxpb.ModelProto) {
			g := m.Graph
			c := node("Constant", "axis", nil, &onnxpb.AttributeProto{Name: proto.String("value_ints"), Type: onnxpb.AttributeProto_INTS.Enum(), Ints: []int64{-1}})
			g.Initializer, g.Node = g.Initializer[1:], append([]*onnxpb.NodeProto{c}, g.Node...)
		},
		"typed data": func(m *onnxpb.ModelProto) {
			w := m.Graph.Initializer[1]
			w.RawData, w.FloatData = nil, []float32{1, 2}
		},
		"one value twice": func(m *onnxpb.ModelProto) { // parallel edges of one node
			m.Graph.Node[2] = node("MatMul", "product", []string{"column", "weight"})
			m.Graph.Node = append(m.Graph.Node,
				node("Add", "double", []string{"product", "product"}),
				node("Sub", "zero", []string{"product", "product"}),
				node("Add", "sum", []string{"double", "zero"}),
				node("Sub", Logits, []string{"sum", "product"}))
		},
		"input left out": func(m *onnxpb.ModelProto) {
			m.Graph.Node[2] = node("MatMul", "product", []string{"column", "weight"})
			m.Graph.Initializer = append(m.Graph.Initializer,
				&onnxpb.TensorProto{Name: proto.String("start"), DataType: proto.Int32(7), Dims: []int64{3}, RawData: make([]byte, 24)},
				&onnxpb.TensorProto{Name: proto.String("end"), DataType: proto.Int32(7), Dims: []int64{3}, Int64Data: []int64{99, 99, 99}},
				&onnxpb.TensorProto{Name: proto.String("step"), DataType: proto.Int32(7), Dims: []int64{3}, Int64Data: []int64{1, 1, 1}})
			m.Graph.Node = append(m.Graph.Node, node("Slice", Logits, []string{"product", "start", "end", "", "step"}))
		},
		"reordered outputs": func(m *onnxpb.ModelProto) {
			n := node("Split", "one", []string{"weight"}, &onnxpb.AttributeProto{Name: proto.String("axis"), Type: onnxpb.AttributeProto_INT.Enum(), I: proto.Int64(1)})
			n.Output = []string{"one", "two"}
			m.Graph.Node[2] = n
			m.Graph.Node = append(m.Graph.Node,
				node("Concat", "again", []string{"one", "two"}, n.Attribute[0]),
				node("MatMul", Logits, []string{"column", "again"}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			pb := tiny()
			change(pb)
			got, err := load(t, pb).Run(ids, mask)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRunRefusesInputs(t *testing.T) {
	m := load(t, tiny())
	fixed := tiny()
	fixed.Graph.Input[0] = port(InputIDs, onnxpb.TensorProto_INT64, 1, -1)
	promise := tiny()
	promise.Graph.Output[0] = port(Logits, onnxpb.TensorProto_FLOAT, -1, -1, 3)
	integers := tiny()
	integers.Graph.Node = []*onnxpb.NodeProto{node("Unsqueeze", Logits, []string{InputIDs, "axis"})}
	long := make([]int64, 3000)
	tests := []struct {
		name      string
		m         *Model
		ids, mask [][]int64
		want      string
	}{
		{"no rows", m, nil, nil, "no rows"},
		{"no tokens", m, [][]int64{{}}, [][]int64{{}}, "length 0"},
		{"ragged", m, [][]int64{{1}, {1, 2}}, [][]int64{{1}, {1, 1}}, "row 1 of input_ids"},
		{"short mask", m, [][]int64{{1, 2}}, [][]int64{{1}}, "attention_mask is 1x1"},
		{"fixed batch", load(t, fixed), [][]int64{{1}, {2}}, [][]int64{{1}, {1}}, "declares [1 -1]"},
		{"wrong promise", load(t, promise), [][]int64{{1}}, [][]int64{{1}}, "declares [-1 -1 3]"},
		{"wrong type", load(t, integers), [][]int64{{1}}, [][]int64{{1}}, "came out as int64"},
		{"too large", m, [][]int64{long}, [][]int64{long}, "limit"},
	}
	for _, test := range tests {
		if _, err := test.m.Run(test.ids, test.mask); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
	}
}

// What is not a number must show, even where what it multiplies is 0. No file
// holds such a weight, but operations can make one.
func TestNotANumberShows(t *testing.T) {
	m := load(t, tiny())
	m.program.constants[m.program.names["weight"]].f[0] = math.NaN()
	got, err := m.Run([][]int64{{0}}, [][]int64{{1}})
	if err != nil {
		t.Fatal(err)
	}
	if !math.IsNaN(float64(got[0][0][0])) || got[0][0][1] != 0 {
		t.Errorf("logits %v", got[0][0])
	}
}

func TestConcurrentRuns(t *testing.T) {
	m := load(t, tiny())
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 20 {
				got, err := m.Run([][]int64{{int64(i)}}, [][]int64{{1}})
				if err != nil || got[0][0][1] != float32(2*i) {
					t.Errorf("%v, %v", got, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestOpenFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.onnx")
	data := bytesOf(t, tiny())
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err != nil {
		t.Error(err)
	}
	small := tight()
	small.FileBytes = int64(len(data)) - 1
	for name, open := range map[string]func() error{
		"missing":   func() error { _, err := Open(path + "x"); return err },
		"folder":    func() error { _, err := Open(dir); return err },
		"too large": func() error { _, err := OpenWithin(path, small); return err },
		"in memory": func() error { _, err := Decode(data, small); return err },
	} {
		if open() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

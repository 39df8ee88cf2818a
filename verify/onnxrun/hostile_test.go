package onnxrun

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/export/onnx/onnxpb"
)

func TestHostileModels(t *testing.T) {
	weight := func(f func(*onnxpb.TensorProto)) func(*onnxpb.ModelProto) {
		return func(m *onnxpb.ModelProto) { f(m.Graph.Initializer[1]) }
	}
	attribute := func(a *onnxpb.AttributeProto) func(*onnxpb.ModelProto) {
		return func(m *onnxpb.ModelProto) { m.Graph.Node[0].Attribute = append(m.Graph.Node[0].Attribute, a) }
	}
	tests := []struct {
		name   string
		change func(*onnxpb.ModelProto)
		want   string
	}{
		{"old IR", func(m *onnxpb.ModelProto) { m.IrVersion = proto.Int64(3) }, "IR version 3"},
		{"no graph", func(m *onnxpb.ModelProto) { m.Graph = nil }, "no graph"},
		{"no nodes", func(m *onnxpb.ModelProto) { m.Graph.Node = nil }, `output "logits" is not defined`},
		{"no opset", func(m *onnxpb.ModelProto) { m.OpsetImport = nil }, "no version of the default opset"},
		{"two opsets", func(m *onnxpb.ModelProto) {
			m.OpsetImport = append(m.OpsetImport, &onnxpb.OperatorSetIdProto{Domain: proto.String("ai.onnx"), Version: proto.Int64(17)})
		}, "two versions"},
		{"new opset", func(m *onnxpb.ModelProto) { m.OpsetImport[0].Version = proto.Int64(99) }, "opset 99"},
		{"function", func(m *onnxpb.ModelProto) { m.Functions = []*onnxpb.FunctionProto{{}} }, "functions"},
		{"training", func(m *onnxpb.ModelProto) { m.TrainingInfo = []*onnxpb.TrainingInfoProto{{}} }, "training"},
		{"sparse", func(m *onnxpb.ModelProto) { m.Graph.SparseInitializer = []*onnxpb.SparseTensorProto{{}} }, "sparse"},
		{"metadata twice", func(m *onnxpb.ModelProto) { m.MetadataProps = append(m.MetadataProps, m.MetadataProps[0]) }, `"k" twice`},

		{"domain", func(m *onnxpb.ModelProto) { m.Graph.Node[0].Domain = proto.String("com.microsoft") }, "com.microsoft"},
		{"overload", func(m *onnxpb.ModelProto) { m.Graph.Node[0].Overload = proto.String("x") }, "overloads"},
		{"unknown operation", func(m *onnxpb.ModelProto) { m.Graph.Node[2].OpType = proto.String("Conv") }, "logits (Conv): the operation is not supported"},
		{"no inputs", func(m *onnxpb.ModelProto) { m.Graph.Node[0].Input = nil }, "no inputs"},
		{"no outputs", func(m *onnxpb.ModelProto) { m.Graph.Node[0].Output = nil }, "no outputs"},
		{"unnamed output", func(m *onnxpb.ModelProto) { m.Graph.Node[0].Output = []string{""} }, "empty name"},
		{"undefined", func(m *onnxpb.ModelProto) { m.Graph.Node[0].Input = []string{"nobody"} }, `"nobody" is not defined`},
		{"itself", func(m *onnxpb.ModelProto) { m.Graph.Node[0].Input = []string{"float"} }, `"float" is not defined before`},
		{"later", func(m *onnxpb.ModelProto) {
			m.Graph.Node[0], m.Graph.Node[1] = m.Graph.Node[1], m.Graph.Node[0]
		}, `"float" is not defined before`},
		{"output twice", func(m *onnxpb.ModelProto) { m.Graph.Node[1].Output = []string{"float"} }, `"float" is defined twice`},
		{"writes an input", func(m *onnxpb.ModelProto) { m.Graph.Node[0].Output = []string{InputIDs} }, "defined twice"},
		{"writes a weight", func(m *onnxpb.ModelProto) { m.Graph.Node[0].Output = []string{"weight"} }, "defined twice"},
		{"input twice", func(m *onnxpb.ModelProto) { m.Graph.Input = append(m.Graph.Input, m.Graph.Input[0]) }, "defined twice"},
		{"weight twice", func(m *onnxpb.ModelProto) { m.Graph.Initializer[0].Name = proto.String("weight") }, "defined twice"},
		{"weight as input", func(m *onnxpb.ModelProto) { m.Graph.Initializer[0].Name = proto.String(InputIDs) }, "is an input as well"},
		{"unnamed weight", weight(func(w *onnxpb.TensorProto) { w.Name = nil }), "empty name"},

		{"other inputs", func(m *onnxpb.ModelProto) { m.Graph.Input[1].Name = proto.String("mask") }, "the inputs are"},
		{"other outputs", func(m *onnxpb.ModelProto) { m.Graph.Output[0].Name = proto.String("column") }, "the outputs are"},
		{"output twice over", func(m *onnxpb.ModelProto) { m.Graph.Output = append(m.Graph.Output, m.Graph.Output[0]) }, "the outputs are"},
		{"input type", func(m *onnxpb.ModelProto) { m.Graph.Input[0] = port(InputIDs, onnxpb.TensorProto_FLOAT, -1, -1) }, "not int64 or int32 [batch, sequence]"},
		{"input rank", func(m *onnxpb.ModelProto) { m.Graph.Input[0] = port(InputIDs, onnxpb.TensorProto_INT64, -1) }, "not int64 or int32 [batch, sequence]"},
		{"inputs of two types", func(m *onnxpb.ModelProto) { m.Graph.Input[1] = port(AttentionMask, onnxpb.TensorProto_INT32, -1, -1) }, "the inputs are int64 and int32"},
		{"two outputs", extraOutput(Values), "the outputs are"},
		{"hidden states from 1", extraOutput(HiddenState(1)), "the outputs are"},
		{"hidden states with a gap", func(m *onnxpb.ModelProto) {
			extraOutput(HiddenState(0))(m)
			extraOutput(HiddenState(2))(m)
		}, "the outputs are"},
		{"hidden states alone", func(m *onnxpb.ModelProto) {
			m.Graph.Node[2].Output[0], m.Graph.Output[0].Name = HiddenState(0), proto.String(HiddenState(0))
		}, "the outputs are"},
		{"hidden state that is nothing", func(m *onnxpb.ModelProto) {
			m.Graph.Output = append(m.Graph.Output, port(HiddenState(0), onnxpb.TensorProto_FLOAT, -1, -1, 2))
		}, `output "hidden_states.0" is not defined`},
		{"output rank", func(m *onnxpb.ModelProto) { m.Graph.Output[0] = port(Logits, onnxpb.TensorProto_FLOAT, -1) }, "not float32 [batch, sequence, outputs]"},
		{"negative input", func(m *onnxpb.ModelProto) { m.Graph.Input[0] = port(InputIDs, onnxpb.TensorProto_INT64, -2, -1) }, "dimension -2"},
		{"untyped input", func(m *onnxpb.ModelProto) { m.Graph.Input[0].Type = nil }, "not declared as a tensor"},

		{"subgraph", attribute(&onnxpb.AttributeProto{Name: proto.String("g"), Type: onnxpb.AttributeProto_GRAPH.Enum(), G: &onnxpb.GraphProto{}}), `"g" of type GRAPH`},
		{"tensor attribute", attribute(&onnxpb.AttributeProto{Name: proto.String("t"), Type: onnxpb.AttributeProto_TENSOR.Enum()}), `"t" of type TENSOR`},
		{"attribute twice", attribute(&onnxpb.AttributeProto{Name: proto.String("to"), Type: onnxpb.AttributeProto_INT.Enum()}), "defined twice"},
		{"attribute of a function", attribute(&onnxpb.AttributeProto{Name: proto.String("x"), RefAttrName: proto.String("y"), Type: onnxpb.AttributeProto_INT.Enum()}), "refers to"},
		{"attribute type", func(m *onnxpb.ModelProto) {
			m.Graph.Node[0].Attribute[0].Type, m.Graph.Node[0].Attribute[0].F = onnxpb.AttributeProto_FLOAT.Enum(), proto.Float32(1)
		}, "attribute to is a float32"},
		{"strange attribute", attribute(&onnxpb.AttributeProto{Name: proto.String("x"), Type: onnxpb.AttributeProto_STRINGS.Enum()}), `"x" is not supported`},
		{"constant without content", func(m *onnxpb.ModelProto) {
			m.Graph.Node[0] = node("Constant", "float", nil, &onnxpb.AttributeProto{Name: proto.String("value"), Type: onnxpb.AttributeProto_TENSOR.Enum()})
		}, "no tensor"},
		{"constant with inputs", func(m *onnxpb.ModelProto) { m.Graph.Node[0].OpType = proto.String("Constant") }, "want 0, 1 and 1"},

		{"type", weight(func(w *onnxpb.TensorProto) { w.DataType = proto.Int32(10) }), "FLOAT16 is not supported"},
		{"no type", weight(func(w *onnxpb.TensorProto) { w.DataType = nil }), "not supported"},
		{"huge dimension", weight(func(w *onnxpb.TensorProto) { w.Dims = []int64{1 << 36} }), "dimension 68719476736"},
		{"huge product", weight(func(w *onnxpb.TensorProto) { w.Dims = []int64{1 << 30, 1 << 30, 1 << 30} }), "limit"},
		{"negative dimension", weight(func(w *onnxpb.TensorProto) { w.Dims = []int64{-1, -2} }), "dimension -1"},
		{"rank", weight(func(w *onnxpb.TensorProto) { w.Dims = make([]int64, 9) }), "9 dimensions"},
		{"too few bytes", weight(func(w *onnxpb.TensorProto) { w.RawData = w.RawData[1:] }), "7 bytes of data for float32 of shape [1 2], want 8"},
		{"no bytes", weight(func(w *onnxpb.TensorProto) { w.RawData = nil }), "0 bytes"},
		{"too few numbers", weight(func(w *onnxpb.TensorProto) { w.RawData, w.FloatData = nil, []float32{1} }), "1 elements"},
		{"numbers of another type", weight(func(w *onnxpb.TensorProto) { w.RawData, w.Int64Data = nil, []int64{1, 2} }), "0 elements"},
		{"no bool", weight(func(w *onnxpb.TensorProto) { w.DataType, w.RawData = proto.Int32(9), []byte{1, 2} }), "2 is no bool"},
		{"no number", weight(func(w *onnxpb.TensorProto) { w.RawData = rawFloats(1, float32(math.NaN())) }), "element 1 is NaN"},
		{"infinity in a list", weight(func(w *onnxpb.TensorProto) {
			w.RawData, w.FloatData = nil, []float32{float32(math.Inf(-1)), 1}
		}), "element 0 is -Inf"},
		{"segment", weight(func(w *onnxpb.TensorProto) { w.Segment = &onnxpb.TensorProto_Segment{} }), "segmented"},
		{"external", weight(func(w *onnxpb.TensorProto) { external(w, "location", "x") }), "does not come from a folder"},
		{"half external", weight(func(w *onnxpb.TensorProto) {
			w.ExternalData = []*onnxpb.StringStringEntryProto{{Key: proto.String("location")}}
		}), "without the location EXTERNAL"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			pb := tiny()
			test.change(pb)
			if _, err := Decode(bytesOf(t, pb), tight()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// extraOutput makes the logits an output under another name, too.
func extraOutput(name string) func(*onnxpb.ModelProto) {
	return func(m *onnxpb.ModelProto) {
		m.Graph.Node = append(m.Graph.Node, node("Identity", name, []string{Logits}))
		m.Graph.Output = append(m.Graph.Output, port(name, onnxpb.TensorProto_FLOAT, -1, -1, 2))
	}
}

func TestHostileExternalData(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "model")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	data := append(make([]byte, 16), rawFloats(1, 2)...)
	for _, path := range []string{filepath.Join(parent, "secret"), filepath.Join(dir, "data")} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../secret", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		keys []string
		want string // "" where the model is good
	}{
		{"good", []string{"location", "data", "offset", "16", "length", "8"}, ""},
		{"no length", []string{"location", "data", "offset", "16"}, ""},
		{"checksum", []string{"location", "data", "checksum", "x"}, ""},
		{"parent", []string{"location", "../secret"}, "escapes"},
		{"absolute", []string{"location", filepath.Join(parent, "secret")}, "escapes"},
		{"link", []string{"location", "link"}, "escapes"},
		{"folder", []string{"location", "."}, "not a regular file"},
		{"missing", []string{"location", "none"}, "no such file"},
		{"no location", []string{"offset", "0"}, "without a location"},
		{"empty location", []string{"location", ""}, "without a location"},
		{"end", []string{"location", "data", "offset", "17"}, "which has 24"},
		{"far end", []string{"location", "data", "offset", "9223372036854775807"}, "which has 24"},
		{"other length", []string{"location", "data", "length", "9"}, "9 bytes for float32"},
		{"negative offset", []string{"location", "data", "offset", "-1"}, "negative"},
		{"no number", []string{"location", "data", "offset", "0x1"}, "no number of bytes"},
		{"unknown key", []string{"location", "data", "url", "x"}, "unknown key"},
		{"twice", []string{"location", "data", "location", "data"}, "twice"},
		{"offset beyond 64 bits", []string{"location", "data", "offset", "99999999999999999999"}, "beyond 64 bits"},
		{"a NUL", []string{"location", "data\x00"}, "escapes"},
		{"below a file", []string{"location", "data/x"}, "data/x"},
		{"a long name", []string{"location", strings.Repeat("x", 1000)}, "file name too long"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			pb := tiny()
			external(pb.Graph.Initializer[1], test.keys...)
			path := filepath.Join(dir, "model.onnx")
			if err := os.WriteFile(path, bytesOf(t, pb), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := OpenWithin(path, tight())
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestBothInsideAndExternal(t *testing.T) {
	pb := tiny()
	external(pb.Graph.Initializer[1], "location", "model.onnx")
	pb.Graph.Initializer[1].RawData = rawFloats(1, 2)
	path := filepath.Join(t.TempDir(), "model.onnx")
	if err := os.WriteFile(path, bytesOf(t, pb), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "both inside") {
		t.Errorf("error %v", err)
	}
}

// Every truncation and every change of one byte gives a model or an error.
func TestDamagedBytes(t *testing.T) {
	data := bytesOf(t, tiny())
	for i := range data {
		// Cut between two fields, a file may still be a model.
		if m, err := Decode(data[:i], tight()); err == nil {
			m.Run([][]int64{{1, 2}}, [][]int64{{1, 1}})
		}
		for _, x := range []byte{0x01, 0x80, 0xff, data[i]} {
			damaged := bytes.Clone(data)
			damaged[i] ^= x
			if m, err := Decode(damaged, tight()); err == nil {
				m.Run([][]int64{{1, 2}}, [][]int64{{1, 1}})
			}
		}
	}
	if _, err := Decode(data[:len(data)/2], tight()); err == nil || !strings.Contains(err.Error(), "truncated") {
		t.Errorf("half a file: %v", err)
	}
}

// Small files must not make large messages.
func TestMemoryOfSmallFiles(t *testing.T) {
	repeat := func(n int, field protowire.Number) []byte {
		return bytes.Repeat(protowire.AppendBytes(protowire.AppendTag(nil, field, protowire.BytesType), nil), n)
	}
	within := func(data []byte, fields ...protowire.Number) []byte {
		for _, f := range fields {
			data = protowire.AppendBytes(protowire.AppendTag(nil, f, protowire.BytesType), data)
		}
		return data
	}
	const n = 1 << 18
	nested := []byte{}
	for range 200 { // graph in attribute in node in graph …
		nested = within(nested, 6, 5, 1)
	}
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"nodes":      {within(repeat(n, 1), 7), "more protobuf fields"},
		"names":      {within(repeat(n, 1), 1, 7), "more protobuf fields"},
		"attributes": {within(repeat(n, 5), 1, 7), "more protobuf fields"},
		"tensors":    {within(repeat(n, 5), 7), "more protobuf fields"},
		"numbers":    {within(make([]byte, n), 7, 5, 7), "more numbers"},
		"nesting":    {within(nested, 7), "deeper"},
		"groups":     {bytes.Repeat([]byte{byte(1<<3 | protowire.StartGroupType)}, n), "not an ONNX model"},
		"text":       {[]byte("not a model at all"), "not an ONNX model"},
		"empty":      {nil, "the file is empty"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Decode(test.data, tight())
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 1<<20 {
			t.Errorf("%s: %d bytes allocated for %d of file", name, allocated, len(test.data))
		}
	}
}

// A graph that multiplies its values without end stops at a limit.
func TestGrowthIsBounded(t *testing.T) {
	grow := func(op string, steps int) *Model {
		pb := tiny()
		last := "float"
		for i := range steps {
			out := fmt.Sprint("v", i)
			n := node(op, out, []string{last, last})
			if op == "Concat" {
				n.Attribute = []*onnxpb.AttributeProto{{Name: proto.String("axis"), Type: onnxpb.AttributeProto_INT.Enum(), I: proto.Int64(0)}}
			}
			pb.Graph.Node = append(pb.Graph.Node, n)
			last = out
		}
		return load(t, pb)
	}
	for op, want := range map[string]string{"Concat": "limit of", "MatMul": "operations exceed"} {
		ids := make([][]int64, 20)
		for i := range ids {
			ids[i] = make([]int64, 20)
		}
		if _, err := grow(op, 90).Run(ids, ids); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", op, err, want)
		}
	}
}

func TestCount(t *testing.T) {
	for _, test := range []struct {
		shape []int
		limit int64
		want  int // -1 for an error
	}{
		{nil, 1, 1},
		{[]int{2, 3}, 6, 6},
		{[]int{2, 3}, 5, -1},
		{[]int{math.MaxInt, math.MaxInt, 0}, 1, 0},
		{[]int{math.MaxInt, 2}, math.MaxInt64, -1},
		{[]int{-1}, 10, -1},
		{[]int{0, -1}, 10, -1},
	} {
		n, err := count(test.shape, test.limit)
		if (test.want < 0) != (err != nil) || err == nil && n != test.want {
			t.Errorf("%v within %d: %d, %v", test.shape, test.limit, n, err)
		}
	}
}

// TestSharedBytes gives two tensors places in one data file of four numbers.
func TestSharedBytes(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "data"), rawFloats(1, 2, 3, 4), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("data", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		first, second []string
		want          string // "" where the model is good
	}{
		"side by side":       {[]string{"location", "data", "offset", "8"}, []string{"location", "data"}, ""},
		"shared":             {[]string{"location", "data", "offset", "4"}, []string{"location", "data"}, `share byte 4 of "data"`},
		"the same":           {[]string{"location", "data"}, []string{"location", "data"}, "share byte 0"},
		"under another name": {[]string{"location", "data"}, []string{"location", "./data"}, "share byte 0"},
	} {
		pb := tiny()
		other := proto.CloneOf(pb.Graph.Initializer[1])
		other.Name = proto.String("other")
		pb.Graph.Initializer = append(pb.Graph.Initializer, other)
		external(pb.Graph.Initializer[1], test.first...)
		external(other, test.second...)
		path := filepath.Join(dir, "model.onnx")
		if err := os.WriteFile(path, bytesOf(t, pb), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
}

// TestManyTensorsOfOneFile stops before the data file has been read more than
// twice over.
func TestManyTensorsOfOneFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "data"), rawFloats(1, 2, 3, 4), 0o600); err != nil {
		t.Fatal(err)
	}
	pb := tiny()
	for i := range 5 {
		other := proto.CloneOf(tiny().Graph.Initializer[1])
		other.Name = proto.String(fmt.Sprint("other", i))
		external(other, "location", "data")
		pb.Graph.Initializer = append(pb.Graph.Initializer, other)
	}
	path := filepath.Join(dir, "model.onnx")
	if err := os.WriteFile(path, bytesOf(t, pb), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), `"other2": external data: the tensors take more than the 16 bytes`) {
		t.Errorf("error %v", err)
	}
}

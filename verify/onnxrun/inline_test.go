package onnxrun

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/export/onnx/onnxpb"
)

// folded is the tiny model with its first two nodes in a function.
func folded() *onnxpb.ModelProto {
	m := tiny()
	m.OpsetImport = append(m.OpsetImport, &onnxpb.OperatorSetIdProto{Domain: proto.String("raspc"), Version: proto.Int64(1)})
	f := &onnxpb.FunctionProto{
		Name: proto.String("Column"), Domain: proto.String("raspc"),
		Input: []string{"x", "axes"}, Output: []string{"y"},
		OpsetImport: m.OpsetImport[:1],
		Node:        m.Graph.Node[:2],
	}
	f.Node[0].Input[0], f.Node[0].Output[0] = "x", "wide"
	f.Node[1].Input[0], f.Node[1].Input[1], f.Node[1].Output[0] = "wide", "axes", "y"
	call := node("Column", "column", []string{InputIDs, "axis"})
	call.Domain = proto.String("raspc")
	m.Functions = []*onnxpb.FunctionProto{f}
	m.Graph.Node = []*onnxpb.NodeProto{call, m.Graph.Node[2]}
	return m
}

func TestFunctionsAreInlined(t *testing.T) {
	want := load(t, tiny()).Operations()
	want[0].Outputs[0], want[1].Inputs[0] = "column/wide", "column/wide"
	if diff := cmp.Diff(want, load(t, folded()).Operations()); diff != "" {
		t.Error(diff)
	}
}

func TestHostileFunctions(t *testing.T) {
	function := func(change func(f *onnxpb.FunctionProto)) func(*onnxpb.ModelProto) {
		return func(m *onnxpb.ModelProto) { change(m.Functions[0]) }
	}
	call := func(change func(n *onnxpb.NodeProto)) func(*onnxpb.ModelProto) {
		return func(m *onnxpb.ModelProto) { change(m.Graph.Node[0]) }
	}
	tests := []struct {
		name   string
		change func(*onnxpb.ModelProto)
		want   string
	}{
		{"standard domain", function(func(f *onnxpb.FunctionProto) { f.Domain, f.Name = nil, proto.String("MatMul") }), `functions of the domain ""`},
		{"a runtime's domain", function(func(f *onnxpb.FunctionProto) { f.Domain = proto.String("com.microsoft") }), `"com.microsoft"`},
		{"overload", function(func(f *onnxpb.FunctionProto) { f.Overload = proto.String("x") }), "overloads"},
		{"twice", func(m *onnxpb.ModelProto) { m.Functions = append(m.Functions, m.Functions[0]) }, `"Column" is defined twice`},
		{"other opset", function(func(f *onnxpb.FunctionProto) {
			f.OpsetImport = []*onnxpb.OperatorSetIdProto{{Version: proto.Int64(13)}}
		}), "not of the model's opset 17"},
		{"no opset", function(func(f *onnxpb.FunctionProto) { f.OpsetImport = nil }), "not of the model's opset 17"},
		{"attribute", function(func(f *onnxpb.FunctionProto) { f.Attribute = []string{"axis"} }), "has attributes"},
		{"attribute with a default", function(func(f *onnxpb.FunctionProto) {
			f.AttributeProto = []*onnxpb.AttributeProto{{Name: proto.String("axis")}}
		}), "has attributes"},
		{"nobody calls it", func(m *onnxpb.ModelProto) {
			f := proto.CloneOf(m.Functions[0])
			f.Name = proto.String("Other")
			m.Functions = append(m.Functions, f)
		}, `nothing calls the function "Other"`},
		{"not there", call(func(n *onnxpb.NodeProto) { n.OpType = proto.String("Other") }), `calls the function "Other"`},
		{"called twice", func(m *onnxpb.ModelProto) {
			again := proto.CloneOf(m.Graph.Node[0])
			again.Name, again.Output[0] = proto.String("again"), "again"
			m.Graph.Node = append(m.Graph.Node, again)
		}, "is called before"},
		{"no functions", func(m *onnxpb.ModelProto) { m.Functions = nil }, `operator domain "raspc"`},
		{"calls itself", function(func(f *onnxpb.FunctionProto) {
			f.Node[0].OpType, f.Node[0].Domain = proto.String("Column"), proto.String("raspc")
		}), "in a function"},
		{"too few inputs", call(func(n *onnxpb.NodeProto) { n.Input = n.Input[:1] }), "a call with 1 inputs, 1 outputs and 0 attributes; want 2, 1 and 0"},
		{"too many outputs", call(func(n *onnxpb.NodeProto) { n.Output = append(n.Output, "more") }), "2 outputs"},
		{"attribute of the call", call(func(n *onnxpb.NodeProto) { n.Attribute = []*onnxpb.AttributeProto{{Name: proto.String("axis")}} }), "1 attributes"},
		{"a long name", call(func(n *onnxpb.NodeProto) { n.Name = proto.String(strings.Repeat("x", maxScope+1)) }), "257 bytes, more than 256"},
		{"left out input", call(func(n *onnxpb.NodeProto) { n.Input[1] = "" }), "input 1 has no name"},
		{"unnamed input", function(func(f *onnxpb.FunctionProto) { f.Input[1] = "" }), "input 1 has no name"},
		{"one name for two inputs", function(func(f *onnxpb.FunctionProto) { f.Input[1] = "x" }), "input 1 has no name, or that of another"},
		{"one name for two outputs", func(m *onnxpb.ModelProto) {
			m.Functions[0].Output = []string{"y", "y"}
			m.Graph.Node[0].Output = []string{"column", "more"}
		}, "output 1 has no name, or that of another"},
		{"output that is an input", function(func(f *onnxpb.FunctionProto) { f.Output[0] = "x" }), `"x" is not computed`},
		{"output that nothing computes", function(func(f *onnxpb.FunctionProto) { f.Output[0] = "z" }), `"z" is not computed`},
		{"writes its input", function(func(f *onnxpb.FunctionProto) { f.Node[0].Output[0] = "axes" }), `"axes" is defined twice`},
		{"writes twice", function(func(f *onnxpb.FunctionProto) { f.Node[1].Output[0] = "wide" }), `"wide" is defined twice`},
		{"reads from outside", function(func(f *onnxpb.FunctionProto) { f.Node[0].Input[0] = InputIDs }), `input "input_ids" is not defined before`},
		{"reads what is behind", function(func(f *onnxpb.FunctionProto) { f.Node[0].Input[0] = "y" }), `input "y" is not defined before`},
		{"a name from outside", func(m *onnxpb.ModelProto) {
			m.Graph.Initializer[1].Name = proto.String("column/wide")
			m.Graph.Node[1].Input[1] = "column/wide"
		}, `"column/wide" is defined twice`},
		{"undefined where it is called", call(func(n *onnxpb.NodeProto) { n.Input[0] = "nobody" }), `"nobody" is not defined before`},
		{"refers to an attribute", function(func(f *onnxpb.FunctionProto) { f.Node[0].Attribute[0].RefAttrName = proto.String("to") }), "refers to"},
		{"no opset of the model", func(m *onnxpb.ModelProto) { m.OpsetImport = nil }, "no version of the default opset"},
		{"no opset of the functions", func(m *onnxpb.ModelProto) { m.OpsetImport = m.OpsetImport[:1] }, `no version of the opset "raspc"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			pb := folded()
			test.change(pb)
			if _, err := Decode(bytesOf(t, pb), tight()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

package onnxrun

import (
	"encoding/binary"
	"math"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/export/onnx/onnxpb"
)

// tiny returns the smallest model with all that a file can have: logits are
// the ids times the weights 1 and 2.
func tiny() *onnxpb.ModelProto {
	return &onnxpb.ModelProto{
		IrVersion:     proto.Int64(8),
		OpsetImport:   []*onnxpb.OperatorSetIdProto{{Version: proto.Int64(17)}},
		MetadataProps: []*onnxpb.StringStringEntryProto{{Key: proto.String("k"), Value: proto.String("v")}},
		Graph: &onnxpb.GraphProto{
			Input: []*onnxpb.ValueInfoProto{
				port(InputIDs, onnxpb.TensorProto_INT64, -1, -1),
				port(AttentionMask, onnxpb.TensorProto_INT64, -1, -1),
			},
			Output: []*onnxpb.ValueInfoProto{port(Logits, onnxpb.TensorProto_FLOAT, -1, -1, 2)},
			Initializer: []*onnxpb.TensorProto{
				{Name: proto.String("axis"), DataType: proto.Int32(7), Dims: []int64{1}, Int64Data: []int64{2}},
				{Name: proto.String("weight"), DataType: proto.Int32(1), Dims: []int64{1, 2}, RawData: rawFloats(1, 2)},
			},
			Node: []*onnxpb.NodeProto{
				node("Cast", "float", []string{InputIDs}, &onnxpb.AttributeProto{Name: proto.String("to"), Type: onnxpb.AttributeProto_INT.Enum(), I: proto.Int64(1)}),
				node("Unsqueeze", "column", []string{"float", "axis"}),
				node("MatMul", Logits, []string{"column", "weight"}),
			},
		},
	}
}

// node makes a node with one output.
func node(op, out string, in []string, a ...*onnxpb.AttributeProto) *onnxpb.NodeProto {
	return &onnxpb.NodeProto{OpType: proto.String(op), Name: proto.String(out), Input: in, Output: []string{out}, Attribute: a}
}

// port declares an input or output; -1 is a free dimension.
func port(name string, t onnxpb.TensorProto_DataType, dims ...int64) *onnxpb.ValueInfoProto {
	shape := &onnxpb.TensorShapeProto{}
	for _, d := range dims {
		dim := &onnxpb.TensorShapeProto_Dimension{Value: &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: d}}
		if d == -1 {
			dim.Value = &onnxpb.TensorShapeProto_Dimension_DimParam{DimParam: "n"}
		}
		shape.Dim = append(shape.Dim, dim)
	}
	return &onnxpb.ValueInfoProto{
		Name: proto.String(name),
		Type: &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{TensorType: &onnxpb.TypeProto_Tensor{ElemType: proto.Int32(int32(t)), Shape: shape}}},
	}
}

// rawFloats encodes float32 elements.
func rawFloats(f ...float32) []byte {
	var raw []byte
	for _, x := range f {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
	}
	return raw
}

// bytesOf serializes a model.
func bytesOf(t testing.TB, m *onnxpb.ModelProto) []byte {
	t.Helper()
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// external makes a tensor refer to a data file, by pairs of key and value.
func external(t *onnxpb.TensorProto, keys ...string) {
	t.RawData, t.DataLocation, t.ExternalData = nil, onnxpb.TensorProto_EXTERNAL.Enum(), nil
	for i := 0; i < len(keys); i += 2 {
		t.ExternalData = append(t.ExternalData, &onnxpb.StringStringEntryProto{Key: proto.String(keys[i]), Value: proto.String(keys[i+1])})
	}
}

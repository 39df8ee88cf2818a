package onnx

import (
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/export/onnx/onnxpb"
)

// dim is one dimension of a tensor.
type dim = *onnxpb.TensorShapeProto_Dimension

// batch and sequence are the dimensions that each call chooses. Runtimes fix
// them by their names, or by what ONNX's "Dimension Denotation" calls them.
func batch() dim    { return freeDim("batch", "DATA_BATCH") }
func sequence() dim { return freeDim("sequence", "DATA_TIME") }

// freeDim is a dimension that each call chooses.
func freeDim(name, denotation string) dim {
	return &onnxpb.TensorShapeProto_Dimension{
		Value:      &onnxpb.TensorShapeProto_Dimension_DimParam{DimParam: name},
		Denotation: proto.String(denotation),
	}
}

// fixed is a dimension that the model fixes.
func fixed(n int) dim {
	return &onnxpb.TensorShapeProto_Dimension{Value: &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: int64(n)}}
}

// valueType is the element type and the shape of a tensor.
type valueType struct {
	elem onnxpb.TensorProto_DataType
	dims []dim
}

func floats(dims ...dim) valueType { return valueType{onnxpb.TensorProto_FLOAT, dims} }
func int64s(dims ...dim) valueType { return valueType{onnxpb.TensorProto_INT64, dims} }
func bools(dims ...dim) valueType  { return valueType{onnxpb.TensorProto_BOOL, dims} }

// info declares a tensor of the type. An empty doc is left out.
func (t valueType) info(name, doc string) *onnxpb.ValueInfoProto {
	v := &onnxpb.ValueInfoProto{
		Name: proto.String(name),
		Type: &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{TensorType: &onnxpb.TypeProto_Tensor{
			ElemType: proto.Int32(int32(t.elem)),
			Shape:    &onnxpb.TensorShapeProto{Dim: t.dims},
		}}},
	}
	if doc != "" {
		v.DocString = text(doc)
	}
	return v
}

// text is a doc string, whatever names it is made of: protobuf readers refuse
// the whole file where a string is not UTF-8.
func text(doc string) *string { return proto.String(strings.ToValidUTF8(doc, "\ufffd")) }

package onnxrun

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/verify/fault"
)

// liftConstants turns Constant nodes into initializers, which they are by
// another name, so that only one place decodes tensors. It changes g.
func liftConstants(g *onnxpb.GraphProto) error {
	if g == nil {
		return nil
	}
	kept := g.Node[:0]
	for _, n := range g.GetNode() {
		if n.GetOpType() != "Constant" || !isDefaultDomain(n.GetDomain()) {
			kept = append(kept, n)
			continue
		}
		t, err := constantTensor(n)
		if err != nil {
			return fmt.Errorf("node %q (Constant): %w", n.GetName(), err)
		}
		g.Initializer = append(g.Initializer, t)
	}
	g.Node = kept
	return nil
}

// constantTensor returns the content of a Constant node under the name of its
// output.
func constantTensor(n *onnxpb.NodeProto) (*onnxpb.TensorProto, error) {
	if len(n.GetInput()) != 0 || len(n.GetOutput()) != 1 || len(n.GetAttribute()) != 1 {
		return nil, fault.New(fault.Unsupported, "%d inputs, %d outputs, %d attributes; want 0, 1 and 1", len(n.GetInput()), len(n.GetOutput()), len(n.GetAttribute()))
	}
	a := n.GetAttribute()[0]
	t := &onnxpb.TensorProto{}
	switch a.GetName() {
	case "value":
		if a.GetT() == nil {
			return nil, fault.New(fault.Missing, "no tensor in its attribute")
		}
		t = a.GetT()
	case "value_int":
		t.DataType, t.Int64Data = proto.Int32(int32(onnxpb.TensorProto_INT64)), []int64{a.GetI()}
	case "value_ints":
		t.DataType, t.Int64Data = proto.Int32(int32(onnxpb.TensorProto_INT64)), a.GetInts()
		t.Dims = []int64{int64(len(a.GetInts()))}
	case "value_float":
		t.DataType, t.FloatData = proto.Int32(int32(onnxpb.TensorProto_FLOAT)), []float32{a.GetF()}
	case "value_floats":
		t.DataType, t.FloatData = proto.Int32(int32(onnxpb.TensorProto_FLOAT)), a.GetFloats()
		t.Dims = []int64{int64(len(a.GetFloats()))}
	default:
		return nil, fault.New(fault.Unsupported, "attribute %q is not supported", a.GetName())
	}
	t.Name = proto.String(n.GetOutput()[0])
	return t, nil
}

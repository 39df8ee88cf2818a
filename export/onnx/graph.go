package onnx

import (
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/export/tensor"
)

// graph gathers nodes and initializers. Every node has one output and is
// named after it. The first error sticks, so that the construction reads as
// a formula.
type graph struct {
	nodes []*onnxpb.NodeProto
	inits []initializer
	err   error
}

// initializer is a named tensor that the file holds.
type initializer struct {
	name string
	src  tensor.Source
}

// node adds an operation and returns the name of its output.
func (g *graph) node(op, output string, inputs ...string) string {
	g.nodes = append(g.nodes, &onnxpb.NodeProto{
		OpType: proto.String(op),
		Name:   proto.String(output),
		Input:  slices.Clone(inputs),
		Output: []string{output},
	})
	return output
}

// attr adds an integer attribute to the node added last.
func (g *graph) attr(name string, v int64) {
	g.addAttr(&onnxpb.AttributeProto{
		Name: proto.String(name),
		Type: onnxpb.AttributeProto_INT.Enum(),
		I:    proto.Int64(v),
	})
}

// attrs adds a list attribute to the node added last.
func (g *graph) attrs(name string, v ...int64) {
	g.addAttr(&onnxpb.AttributeProto{
		Name: proto.String(name),
		Type: onnxpb.AttributeProto_INTS.Enum(),
		Ints: slices.Clone(v),
	})
}

// addAttr adds an attribute to the node added last.
func (g *graph) addAttr(a *onnxpb.AttributeProto) {
	n := g.nodes[len(g.nodes)-1]
	n.Attribute = append(n.Attribute, a)
}

// init adds an initializer and returns its name. It takes the result of a
// constructor of package tensor as it stands.
func (g *graph) init(name string, src tensor.Source, err error) string {
	if err != nil {
		if g.err == nil {
			g.err = err
		}
		return name
	}
	g.inits = append(g.inits, initializer{name, src})
	return name
}

// ints adds a vector of integers as an initializer.
func (g *graph) ints(name string, v ...int64) string {
	src, err := tensor.Int64s(v)
	return g.init(name, src, err)
}

// scalar adds an integer of rank 0 as an initializer.
func (g *graph) scalar(name string, v int64) string {
	return g.init(name, tensor.Int64Scalar(v), nil)
}

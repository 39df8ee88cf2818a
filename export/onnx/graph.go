package onnx

import (
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/export/tensor"
)

// graph gathers nodes and initializers. Every node has one output and is
// named after it, except where the output is part of the model's interface.
// The first error sticks, so that the construction reads as a formula.
type graph struct {
	inputs, outputs []*onnxpb.ValueInfoProto
	nodes           []*onnxpb.NodeProto
	infos           []*onnxpb.ValueInfoProto // of the nodes' outputs
	inits           []initializer
	err             error
}

// initializer is a named tensor that the file holds.
type initializer struct {
	name string
	src  tensor.Source
}

// node adds an operation and returns the name of its output, which is of type
// t.
func (g *graph) node(op, name string, t valueType, inputs ...string) string {
	return g.named(op, name, name, t, inputs...)
}

// named adds an operation whose output has a name of its own, and returns that.
func (g *graph) named(op, name, output string, t valueType, inputs ...string) string {
	g.nodes = append(g.nodes, &onnxpb.NodeProto{
		OpType: proto.String(op),
		Name:   proto.String(name),
		Input:  slices.Clone(inputs),
		Output: []string{output},
	})
	g.infos = append(g.infos, t.info(output, ""))
	return output
}

// last returns the node added last.
func (g *graph) last() *onnxpb.NodeProto { return g.nodes[len(g.nodes)-1] }

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
	n := g.last()
	n.Attribute = append(n.Attribute, a)
}

// doc says in words what the nodes from the given one on compute. Those that
// say something already are left as they are.
func (g *graph) doc(from int, doc string) {
	for _, n := range g.nodes[from:] {
		if doc != "" && n.DocString == nil {
			n.DocString = text(doc)
		}
	}
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

// proto returns the graph without its initializers. The outputs of the nodes
// are declared as outputs or as values, never as both.
func (g *graph) proto(doc string) *onnxpb.GraphProto {
	p := &onnxpb.GraphProto{
		Name: proto.String("raspc"),
		Node: g.nodes, Input: g.inputs, Output: g.outputs,
	}
	if doc != "" {
		p.DocString = text(doc)
	}
	for _, v := range g.infos {
		if !declares(g.outputs, v.GetName()) {
			p.ValueInfo = append(p.ValueInfo, v)
		}
	}
	return p
}

// declares reports whether a name is among declarations.
func declares(infos []*onnxpb.ValueInfoProto, name string) bool {
	return slices.ContainsFunc(infos, func(v *onnxpb.ValueInfoProto) bool { return v.GetName() == name })
}

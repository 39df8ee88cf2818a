package onnxrun

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/owulveryck/onnx-go"
	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/simple"
	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/verify/fault"
)

// backend receives a graph from onnx-go. Nodes are values, an edge leads from
// an output to an input and is weighted with the input's index, and each
// operation becomes a step when its outputs and edges are complete. Nodes
// carry no tensors: onnx-go must not decode any.
type backend struct {
	*simple.WeightedDirectedGraph
	operators map[string]operator
	opset     int64
	names     map[string]int64 // node ids
	// inputs are the edges of each output. The gonum graph has them too, but
	// keeps only one of those of an operation that reads a value twice.
	inputs map[int64][]graph.WeightedEdge
	steps  []step
	nodes  int64 // made so far
	err    error // of an operation; onnx-go passes its text on, not its kind
}

// step is one operation of a graph; values are known by their node ids, and
// an input that is left out is -1.
type step struct {
	op      string
	given   map[string]any // attributes
	label   string
	kernel  kernel
	inputs  []int64
	outputs []int64
	frees   []int64 // values that no later step reads
}

// valueNode is a value of the graph.
type valueNode struct {
	id   int64
	name string
	of   *backend
}

// ID returns the node's number; numbers are dense from 0.
func (n *valueNode) ID() int64 { return n.id }

// SetName sets the value's name.
func (n *valueNode) SetName(name string) {
	n.name = name
	n.of.names[name] = n.id
}

// GetName returns the value's name, "" for the input that is left out.
func (n *valueNode) GetName() string { return n.name }

// NewNode returns a node that is not yet in the graph.
func (b *backend) NewNode() graph.Node {
	b.nodes++
	return &valueNode{id: b.nodes - 1, of: b}
}

// SetWeightedEdge adds an edge.
func (b *backend) SetWeightedEdge(e graph.WeightedEdge) {
	b.WeightedDirectedGraph.SetWeightedEdge(e)
	b.inputs[e.From().ID()] = append(b.inputs[e.From().ID()], e)
}

// ApplyOperation turns an operation into a step.
func (b *backend) ApplyOperation(op onnx.Operation, outputs ...graph.Node) error {
	b.err = b.apply(op, outputs)
	return b.err
}

func (b *backend) apply(op onnx.Operation, outputs []graph.Node) error {
	if len(outputs) == 0 {
		return fault.New(fault.Unsupported, "an operation without outputs")
	}
	edges := b.inputs[outputs[0].ID()]
	slices.SortStableFunc(edges, func(x, y graph.WeightedEdge) int { return int(x.Weight()) - int(y.Weight()) })
	s := step{op: op.Name, given: op.Attributes, label: op.Name}
	for _, e := range edges {
		id := e.To().ID()
		if e.To().(*valueNode).name == "" {
			id = -1
		}
		s.inputs = append(s.inputs, id)
	}
	for i, o := range outputs {
		s.outputs = append(s.outputs, o.ID())
		if i == 0 {
			s.label = fmt.Sprintf("%s (%s)", o.(*valueNode).name, op.Name)
		}
	}
	spec, ok := b.operators[op.Name]
	if !ok {
		return fault.New(fault.Unsupported, "%s: the operation is not supported", s.label)
	}
	k, err := spec.kernel(len(s.inputs), &attributes{values: op.Attributes, opset: b.opset, outputs: len(outputs)})
	if err != nil {
		return fault.Or(fault.Unsupported, fmt.Errorf("%s: %w", s.label, err))
	}
	s.kernel = k
	b.steps = append(b.steps, s)
	return nil
}

// decodeGraph lets onnx-go read a graph that checkModel has accepted.
func decodeGraph(g *onnxpb.GraphProto, opset int64) (b *backend, err error) {
	data, err := proto.Marshal(skeleton(g))
	if err != nil {
		return nil, fault.New(fault.Malformed, "%w", err) // text that is not UTF-8
	}
	b = &backend{
		WeightedDirectedGraph: simple.NewWeightedDirectedGraph(0, 0),
		operators:             operators(),
		opset:                 opset,
		names:                 make(map[string]int64),
		inputs:                make(map[int64][]graph.WeightedEdge),
	}
	// onnx-go answers some malformed models with a panic. The skeleton leaves
	// out all that is known to cause one; what is not known must still be an
	// error for whoever asked about a file.
	defer func() {
		if r := recover(); r != nil {
			b, err = nil, fault.New(fault.Malformed, "onnx-go: %v", r)
		}
	}()
	if err := onnx.NewModel(b).UnmarshalBinary(data); err != nil {
		return nil, fault.Or(fault.Unsupported, cmp.Or(b.err, err))
	}
	return b, nil
}

// skeleton returns a model with the names, operations and attributes of a
// graph, and no tensors or types.
func skeleton(g *onnxpb.GraphProto) *onnxpb.ModelProto {
	s := &onnxpb.GraphProto{Node: g.GetNode()}
	for _, v := range g.GetInput() {
		s.Input = append(s.Input, &onnxpb.ValueInfoProto{Name: v.Name})
	}
	for _, v := range g.GetOutput() {
		s.Output = append(s.Output, &onnxpb.ValueInfoProto{Name: v.Name})
	}
	for _, t := range g.GetInitializer() {
		s.Initializer = append(s.Initializer, &onnxpb.TensorProto{Name: t.Name})
	}
	return &onnxpb.ModelProto{Graph: s}
}

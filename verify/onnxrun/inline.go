package onnxrun

import (
	"fmt"
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/verify/fault"
)

// functionDomain is where a model's functions may be: no runtime has operations
// of its own there, which it might prefer.
const functionDomain = "raspc"

// maxScope bounds the bytes of a call's name, which stands in front of all names
// of a function: a small file must not become a large graph.
const maxScope = 256

// inline puts the nodes of the model's functions in the place of the nodes that
// call them. It changes m. A function is called once, so the graph does not grow
// beyond the file; it calls no other, and has no attributes.
//
// A value inside a function gets the name of the call in front of its own.
func inline(m *onnxpb.ModelProto) error {
	functions, err := functionsOf(m)
	if err != nil || len(functions) == 0 {
		return err
	}
	var nodes []*onnxpb.NodeProto
	for _, n := range m.GetGraph().GetNode() {
		if n.GetDomain() != functionDomain {
			nodes = append(nodes, n)
			continue
		}
		f := functions[n.GetOpType()]
		if f == nil {
			return fault.New(fault.Unsupported, "node %q calls the function %q, which is not there or is called before", n.GetName(), n.GetOpType())
		}
		delete(functions, n.GetOpType())
		body, err := bodyOf(f, n)
		if err != nil {
			return fmt.Errorf("node %.300q (function %.300s): %w", n.GetName(), f.GetName(), err)
		}
		nodes = append(nodes, body...)
	}
	for _, name := range slices.Sorted(maps.Keys(functions)) {
		return fault.New(fault.Unsupported, "nothing calls the function %q", name)
	}
	m.Functions, m.Graph.Node = nil, nodes
	return nil
}

// functionsOf returns the functions of a model by name.
func functionsOf(m *onnxpb.ModelProto) (map[string]*onnxpb.FunctionProto, error) {
	if len(m.GetFunctions()) == 0 {
		return nil, nil
	}
	opset, err := defaultOpset(m.GetOpsetImport())
	if err != nil {
		return nil, err
	}
	all := make(map[string]*onnxpb.FunctionProto, len(m.GetFunctions()))
	for _, f := range m.GetFunctions() {
		if f.GetDomain() != functionDomain || f.GetOverload() != "" {
			return nil, fault.New(fault.Unsupported, "functions of the domain %q, or with overloads, are not supported", f.GetDomain())
		}
		if all[f.GetName()] != nil {
			return nil, fault.New(fault.Repeated, "the function %q is defined twice", f.GetName())
		}
		if own, err := defaultOpset(f.GetOpsetImport()); err != nil || own != opset {
			return nil, fault.New(fault.Unsupported, "the function %q is not of the model's opset %d", f.GetName(), opset)
		}
		if len(f.GetAttribute())+len(f.GetAttributeProto()) > 0 {
			return nil, fault.New(fault.Unsupported, "the function %q has attributes", f.GetName())
		}
		all[f.GetName()] = f
	}
	if !slices.ContainsFunc(m.GetOpsetImport(), func(i *onnxpb.OperatorSetIdProto) bool { return i.GetDomain() == functionDomain }) {
		return nil, fault.New(fault.Missing, "no version of the opset %q, which has functions", functionDomain)
	}
	return all, nil
}

// bodyOf returns a function's nodes with the names that they have where it is
// called.
func bodyOf(f *onnxpb.FunctionProto, call *onnxpb.NodeProto) ([]*onnxpb.NodeProto, error) {
	if len(call.GetInput()) != len(f.GetInput()) || len(call.GetOutput()) != len(f.GetOutput()) || len(call.GetAttribute()) > 0 {
		return nil, fault.New(fault.Unsupported, "a call with %d inputs, %d outputs and %d attributes; want %d, %d and 0",
			len(call.GetInput()), len(call.GetOutput()), len(call.GetAttribute()), len(f.GetInput()), len(f.GetOutput()))
	}
	if len(call.GetName()) > maxScope {
		return nil, fault.New(fault.TooLarge, "the name of a call has %d bytes, more than %d", len(call.GetName()), maxScope)
	}
	given, asked := make(map[string]string), make(map[string]string)
	for i, name := range f.GetInput() {
		if _, ok := given[name]; ok || name == "" || call.GetInput()[i] == "" {
			return nil, fault.New(fault.Unsupported, "input %d has no name, or that of another", i)
		}
		given[name] = call.GetInput()[i]
	}
	for i, name := range f.GetOutput() {
		if _, ok := asked[name]; ok || name == "" {
			return nil, fault.New(fault.Unsupported, "output %d has no name, or that of another", i)
		}
		asked[name] = call.GetOutput()[i]
	}
	for _, n := range f.GetNode() {
		if err := rename(n, call.GetName(), given, asked); err != nil {
			return nil, fmt.Errorf("node %q (%s): %w", n.GetName(), n.GetOpType(), err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		return nil, fault.New(fault.BrokenGraph, "output %q is not computed", name)
	}
	return f.GetNode(), nil
}

// rename gives the values of one node of a function their names outside. given
// has those that the nodes before it know; asked those that the call names and
// no node has computed.
func rename(n *onnxpb.NodeProto, scope string, given, asked map[string]string) error {
	if !isDefaultDomain(n.GetDomain()) {
		return fault.New(fault.Unsupported, "operator domain %q is not supported in a function", n.GetDomain())
	}
	for i, in := range n.GetInput() {
		outside, ok := given[in]
		if !ok && in != "" {
			return fault.New(fault.BrokenGraph, "input %q is not defined before", in)
		}
		n.Input[i] = outside
	}
	for i, out := range n.GetOutput() {
		if _, ok := given[out]; ok {
			return fault.New(fault.Repeated, "output: %q is defined twice", out)
		}
		outside, ok := asked[out]
		if !ok {
			outside = scope + "/" + out
		}
		delete(asked, out)
		given[out], n.Output[i] = outside, outside
	}
	n.Name = proto.String(scope + "/" + n.GetName())
	return nil
}

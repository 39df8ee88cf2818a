package onnxrun

import (
	"fmt"

	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/verify/fault"
)

// The versions that can be run. Within them the operations here mean the
// same, or the opset is taken into account.
const (
	minIR, maxIR       = 4, 13
	minOpset, maxOpset = 13, 22
)

// checkModel refuses what could not be run faithfully, and makes sure that
// onnx-go, which looks at none of it, sees a graph in which every name has one
// meaning. It returns the opset.
func checkModel(m *onnxpb.ModelProto) (int64, error) {
	if v := m.GetIrVersion(); v < minIR || v > maxIR {
		return 0, fault.New(fault.Unsupported, "IR version %d is not one of %d..%d", v, minIR, maxIR)
	}
	if len(m.GetTrainingInfo()) > 0 {
		return 0, fault.New(fault.Unsupported, "training information is not supported")
	}
	opset, err := defaultOpset(m.GetOpsetImport())
	if err != nil {
		return 0, err
	}
	g := m.GetGraph()
	if g == nil {
		return 0, fault.New(fault.Missing, "the model has no graph")
	}
	if len(g.GetSparseInitializer()) > 0 {
		return 0, fault.New(fault.Unsupported, "sparse initializers are not supported")
	}
	return opset, checkGraph(g)
}

// isDefaultDomain reports whether a domain is that of the standard operators.
func isDefaultDomain(d string) bool { return d == "" || d == "ai.onnx" }

// defaultOpset returns the version of the standard operator set.
func defaultOpset(imports []*onnxpb.OperatorSetIdProto) (int64, error) {
	var version int64
	found := false
	for _, i := range imports {
		if !isDefaultDomain(i.GetDomain()) {
			continue // refused where a node uses it
		}
		if found {
			return 0, fault.New(fault.Repeated, "two versions of the default opset")
		}
		version, found = i.GetVersion(), true
	}
	if !found {
		return 0, fault.New(fault.Missing, "no version of the default opset")
	}
	if version < minOpset || version > maxOpset {
		return 0, fault.New(fault.Unsupported, "opset %d is not one of %d..%d", version, minOpset, maxOpset)
	}
	return version, nil
}

// checkGraph checks that every name is defined once and before it is used.
func checkGraph(g *onnxpb.GraphProto) error {
	defined := make(map[string]bool)
	inputs := make(map[string]bool)
	for _, v := range g.GetInput() {
		if err := define(defined, v.GetName()); err != nil {
			return fmt.Errorf("input: %w", err)
		}
		inputs[v.GetName()] = true
	}
	initializers := make(map[string]bool)
	for _, t := range g.GetInitializer() {
		if err := define(initializers, t.GetName()); err != nil {
			return fmt.Errorf("initializer: %w", err)
		}
		if inputs[t.GetName()] {
			return fault.New(fault.Unsupported, "initializer %q is an input as well; defaults of inputs are not supported", t.GetName())
		}
		defined[t.GetName()] = true
	}
	for _, n := range g.GetNode() {
		if err := checkNode(n, defined); err != nil {
			return fmt.Errorf("node %q (%s): %w", n.GetName(), n.GetOpType(), err)
		}
	}
	for _, v := range g.GetOutput() {
		if !defined[v.GetName()] {
			return fault.New(fault.BrokenGraph, "output %q is not defined", v.GetName())
		}
	}
	return nil
}

// define adds a name that must be new.
func define(defined map[string]bool, name string) error {
	if name == "" {
		return fault.New(fault.Missing, "an empty name")
	}
	if defined[name] {
		return fault.New(fault.Repeated, "%q is defined twice", name)
	}
	defined[name] = true
	return nil
}

// checkNode checks one node and defines its outputs.
func checkNode(n *onnxpb.NodeProto, defined map[string]bool) error {
	if !isDefaultDomain(n.GetDomain()) {
		return fault.New(fault.Unsupported, "operator domain %q is not supported", n.GetDomain())
	}
	if n.GetOverload() != "" {
		return fault.New(fault.Unsupported, "overloads are not supported")
	}
	if len(n.GetInput()) == 0 {
		return fault.New(fault.Unsupported, "no inputs")
	}
	for _, in := range n.GetInput() {
		if in != "" && !defined[in] {
			return fault.New(fault.BrokenGraph, "input %q is not defined before", in)
		}
	}
	if len(n.GetOutput()) == 0 {
		return fault.New(fault.Unsupported, "no outputs")
	}
	for _, out := range n.GetOutput() {
		if err := define(defined, out); err != nil {
			return fmt.Errorf("output: %w", err)
		}
	}
	return checkAttributes(n.GetAttribute())
}

// checkAttributes accepts numbers, strings and lists of them. Tensors and
// graphs never reach onnx-go.
func checkAttributes(attrs []*onnxpb.AttributeProto) error {
	seen := make(map[string]bool)
	for _, a := range attrs {
		if err := define(seen, a.GetName()); err != nil {
			return fmt.Errorf("attribute: %w", err)
		}
		if a.GetRefAttrName() != "" {
			return fault.New(fault.Unsupported, "attribute %q refers to a function's attribute", a.GetName())
		}
		switch a.GetType() {
		case onnxpb.AttributeProto_FLOAT, onnxpb.AttributeProto_INT, onnxpb.AttributeProto_STRING,
			onnxpb.AttributeProto_FLOATS, onnxpb.AttributeProto_INTS, onnxpb.AttributeProto_STRINGS:
		default:
			return fault.New(fault.Unsupported, "attribute %q of type %v is not supported", a.GetName(), a.GetType())
		}
	}
	return nil
}

package onnxrun

import (
	"fmt"
	"slices"

	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/verify/fault"
)

// Port describes an input or output of a model.
type Port struct {
	Name string
	// Type is the element type: float32, float64, int64, int32 or bool.
	Type string
	// Dims are the dimensions; -1 is one that the file leaves free.
	Dims []int64
}

// ports are the inputs and outputs of a model.
type ports struct {
	inputs, outputs []Port // in the order of the file
	ids             kind   // element type of the inputs
	output          Port   // logits or values
	states          []Port // hidden states, the first one first; may be empty
}

// portsOf describes the inputs and outputs of a graph, and refuses a graph that
// does not map token ids and a mask to logits or values, and hidden states.
func portsOf(g *onnxpb.GraphProto) (p ports, err error) {
	if p.inputs, err = describe(g.GetInput()); err != nil {
		return p, err
	}
	if p.outputs, err = describe(g.GetOutput()); err != nil {
		return p, err
	}
	if err := p.checkInputs(); err != nil {
		return p, err
	}
	return p, p.checkOutputs()
}

// names returns the sorted names of inputs or outputs.
func names(ps []Port) []string {
	list := make([]string, len(ps))
	for i, p := range ps {
		list[i] = p.Name
	}
	slices.Sort(list)
	return list
}

// checkInputs finds the type of the inputs.
func (p *ports) checkInputs() error {
	if got := names(p.inputs); !slices.Equal(got, []string{AttentionMask, InputIDs}) {
		return fault.New(fault.WrongPorts, "the inputs are %q, not %s and %s", got, InputIDs, AttentionMask)
	}
	p.ids = int64Kind
	if p.inputs[0].Type == int32Kind.String() {
		p.ids = int32Kind
	}
	for _, in := range p.inputs {
		if in.Type != int64Kind.String() && in.Type != int32Kind.String() || len(in.Dims) != 2 {
			return fault.New(fault.WrongPorts, "input %s is %s with dimensions %v, not int64 or int32 [batch, sequence]", in.Name, in.Type, in.Dims)
		}
		if in.Type != p.ids.String() {
			return fault.New(fault.WrongPorts, "the inputs are %s and %s", p.inputs[0].Type, in.Type)
		}
	}
	return nil
}

// checkOutputs finds the output and the hidden states.
func (p *ports) checkOutputs() error {
	byName := make(map[string]Port, len(p.outputs))
	for _, out := range p.outputs {
		if out.Type != float32Kind.String() || len(out.Dims) != 3 {
			return fault.New(fault.WrongPorts, "output %s is %s with dimensions %v, not float32 [batch, sequence, outputs]", out.Name, out.Type, out.Dims)
		}
		byName[out.Name] = out
	}
	known := 0
	for _, name := range []string{Logits, Values} {
		if out, ok := byName[name]; ok {
			p.output, known = out, known+1
		}
	}
	for out, ok := byName[HiddenState(0)]; ok; out, ok = byName[HiddenState(len(p.states))] {
		p.states = append(p.states, out)
	}
	if known != 1 || known+len(p.states) != len(p.outputs) {
		return fault.New(fault.WrongPorts, "the outputs are %.300q, not %s or %s, and all hidden states or none", names(p.outputs), Logits, Values)
	}
	return nil
}

// describe reads the declared types of inputs or outputs.
func describe(infos []*onnxpb.ValueInfoProto) ([]Port, error) {
	var ps []Port
	for _, v := range infos {
		t := v.GetType().GetTensorType()
		if t == nil || t.GetShape() == nil {
			return nil, fault.New(fault.WrongPorts, "%q is not declared as a tensor with a shape", v.GetName())
		}
		k, err := kindOf(t.GetElemType())
		if err != nil {
			return nil, fmt.Errorf("%q: %w", v.GetName(), err)
		}
		p := Port{Name: v.GetName(), Type: k.String()}
		for _, d := range t.GetShape().GetDim() {
			n := int64(-1)
			if _, ok := d.GetValue().(*onnxpb.TensorShapeProto_Dimension_DimValue); ok {
				n = d.GetDimValue()
				if n < 0 {
					return nil, fault.New(fault.WrongPorts, "%q declares the dimension %d", v.GetName(), n)
				}
			}
			p.Dims = append(p.Dims, n)
		}
		ps = append(ps, p)
	}
	return ps, nil
}

// Inputs returns the inputs in the order of the file.
func (m *Model) Inputs() []Port { return clonePorts(m.inputs) }

// Outputs returns the outputs in the order of the file.
func (m *Model) Outputs() []Port { return clonePorts(m.outputs) }

// Output returns the name of the output, Logits or Values.
func (m *Model) Output() string { return m.output.Name }

// HiddenStates returns how many hidden states are outputs: one more than the
// model has layers, or 0.
func (m *Model) HiddenStates() int { return len(m.states) }

// clonePorts copies ports deeply.
func clonePorts(ps []Port) []Port {
	out := slices.Clone(ps)
	for i := range out {
		out[i].Dims = slices.Clone(out[i].Dims)
	}
	return out
}

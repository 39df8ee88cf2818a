package onnxrun

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/verify/fault"
)

// Names of the inputs and the output that a model must have.
const (
	InputIDs      = "input_ids"
	AttentionMask = "attention_mask"
	Logits        = "logits"
)

// Model is a model that is ready to run. It is immutable and may run in
// several goroutines at a time.
type Model struct {
	program  *program
	inputs   []Port
	outputs  []Port
	metadata map[string]string
	opset    int64
	limits   Limits
}

// Port describes an input or output of a model.
type Port struct {
	Name string
	// Type is the element type: float32, float64, int64 or bool.
	Type string
	// Dims are the dimensions; -1 is one that the file leaves free.
	Dims []int64
}

// Open reads a model file, and the data files beside it, within the default
// limits.
func Open(path string) (*Model, error) {
	return OpenWithin(path, DefaultLimits())
}

// OpenWithin reads a model file, and the data files beside it. The file is
// not trusted: whatever it contains, the result is a model or an error, and
// memory stays within the limits and a few times the size of the files.
func OpenWithin(path string, l Limits) (*Model, error) {
	data, err := fault.ReadFile(path, l.FileBytes)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	m, err := decode(data, newFolder(root), l)
	if err != nil {
		return nil, fault.In(path, err)
	}
	return m, nil
}

// Decode reads a model that has no external data.
func Decode(data []byte, l Limits) (*Model, error) {
	if int64(len(data)) > l.FileBytes {
		return nil, fault.New(fault.TooLarge, "a model of %d bytes exceeds the limit of %d", len(data), l.FileBytes)
	}
	return decode(data, nil, l)
}

// decode is OpenWithin without files.
func decode(data []byte, dir *folder, l Limits) (*Model, error) {
	pb, opset, err := unmarshal(data, l)
	if err != nil {
		return nil, err
	}
	m := &Model{opset: opset, limits: l}
	if m.metadata, err = metadata(pb.GetMetadataProps()); err != nil {
		return nil, err
	}
	if m.inputs, m.outputs, err = ports(pb.GetGraph()); err != nil {
		return nil, err
	}
	if m.program, err = compile(pb.GetGraph(), opset, dir); err != nil {
		return nil, err
	}
	return m, nil
}

// unmarshal decodes and checks a model file, and returns it with its opset.
func unmarshal(data []byte, l Limits) (*onnxpb.ModelProto, int64, error) {
	if err := scan(data, l); err != nil {
		return nil, 0, err
	}
	pb := &onnxpb.ModelProto{}
	if err := (proto.UnmarshalOptions{RecursionLimit: maxDepth + 2}).Unmarshal(data, pb); err != nil {
		return nil, 0, fault.New(fault.Malformed, "not an ONNX model: %w", err)
	}
	if err := liftConstants(pb.GetGraph()); err != nil {
		return nil, 0, err
	}
	opset, err := checkModel(pb)
	return pb, opset, err
}

// metadata returns the metadata of a model as a map.
func metadata(props []*onnxpb.StringStringEntryProto) (map[string]string, error) {
	all := make(map[string]string, len(props))
	for _, p := range props {
		if _, ok := all[p.GetKey()]; ok {
			return nil, fault.New(fault.Repeated, "metadata gives %q twice", p.GetKey())
		}
		all[p.GetKey()] = p.GetValue()
	}
	return all, nil
}

// ports describes the inputs and outputs of a graph, and refuses a graph that
// does not map token ids and a mask to logits.
func ports(g *onnxpb.GraphProto) (inputs, outputs []Port, err error) {
	if inputs, err = describe(g.GetInput()); err != nil {
		return nil, nil, err
	}
	if outputs, err = describe(g.GetOutput()); err != nil {
		return nil, nil, err
	}
	names := func(ps []Port) (list []string) {
		for _, p := range ps {
			list = append(list, p.Name)
		}
		slices.Sort(list)
		return list
	}
	if got := names(inputs); !slices.Equal(got, []string{AttentionMask, InputIDs}) {
		return nil, nil, fault.New(fault.WrongPorts, "the inputs are %q, not %s and %s", got, InputIDs, AttentionMask)
	}
	if got := names(outputs); !slices.Equal(got, []string{Logits}) {
		return nil, nil, fault.New(fault.WrongPorts, "the outputs are %q, not %s", got, Logits)
	}
	for _, p := range inputs {
		if p.Type != int64Kind.String() || len(p.Dims) != 2 {
			return nil, nil, fault.New(fault.WrongPorts, "input %s is %s with dimensions %v, not int64 [batch, sequence]", p.Name, p.Type, p.Dims)
		}
	}
	if p := outputs[0]; p.Type != float32Kind.String() || len(p.Dims) != 3 {
		return nil, nil, fault.New(fault.WrongPorts, "output %s is %s with dimensions %v, not float32 [batch, sequence, outputs]", p.Name, p.Type, p.Dims)
	}
	return inputs, outputs, nil
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

// Metadata returns metadata_props.
func (m *Model) Metadata() map[string]string { return maps.Clone(m.metadata) }

// Opset returns the version of the default operator set.
func (m *Model) Opset() int64 { return m.opset }

// clonePorts copies ports deeply.
func clonePorts(ps []Port) []Port {
	out := slices.Clone(ps)
	for i := range out {
		out[i].Dims = slices.Clone(out[i].Dims)
	}
	return out
}

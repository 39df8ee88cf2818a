package onnxrun

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/verify/fault"
)

// Names of the inputs that a model must have, and of its output: logits, or
// numbers that are themselves the values.
const (
	InputIDs      = "input_ids"
	AttentionMask = "attention_mask"
	Logits        = "logits"
	Values        = "values"
)

// HiddenState names the output, if a model has such outputs, that is the
// residual stream before layer i, or for the last i after all of them.
func HiddenState(i int) string { return fmt.Sprintf("hidden_states.%d", i) }

// Model is a model that is ready to run. It is immutable and may run in
// several goroutines at a time.
type Model struct {
	program *program
	ports
	metadata map[string]string
	opset    int64
	limits   Limits
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
	if m.ports, err = portsOf(pb.GetGraph()); err != nil {
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
	if err := inline(pb); err != nil {
		return nil, 0, err
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

// Metadata returns metadata_props.
func (m *Model) Metadata() map[string]string { return maps.Clone(m.metadata) }

// Opset returns the version of the default operator set.
func (m *Model) Opset() int64 { return m.opset }

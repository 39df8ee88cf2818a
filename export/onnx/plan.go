package onnx

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/export/tensor"
)

// Field numbers of onnx.proto that are written by hand.
const (
	fieldModelGraph       = 7
	fieldGraphInitializer = 5
	fieldTensorRawData    = 9
)

// External data: every tensor starts on a page, so that a runtime can map the
// file; what is smaller than the threshold is not worth a page. Integers
// always stay inside: shape inference reads them.
const (
	dataAlignment     = 4096
	externalThreshold = 1024
)

// plan is a model file whose every size is known and whose weights are yet to
// be written.
type plan struct {
	head      []byte // ModelProto before the graph
	graph     []byte // GraphProto without initializers
	tensors   []plannedTensor
	tail      []byte // ModelProto after the graph
	graphSize int64
	modelSize int64
	dataSize  int64 // of the data file; 0 without one
}

// plannedTensor is one initializer.
type plannedTensor struct {
	initializer
	header []byte // TensorProto without raw_data
	inline bool   // raw_data follows the header
	offset int64  // in the data file, unless inline
}

// size returns the bytes of the TensorProto.
func (t plannedTensor) size() int64 {
	n := int64(len(t.header))
	if t.inline {
		n += sizeField(fieldTensorRawData, tensor.Bytes(t.src))
	}
	return n
}

// sizeField returns the bytes of a length-delimited field.
func sizeField(field protowire.Number, n int64) int64 {
	return int64(protowire.SizeTag(field)+protowire.SizeVarint(uint64(n))) + n
}

// newPlan lays out the model, with its weights inside where they fit.
func newPlan(m *decoder.Model, o Options) (*plan, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := check(m); err != nil {
		return nil, err
	}
	g, err := build(m, o)
	if err != nil {
		return nil, err
	}
	var functions []*onnxpb.FunctionProto
	if o.Functions {
		functions = g.fold(o)
	}
	p, err := layOut(g, functions, o, o.External)
	if err == nil && p.modelSize > o.InlineLimit && !p.external() {
		p, err = layOut(g, functions, o, true)
	}
	return p, err
}

// layOut serializes everything but weights and computes all sizes.
func layOut(g *graph, functions []*onnxpb.FunctionProto, o Options, external bool) (*plan, error) {
	p := &plan{}
	var err error
	if p.head, err = marshal(modelHead(o)); err != nil {
		return nil, err
	}
	if p.tail, err = marshal(modelTail(functions, o)); err != nil {
		return nil, err
	}
	if p.graph, err = marshal(g.proto(labels{o.Manifest}.program())); err != nil {
		return nil, err
	}
	p.graphSize = int64(len(p.graph))
	for _, in := range g.inits {
		t, err := planTensor(in, external, &p.dataSize)
		if err != nil {
			return nil, err
		}
		p.tensors = append(p.tensors, t)
		p.graphSize += sizeField(fieldGraphInitializer, t.size())
	}
	p.modelSize = int64(len(p.head)+len(p.tail)) + sizeField(fieldModelGraph, p.graphSize)
	return p, nil
}

// planTensor makes the TensorProto of an initializer. end is where the data
// file ends so far.
func planTensor(in initializer, external bool, end *int64) (plannedTensor, error) {
	t := plannedTensor{initializer: in, inline: true}
	pb := &onnxpb.TensorProto{Name: proto.String(in.name)}
	for _, d := range in.src.Shape() {
		pb.Dims = append(pb.Dims, int64(d))
	}
	dtype, err := dataType(in.src.DType())
	if err != nil {
		return t, err
	}
	pb.DataType = proto.Int32(int32(dtype))
	size := tensor.Bytes(in.src)
	if external && in.src.DType() != tensor.Int64 && size >= externalThreshold {
		t.inline = false
		t.offset = (*end + dataAlignment - 1) / dataAlignment * dataAlignment
		*end = t.offset + size
		pb.DataLocation = onnxpb.TensorProto_EXTERNAL.Enum()
		pb.ExternalData = []*onnxpb.StringStringEntryProto{
			property("location", DataFile),
			property("offset", strconv.FormatInt(t.offset, 10)),
			property("length", strconv.FormatInt(size, 10)),
		}
	}
	t.header, err = marshal(pb)
	return t, err
}

// dataType returns the ONNX element type of a source.
func dataType(d tensor.DType) (onnxpb.TensorProto_DataType, error) {
	switch d {
	case tensor.Float32:
		return onnxpb.TensorProto_FLOAT, nil
	case tensor.Int64:
		return onnxpb.TensorProto_INT64, nil
	}
	return 0, fmt.Errorf("onnx: no element type for %v", d)
}

// external reports whether the plan has a data file.
func (p *plan) external() bool {
	return slices.ContainsFunc(p.tensors, func(t plannedTensor) bool { return !t.inline })
}

// marshal serializes a small message. Field order is fixed by the field
// numbers, and no message here has a map, so the bytes are reproducible.
func marshal(m proto.Message) ([]byte, error) {
	return proto.MarshalOptions{Deterministic: true}.Marshal(m)
}

// modelHead returns the fields of the model that precede the graph.
func modelHead(o Options) *onnxpb.ModelProto {
	m := &onnxpb.ModelProto{
		IrVersion:    proto.Int64(irVersion(o.Opset)),
		ProducerName: proto.String("raspc"),
	}
	if o.Version != "" {
		m.ProducerVersion = proto.String(o.Version)
	}
	return m
}

// irVersion returns the IR version of the ONNX release that brought an opset;
// opsets before 17 take that of 17.
func irVersion(opset int) int64 {
	switch {
	case opset >= 21:
		return 10
	case opset >= 19:
		return 9
	}
	return 8
}

// modelTail returns the fields of the model that follow the graph.
func modelTail(functions []*onnxpb.FunctionProto, o Options) *onnxpb.ModelProto {
	m := &onnxpb.ModelProto{OpsetImport: opsets(o, len(functions) > 0), Functions: functions}
	for _, k := range slices.Sorted(maps.Keys(o.Metadata)) {
		m.MetadataProps = append(m.MetadataProps, property(k, o.Metadata[k]))
	}
	return m
}

// property returns a key with its value.
func property(key, value string) *onnxpb.StringStringEntryProto {
	return &onnxpb.StringStringEntryProto{Key: proto.String(key), Value: proto.String(value)}
}

package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/export/onnx/onnxpb"
)

// tensor is one tensor of float32 numbers of a file.
type tensor struct {
	name     string
	dims     []int // one or two
	data     []float32
	bfloat16 bool // written with two bytes a number
}

// index is the place in data of the i-th number of a line: a row (axis 0) or a
// column (axis 1).
func (t *tensor) index(axis, line, i int) int {
	columns := len(t.data) / t.dims[0]
	if axis == 0 {
		return line*columns + i
	}
	return i*columns + line
}

// exchange exchanges two lines of two tensors.
func exchange(a, b *tensor, axis, lineA, lineB int) {
	for i := range len(a.data) / a.dims[axis] {
		x, y := &a.data[a.index(axis, lineA, i)], &b.data[b.index(axis, lineB, i)]
		*x, *y = *y, *x
	}
}

// bytes is the tensor's data, little-endian.
func (t *tensor) bytes() []byte {
	var out []byte
	for _, v := range t.data {
		if t.bfloat16 {
			out = binary.LittleEndian.AppendUint16(out, uint16(math.Float32bits(toBfloat16(v))>>16))
		} else {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
		}
	}
	return out
}

// floats is the inverse of bytes for float32.
func floats(data []byte) []float32 {
	out := make([]float32, len(data)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return out
}

// toBfloat16 rounds to the 8 bits of bfloat16, to nearest even.
func toBfloat16(v float32) float32 {
	bits := math.Float32bits(v)
	return math.Float32frombits((bits + 0x7fff + bits>>16&1) &^ 0xffff)
}

// toFloat16 rounds to the 11 bits of float16, to nearest even. What is too large
// becomes infinite, as in a conversion.
func toFloat16(v float32) float32 {
	const least, bits, most = -14, 10, 65504 // exponent, bits behind the point, number
	exponent := max(math.Ilogb(float64(v)), least)
	rounded := math.Ldexp(math.RoundToEven(math.Ldexp(float64(v), bits-exponent)), exponent-bits)
	if math.Abs(rounded) > most {
		return float32(math.Inf(int(math.Copysign(1, rounded))))
	}
	return float32(rounded)
}

// weights are the tensors of a file, and what else is in it.
type weights struct {
	tensors  []*tensor
	model    *onnxpb.ModelProto // of an ONNX file, else nil
	metadata json.RawMessage    // of a safetensors file
}

func decodeWeights(format string, data []byte) (*weights, error) {
	if format == "onnx" {
		return decodeONNX(data)
	}
	return decodeSafetensors(data)
}

func (w *weights) encode() ([]byte, error) {
	if w.model != nil {
		return w.encodeONNX()
	}
	return w.encodeSafetensors()
}

// named returns the tensor of a name, nil where there is none.
func (w *weights) named(name string) *tensor {
	for _, t := range w.tensors {
		if t.name == name {
			return t
		}
	}
	return nil
}

// isWeight tells weights from the numbers of the graph: shapes and masks.
func isWeight(t *onnxpb.TensorProto) bool {
	return t.GetDataType() == int32(onnxpb.TensorProto_FLOAT) && len(t.Dims) > 0
}

func decodeONNX(data []byte) (*weights, error) {
	w := &weights{model: &onnxpb.ModelProto{}}
	if err := proto.Unmarshal(data, w.model); err != nil {
		return nil, err
	}
	for _, init := range w.model.Graph.Initializer {
		if !isWeight(init) {
			continue
		}
		t := &tensor{name: init.GetName(), data: floats(init.RawData)}
		for _, d := range init.Dims {
			t.dims = append(t.dims, int(d))
		}
		w.tensors = append(w.tensors, t)
	}
	return w, nil
}

// encodeONNX leaves out the weights that are no longer among the tensors.
func (w *weights) encodeONNX() ([]byte, error) {
	g := w.model.Graph
	g.Initializer = slices.DeleteFunc(g.Initializer, func(init *onnxpb.TensorProto) bool {
		return isWeight(init) && w.named(init.GetName()) == nil
	})
	for _, init := range g.Initializer {
		t := w.named(init.GetName())
		if t == nil {
			continue
		}
		init.Dims, init.RawData = nil, t.bytes()
		for _, d := range t.dims {
			init.Dims = append(init.Dims, int64(d))
		}
		if t.bfloat16 {
			init.DataType = proto.Int32(int32(onnxpb.TensorProto_BFLOAT16))
		}
	}
	return proto.MarshalOptions{Deterministic: true}.Marshal(w.model)
}

// The header of a safetensors file.
const metadataName = "__metadata__"

type entry struct {
	DType   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

func decodeSafetensors(data []byte) (*weights, error) {
	if len(data) < 8 {
		return nil, fmt.Errorf("a safetensors file of %d bytes", len(data))
	}
	end := 8 + int(binary.LittleEndian.Uint64(data))
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data[8:end], &members); err != nil {
		return nil, err
	}
	w := &weights{metadata: members[metadataName]}
	delete(members, metadataName)
	from := map[string]int{}
	for name, member := range members {
		var e entry
		if err := json.Unmarshal(member, &e); err != nil {
			return nil, err
		}
		from[name] = e.Offsets[0]
		w.tensors = append(w.tensors, &tensor{name: name, dims: e.Shape, data: floats(data[end+e.Offsets[0] : end+e.Offsets[1]])})
	}
	slices.SortFunc(w.tensors, func(a, b *tensor) int { return from[a.name] - from[b.name] })
	return w, nil
}

func (w *weights) encodeSafetensors() ([]byte, error) {
	members := map[string]any{metadataName: w.metadata}
	var data []byte
	for _, t := range w.tensors {
		from := len(data)
		data = append(data, t.bytes()...)
		dtype := "F32"
		if t.bfloat16 {
			dtype = "BF16"
		}
		members[t.name] = entry{dtype, t.dims, [2]int{from, len(data)}}
	}
	header, err := json.Marshal(members)
	if err != nil {
		return nil, err
	}
	for len(header)%8 != 0 {
		header = append(header, ' ')
	}
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return slices.Concat(file, header, data), nil
}

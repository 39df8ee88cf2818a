package onnxrun

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/verify/fault"
)

// decodeTensor decodes an initializer. external opens the data that lie
// outside the file, and may be nil where there can be none. Weights that are no
// finite numbers are refused: nothing that they touch can be compared.
func decodeTensor(b *budget, t *onnxpb.TensorProto, external *folder) (*value, error) {
	v, err := decodeContent(b, t, external)
	if err != nil {
		return nil, err
	}
	for i, x := range v.f {
		if x-x != 0 {
			return nil, fault.New(fault.NotFinite, "element %d is %g", i, x)
		}
	}
	return v, nil
}

// decodeContent decodes the elements of an initializer.
func decodeContent(b *budget, t *onnxpb.TensorProto, external *folder) (*value, error) {
	if t.GetSegment() != nil {
		return nil, fault.New(fault.Unsupported, "segmented tensors are not supported")
	}
	k, err := kindOf(t.GetDataType())
	if err != nil {
		return nil, err
	}
	if len(t.GetDims()) > maxRank {
		return nil, fault.New(fault.TooLarge, "%d dimensions, more than %d", len(t.GetDims()), maxRank)
	}
	shape := make([]int, len(t.GetDims()))
	for i, d := range t.GetDims() {
		if d < 0 || d > math.MaxInt32 {
			return nil, fault.New(fault.TooLarge, "dimension %d, outside 0 to %d", d, math.MaxInt32)
		}
		shape[i] = int(d)
	}
	n, err := count(shape, b.elements)
	if err != nil {
		return nil, err
	}
	if t.GetDataLocation() == onnxpb.TensorProto_EXTERNAL {
		return decodeExternal(b, t, k, shape, int64(n)*elementSize(k), external)
	}
	if len(t.GetExternalData()) > 0 {
		return nil, fault.New(fault.Unsupported, "external data without the location EXTERNAL")
	}
	if len(t.GetRawData()) > 0 || !hasTyped(t) {
		if got, want := int64(len(t.GetRawData())), int64(n)*elementSize(k); got != want {
			return nil, fault.New(fault.WrongShape, "%d bytes of data for %s of shape %v, want %d", got, k, shape, want)
		}
		return decodeRaw(b, bytes.NewReader(t.GetRawData()), k, shape)
	}
	return decodeTyped(b, t, k, shape, n)
}

// elementSize returns the bytes of an element in a file.
func elementSize(k kind) int64 {
	switch k {
	case boolKind:
		return 1
	case float32Kind, int32Kind:
		return 4
	}
	return 8
}

// decodeRaw reads little-endian elements.
func decodeRaw(b *budget, r io.Reader, k kind, shape []int) (*value, error) {
	v, err := b.newValue(k, shape)
	if err != nil {
		return nil, err
	}
	size := int(elementSize(k))
	buf := make([]byte, min(v.size()*size, 64<<10))
	for done := 0; done < v.size(); {
		chunk := buf[:min(len(buf), (v.size()-done)*size)]
		if _, err := io.ReadFull(r, chunk); err != nil {
			return nil, fmt.Errorf("reading elements: %w", err)
		}
		for ; len(chunk) > 0; chunk = chunk[size:] {
			if err := v.set(done, chunk); err != nil {
				return nil, err
			}
			done++
		}
	}
	return v, nil
}

// set decodes element i from the start of data.
func (v *value) set(i int, data []byte) error {
	switch v.kind {
	case float32Kind:
		v.f[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(data)))
	case float64Kind:
		v.f[i] = math.Float64frombits(binary.LittleEndian.Uint64(data))
	case int64Kind:
		v.i[i] = int64(binary.LittleEndian.Uint64(data))
	case int32Kind:
		v.i[i] = int64(int32(binary.LittleEndian.Uint32(data)))
	default:
		if data[0] > 1 {
			return fault.New(fault.WrongType, "%d is no bool", data[0])
		}
		v.b[i] = data[0] == 1
	}
	return nil
}

// hasTyped reports whether elements are given as lists of numbers.
func hasTyped(t *onnxpb.TensorProto) bool {
	return len(t.GetFloatData())+len(t.GetDoubleData())+len(t.GetInt64Data())+len(t.GetInt32Data()) > 0
}

// decodeTyped takes n elements from the list that belongs to their type.
func decodeTyped(b *budget, t *onnxpb.TensorProto, k kind, shape []int, n int) (*value, error) {
	lengths := map[kind]int{
		float32Kind: len(t.GetFloatData()),
		float64Kind: len(t.GetDoubleData()),
		int64Kind:   len(t.GetInt64Data()),
		int32Kind:   len(t.GetInt32Data()),
		boolKind:    len(t.GetInt32Data()),
	}
	if lengths[k] != n {
		return nil, fault.New(fault.WrongShape, "%d elements for %s of shape %v, want %d", lengths[k], k, shape, n)
	}
	v, err := b.newValue(k, shape)
	if err != nil {
		return nil, err
	}
	if k == int32Kind {
		for i, x := range t.GetInt32Data() {
			v.i[i] = int64(x)
		}
	} else {
		copy(v.i, t.GetInt64Data())
	}
	for i := range v.b {
		v.b[i] = t.GetInt32Data()[i] != 0
	}
	for i := range v.f {
		if k == float32Kind {
			v.f[i] = float64(t.GetFloatData()[i])
		} else {
			v.f[i] = t.GetDoubleData()[i]
		}
	}
	return v, nil
}

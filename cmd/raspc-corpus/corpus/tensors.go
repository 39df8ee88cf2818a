package corpus

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/raspc/raspc/export/tensor"
	"github.com/raspc/raspc/verify/hfrun/stfile"
)

// shapesOf lists the tensors of a file by name. The file is raspc's own, and has been read
// as strictly as can be where it was verified, so that its header is believed.
func shapesOf(weights []byte) ([]TensorShape, error) {
	if len(weights) < 8 || le64(weights) > uint64(len(weights)-8) {
		return nil, errors.New("corpus: a file of tensors is cut off")
	}
	header := map[string]json.RawMessage{}
	if err := json.Unmarshal(weights[8:8+le64(weights)], &header); err != nil {
		return nil, err
	}
	delete(header, "__metadata__")
	var all []TensorShape
	for _, name := range slices.Sorted(maps.Keys(header)) {
		t := TensorShape{Name: name}
		if err := json.Unmarshal(header[name], &t); err != nil {
			return nil, err
		}
		t.Name = name
		all = append(all, t)
	}
	return all, nil
}

func le64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// place adds the tensors of a file to a list under the name of a program.
func place(all []tensor.Named, id string, weights []byte, form string) ([]tensor.Named, error) {
	shapes, err := shapesOf(weights)
	if err != nil {
		return nil, err
	}
	f, err := stfile.Parse(weights)
	if err != nil {
		return nil, err
	}
	var entries triples
	for number, t := range shapes {
		values, err := f.Values(t.Name, stfile.F32, t.ints()...)
		if err != nil {
			return nil, err
		}
		if form == Sparse {
			entries.add(number, values, t.columns())
			continue
		}
		all = append(all, tensor.Named{Name: id + "/" + t.Name, Source: floats{t.ints(), values}})
	}
	if form == Sparse {
		n := len(entries.values)
		all = append(all, tensor.Named{Name: id + "/at", Source: integers{[]int{n, 3}, entries.at}},
			tensor.Named{Name: id + "/values", Source: floats{[]int{n}, entries.values}})
	}
	return all, nil
}

func (t TensorShape) ints() []int {
	shape := make([]int, len(t.Shape))
	for i, d := range t.Shape {
		shape[i] = int(d)
	}
	return shape
}

// columns is the last dimension.
func (t TensorShape) columns() int {
	if len(t.Shape) == 0 {
		return 1
	}
	return int(t.Shape[len(t.Shape)-1])
}

// triples are the values of a state dict that are not 0, each with the number of its
// tensor, and its row and its column there; all dimensions but the last make up the rows.
type triples struct {
	at     []int32
	values []float32
}

func (t *triples) add(number int, values []float32, columns int) {
	for i, v := range values {
		if v != 0 {
			t.at = append(t.at, int32(number), int32(i/columns), int32(i%columns))
			t.values = append(t.values, v)
		}
	}
}

// floats is a tensor.Source of values.
type floats struct {
	shape  []int
	values []float32
}

// Shape implements tensor.Source.
func (f floats) Shape() []int { return slices.Clone(f.shape) }

// DType implements tensor.Source.
func (f floats) DType() tensor.DType { return tensor.Float32 }

// WriteTo implements tensor.Source.
func (f floats) WriteTo(w io.Writer) (int64, error) {
	b := make([]byte, 0, 4*len(f.values))
	for _, v := range f.values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	n, err := w.Write(b)
	return int64(n), err
}

// integers is a tensor.Source of values.
type integers struct {
	shape  []int
	values []int32
}

// Shape implements tensor.Source.
func (t integers) Shape() []int { return slices.Clone(t.shape) }

// DType implements tensor.Source.
func (t integers) DType() tensor.DType { return tensor.Int32 }

// WriteTo implements tensor.Source.
func (t integers) WriteTo(w io.Writer) (int64, error) {
	b := make([]byte, 0, 4*len(t.values))
	for _, v := range t.values {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	n, err := w.Write(b)
	return int64(n), err
}

func be64(b []byte) uint64 { return binary.BigEndian.Uint64(b) }

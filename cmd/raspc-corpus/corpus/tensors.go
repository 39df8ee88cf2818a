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
)

// stored is a tensor in a file: float32, little-endian.
type stored struct {
	TensorShape
	data []byte
}

// tensorsOf lists the tensors of a file by name. The file is raspc's own, and was read as
// strictly as can be when it was verified, so that its header is believed.
func tensorsOf(weights []byte) ([]stored, error) {
	if len(weights) < 8 || binary.LittleEndian.Uint64(weights) > uint64(len(weights)-8) {
		return nil, errCut
	}
	text, data := weights[8:], weights[8+binary.LittleEndian.Uint64(weights):]
	header := map[string]struct {
		Shape []int32 `json:"shape"`
		At    [2]int  `json:"data_offsets"`
	}{}
	if err := json.Unmarshal(text[:len(text)-len(data)], &header); err != nil {
		return nil, err
	}
	delete(header, "__metadata__")
	var all []stored
	for _, name := range slices.Sorted(maps.Keys(header)) {
		t := header[name]
		if t.At[0] < 0 || t.At[0] > t.At[1] || t.At[1] > len(data) {
			return nil, errCut
		}
		all = append(all, stored{TensorShape{name, t.Shape}, data[t.At[0]:t.At[1]]})
	}
	return all, nil
}

var errCut = errors.New("corpus: a file of tensors is cut off")

// shapesOf are the tensors of a file as a row lists them.
func shapesOf(weights []byte) ([]TensorShape, error) {
	all, err := tensorsOf(weights)
	if err != nil {
		return nil, err
	}
	shapes := make([]TensorShape, len(all))
	for i, t := range all {
		shapes[i] = t.TensorShape
	}
	return shapes, nil
}

// place adds the tensors of a file to a list under the name of a program.
func place(all []tensor.Named, id string, weights []byte, form string) ([]tensor.Named, error) {
	tensors, err := tensorsOf(weights)
	if err != nil {
		return nil, err
	}
	if form == Sparse {
		var entries triples
		for number, t := range tensors {
			entries.add(number, t)
		}
		n := len(entries.values) / 4
		return append(all, tensor.Named{Name: id + "/at", Source: source{[]int{n, 3}, tensor.Int32, entries.at}},
			tensor.Named{Name: id + "/values", Source: source{[]int{n}, tensor.Float32, entries.values}}), nil
	}
	for _, t := range tensors {
		shape := make([]int, len(t.Shape))
		for i, d := range t.Shape {
			shape[i] = int(d)
		}
		all = append(all, tensor.Named{Name: id + "/" + t.Name, Source: source{shape, tensor.Float32, t.data}})
	}
	return all, nil
}

// triples are the values of a state dict that are not 0, each with the number of its
// tensor, and its row and its column there; all dimensions but the last make up the rows.
type triples struct{ at, values []byte }

func (t *triples) add(number int, from stored) {
	columns := int(from.Shape[len(from.Shape)-1])
	for i := range len(from.data) / 4 {
		bits := from.data[4*i:][:4]
		if math.Float32frombits(binary.LittleEndian.Uint32(bits)) == 0 {
			continue
		}
		for _, n := range [3]int{number, i / columns, i % columns} {
			t.at = binary.LittleEndian.AppendUint32(t.at, uint32(n))
		}
		t.values = append(t.values, bits...)
	}
}

// source is a tensor.Source of bytes.
type source struct {
	shape []int
	dtype tensor.DType
	data  []byte
}

// Shape implements tensor.Source.
func (s source) Shape() []int { return slices.Clone(s.shape) }

// DType implements tensor.Source.
func (s source) DType() tensor.DType { return s.dtype }

// WriteTo implements tensor.Source.
func (s source) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(s.data)
	return int64(n), err
}

func be64(b []byte) uint64 { return binary.BigEndian.Uint64(b) }

// Package stfile reads safetensors files as strictly as their strictest
// readers do, so that a file which it accepts means the same everywhere.
//
// The tensors come from nlpodyssey/safetensors. That library accepts files
// which Python's reader refuses (repeated keys, text that is not UTF-8, a
// null header) and offsets that wrap around 64 bits; all that is checked
// before. Nothing is allocated from a size that the file merely declares.
package stfile

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"os"
	"slices"

	"github.com/nlpodyssey/safetensors"

	"github.com/raspc/raspc/verify/fault"
)

// File is a parsed file. It is immutable.
type File struct {
	size     uint64
	tensors  map[string]safetensors.TensorView
	names    []string
	metadata map[string]string
}

// maxHeader is the format's limit on the bytes of the header.
const maxHeader = 100_000_000

// prefix is the bytes of the header's length.
const prefix = 8

// maxFile is the most bytes of a file that are read. In memory its tensors take
// three times as much.
const maxFile = 16 << 30

// Open reads and parses the file at path, which must be a regular file.
func Open(path string) (*File, error) {
	data, err := fault.ReadFile(path, maxFile)
	if err != nil {
		return nil, err
	}
	f, err := Parse(data)
	return f, fault.In(path, err)
}

// OpenIn is Open for a file of a folder, which it does not leave: a link out of
// it is an error.
func OpenIn(root *os.Root, name string) (*File, error) {
	data, err := fault.ReadIn(root, name, maxFile)
	if err != nil {
		return nil, err
	}
	f, err := Parse(data)
	return f, fault.In(name, err)
}

// Parse parses the content of a file. The File keeps data, which must not
// change afterwards.
func Parse(data []byte) (*File, error) {
	header, body, err := split(data)
	if err != nil {
		return nil, err
	}
	metadata, err := checkHeader(header, uint64(len(body)))
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	st, err := safetensors.Deserialize(data)
	if err != nil {
		return nil, fault.New(fault.Malformed, "%w", err)
	}
	f := &File{size: uint64(len(body)), tensors: make(map[string]safetensors.TensorView, st.Len()), metadata: metadata}
	for _, t := range st.Tensors() {
		f.tensors[t.Name] = t.TensorView
		f.names = append(f.names, t.Name)
	}
	slices.Sort(f.names)
	return f, nil
}

// split cuts a file into its header and its data.
func split(data []byte) (header, body []byte, err error) {
	if len(data) < prefix {
		return nil, nil, fault.New(fault.Truncated, "%d bytes, too few for a header", len(data))
	}
	n := binary.LittleEndian.Uint64(data)
	if n > maxHeader {
		return nil, nil, fault.New(fault.TooLarge, "a header of %d bytes, over the limit of %d", n, maxHeader)
	}
	if n > uint64(len(data)-prefix) {
		return nil, nil, fault.New(fault.Truncated, "a header of %d bytes in a file of %d: truncated", n, len(data))
	}
	return data[prefix : prefix+n], data[prefix+n:], nil
}

// Names returns the names of all tensors, sorted.
func (f *File) Names() []string { return slices.Clone(f.names) }

// Size returns the bytes of data of all tensors.
func (f *File) Size() uint64 { return f.size }

// Metadata returns the entry of the file's __metadata__ under key, and
// whether it has one.
func (f *File) Metadata(key string) (string, bool) {
	v, ok := f.metadata[key]
	return v, ok
}

// Shape returns the dimensions of a tensor, and whether the file has it.
func (f *File) Shape(name string) ([]uint64, bool) {
	t, ok := f.tensors[name]
	return slices.Clone(t.Shape()), ok
}

// Type is an element type of floating-point tensors, as the format names it.
type Type string

// The types.
const (
	F32  Type = "F32"
	F16  Type = "F16"
	BF16 Type = "BF16"
)

// types are how the library calls them, and the bytes of an element.
var types = map[Type]struct {
	dtype safetensors.DType
	bytes int
}{F32: {safetensors.F32, 4}, F16: {safetensors.F16, 2}, BF16: {safetensors.BF16, 2}}

// Has reports whether the file has a tensor of a type.
func (f *File) Has(t Type) bool {
	return slices.ContainsFunc(f.names, func(name string) bool { return f.tensors[name].DType() == types[t].dtype })
}

// element decodes an element of a type.
func (t Type) element(raw []byte) float32 {
	switch t {
	case F16:
		return half(binary.LittleEndian.Uint16(raw))
	case BF16:
		return math.Float32frombits(uint32(binary.LittleEndian.Uint16(raw)) << 16)
	}
	return math.Float32frombits(binary.LittleEndian.Uint32(raw))
}

// half decodes a number of IEEE 754's half precision: a sign, 5 bits of exponent and
// 10 of the fraction.
func half(bits uint16) float32 {
	sign, exponent, fraction := uint32(bits>>15)<<31, uint32(bits>>10&31), uint32(bits&1023)
	switch exponent {
	case 0:
		size := float32(fraction) * 0x1p-24
		return math.Float32frombits(sign | math.Float32bits(size))
	case 31:
		return math.Float32frombits(sign | 255<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// Values returns the elements of a tensor in row-major order. It is an
// error if the tensor is missing, is of another type or shape than
// given, or holds an infinity or a NaN.
func (f *File) Values(name string, as Type, shape ...int) ([]float32, error) {
	t, ok := f.tensors[name]
	if !ok {
		return nil, fault.New(fault.Missing, "tensor %q is missing", name)
	}
	if t.DType() != types[as].dtype {
		return nil, fault.New(fault.WrongType, "tensor %q holds %v, not %s", name, t.DType(), as)
	}
	if !sameShape(t.Shape(), shape) {
		return nil, fault.New(fault.WrongShape, "tensor %q has shape %v, not %v", name, t.Shape(), shape)
	}
	raw := t.Data()
	size := types[as].bytes
	values := make([]float32, len(raw)/size)
	for i := range values {
		v := as.element(raw[size*i:])
		if math.IsInf(float64(v), 0) || math.IsNaN(float64(v)) {
			return nil, fault.New(fault.NotFinite, "tensor %q: element %d is %g", name, i, v)
		}
		values[i] = v
	}
	return values, nil
}

// sameShape compares a file's shape with a wanted one.
func sameShape(have []uint64, want []int) bool {
	return slices.EqualFunc(have, want, func(h uint64, w int) bool {
		return w >= 0 && h == uint64(w)
	})
}

// errOverflow reports sizes that do not fit 64 bits.
var errOverflow = fault.New(fault.TooLarge, "size overflows 64 bits")

// product multiplies sizes.
func product(sizes []uint64) (uint64, error) {
	n := uint64(1)
	for _, s := range sizes {
		hi, lo := bits.Mul64(n, s)
		if hi != 0 {
			return 0, errOverflow
		}
		n = lo
	}
	return n, nil
}

// Package ggfile reads GGUF files, as strictly as files of this project's kind can
// be read: version 3, little-endian, tensors of float32 that lie side by side.
//
// Nothing is allocated from a size that the file merely declares: texts and lists
// are views of the content until they are asked for.
package ggfile

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"

	"github.com/raspc/raspc/verify/fault"
)

// The format, as github.com/ggml-org/ggml/blob/master/docs/gguf.md has it.
const (
	magic            = "GGUF"
	version          = 3
	alignmentKey     = "general.alignment"
	defaultAlignment = 32
	mostDimensions   = 4
	float32s         = 0 // type of a tensor's elements
)

// maxFile is the most bytes of a file that are read. In memory its tensors take
// three times as much.
const maxFile = 16 << 30

// File is a parsed file. It is immutable.
type File struct {
	settings map[string]Value
	tensors  map[string]place
	data     []byte
}

// place is where a tensor is.
type place struct {
	shape      []uint64 // rows first
	begin, end uint64   // in the data
}

// Open reads and parses the file at path, which must be a regular file.
func Open(path string) (*File, error) {
	data, err := fault.ReadFile(path, maxFile)
	if err != nil {
		return nil, err
	}
	f, err := Parse(data)
	return f, fault.In(path, err)
}

// Parse parses the content of a file. The File keeps data, which must not change
// afterwards.
func Parse(data []byte) (*File, error) {
	r := &reader{rest: data}
	if m := r.bytes(uint64(len(magic))); r.err == nil && string(m) != magic {
		return nil, fault.New(fault.Malformed, "no GGUF file: it begins with %q", m)
	}
	if v := r.uint32(); r.err == nil && v != version {
		return nil, fault.New(fault.Malformed, "version %d of the format is not %d", v, version)
	}
	tensors, settings := r.uint64(), r.uint64()
	f := &File{settings: map[string]Value{}, tensors: map[string]place{}}
	for i := uint64(0); i < settings && r.err == nil; i++ {
		f.setting(r)
	}
	for i := uint64(0); i < tensors && r.err == nil; i++ {
		f.tensor(r)
	}
	if r.err != nil {
		return nil, r.err
	}
	alignment := uint64(defaultAlignment)
	if v, ok := f.settings[alignmentKey]; ok {
		n, err := v.Uint32()
		if err != nil || bits.OnesCount32(n) != 1 || n > 1<<20 {
			return nil, fault.New(fault.Setting, "%s is no power of two up to 2^20", alignmentKey)
		}
		alignment = uint64(n)
	}
	read := uint64(len(data) - len(r.rest))
	r.bytes(-read % alignment)
	f.data = r.rest
	if r.err == nil {
		r.err = f.checkPlaces(alignment)
	}
	return f, r.err
}

// setting reads a key and its value.
func (f *File) setting(r *reader) {
	key := r.text()
	v := r.value()
	if r.err != nil {
		return
	}
	if _, ok := f.settings[key]; ok {
		r.err = fault.New(fault.Repeated, "%q is there twice", key)
	}
	f.settings[key] = v
}

// tensor reads what is said of one.
func (f *File) tensor(r *reader) {
	name := r.text()
	n := r.uint32()
	if r.err == nil && (n < 1 || n > mostDimensions) {
		r.err = fault.New(fault.WrongShape, "tensor %q has %d dimensions", name, n)
	}
	var p place
	size := uint64(4)
	for i := uint32(0); i < n && r.err == nil; i++ {
		d := r.uint64()
		hi, lo := bits.Mul64(size, d)
		if hi != 0 {
			r.err = fault.New(fault.TooLarge, "tensor %q: size overflows 64 bits", name)
		}
		p.shape, size = append(p.shape, d), lo
	}
	slices.Reverse(p.shape)
	kind, begin := r.uint32(), r.uint64()
	if r.err != nil {
		return
	}
	if kind != float32s {
		r.err = fault.New(fault.WrongType, "tensor %q has elements of type %d, not float32", name, kind)
		return
	}
	if _, ok := f.tensors[name]; ok {
		r.err = fault.New(fault.Repeated, "tensor %q is there twice", name)
		return
	}
	p.begin, p.end = begin, begin+size
	if p.end < begin {
		r.err = fault.New(fault.OutOfBounds, "tensor %q begins at %d and has %d bytes", name, begin, size)
	}
	f.tensors[name] = p
}

// checkPlaces wants the tensors to fill the data, each from the alignment on that
// follows the one before.
func (f *File) checkPlaces(alignment uint64) error {
	names := f.Names()
	slices.SortStableFunc(names, func(a, b string) int {
		pa, pb := f.tensors[a], f.tensors[b]
		if pa.begin != pb.begin {
			if pa.begin < pb.begin {
				return -1
			}
			return 1
		}
		return 0
	})
	var end uint64
	for _, name := range names {
		p := f.tensors[name]
		if p.end > uint64(len(f.data)) {
			return fault.New(fault.OutOfBounds, "tensor %q ends at %d of %d bytes of data", name, p.end, len(f.data))
		}
		if p.begin != end {
			return fault.New(fault.Overlapping, "tensor %q begins at %d, not at %d", name, p.begin, end)
		}
		end = p.end + -p.end%alignment
	}
	if end != uint64(len(f.data)) {
		return fault.New(fault.Overlapping, "%d bytes of data, the tensors have %d", len(f.data), end)
	}
	return nil
}

// Names returns the names of all tensors, sorted.
func (f *File) Names() []string {
	names := make([]string, 0, len(f.tensors))
	for name := range f.tensors {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Keys returns the keys of all settings, sorted.
func (f *File) Keys() []string {
	keys := make([]string, 0, len(f.settings))
	for key := range f.settings {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Setting returns the value of a key. It is an error if there is none.
func (f *File) Setting(key string) (Value, error) {
	v, ok := f.settings[key]
	if !ok {
		return Value{}, fault.New(fault.Missing, "%s is missing", key)
	}
	return v, nil
}

// Float32s returns the elements of a tensor in row-major order. It is an error if
// the tensor is missing, has another shape than the one given, or holds an
// infinity or a NaN.
func (f *File) Float32s(name string, shape ...int) ([]float32, error) {
	p, ok := f.tensors[name]
	if !ok {
		return nil, fault.New(fault.Missing, "tensor %q is missing", name)
	}
	if !slices.EqualFunc(p.shape, shape, func(h uint64, w int) bool { return w >= 0 && h == uint64(w) }) {
		return nil, fault.New(fault.WrongShape, "tensor %q has shape %v, not %v", name, p.shape, shape)
	}
	raw := f.data[p.begin:p.end]
	values := make([]float32, len(raw)/4)
	for i := range values {
		v := math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		if v-v != 0 {
			return nil, fault.New(fault.NotFinite, "tensor %q: element %d is %g", name, i, v)
		}
		values[i] = v
	}
	return values, nil
}

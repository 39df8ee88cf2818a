// Package safetensors writes tensors to a file in the safetensors format, the
// one that PyTorch and Hugging Face read without running code.
//
// Files are deterministic: the same tensors and metadata give the same bytes.
// Writing streams: no tensor is ever held in memory as a whole.
package safetensors

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/nlpodyssey/safetensors"

	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/tensor"
)

// Tensor is one named tensor of a file.
type Tensor = tensor.Named

// metadataName is the header's name for what is not a tensor.
const metadataName = "__metadata__"

// format is the metadata entry by which loaders know PyTorch's conventions.
const formatKey, format = "format", "pt"

// File returns the file of the tensors with the given metadata, to which it adds
// format=pt. Tensors stand in the file by element size and then by name,
// whatever their order here. It is an error if a name is empty, repeated,
// reserved or not UTF-8, or if the metadata claims another format; and, while
// it is written, if a source writes a number of bytes that its shape does not
// have.
func File(name string, tensors []Tensor, metadata map[string]string) (artifact.File, error) {
	meta, err := fullMetadata(metadata)
	if err != nil {
		return artifact.File{}, err
	}
	size := &stream{w: io.Discard, dry: true}
	if err := write(size, tensors, meta); err != nil {
		return artifact.File{}, err
	}
	return artifact.File{Name: name, Size: size.n, Write: func(w io.Writer) error {
		return write(&stream{w: w}, tensors, meta)
	}}, nil
}

// write serializes the tensors.
func write(out *stream, tensors []Tensor, meta map[string]string) error {
	views := make(map[string]view, len(tensors))
	for _, t := range tensors {
		if err := checkName(t.Name); err != nil {
			return err
		}
		if _, ok := views[t.Name]; ok {
			return fmt.Errorf("safetensors: two tensors named %q", t.Name)
		}
		v, err := newView(t, out)
		if err != nil {
			return err
		}
		views[t.Name] = v
	}
	if err := safetensors.SerializeToWriter(views, meta, out); err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	return out.err
}

// fullMetadata checks the caller's metadata and adds the format.
func fullMetadata(metadata map[string]string) (map[string]string, error) {
	full := map[string]string{formatKey: format}
	for k, v := range metadata {
		if !utf8.ValidString(k) || !utf8.ValidString(v) {
			return nil, fmt.Errorf("safetensors: metadata %q is not UTF-8", k)
		}
		if k == formatKey && v != format {
			return nil, fmt.Errorf("safetensors: metadata claims the format %q, not %q", v, format)
		}
		full[k] = v
	}
	return full, nil
}

// checkName reports a name that readers would refuse or misread.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("safetensors: a tensor has no name")
	case name == metadataName:
		return fmt.Errorf("safetensors: the name %q is reserved", name)
	case !utf8.ValidString(name):
		return fmt.Errorf("safetensors: the tensor name %q is not UTF-8", name)
	}
	return nil
}

// view shows a tensor to the serializer, which asks for sizes and shapes
// first, writes the header, and then asks each view for its data in file
// order. Data hands over no bytes: it streams them to the file itself, which
// at that moment ends exactly where they belong.
type view struct {
	name  string
	src   tensor.Source
	dtype safetensors.DType
	shape []uint64
	out   *stream
}

// newView checks that the source can be written.
func newView(t Tensor, out *stream) (view, error) {
	if t.Source == nil {
		return view{}, fmt.Errorf("safetensors: tensor %q has no source", t.Name)
	}
	dtype, err := dtypeOf(t.Source.DType())
	if err != nil {
		return view{}, fmt.Errorf("safetensors: tensor %q: %w", t.Name, err)
	}
	// Never nil: a nil shape would be written as null.
	shape := make([]uint64, 0, 2)
	for _, d := range t.Source.Shape() {
		if d < 0 {
			return view{}, fmt.Errorf("safetensors: tensor %q has shape %v", t.Name, t.Source.Shape())
		}
		shape = append(shape, uint64(d))
	}
	return view{name: t.Name, src: t.Source, dtype: dtype, shape: shape, out: out}, nil
}

// dtypeOf names an element type as the format does.
func dtypeOf(d tensor.DType) (safetensors.DType, error) {
	switch d {
	case tensor.Float32:
		return safetensors.F32, nil
	case tensor.Int64:
		return safetensors.I64, nil
	case tensor.Int32:
		return safetensors.I32, nil
	case tensor.Float16:
		return safetensors.F16, nil
	case tensor.BFloat16:
		return safetensors.BF16, nil
	case tensor.Bool:
		return safetensors.BOOL, nil
	}
	return 0, fmt.Errorf("the format has no element type for %v", d)
}

// DType returns the element type.
func (v view) DType() safetensors.DType { return v.dtype }

// Shape returns the dimensions; never nil.
func (v view) Shape() []uint64 { return slices.Clone(v.shape) }

// DataLen returns the bytes that the shape calls for.
func (v view) DataLen() uint64 { return uint64(tensor.Bytes(v.src)) }

// Data streams the tensor and returns no bytes. A source that writes too few
// or too many would shift every tensor behind it, so the stream ends there.
func (v view) Data() []byte {
	if v.out.dry {
		v.out.n += tensor.Bytes(v.src)
		return nil
	}
	before := v.out.n
	if _, err := v.src.WriteTo(v.out); err != nil {
		v.out.fail(fmt.Errorf("safetensors: tensor %q: %w", v.name, err))
	}
	if got, want := v.out.n-before, tensor.Bytes(v.src); got != want {
		v.out.fail(fmt.Errorf("safetensors: tensor %q wrote %d bytes, its shape has %d", v.name, got, want))
	}
	return nil
}

// stream counts the bytes written and refuses all after the first error. A dry
// one only counts the data of tensors.
type stream struct {
	w   io.Writer
	dry bool
	n   int64
	err error
}

// Write implements io.Writer.
func (s *stream) Write(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.w.Write(p)
	s.n += int64(n)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	s.err = err
	return n, err
}

// fail keeps the first error.
func (s *stream) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

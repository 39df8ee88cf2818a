package gguf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/tensor"
)

// The format, as github.com/ggml-org/ggml/blob/master/docs/gguf.md has it. All
// numbers are little-endian.
const (
	magic     = "GGUF"
	version   = 3
	alignment = 32 // of the data and of each tensor in it; the format's default
	maxName   = 63 // bytes of a tensor's name
	float32s  = 0  // type of a tensor's elements
)

// The types of values.
const (
	typeUint32  uint32 = 4
	typeInt32   uint32 = 5
	typeFloat32 uint32 = 6
	typeBool    uint32 = 7
	typeString  uint32 = 8
	typeArray   uint32 = 9
)

// setting is a key with its value: a uint32, float32, bool, string, []int32,
// []float32 or []string.
type setting struct {
	key   string
	value any
}

// newFile returns the file of settings and weights, in their order. It is an
// error if two have one name, or if the format cannot hold one.
func newFile(name string, settings []setting, weights []tensor.Named) (artifact.File, error) {
	head, err := header(settings, weights)
	if err != nil {
		return artifact.File{}, err
	}
	size := int64(len(head))
	for _, w := range weights {
		size += padded(tensor.Bytes(w.Source))
	}
	return artifact.File{Name: name, Size: size, Write: func(w io.Writer) error {
		if _, err := w.Write(head); err != nil {
			return err
		}
		for _, t := range weights {
			if err := writeTensor(w, t.Source); err != nil {
				return fmt.Errorf("gguf: tensor %q: %w", t.Name, err)
			}
		}
		return nil
	}}, nil
}

// padded rounds up to the alignment.
func padded(n int64) int64 { return (n + alignment - 1) / alignment * alignment }

// writeTensor writes a tensor and what fills it up to the alignment.
func writeTensor(w io.Writer, t tensor.Source) error {
	n, err := t.WriteTo(w)
	if err != nil {
		return err
	}
	if want := tensor.Bytes(t); n != want {
		return fmt.Errorf("%d bytes written, its shape has %d", n, want)
	}
	_, err = w.Write(make([]byte, padded(n)-n))
	return err
}

// header is all that stands before the data.
func header(settings []setting, weights []tensor.Named) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(magic)
	put(&b, uint32(version), uint64(len(weights)), uint64(len(settings)))
	seen := map[string]bool{}
	for _, s := range settings {
		if seen[s.key] {
			return nil, fmt.Errorf("two settings named %q", s.key)
		}
		seen[s.key] = true
		putString(&b, s.key)
		if err := putValue(&b, s.value); err != nil {
			return nil, fmt.Errorf("%s: %w", s.key, err)
		}
	}
	clear(seen)
	var offset int64
	for _, w := range weights {
		if seen[w.Name] || len(w.Name) > maxName || w.Source.DType() != tensor.Float32 {
			return nil, fmt.Errorf("the tensor %q, of %v, is there twice, has a name of more than %d bytes or holds no float32s", w.Name, w.Source.DType(), maxName)
		}
		seen[w.Name] = true
		putString(&b, w.Name)
		shape := w.Source.Shape()
		slices.Reverse(shape) // the first dimension is the one whose elements are side by side
		put(&b, uint32(len(shape)))
		for _, d := range shape {
			put(&b, uint64(d))
		}
		put(&b, uint32(float32s), uint64(offset))
		offset += padded(tensor.Bytes(w.Source))
	}
	b.Write(make([]byte, padded(int64(b.Len()))-int64(b.Len())))
	return b.Bytes(), nil
}

// put writes numbers.
func put(b *bytes.Buffer, numbers ...any) {
	for _, n := range numbers {
		binary.Write(b, binary.LittleEndian, n) // a buffer takes all
	}
}

func putString(b *bytes.Buffer, s string) {
	put(b, uint64(len(s)))
	b.WriteString(s)
}

// putValue writes the type of a value, and the value.
func putValue(b *bytes.Buffer, value any) error {
	switch v := value.(type) {
	case uint32:
		put(b, typeUint32, v)
	case float32:
		put(b, typeFloat32, v)
	case bool:
		put(b, typeBool, v)
	case string:
		put(b, typeString)
		putString(b, v)
	case []int32:
		put(b, typeArray, typeInt32, uint64(len(v)), v)
	case []float32:
		put(b, typeArray, typeFloat32, uint64(len(v)), v)
	case []string:
		put(b, typeArray, typeString, uint64(len(v)))
		for _, s := range v {
			putString(b, s)
		}
	default:
		return fmt.Errorf("no value of type %T", value)
	}
	return nil
}

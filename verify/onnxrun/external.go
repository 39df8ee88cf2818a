package onnxrun

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/raspc/raspc/export/onnx/onnxpb"
)

// folder gives access to the data files beside a model, and to nothing
// outside the model's folder: os.Root refuses absolute paths, "..", and links
// that lead out.
type folder struct {
	root *os.Root
}

// decodeExternal reads a tensor of size bytes from a data file.
func decodeExternal(b *budget, t *onnxpb.TensorProto, k kind, shape []int, size int64, dir *folder) (*value, error) {
	if dir == nil {
		return nil, errors.New("external data, but the model does not come from a folder")
	}
	if len(t.GetRawData()) > 0 || hasTyped(t) {
		return nil, errors.New("data both inside the file and external")
	}
	ref, err := parseExternal(t.GetExternalData())
	if err != nil {
		return nil, err
	}
	if ref.length >= 0 && ref.length != size {
		return nil, fmt.Errorf("external data of %d bytes for %s of shape %v, want %d", ref.length, k, shape, size)
	}
	f, fileSize, err := dir.open(ref.location)
	if err != nil {
		return nil, fmt.Errorf("external data: %w", err)
	}
	defer f.Close()
	if ref.offset > fileSize || size > fileSize-ref.offset {
		return nil, fmt.Errorf("external data: bytes %d to %d+%d of %q, which has %d", ref.offset, ref.offset, size, ref.location, fileSize)
	}
	return decodeRaw(b, io.NewSectionReader(f, ref.offset, size), k, shape)
}

// open opens a regular file inside the folder and returns its size. The check
// comes before the opening, because opening a pipe waits for a writer.
func (d *folder) open(name string) (*os.File, int64, error) {
	info, err := d.root.Stat(name)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%q is not a regular file", name)
	}
	f, err := d.root.Open(name)
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// externalRef says where a tensor's data lie.
type externalRef struct {
	location string
	offset   int64
	length   int64 // -1 where it is not given
}

// parseExternal reads the keys of an external tensor.
func parseExternal(entries []*onnxpb.StringStringEntryProto) (externalRef, error) {
	ref := externalRef{length: -1}
	seen := make(map[string]bool)
	for _, e := range entries {
		key, text := e.GetKey(), e.GetValue()
		if seen[key] {
			return ref, fmt.Errorf("external data gives %q twice", key)
		}
		seen[key] = true
		var err error
		switch key {
		case "location":
			ref.location = text
		case "offset":
			ref.offset, err = parseSize(text)
		case "length":
			ref.length, err = parseSize(text)
		case "checksum": // a hint that runtimes do not look at either
		default:
			err = errors.New("unknown key")
		}
		if err != nil {
			return ref, fmt.Errorf("external data: %s %q: %w", key, text, err)
		}
	}
	if ref.location == "" {
		return ref, errors.New("external data without a location")
	}
	return ref, nil
}

// parseSize reads a number of bytes.
func parseSize(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil && n < 0 {
		err = errors.New("negative")
	}
	return n, err
}

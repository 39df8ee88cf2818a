package onnxrun

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"

	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/verify/fault"
)

// folder gives access to the data files beside a model, and to nothing
// outside the model's folder: os.Root refuses absolute paths, "..", and links
// that lead out.
type folder struct {
	root  *os.Root
	files []*dataFile
}

func newFolder(root *os.Root) *folder { return &folder{root: root} }

// dataFile is what has been read of a data file.
type dataFile struct {
	name  string // the first of its names
	info  fs.FileInfo
	taken int64 // bytes
	spans []span
}

// span is the part of a data file that a tensor takes.
type span struct{ begin, end int64 }

// take notes a read. Together the tensors take no more bytes than their file
// has, so that a small file cannot fill the memory. Links and the case of
// letters may give a file many names.
func (d *folder) take(name string, info fs.FileInfo, s span) error {
	i := slices.IndexFunc(d.files, func(f *dataFile) bool { return os.SameFile(f.info, info) })
	if i < 0 {
		i = len(d.files)
		d.files = append(d.files, &dataFile{name: name, info: info})
	}
	f := d.files[i]
	f.taken += s.end - s.begin
	f.spans = append(f.spans, s)
	if f.taken > info.Size() {
		return fault.New(fault.Overlapping, "external data: the tensors take more than the %d bytes of %.300q", info.Size(), name)
	}
	return nil
}

// disjoint reports tensors that share bytes of a data file.
func (d *folder) disjoint() error {
	for _, f := range d.files {
		slices.SortFunc(f.spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end)) })
		for i := 1; i < len(f.spans); i++ {
			if f.spans[i].begin < f.spans[i-1].end {
				return fault.New(fault.Overlapping, "external data: two tensors share byte %d of %.300q", f.spans[i].begin, f.name)
			}
		}
	}
	return nil
}

// decodeExternal reads a tensor of size bytes from a data file.
func decodeExternal(b *budget, t *onnxpb.TensorProto, k kind, shape []int, size int64, dir *folder) (*value, error) {
	if dir == nil {
		return nil, fault.New(fault.OutsideFolder, "external data, but the model does not come from a folder")
	}
	if len(t.GetRawData()) > 0 || hasTyped(t) {
		return nil, fault.New(fault.Unsupported, "data both inside the file and external")
	}
	ref, err := parseExternal(t.GetExternalData())
	if err != nil {
		return nil, err
	}
	if ref.length >= 0 && ref.length != size {
		return nil, fault.New(fault.WrongShape, "external data of %d bytes for %s of shape %v, want %d", ref.length, k, shape, size)
	}
	f, info, err := dir.open(ref.location)
	if err != nil {
		return nil, fmt.Errorf("external data in %.300q: %w", ref.location, err)
	}
	defer f.Close()
	if ref.offset > info.Size() || size > info.Size()-ref.offset {
		return nil, fault.New(fault.OutOfBounds, "external data: bytes %d to %d+%d of %.300q, which has %d", ref.offset, ref.offset, size, ref.location, info.Size())
	}
	if err := dir.take(ref.location, info, span{ref.offset, ref.offset + size}); err != nil {
		return nil, err
	}
	return decodeRaw(b, io.NewSectionReader(f, ref.offset, size), k, shape)
}

// open opens a regular file inside the folder.
func (d *folder) open(name string) (*os.File, fs.FileInfo, error) {
	info, err := fault.Stat(d.root, name)
	if err != nil {
		return nil, nil, err
	}
	f, err := d.root.Open(name)
	if err != nil {
		return nil, nil, err
	}
	return f, info, nil
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
			return ref, fault.New(fault.Repeated, "external data gives %q twice", key)
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
			err = fault.New(fault.Unexpected, "unknown key")
		}
		if err != nil {
			return ref, fmt.Errorf("external data: %s %.80q: %w", key, text, err)
		}
	}
	if ref.location == "" {
		return ref, fault.New(fault.Missing, "external data without a location")
	}
	return ref, nil
}

// parseSize reads a number of bytes.
func parseSize(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, fault.New(fault.TooLarge, "beyond 64 bits")
	case err != nil:
		return 0, fault.New(fault.WrongType, "no number of bytes")
	case n < 0:
		return 0, fault.New(fault.OutOfBounds, "negative")
	}
	return n, nil
}

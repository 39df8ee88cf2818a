package onnx

import (
	"bufio"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/manifest"
)

// The files of a model. There is a DataFile only where weights are external.
const (
	ModelFile = "model.onnx"
	DataFile  = "model.onnx.data"
)

// The opsets that can be written. The operations it uses have had the same
// meaning in all of them.
const (
	DefaultOpset = 17
	minOpset     = 13
	maxOpset     = 21
)

// DefaultInlineLimit is the largest model.onnx, in bytes, that keeps its
// weights inside. Protobuf readers refuse messages of 2 GiB.
const DefaultInlineLimit = 2_000_000_000

// Options are the settings of Plan. The zero value writes opset 17 and
// chooses the place of the weights by size.
type Options struct {
	// Version is the compiler's version, for producer_version.
	Version string
	// Metadata becomes metadata_props, sorted by key. It says which program
	// was compiled and how.
	Metadata map[string]string
	// Manifest says what the parts of the model compute: it gives the doc
	// strings, and a model whose output is a number another name for it. It may
	// be nil.
	Manifest *manifest.Manifest
	// Int32IDs takes ids and mask as int32 instead of int64.
	Int32IDs bool
	// HiddenStates adds the residual stream before the first layer and after
	// each as outputs.
	HiddenStates bool
	// Functions writes the graph as calls of functions of the model, one for
	// each part of each layer, which viewers show as the model's structure.
	Functions bool
	// Opset is the version of the default operator set; 0 is DefaultOpset.
	Opset int
	// External keeps the weights in DataFile whatever their size.
	External bool
	// InlineLimit is the size in bytes beyond which weights go to DataFile;
	// 0 is DefaultInlineLimit.
	InlineLimit int64
}

// withDefaults fills in the zero values and refuses what cannot be written.
func (o Options) withDefaults() (Options, error) {
	if o.Opset == 0 {
		o.Opset = DefaultOpset
	}
	if o.Opset < minOpset || o.Opset > maxOpset {
		return o, fmt.Errorf("operator set %d is not one of %d..%d", o.Opset, minOpset, maxOpset)
	}
	if o.InlineLimit == 0 {
		o.InlineLimit = DefaultInlineLimit
	}
	if o.InlineLimit < 0 {
		return o, fmt.Errorf("onnx: negative inline limit %d", o.InlineLimit)
	}
	// Protobuf strings are UTF-8; a reader refuses the whole file otherwise.
	if !utf8.ValidString(o.Version) {
		return o, fmt.Errorf("onnx: version %q is not UTF-8", o.Version)
	}
	for k, v := range o.Metadata {
		if !utf8.ValidString(k) || !utf8.ValidString(v) {
			return o, fmt.Errorf("onnx: metadata %q: %q is not UTF-8", k, v)
		}
	}
	return o, nil
}

// Plan returns the files of m: ModelFile, behind DataFile where weights are
// external. The same model and options give the same bytes; m must not change
// while the files are in use.
func Plan(m *decoder.Model, o Options) ([]artifact.File, error) {
	p, err := newPlan(m, o)
	if err != nil {
		return nil, err
	}
	model := artifact.File{Name: ModelFile, Size: p.modelSize, Write: buffered(p.writeModel)}
	if !p.external() {
		return []artifact.File{model}, nil
	}
	return []artifact.File{{Name: DataFile, Size: p.dataSize, Write: buffered(p.writeData)}, model}, nil
}

// buffered gathers the small writes between the tensors.
func buffered(fill func(io.Writer) error) func(io.Writer) error {
	return func(w io.Writer) error {
		b := bufio.NewWriterSize(w, 64<<10)
		if err := fill(b); err != nil {
			return err
		}
		return b.Flush()
	}
}

// Encode writes m to w as one ONNX model with its weights inside and returns
// the number of bytes. Options that place weights elsewhere are an error.
func Encode(w io.Writer, m *decoder.Model, o Options) (int64, error) {
	p, err := newPlan(m, o)
	if err != nil {
		return 0, err
	}
	if p.external() {
		return 0, fmt.Errorf("onnx: a model of %d bytes needs external data, which a single stream cannot hold", p.modelSize)
	}
	c := &countWriter{w: w}
	err = p.writeModel(c)
	return c.n, err
}

// countWriter counts the bytes that pass.
type countWriter struct {
	w io.Writer
	n int64
}

// Write passes b on.
func (c *countWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nlpodyssey/safetensors"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/tensor"
)

// must returns a source.
func must(t *testing.T) func(tensor.Source, error) tensor.Source {
	return func(s tensor.Source, err error) tensor.Source {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// Write writes a file of tensors, and checks the size that it announces.
func Write(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	f, err := File("f", tensors, metadata)
	if err != nil {
		return err
	}
	out := &stream{w: w}
	if err := f.Write(out); err != nil {
		return err
	}
	if out.n != f.Size {
		return fmt.Errorf("%d bytes, not %d as announced", out.n, f.Size)
	}
	return nil
}

// sample returns tensors of several kinds, not in file order.
func sample(t *testing.T) []Tensor {
	m := decoder.Matrix{Rows: 2, Cols: 3, Entries: []decoder.Entry{{Row: 0, Col: 2, W: 1.5}, {Row: 1, Col: 0, W: -2}}}
	return []Tensor{
		{Name: "scalar", Source: must(t)(tensor.Fill(7))},
		{Name: "b.weight", Source: must(t)(tensor.Matrix(m))},
		{Name: "ids", Source: must(t)(tensor.Int64s([]int64{3, -1}))},
		{Name: "a<&>é", Source: must(t)(tensor.Fill(0.25, 2))},
	}
}

func TestWrite(t *testing.T) {
	var buf bytes.Buffer
	if err := Write(&buf, sample(t), map[string]string{"z": "last", "program": "é<"}); err != nil {
		t.Fatal(err)
	}
	st, err := safetensors.Deserialize(buf.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	_, meta, err := safetensors.ReadMetadata(buf.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"format": "pt", "z": "last", "program": "é<"}
	if diff := cmp.Diff(want, meta.Metadata()); diff != "" {
		t.Error(diff)
	}
	weight, ok := st.Tensor("b.weight")
	if !ok {
		t.Fatal("b.weight is missing")
	}
	if diff := cmp.Diff([]uint64{2, 3}, weight.Shape()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]float32{0, 0, 1.5, -2, 0, 0}, floats(weight.Data())); diff != "" {
		t.Error(diff)
	}
	scalar, ok := st.Tensor("scalar")
	if !ok || len(scalar.Shape()) != 0 || !cmp.Equal([]float32{7}, floats(scalar.Data())) {
		t.Errorf("scalar is %v of shape %v", scalar.Data(), scalar.Shape())
	}
	ids, ok := st.Tensor("ids")
	if !ok || ids.DType() != safetensors.I64 || binary.LittleEndian.Uint64(ids.Data()[8:]) != math.MaxUint64 {
		t.Errorf("ids are %v %v", ids.DType(), ids.Data())
	}
}

func floats(data []byte) []float32 {
	out := make([]float32, len(data)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return out
}

// TestHeader looks at what other readers depend on: alignment and no null.
func TestHeader(t *testing.T) {
	var buf bytes.Buffer
	if err := Write(&buf, sample(t), nil); err != nil {
		t.Fatal(err)
	}
	n := binary.LittleEndian.Uint64(buf.Bytes())
	header := buf.Bytes()[8 : 8+n]
	if n%8 != 0 || header[0] != '{' || bytes.Contains(header, []byte("null")) || !json.Valid(header) {
		t.Errorf("header of %d bytes: %s", n, header)
	}
}

func TestSameBytesWhateverTheOrder(t *testing.T) {
	tensors := sample(t)
	meta := map[string]string{"a": "1", "b": "2", "c": "3"}
	var first, second bytes.Buffer
	if err := Write(&first, tensors, meta); err != nil {
		t.Fatal(err)
	}
	tensors[0], tensors[3] = tensors[3], tensors[0]
	tensors[1], tensors[2] = tensors[2], tensors[1]
	if err := Write(&second, tensors, meta); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the order of the tensors shows in the file")
	}
}

// lying is a source whose declarations can be made wrong.
type lying struct {
	shape []int
	dtype tensor.DType
	bytes int
	err   error
}

func (l lying) Shape() []int        { return l.shape }
func (l lying) DType() tensor.DType { return l.dtype }
func (l lying) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(make([]byte, l.bytes))
	if err == nil {
		err = l.err
	}
	return int64(n), err
}

func TestRefusals(t *testing.T) {
	good := must(t)(tensor.Fill(1, 2))
	broken := errors.New("broken source")
	for name, c := range map[string]struct {
		tensors []Tensor
		meta    map[string]string
		want    string
	}{
		"reserved name":     {tensors: []Tensor{{Name: "__metadata__", Source: good}}, want: "reserved"},
		"no name":           {tensors: []Tensor{{Name: "", Source: good}}, want: "no name"},
		"name not UTF-8":    {tensors: []Tensor{{Name: "a\xff", Source: good}}, want: "UTF-8"},
		"two names":         {tensors: []Tensor{{Name: "a", Source: good}, {Name: "a", Source: good}}, want: "two tensors"},
		"no source":         {tensors: []Tensor{{Name: "a"}}, want: "no source"},
		"too few bytes":     {tensors: []Tensor{{Name: "a", Source: lying{[]int{2}, tensor.Float32, 7, nil}}}, want: "wrote 7 bytes, its shape has 8"},
		"too many bytes":    {tensors: []Tensor{{Name: "a", Source: lying{[]int{2}, tensor.Float32, 12, nil}}, {Name: "b", Source: good}}, want: "wrote 12 bytes"},
		"negative shape":    {tensors: []Tensor{{Name: "a", Source: lying{[]int{-1}, tensor.Float32, 0, nil}}}, want: "shape [-1]"},
		"unknown type":      {tensors: []Tensor{{Name: "a", Source: lying{[]int{1}, 99, 0, nil}}}, want: "no element type"},
		"failing source":    {tensors: []Tensor{{Name: "a", Source: lying{[]int{1}, tensor.Float32, 4, broken}}}, want: "broken source"},
		"other format":      {meta: map[string]string{"format": "tf"}, want: "format"},
		"metadata not UTF8": {meta: map[string]string{"k": "\xff"}, want: "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			err := Write(io.Discard, c.tensors, c.meta)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want %q", err, c.want)
			}
		})
	}
}

// limited is a disk with room for so many bytes.
type limited struct{ room int }

var errFull = errors.New("no space left")

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.room)
	l.room -= n
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func TestFullDiskAtEveryByte(t *testing.T) {
	var buf bytes.Buffer
	tensors := sample(t)
	if err := Write(&buf, tensors, nil); err != nil {
		t.Fatal(err)
	}
	for room := range buf.Len() {
		if err := Write(&limited{room}, tensors, nil); !errors.Is(err, errFull) {
			t.Fatalf("with room for %d bytes of %d the error is %v", room, buf.Len(), err)
		}
	}
	if err := Write(&limited{buf.Len()}, tensors, nil); err != nil {
		t.Errorf("with room for all: %v", err)
	}
}

// TestMemory writes a gigabyte into nothing.
func TestMemory(t *testing.T) {
	wide := must(t)(tensor.Matrix(decoder.Matrix{Rows: 1 << 14, Cols: 1 << 14, Entries: []decoder.Entry{{Row: 5, Col: 5, W: 1}}}))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := Write(io.Discard, []Tensor{{Name: "w", Source: wide}}, nil); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("allocated %d bytes", used)
	}
}

package onnx

import (
	"bytes"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/onnx/onnxpb"
)

func TestHeader(t *testing.T) {
	o := Options{Version: "1.2.3", Metadata: map[string]string{"raspc.opt": "1", "raspc.program": "ab", "raspc.causal": "false"}}
	m := parse(t, encode(t, sample(small()), o))
	if m.GetIrVersion() != 8 || m.GetProducerName() != "raspc" || m.GetProducerVersion() != "1.2.3" {
		t.Errorf("IR %d of %s %s", m.GetIrVersion(), m.GetProducerName(), m.GetProducerVersion())
	}
	if i := m.GetOpsetImport(); len(i) != 1 || i[0].GetDomain() != "" || i[0].GetVersion() != 17 {
		t.Errorf("opsets %v", i)
	}
	var keys []string
	for _, p := range m.GetMetadataProps() {
		keys = append(keys, p.GetKey()+"="+p.GetValue())
	}
	if diff := cmp.Diff([]string{"raspc.causal=false", "raspc.opt=1", "raspc.program=ab"}, keys); diff != "" {
		t.Error(diff)
	}
}

func TestOpsets(t *testing.T) {
	for opset, ir := range map[int]int64{13: 8, 17: 8, 18: 8, 19: 9, 21: 10} {
		m := parse(t, encode(t, sample(small()), Options{Opset: opset}))
		if m.GetOpsetImport()[0].GetVersion() != int64(opset) || m.GetIrVersion() != ir {
			t.Errorf("opset %d: got %v, IR %d", opset, m.GetOpsetImport(), m.GetIrVersion())
		}
	}
}

func TestRefusals(t *testing.T) {
	damage := func(f func(*decoder.Model)) *decoder.Model {
		m := sample(small())
		f(m)
		return m
	}
	tests := []struct {
		name string
		m    *decoder.Model
		o    Options
		want string
	}{
		{"no model", nil, Options{}, "no model"},
		{"old opset", sample(small()), Options{Opset: 12}, "operator set 12"},
		{"new opset", sample(small()), Options{Opset: 22}, "operator set 22"},
		{"limit", sample(small()), Options{InlineLimit: -1}, "negative"},
		{"version", sample(small()), Options{Version: "\xff"}, "UTF-8"},
		{"metadata", sample(small()), Options{Metadata: map[string]string{"a": "\xff"}}, "UTF-8"},
		{"no columns", damage(func(m *decoder.Model) { m.Config.DModel = 0 }), Options{}, "at least 1"},
		{"no head size", damage(func(m *decoder.Model) { m.Config.DHead = 0 }), Options{}, "2 heads of size 0"},
		{"layers", damage(func(m *decoder.Model) { m.Layers = nil }), Options{}, "0 layers, config says 1"},
		{"heads", damage(func(m *decoder.Model) { m.Layers[0].Heads = nil }), Options{}, "0 heads, config says 2"},
		{"embedding", damage(func(m *decoder.Model) { m.Embed.Rows-- }), Options{}, "embedding is 4x6, not 5x6"},
		{"key", damage(func(m *decoder.Model) { m.Layers[0].Heads[1].K.Cols++ }), Options{}, "layer 0: onnx: k is 6x4, not 6x3"},
		{"stray", damage(func(m *decoder.Model) { m.Config.DMLP = 0 }), Options{}, "has weights"},
		{"outside", damage(func(m *decoder.Model) { m.Unembed.Entries[0].Col = 2 }), Options{}, "outside"},
		{"infinite", damage(func(m *decoder.Model) { m.Embed.Entries[0].W = float32(math.Inf(1)) }), Options{}, "embed.weight"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Encode(io.Discard, test.m, test.o); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Encode: %v, want %q", err, test.want)
			}
			dir := t.TempDir()
			if _, err := Write(dir, test.m, test.o); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Write: %v, want %q", err, test.want)
			}
			if left := list(t, dir); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// Write writes the files of a model into a folder and returns their names.
func Write(dir string, m *decoder.Model, o Options) ([]string, error) {
	files, err := Plan(m, o)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	return names, artifact.Create(dir, files, func(int64, int64) error { return nil })
}

// list returns the names in a folder.
func list(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// read returns a file's content.
func read(t testing.TB, elem ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// wide is a model whose embeddings are large enough to lie outside.
func wide() *decoder.Model {
	c := small()
	c.Vocab, c.Positions, c.DModel = 50, 10, 40
	return sample(c)
}

func TestSameBytes(t *testing.T) {
	o := Options{Version: "1", Metadata: map[string]string{"a": "1", "b": "2", "c": "3", "d": "4"}}
	want := encode(t, wide(), o)
	for range 10 {
		if !bytes.Equal(want, encode(t, wide(), o)) {
			t.Fatal("bytes differ")
		}
	}
	dir := t.TempDir()
	names, err := Write(dir, wide(), o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{ModelFile}, names); diff != "" {
		t.Error(diff)
	}
	if !bytes.Equal(want, read(t, dir, ModelFile)) {
		t.Error("Write and Encode differ")
	}
}

// The file with external data says the same as the one without: put back, the
// tensors are equal.
func TestExternalData(t *testing.T) {
	inline := encode(t, wide(), Options{})
	for name, o := range map[string]Options{
		"asked for": {External: true},
		"too large": {InlineLimit: int64(len(inline)) - 1},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			names, err := Write(dir, wide(), o)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(names, []string{DataFile, ModelFile}); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(list(t, dir), []string{ModelFile, DataFile}); diff != "" {
				t.Error(diff)
			}
			m, data := parse(t, read(t, dir, ModelFile)), read(t, dir, DataFile)
			moved := 0
			for i, want := range parse(t, inline).GetGraph().GetInitializer() {
				got := m.GetGraph().GetInitializer()[i]
				if got.GetDataLocation() != onnxpb.TensorProto_EXTERNAL {
					if len(want.GetRawData()) >= externalThreshold {
						t.Errorf("%s is inside", got.GetName())
					}
					continue
				}
				moved++
				if !bytes.Equal(external(t, got, data), want.GetRawData()) {
					t.Errorf("%s differs", got.GetName())
				}
			}
			if moved != 2 {
				t.Errorf("%d tensors outside, want the two embeddings", moved)
			}
			if _, err := Encode(io.Discard, wide(), o); err == nil {
				t.Error("a single stream took external data")
			}
		})
	}
	if names, err := Write(t.TempDir(), wide(), Options{InlineLimit: int64(len(inline))}); err != nil || len(names) != 1 {
		t.Errorf("at the limit: %v, %v", names, err)
	}
}

// external returns a tensor's bytes in the data file.
func external(t testing.TB, tensor *onnxpb.TensorProto, data []byte) []byte {
	t.Helper()
	keys := map[string]string{}
	for _, e := range tensor.GetExternalData() {
		keys[e.GetKey()] = e.GetValue()
	}
	if keys["location"] != DataFile || tensor.RawData != nil {
		t.Fatalf("%s: %v", tensor.GetName(), keys)
	}
	offset, err1 := strconv.Atoi(keys["offset"])
	length, err2 := strconv.Atoi(keys["length"])
	if err1 != nil || err2 != nil || offset%4096 != 0 {
		t.Fatalf("%s: %v", tensor.GetName(), keys)
	}
	return data[offset : offset+length]
}

// A gigabyte of zeros with a few weights needs the memory of the weights.
func TestStreaming(t *testing.T) {
	c := small()
	c.Vocab, c.DModel = 1<<18, 1<<10
	m := sample(c)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n, err := Encode(io.Discard, m, Options{})
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if n < 1<<30 {
		t.Errorf("only %d bytes", n)
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 4<<20 {
		t.Errorf("%d bytes allocated", allocated)
	}
}

func BenchmarkWrite(b *testing.B) {
	m := sample(decoder.Config{Layers: 2, Heads: 2, DModel: 158, DHead: 16, DMLP: 254, Vocab: 12, Positions: 129, Outputs: 10})
	dir := b.TempDir()
	for b.Loop() {
		if _, err := Write(dir, m, Options{}); err != nil {
			b.Fatal(err)
		}
		if err := os.Remove(filepath.Join(dir, ModelFile)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	m := sample(decoder.Config{Layers: 2, Heads: 2, DModel: 544, DHead: 16, DMLP: 1022, Vocab: 12, Positions: 513, Outputs: 10})
	for b.Loop() {
		n, err := Encode(io.Discard, m, Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(n)
	}
}

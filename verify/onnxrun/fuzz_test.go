package onnxrun_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/onnx"
	"github.com/raspc/raspc/fixtures/bad"
	"github.com/raspc/raspc/verify/onnxrun"
)

// limits keep a run short.
var limits = onnxrun.Limits{FileBytes: 1 << 20, Fields: 10_000, Elements: 1 << 16, Work: 1 << 22}

// corpus returns the bad models, and the good one.
func corpus(f *testing.F) [][]byte {
	all, err := bad.Contents(filepath.Join("..", "..", "fixtures", "bad"), "model.onnx")
	if err != nil {
		f.Fatal(err)
	}
	return all
}

// FuzzDecode feeds damaged models: the result is a model or an error, and so
// is what a model computes.
func FuzzDecode(f *testing.F) {
	for _, causal := range []bool{false, true} {
		// Small seeds: the fuzzer spends its time on minimizing large ones.
		m := scattered(decoder.Config{Layers: 1, Heads: 1, DModel: 2, DHead: 1, DMLP: 1, Vocab: 3, Positions: 4, Outputs: 1, Causal: causal})
		for _, o := range []onnx.Options{
			{Version: "1", Metadata: map[string]string{"a": "b"}}, {Functions: true, HiddenStates: true, Int32IDs: true},
		} {
			var buf bytes.Buffer
			if _, err := onnx.Encode(&buf, m, o); err != nil {
				f.Fatal(err)
			}
			f.Add(buf.Bytes(), int64(2), int64(1))
		}
	}
	for _, data := range corpus(f) {
		f.Add(data, int64(2), int64(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, id, mask int64) {
		var m *onnxrun.Model
		var err error
		if got := bad.Alloc(func() { m, err = onnxrun.Decode(data, limits) }); got > bad.MaxAlloc(len(data)) {
			t.Errorf("%d bytes allocated for %d", got, len(data))
		}
		if err != nil {
			return
		}
		for _, length := range []int{1, 3} {
			ids, masks := make([]int64, length), make([]int64, length)
			for i := range ids {
				ids[i], masks[i] = id, mask
			}
			got, err := m.Run([][]int64{ids, ids}, [][]int64{masks, masks})
			if err == nil && (len(got) != 2 || len(got[0]) != length) {
				t.Errorf("%d rows of %d positions", len(got), len(got[0]))
			}
		}
	})
}

// FuzzExternal feeds a model with a data file beside it. Nothing outside the
// folder is read, and nothing more than once.
func FuzzExternal(f *testing.F) {
	for _, data := range corpus(f) {
		f.Add(data, []byte("sixteen bytes of"))
	}
	parent := f.TempDir()
	dir := filepath.Join(parent, "model")
	if err := os.Mkdir(dir, 0o700); err != nil {
		f.Fatal(err)
	}
	const secret = float32(0x1.234568p77)
	number := binary.LittleEndian.AppendUint32(nil, math.Float32bits(secret))
	if err := os.WriteFile(filepath.Join(parent, "secret.bin"), bytes.Repeat(number, 16), 0o600); err != nil {
		f.Fatal(err)
	}
	if err := os.Symlink("../secret.bin", filepath.Join(dir, "outside")); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, model, data []byte) {
		if bytes.Contains(model, number) || bytes.Contains(data, number) {
			return
		}
		path := filepath.Join(dir, "model.onnx")
		for name, content := range map[string][]byte{path: model, filepath.Join(dir, "data.bin"): data} {
			if err := os.WriteFile(name, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var m *onnxrun.Model
		size := len(model) + len(data)
		if got := bad.Alloc(func() { m, _ = onnxrun.OpenWithin(path, limits) }); got > bad.MaxAlloc(size) {
			t.Errorf("%d bytes allocated for %d", got, size)
		}
		if m == nil {
			return
		}
		for _, op := range m.Operations() {
			for _, name := range op.Inputs {
				if c, ok := m.Constant(name); ok && slices.Contains(c.Floats, float64(secret)) {
					t.Errorf("%q was read from outside the folder", name)
				}
			}
		}
	})
}

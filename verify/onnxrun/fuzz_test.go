package onnxrun_test

import (
	"bytes"
	"testing"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/onnx"
	"github.com/raspc/raspc/verify/onnxrun"
)

// FuzzDecode feeds damaged models: the result is a model or an error, and so
// is what a model computes.
func FuzzDecode(f *testing.F) {
	for _, causal := range []bool{false, true} {
		// Small seeds: the fuzzer spends its time on minimizing large ones.
		m := scattered(decoder.Config{Layers: 1, Heads: 1, DModel: 2, DHead: 1, DMLP: 1, Vocab: 3, Positions: 4, Outputs: 1, Causal: causal})
		var buf bytes.Buffer
		if _, err := onnx.Encode(&buf, m, onnx.Options{Version: "1", Metadata: map[string]string{"a": "b"}}); err != nil {
			f.Fatal(err)
		}
		f.Add(buf.Bytes(), int64(2), int64(1))
	}
	limits := onnxrun.Limits{FileBytes: 1 << 20, Fields: 10_000, Elements: 1 << 16, Work: 1 << 22}
	f.Fuzz(func(t *testing.T, data []byte, id, mask int64) {
		m, err := onnxrun.Decode(data, limits)
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

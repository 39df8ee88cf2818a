package onnxrun_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/onnx"
	"github.com/raspc/raspc/verify/onnxrun"
)

// oneHot makes a model of the size of a compiled sort.
func oneHot(positions int) *decoder.Model {
	return scattered(decoder.Config{
		Layers: 2, Heads: 2, DModel: 30 + positions, DHead: 16, DMLP: 2 * positions,
		Vocab: 12, Positions: positions + 1, Outputs: 10, BOS: 10, PAD: 11, Causal: true,
	})
}

// scattered makes a model as sparse as a compiled one: every row of every
// matrix has one weight.
func scattered(c decoder.Config) *decoder.Model {
	scatter := func(rows, cols int) decoder.Matrix {
		m := decoder.Matrix{Rows: rows, Cols: cols}
		for r := range rows {
			m.Entries = append(m.Entries, decoder.Entry{Row: r, Col: r * 7 % cols, W: 1})
		}
		return m
	}
	m := &decoder.Model{
		Config: c, Embed: scatter(c.Vocab, c.DModel), Position: scatter(c.Positions, c.DModel),
		Unembed: scatter(c.DModel, c.Outputs),
	}
	for range c.Layers {
		l := decoder.Layer{In: scatter(c.DModel, c.DMLP), Out: scatter(c.DMLP, c.DModel), OutBias: scatter(1, c.DModel)}
		for range c.Heads {
			l.Heads = append(l.Heads, decoder.Head{
				Q: scatter(c.DModel, c.DHead), K: scatter(c.DModel, c.DHead),
				V: scatter(c.DModel, c.DHead), O: scatter(c.DHead, c.DModel),
			})
		}
		m.Layers = append(m.Layers, l)
	}
	return m
}

// BenchmarkRun reports sequences per second.
func BenchmarkRun(b *testing.B) {
	for _, size := range []struct{ rows, length, positions int }{{256, 11, 10}, {512, 7, 128}, {64, 129, 128}} {
		b.Run(fmt.Sprintf("%dx%d", size.rows, size.length), func(b *testing.B) {
			m := reread(b, oneHot(size.positions), onnx.Options{})
			ids, mask := make([][]int64, size.rows), make([][]int64, size.rows)
			for i := range ids {
				ids[i], mask[i] = make([]int64, size.length), make([]int64, size.length)
				for p := range ids[i] {
					ids[i][p], mask[i][p] = int64((i+p*p)%10), 1
				}
				ids[i][0] = 10
			}
			for b.Loop() {
				if _, err := m.Run(ids, mask); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(size.rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkDecode measures reading a model of 10 MB.
func BenchmarkDecode(b *testing.B) {
	var buf bytes.Buffer
	if _, err := onnx.Encode(&buf, oneHot(512), onnx.Options{}); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(buf.Len()))
	for b.Loop() {
		if _, err := onnxrun.Decode(buf.Bytes(), onnxrun.DefaultLimits()); err != nil {
			b.Fatal(err)
		}
	}
}

package onnx

import (
	"bytes"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/onnx/onnxpb"
)

// band is a matrix with weights on one diagonal.
func band(rows, cols int, w float32) decoder.Matrix {
	m := decoder.Matrix{Rows: rows, Cols: cols}
	for i := range min(rows, cols) {
		m.Entries = append(m.Entries, decoder.Entry{Row: i, Col: i, W: w})
	}
	return m
}

// sample makes a model of the given sizes.
func sample(c decoder.Config) *decoder.Model {
	m := &decoder.Model{
		Config:   c,
		Embed:    band(c.Vocab, c.DModel, 1),
		Position: band(c.Positions, c.DModel, 2),
		Unembed:  band(c.DModel, c.Outputs, 3),
	}
	for range c.Layers {
		l := decoder.Layer{In: band(c.DModel, c.DMLP, 4), Out: band(c.DMLP, c.DModel, 5), OutBias: band(1, c.DModel, 6)}
		for range c.Heads {
			l.Heads = append(l.Heads, decoder.Head{
				Q: band(c.DModel, c.DHead, 7), K: band(c.DModel, c.DHead, 8),
				V: band(c.DModel, c.DHead, 9), O: band(c.DHead, c.DModel, 10),
			})
		}
		m.Layers = append(m.Layers, l)
	}
	return m
}

// small is a model with a part of every sort.
func small() decoder.Config {
	return decoder.Config{Layers: 1, Heads: 2, DModel: 6, DHead: 3, DMLP: 4, Vocab: 5, Positions: 4, Outputs: 2, BOS: 3, PAD: 4, Causal: true}
}

// encode returns the bytes of a model with its weights inside.
func encode(t testing.TB, m *decoder.Model, o Options) []byte {
	t.Helper()
	var buf bytes.Buffer
	n, err := Encode(&buf, m, o)
	if err != nil {
		t.Fatal(err)
	}
	if n != int64(buf.Len()) {
		t.Fatalf("%d bytes reported, %d written", n, buf.Len())
	}
	return buf.Bytes()
}

// parse decodes a model file.
func parse(t testing.TB, data []byte) *onnxpb.ModelProto {
	t.Helper()
	m := &onnxpb.ModelProto{}
	if err := proto.Unmarshal(data, m); err != nil {
		t.Fatal(err)
	}
	return m
}

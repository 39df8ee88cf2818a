package corpus_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"testing"
)

type ctx = context.Context

func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

// raw returns the bytes of a tensor of a type, found by the header alone.
func raw(t *testing.T, shard []byte, name, dtype string) []byte {
	t.Helper()
	size := binary.LittleEndian.Uint64(shard)
	var header map[string]struct {
		DType   string `json:"dtype"`
		Offsets []int  `json:"data_offsets"`
	}
	if err := json.Unmarshal(shard[8:8+size], &header); err != nil {
		t.Fatal(err)
	}
	at, ok := header[name]
	if !ok || at.DType != dtype {
		t.Fatalf("there is no tensor %s of type %s", name, dtype)
	}
	return shard[8+int(size):][at.Offsets[0]:at.Offsets[1]]
}

// floats are the elements of a tensor.
func floats(t *testing.T, shard []byte, name string) []float32 {
	b := raw(t, shard, name, "F32")
	all := make([]float32, len(b)/4)
	for i := range all {
		all[i] = math.Float32frombits(le32(b[4*i:]))
	}
	return all
}

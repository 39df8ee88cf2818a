package host_test

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"testing"
)

// tensors are the parts of a safetensors file that hold each tensor.
func tensors(t testing.TB, data []byte) map[string][]byte {
	t.Helper()
	body := 8 + int(binary.LittleEndian.Uint64(data))
	var header map[string]json.RawMessage
	if err := json.Unmarshal(data[8:body], &header); err != nil {
		t.Fatal(err)
	}
	delete(header, "__metadata__")
	out := map[string][]byte{}
	for name, text := range header {
		var at struct {
			Offsets [2]int `json:"data_offsets"`
		}
		if err := json.Unmarshal(text, &at); err != nil {
			t.Fatal(err)
		}
		out[name] = data[body+at.Offsets[0] : body+at.Offsets[1]]
	}
	return out
}

func at(raw []byte) float32     { return math.Float32frombits(binary.LittleEndian.Uint32(raw)) }
func put(raw []byte, w float32) { binary.LittleEndian.PutUint32(raw, math.Float32bits(w)) }

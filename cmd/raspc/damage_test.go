package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/export/onnx/onnxpb"
)

// damage negates the largest weight of the last matrix of a model file: one
// that an output hangs on.
//
//	damage FILE
func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: damage FILE")
	}
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	if filepath.Ext(path) == ".onnx" {
		data, err = damageONNX(data)
	} else {
		err = damageSafetensors(data)
	}
	ts.Check(err)
	ts.Check(os.WriteFile(path, data, 0o666))
}

func damageONNX(data []byte) ([]byte, error) {
	var m onnxpb.ModelProto
	if err := proto.Unmarshal(data, &m); err != nil {
		return nil, err
	}
	for _, t := range m.GetGraph().GetInitializer() {
		if t.GetName() == "unembed.weight" {
			if err := negateLargest(t.GetRawData()); err != nil {
				return nil, err
			}
			return proto.Marshal(&m)
		}
	}
	return nil, errors.New("the model has no unembedding")
}

func damageSafetensors(data []byte) error {
	size := binary.LittleEndian.Uint64(data)
	var header map[string]struct {
		Offsets [2]uint64 `json:"data_offsets"`
	}
	if err := json.Unmarshal(data[8:8+size], &header); err != nil {
		return err
	}
	for _, name := range []string{"classifier.weight", "score.weight"} {
		if t, ok := header[name]; ok {
			tensors := data[8+size:]
			return negateLargest(tensors[t.Offsets[0]:t.Offsets[1]])
		}
	}
	return errors.New("the file has no classifier")
}

// negateLargest changes one of some little-endian float32 numbers.
func negateLargest(raw []byte) error {
	at, largest := 0, float32(0)
	for i := 0; i+4 <= len(raw); i += 4 {
		x := math.Float32frombits(binary.LittleEndian.Uint32(raw[i:]))
		if x := max(x, -x); x > largest {
			at, largest = i, x
		}
	}
	if largest == 0 {
		return errors.New("all weights are 0")
	}
	raw[at+3] ^= 0x80 // the sign
	return nil
}

package main

import (
	"bytes"
	"encoding/json"

	"github.com/raspc/raspc/export/manifest"
)

// The files beside the weights of a Hugging Face folder.
const (
	configFile    = "config.json"
	tokenizerFile = "tokenizer.json"
)

// edited changes a JSON object. Numbers keep their spelling.
func edited(data []byte, change func(members map[string]any)) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var members map[string]any
	if err := d.Decode(&members); err != nil {
		return nil, err
	}
	change(members)
	return json.MarshalIndent(members, "", "  ")
}

func encodeManifest(m *manifest.Manifest) ([]byte, error) {
	var b bytes.Buffer
	err := m.Encode(&b)
	return b.Bytes(), err
}

package hfrun_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raspc/raspc/export/hf"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/hfrun"
)

// TestNetworks: exported models are networks, whatever the architecture. Of
// models that no compiler made, those are that compute no more than networks do.
func TestNetworks(t *testing.T) {
	for _, arch := range hf.Architectures() {
		causal, _ := hf.Causal(arch)
		m := random(rand.New(rand.NewPCG(7, 8)), shape{Tokens: 2, MaxLen: 4, Layers: 2, Heads: 2, DModel: 5, DHead: 2, DMLP: 4, Outputs: 2, Causal: causal})
		n, err := exportAs(t, m, manifest.Categorical, arch).Network(m.Config.BOS)
		if err != nil {
			t.Errorf("%s: %v", arch, err)
			continue
		}
		if n.Causal != causal || n.BOS != m.Config.BOS || len(n.Positions) != m.Config.Positions || len(n.Layers) < m.Config.Layers {
			t.Errorf("%s: causal %v, BOS %d, %d positions, %d layers", arch, n.Causal, n.BOS, len(n.Positions), len(n.Layers))
		}
	}
	for arch, want := range map[string]string{hf.GPT2: "", hf.Bert: "", hf.Llama: "turn queries and keys", hf.MobileBert: "token type"} {
		m, err := hfrun.Open(filepath.Join("testdata", "stock", arch))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Network(5); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want %q", arch, err, want)
		}
	}
}

// TestNoNetworks spoils one weight of exported models, with which they compute
// more than networks do.
func TestNoNetworks(t *testing.T) {
	for _, c := range []struct{ arch, tensor, want string }{
		{hf.Llama, "model.layers.0.mlp.up_proj.weight", "multiplied by what is not 1"},
		{hf.Llama, "model.layers.1.mlp.up_proj.bias", "multiplied by what is not 1"},
		{hf.MobileBert, "mobilebert.embeddings.LayerNorm.weight", "scales columns"},
		{hf.MobileBert, "mobilebert.encoder.layer.0.output.LayerNorm.bias", "scales columns"},
		{hf.MobileBert, "mobilebert.embeddings.token_type_embeddings.weight", "token type"},
	} {
		config, weights := contentsAs(t, c.arch)
		m, err := hfrun.Parse(config, spoiled(t, weights, c.tensor))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Network(2); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %q", c.tensor, err, c.want)
		}
	}
	config, weights := contentsAs(t, hf.Llama)
	turning := edit(t, config, map[string]any{"rope_scaling": map[string]any{"rope_type": "linear", "factor": 1e15}})
	m, err := hfrun.Parse(turning, weights)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Network(2); err == nil {
		t.Error("queries and keys that turn by more than float32 loses are taken for a network")
	}
}

// spoiled returns a weight file with another first number in a tensor.
func spoiled(t testing.TB, weights []byte, tensor string) []byte {
	t.Helper()
	header, n := headerOf(t, weights)
	at, ok := header[tensor]
	if !ok {
		t.Fatalf("no tensor %s", tensor)
	}
	out := bytes.Clone(weights)
	binary.LittleEndian.PutUint32(out[n+at.Offsets[0]:], math.Float32bits(3))
	return out
}

package hfrun_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/raspc/raspc/export/hf"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/fixtures/bad"
	"github.com/raspc/raspc/verify/hfrun"
)

// get reads a file of a folder.
func get(t testing.TB, elem ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// put replaces a file of a folder.
func put(t testing.TB, data []byte, elem ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(elem...), data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// tries runs what could be opened.
func tries(m *hfrun.Model) {
	if _, err := m.Run([][]int64{{0, 0}}, [][]int64{{1, 1}}); err == nil {
		m.Network(0) // an error is as good as a network
	}
}

// FuzzLens holds that no content of a folder for TransformerLens makes loading or
// running it panic, or takes memory beyond a multiple of its size.
func FuzzLens(f *testing.F) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, causal := range []bool{true, false} {
		dir := lens(f, random(rng, shape{Tokens: 2, MaxLen: 3, Layers: 1, Heads: 2, DModel: 4, DHead: 2, DMLP: 3, Outputs: 2, Causal: causal}), manifest.Categorical)
		f.Add(get(f, dir, hfrun.LensFolder, hfrun.ConfigFile), get(f, dir, hfrun.LensFolder, hfrun.WeightsFile))
	}
	for _, config := range []string{
		`{"cfg":{"n_layers":1,"d_model":268435456,"d_vocab":268435456,"attn_scale":2},"tokens":[],"labels":[],"bos":0,"pad":1}`,
		`{"cfg":null,"tokens":null,"labels":null,"bos":-1,"pad":1e9}`,
	} {
		f.Add([]byte(config), []byte{})
	}
	dir := lens(f, small(true), manifest.Categorical)
	f.Fuzz(func(t *testing.T, config, weights []byte) {
		put(t, config, dir, hfrun.LensFolder, hfrun.ConfigFile)
		put(t, weights, dir, hfrun.LensFolder, hfrun.WeightsFile)
		var l *hfrun.Lens
		var err error
		size := len(config) + len(weights)
		if got := bad.Alloc(func() { l, err = hfrun.OpenLens(dir) }); got > bad.MaxAlloc(size) {
			t.Errorf("%d bytes allocated for %d", got, size)
		}
		if err == nil {
			tries(l.Model)
		}
	})
}

// FuzzGeneration replaces what says how a language model continues texts.
func FuzzGeneration(f *testing.F) {
	_, dir := language(f, hf.GPT2)
	f.Add(get(f, dir, hfrun.GenerationFile), get(f, dir, hfrun.ConfigFile))
	f.Add([]byte(`{"max_length":1e300,"eos_token_id":[1,2],"pad_token_id":-1}`), get(f, dir, hfrun.ConfigFile))
	f.Fuzz(func(t *testing.T, generation, config []byte) {
		put(t, generation, dir, hfrun.GenerationFile)
		put(t, config, dir, hfrun.ConfigFile)
		m, err := hfrun.Open(dir)
		if err != nil {
			return
		}
		if eos := m.EOS(); eos != nil && (*eos < 0 || *eos >= m.Vocab()) {
			t.Errorf("EOS is %d of %d ids", *eos, m.Vocab())
		}
		tries(m)
	})
}

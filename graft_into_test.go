package raspc_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc"
)

// trainedHost writes a model of an architecture without any program: all of its weights
// are random but for the norms, and their rows do not sum to 0.
func trainedHost(t testing.TB, text, arch string) string {
	t.Helper()
	g := planted(t, text, raspc.GraftOptions{Arch: arch, DModel: 48, Layers: 3, Heads: 4, DMLP: 20, Vocab: `["a", "b", "c", 0, 1, 2, "q"]`, Labels: "0..40", MaxLen: 9})
	rng, size := rand.New(rand.NewPCG(3, 4)), 0.1
	if arch == "llama" {
		size = 0.04 // it multiplies what its neurons read
	}
	for name, at := range g.weights.header {
		if strings.Contains(name, "norm") || strings.Contains(name, "ln_") {
			continue
		}
		for i := range (at.Offsets[1] - at.Offsets[0]) / 4 {
			g.weights.set(name, i, float32(size*(1+rng.NormFloat64())))
		}
	}
	if err := os.WriteFile(filepath.Join(g.dir, "model.safetensors"), g.weights.data, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"raspc.json", "frozen.safetensors", "README.md"} {
		if err := os.Remove(filepath.Join(g.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return g.dir
}

// TestGraftInto puts programs into models, whose logits stay the same, and holds what the
// programs' columns hold to the interpreter, before and after further training.
func TestGraftInto(t *testing.T) {
	for name, text := range graftPrograms {
		for _, arch := range raspc.GraftArchitectures() {
			t.Run(name+"/"+arch, func(t *testing.T) {
				t.Parallel()
				into := raspc.GraftOptions{Into: trainedHost(t, text, arch), Seed: 5}
				m, err := raspc.Compile("program.rasp", text, raspc.Options{Causal: "on"})
				if err != nil {
					t.Fatal(err)
				}
				dir := filepath.Join(t.TempDir(), "new")
				made, err := m.Graft(t.Context(), dir, into)
				if err != nil {
					t.Fatal(err)
				}
				if c := made.Comparison; c == nil || c.Inputs != 32 || c.Largest < 0.5 || c.Change > 1e-4 {
					t.Errorf("the model gives something else: %+v", c)
				}
				g := opened(t, dir, text)
				if g.man.Host.DModel <= 48 || g.man.Host.Columns[0] != 48 {
					t.Errorf("the host is %+v", g.man.Host)
				}
				if g.agrees(t, g.allInputs(t, 3)) == 0 {
					t.Error("nothing was compared")
				}
				rng := rand.New(rand.NewPCG(5, 6))
				g.trained(func(string, float32) float32 { return float32(rng.NormFloat64() / 16) })
				g.agrees(t, g.allInputs(t, 3))
			})
		}
	}
}

// TestGraftReplaces lets a program's parts take the places of a model's.
func TestGraftReplaces(t *testing.T) {
	text := graftPrograms["means"]
	for _, arch := range raspc.GraftArchitectures() {
		host := trainedHost(t, text, arch)
		m, err := raspc.Compile("program.rasp", text, raspc.Options{Causal: "on"})
		if err != nil {
			t.Fatal(err)
		}
		plain, err := m.Graft(t.Context(), t.TempDir(), raspc.GraftOptions{Into: host})
		if err != nil {
			t.Fatal(err)
		}
		last := len(plain.Host.LayersAt) - 1
		layer := plain.Host.LayersAt[last]
		if len(plain.Host.NeuronsAt[last]) == 0 || len(plain.Host.HeadsAt[0]) != 2 || plain.Host.HeadsAt[0][0] != plain.Host.HeadsAt[0][1] {
			t.Fatalf("another program is needed: %+v", plain.Host)
		}
		for _, c := range []struct {
			replace []string
			err     string
		}{
			{[]string{"blocks.0.attn.head.2"}, ""},
			{[]string{"a0.h1"}, ""},
			{[]string{mlp(layer)}, ""},
			{[]string{"blocks.0.attn.head.3", mlp(layer)}, ""},
			{[]string{"blocks.0.attn.head.2", "blocks.0.attn.head.1"}, "the program has 1 heads in layer 0, and --replace names 2 there"},
			{[]string{"blocks.0.attn.head.2", "a0.h2"}, "--replace blocks.0.attn.head.2 is there twice"},
			{[]string{"blocks.0.attn.head.4"}, "--replace blocks.0.attn.head.4: the model has 3 layers of 4 heads"},
			{[]string{"blocks.7.mlp"}, "--replace blocks.7.mlp: the model has 3 layers"},
			{[]string{"mlp"}, `"mlp" is no part of a model`},
		} {
			dir := filepath.Join(t.TempDir(), "new")
			made, err := m.Graft(t.Context(), dir, raspc.GraftOptions{Into: host, Replace: c.replace})
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("%s, %v: %v", arch, c.replace, err)
				}
				if _, err := os.Stat(dir); err == nil {
					t.Errorf("%s, %v: something was written", arch, c.replace)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s, %v: %v", arch, c.replace, err)
				continue
			}
			if x := made.Comparison; x.Largest < 0.5 || x.Change > 1e-4 {
				t.Errorf("%s, %v: the rest gives something else: %+v", arch, c.replace, x)
			}
			if slices.Contains(c.replace, mlp(layer)) && made.Host.NeuronsAt[last][0] != 0 {
				t.Errorf("%s, %v: the host is %+v", arch, c.replace, made.Host)
			}
			g := opened(t, dir, text)
			rng := rand.New(rand.NewPCG(5, 6))
			g.trained(func(string, float32) float32 { return float32(rng.NormFloat64() / 16) })
			g.agrees(t, g.allInputs(t, 3))
		}
	}
}

func mlp(layer int) string { return "blocks." + string(rune('0'+layer)) + ".mlp" }

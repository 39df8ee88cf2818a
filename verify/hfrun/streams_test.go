package hfrun_test

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/hfrun"
	"github.com/raspc/raspc/verify/sparse"
)

const counted = "#: vocab = \"ab\"\n#: max_len = 4\nx = selector_width(select(tokens, tokens, ==)) > indices / 2;\n"

// folder exports a program as a stock architecture: one that looks back, but for BERT.
func folder(t *testing.T, arch string) (*hfrun.Model, *manifest.Manifest) {
	t.Helper()
	o := raspc.Options{Causal: "on"}
	if arch == "bert" {
		o.Causal = ""
	}
	m, err := raspc.Compile("test.rasp", counted, o)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), arch)
	if _, err := m.Export(dir, raspc.ExportOptions{Formats: []string{raspc.FormatSafetensors}, Arch: arch}); err != nil {
		t.Fatal(err)
	}
	man, err := manifest.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	model, err := hfrun.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return model, man
}

// TestStreams compares residual streams with those of the sparse evaluator, which has
// an own form of the network.
func TestStreams(t *testing.T) {
	for _, arch := range []string{"gpt2", "llama"} {
		m, man := folder(t, arch)
		net, err := m.Network(man.Tokens.BOS)
		if err != nil {
			t.Fatal(err)
		}
		ids := []int{0, 1, 1, 0}
		var want [][][]float32
		sparse.Forward(net, ids, func(_ int, xs [][]float32) {
			var copied [][]float32
			for _, x := range xs {
				copied = append(copied, append([]float32(nil), x...))
			}
			want = append(want, copied)
		})
		next := 0
		err = m.Streams([]int64{int64(man.Tokens.BOS), 0, 1, 1, 0}, func(point int, x []float64) {
			if point != next || len(x) != len(want[point])*net.Width {
				t.Fatalf("%s: point %d has %d numbers after %d points", arch, point, len(x), next)
			}
			next++
			for i, v := range x {
				if w := float64(want[point][i/net.Width][i%net.Width]); math.Abs(v-w) > 1e-5*max(1, math.Abs(w)) {
					t.Errorf("%s, point %d, position %d, column %d: %g, want %g", arch, point, i/net.Width, i%net.Width, v, w)
				}
			}
		})
		if err != nil || next != len(want) {
			t.Errorf("%s: %d points of %d, error %v", arch, next, len(want), err)
		}
		if err := m.Streams([]int64{99}, func(int, []float64) {}); err == nil {
			t.Errorf("%s: an id that is not there has a stream", arch)
		}
	}
	m, _ := folder(t, "bert")
	var unsupported *fault.Error
	if err := m.Streams([]int64{0}, func(int, []float64) {}); !errors.As(err, &unsupported) || unsupported.Kind != fault.Unsupported {
		t.Errorf("the error of a BERT is %v", err)
	}
}

// TestGated has a Llama whose neurons are multiplied by what is not 1.
func TestGated(t *testing.T) {
	m, err := raspc.Compile("test.rasp", counted, raspc.Options{Causal: "on"})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "host")
	if _, err := m.Graft(context.Background(), dir, raspc.GraftOptions{Arch: "llama", DModel: 32, Layers: 3, Heads: 2, DMLP: 16}); err != nil {
		t.Fatal(err)
	}
	model, err := hfrun.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	n, err := model.Gated(0)
	if err != nil {
		t.Fatal(err)
	}
	if up := n.Layers[0].Up; len(up.Columns) != 16 || len(up.Columns[15]) == 0 {
		t.Errorf("neurons are multiplied by %v", up)
	}
	if sparse.Check(n) == nil {
		t.Error("such a network is evaluated")
	}
	if _, err := model.Network(0); err == nil {
		t.Error("such a network is one of those that are evaluated")
	}
}

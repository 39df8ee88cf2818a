package verify_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify"
)

const counting = "#: vocab = \"ab\"\n#: max_len = 6\nn = selector_width(select(tokens, tokens, ==));\nx = n > 2;\n"

// TestViewHolds: what a view says of columns is there when the network runs, and their
// scale is found, though no manifest lists it.
func TestViewHolds(t *testing.T) {
	dir := export(t, counting)
	v, err := verify.OpenView(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if v.File != "model.onnx" || v.MaxLen() != 6 || len(v.Vocab()) != 2 || len(v.Labels()) != 2 || v.Front != 0 {
		t.Errorf("file %q, %d positions, %d tokens, %d labels, %d layers in front", v.File, v.MaxLen(), len(v.Vocab()), len(v.Labels()), v.Front)
	}
	var n *verify.Held
	for i := range v.Held {
		if v.Held[i].Name == "n" {
			n = &v.Held[i]
		}
	}
	if n == nil || n.Encoding != "numeric" || n.Scale != 8 || v.Program.Graph.Name(n.Node) != "n" {
		t.Fatalf("n is held as %+v, want a number divided by 8", n)
	}
	a, b := value.Str("a"), value.Str("b")
	seen := 0
	logits, err := v.Run([]value.Value{a, b, a}, func(point int, xs [][]float32) {
		seen++
		c := n.Columns[0]
		if point < c.From || point >= c.To {
			return
		}
		for i, want := range []float64{2, 1, 2} {
			if got := float64(xs[i+1][c.Index]) * n.Scale; math.Abs(got-want) > 0.01 {
				t.Errorf("behind point %d, position %d: n is %g, want %g", point, i, got, want)
			}
		}
	})
	if err != nil || len(logits) != 4 || seen != 2*len(v.Network.Layers)+1 || n.Columns[0].From != 1 {
		t.Errorf("%d rows of logits, %d points, n from point %d on, error %v", len(logits), seen, n.Columns[0].From, err)
	}
	if _, err := v.Run([]value.Value{value.Str("c")}, nil); err == nil {
		t.Error("an unknown token was run")
	}
}

// TestViewOfFiles: the first file with a network is shown, and asked for what is none there
// is an error that names it.
func TestViewOfFiles(t *testing.T) {
	dir := export(t, counting)
	for format, want := range map[string]string{"": "model.onnx", "onnx": "model.onnx", "safetensors": "model.safetensors"} {
		if v, err := verify.OpenView(dir, format); err != nil || v.File != want {
			t.Errorf("format %q: error %v, want %s", format, err, want)
		}
	}
	if err := os.Remove(filepath.Join(dir, "model.onnx")); err != nil {
		t.Fatal(err)
	}
	if _, err := verify.OpenView(dir, ""); !errors.As(err, new(*verify.LostError)) {
		t.Errorf("a lost file: %v", err)
	}
	if _, err := verify.OpenView(dir, "safetensors"); err != nil {
		t.Errorf("beside a lost file: %v", err)
	}
	if _, err := verify.OpenView(t.TempDir(), ""); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty folder: %v", err)
	}
	v, err := verify.OpenView(dir, "safetensors")
	if err != nil {
		t.Fatal(err)
	}
	v.Network.Positions = v.Network.Positions[:6]
	if _, err := verify.NewView(v.Manifest, v.Network); err == nil || !strings.Contains(err.Error(), "6 positions") {
		t.Errorf("a network of fewer positions than the program's inputs: %v", err)
	}
	if v, err := verify.NewView(v.Manifest, nil); err != nil || len(v.Held) > 0 {
		t.Errorf("a view without a network: error %v", err)
	}
}

// TestViewInputs: samples and the automaton agree on what inputs are.
func TestViewInputs(t *testing.T) {
	dir := export(t, "#: vocab = \"ab\"\n#: max_len = 5\n#: inputs = \"ba+\"\nx = tokens;\n")
	v, err := verify.OpenView(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	next, accepting, complete := v.Inputs()
	samples := v.Samples(50)
	if !complete || len(samples) != 4 {
		t.Fatalf("%d samples, complete %v", len(samples), complete)
	}
	for _, input := range samples {
		state := int32(0)
		for _, x := range input {
			id := 0
			if x.Text() == "b" {
				id = 1
			}
			state = next[int(state)*2+id]
		}
		if !accepting[state] {
			t.Errorf("%v is not accepted", input)
		}
	}
	if v, err = verify.OpenView(export(t, counting), ""); err != nil {
		t.Fatal(err)
	}
	if next, _, complete := v.Inputs(); next != nil || !complete {
		t.Error("inputs of a program without a pattern are restricted")
	}
}

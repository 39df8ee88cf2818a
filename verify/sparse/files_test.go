package sparse_test

import (
	"errors"
	"math"
	"path/filepath"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/hfrun"
	"github.com/raspc/raspc/verify/network"
	"github.com/raspc/raspc/verify/onnxrun"
	"github.com/raspc/raspc/verify/sparse"
)

// runner is a file's own runner.
type runner interface {
	Run(ids, mask [][]int64) ([][][]float32, error)
}

// TestRunners compares with the files' own runners on every input: full and causal
// attention, labels and numbers, ONNX and all stock architectures.
func TestRunners(t *testing.T) {
	for name, text := range map[string]string{
		"full":    "x = aggregate(select(indices, length-1-indices, ==), tokens);",
		"ranks":   "x = selector_width(select(tokens, tokens, <) or select(tokens, tokens, ==) and select(indices, indices, <));",
		"causal":  "x = selector_width(select(tokens, tokens, ==) and select(indices, indices, <=)) > 1;",
		"numbers": "x = aggregate(select(indices, indices, <=), indicator(tokens == \"a\"));",
		"means":   "x = aggregate(full_s, indicator(tokens == \"b\"));",
	} {
		t.Run(name, func(t *testing.T) {
			text := "#: vocab = \"abc\"\n#: max_len = 4\n" + text
			dir, bos := exportedText(t, text, "")
			graph, err := onnxrun.Open(filepath.Join(dir, "model.onnx"))
			if err != nil {
				t.Fatal(err)
			}
			n, err := network.FromONNX(graph, bos)
			if err != nil {
				t.Fatal(err)
			}
			sameLogits(t, n, graph)
			for _, arch := range raspc.Architectures() {
				dir, bos := exportedText(t, text, arch)
				if dir == "" {
					continue // the architecture has another attention
				}
				stock, err := hfrun.Open(dir)
				if err != nil {
					t.Fatal(err)
				}
				if n, err = stock.Network(bos); err != nil {
					t.Fatal(err)
				}
				sameLogits(t, n, stock)
			}
		})
	}
}

// exportedText exports a program; dir is empty where the architecture is not for it.
func exportedText(t testing.TB, text, arch string) (dir string, bos int) {
	t.Helper()
	m, err := raspc.Compile("test.rasp", text, raspc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	_, err = m.Export(dir, raspc.ExportOptions{Arch: arch})
	if choice := new(raspc.ChoiceError); errors.As(err, &choice) {
		return "", 0
	}
	if err != nil {
		t.Fatal(err)
	}
	man, err := manifest.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, man.Tokens.BOS
}

// sameLogits compares the logits of every input of up to four of three tokens.
func sameLogits(t *testing.T, n *network.Network, r runner) {
	t.Helper()
	if err := sparse.Check(n); err != nil {
		t.Fatal(err)
	}
	s := sparse.NewSession(n, sparse.DefaultLimit)
	for length := 1; length <= 4; length++ {
		in := make([]int, length)
		for range int(math.Pow(3, float64(length))) {
			ids, mask := []int64{int64(n.BOS)}, []int64{1}
			for _, id := range in {
				ids, mask = append(ids, int64(id)), append(mask, 1)
			}
			want, err := r.Run([][]int64{ids}, [][]int64{mask})
			if err != nil {
				t.Fatal(err)
			}
			for i, row := range run(t, s, in) {
				size := 1.0
				for _, w := range want[0][i+1] {
					size = max(size, math.Abs(float64(w)))
				}
				for j, got := range s.Row(row) {
					if w := want[0][i+1][j]; math.Abs(float64(got)-float64(w)) > 1e-6*size {
						t.Fatalf("%v: position %d, output %d: %v, want %v", in, i, j, got, w)
					}
				}
			}
			next(in, 3)
		}
	}
}

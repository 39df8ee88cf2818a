package verify_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/verify"
)

// BenchmarkExhaustive verifies programs of Tracr's library on every input: the
// oracle, the sparse evaluator and the comparison, on all processors.
func BenchmarkExhaustive(b *testing.B) {
	for _, tt := range []struct {
		name, vocab string
		max         int
	}{
		{"hist", `"abcdefgh"`, 6}, {"frac_prevs", `"abcdefgh"`, 6}, {"reverse", `"abcd"`, 5},
		{"sort", "0..7", 6}, {"sort_freq", `"abcdefgh"`, 6}, {"shuffle_dyck2", `"(){}abcd"`, 6},
	} {
		b.Run(tt.name, func(b *testing.B) {
			text, err := os.ReadFile(filepath.Join("..", "fixtures", "tracr", tt.name+".rasp"))
			if err != nil {
				b.Fatal(err)
			}
			m, err := raspc.Compile(tt.name, string(text), raspc.Options{Vocab: tt.vocab, MaxLen: tt.max})
			if err != nil {
				b.Fatal(err)
			}
			dir := b.TempDir()
			if _, err := m.Export(dir, raspc.ExportOptions{Formats: []string{"onnx"}}); err != nil {
				b.Fatal(err)
			}
			inputs := 0
			for b.Loop() {
				r, err := verify.Folder(b.Context(), dir, verify.Options{Budget: math.MaxInt32})
				if err != nil || r.Result != verify.Equivalent {
					b.Fatal(r, err)
				}
				inputs += r.Files[0].Inputs
			}
			b.ReportMetric(float64(inputs)/b.Elapsed().Seconds(), "sequences/s")
		})
	}
}

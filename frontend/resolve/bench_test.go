package resolve_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
)

// BenchmarkRun resolves a program of some sixty lines, the library included.
func BenchmarkRun(b *testing.B) {
	text, err := os.ReadFile(filepath.Join("testdata", "paper.rasp"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, list := resolve.Run(diag.NewSource("paper.rasp", string(text)), resolve.Options{}); list.HasErrors() {
			b.Fatal(list)
		}
	}
}

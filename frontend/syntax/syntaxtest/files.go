package syntaxtest

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Files returns the programs of the module, those among the fixtures and those
// below testdata folders of the packages.
func Files(tb testing.TB) []string {
	tb.Helper()
	_, here, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(here), "..", "..", "..")
	var texts []string
	for _, folder := range []string{"fixtures", "frontend"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".rasp") {
				return err
			}
			text, err := os.ReadFile(path)
			texts = append(texts, string(text))
			return err
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	if len(texts) < 100 {
		tb.Fatalf("only %d programs were found", len(texts))
	}
	return texts
}

// Bytes returns seeds for a fuzz target of rapid.MakeFuzz: what it draws from.
func Bytes() [][]byte {
	seeds := make([][]byte, 40)
	rng := rand.NewChaCha8([32]byte{})
	for i := range seeds {
		seeds[i] = make([]byte, 1024*(1+i%8))
		rng.Read(seeds[i])
	}
	return seeds
}

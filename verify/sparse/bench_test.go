package sparse_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"testing"

	"github.com/raspc/raspc/verify/network"
	"github.com/raspc/raspc/verify/onnxrun"
	"github.com/raspc/raspc/verify/sparse"
)

// tracr are programs of Tracr's library over as many tokens and positions as its
// models were timed with.
var tracr = []struct {
	name, vocab string
	tokens, max int
}{
	{"hist", `"abcdefgh"`, 8, 8},
	{"frac_prevs", `"abcdefgh"`, 8, 8},
	{"reverse", `"abcd"`, 4, 5},
	{"sort", "0..7", 8, 8},
	{"sort_freq", `"abcdefgh"`, 8, 8},
	{"shuffle_dyck2", `"(){}abcd"`, 8, 8},
}

// BenchmarkExhaustive evaluates every input of the longest length, on all
// processors, each with a share of the first tokens.
func BenchmarkExhaustive(b *testing.B) {
	for _, tt := range tracr {
		b.Run(tt.name, func(b *testing.B) {
			n := exported(b, tt.name, tt.vocab, tt.max)
			count := 0
			for b.Loop() {
				count += everyInput(b, n, tt.tokens, tt.max)
			}
			b.ReportMetric(float64(count)/b.Elapsed().Seconds(), "sequences/s")
		})
	}
}

// pragmas are the lines that say the domain.
var pragmas = regexp.MustCompile(`(?m)^#: (vocab|max_len).*$`)

// exported is the network of a program's ONNX file.
func exported(b *testing.B, name, vocab string, length int) *network.Network {
	b.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "tracr", name+".rasp"))
	if err != nil {
		b.Fatal(err)
	}
	settings := fmt.Sprintf("#: vocab = %s\n#: max_len = %d\n", vocab, length)
	dir, bos := exportedText(b, settings+string(pragmas.ReplaceAll(text, nil)), "")
	file, err := onnxrun.Open(filepath.Join(dir, "model.onnx"))
	if err != nil {
		b.Fatal(err)
	}
	n, err := network.FromONNX(file, bos)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// everyInput evaluates all inputs of a length, and counts them.
func everyInput(b *testing.B, n *network.Network, tokens, length int) int {
	prefixes := make(chan [2]int, tokens*tokens)
	for i := range tokens * tokens {
		prefixes <- [2]int{i / tokens, i % tokens}
	}
	close(prefixes)
	var all sync.WaitGroup
	var mu sync.Mutex
	count := 0
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			s, in, done := sparse.NewSession(n, sparse.DefaultLimit), make([]int, length), 0
			for p := range prefixes {
				clear(in)
				for in[0], in[1] = p[0], p[1]; in[0] == p[0] && in[1] == p[1]; done++ {
					if _, err := s.Run(in); err != nil {
						b.Error(err)
						return
					}
					next(in, tokens)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			count += done
		})
	}
	all.Wait()
	return count
}

// next counts up.
func next(in []int, tokens int) {
	for i := len(in) - 1; i >= 0; i-- {
		if in[i]++; in[i] < tokens || i == 0 {
			return
		}
		in[i] = 0
	}
}

package raspc_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/verify/hfrun"
)

// TestGraftForeignTokens runs hosts on tokens that the program does not have. Nothing is
// claimed of its columns there, but that they stay small: what reads them could not be
// trained else.
func TestGraftForeignTokens(t *testing.T) {
	const (
		positions = 9
		counter   = 1 << 22 // what a Llama's count is added to
	)
	for name, text := range map[string]string{
		"widths":    "#: vocab = \"abc\"\n#: max_len = 6\nh = selector_width(select(tokens, tokens, ==)) * 2;",
		"positions": "#: vocab = \"abc\"\n#: max_len = 6\nx = aggregate(select(indices, indices - 1, ==), tokens, \"-\");",
		"pairs":     "#: vocab = \"ab\"\n#: max_len = 4\nx = indices if tokens == \"a\" else 0;",
	} {
		for _, arch := range raspc.GraftArchitectures() {
			g := planted(t, text, raspc.GraftOptions{
				Arch: arch, DModel: 64, Layers: 5, Heads: 4, DMLP: 64, MaxLen: positions, Vocab: `["the", "a", "b", "c", "of"]`, Labels: "0..1", Seed: 3,
			})
			model, err := hfrun.Parse(g.config, g.weights.data)
			if err != nil {
				t.Fatal(err)
			}
			host, largest := g.man.Host, 0.0
			foreign := slices.DeleteFunc([]int64{0, 1, 2, 3, 4}, func(id int64) bool { return slices.Contains(host.Tokens, int(id)) })
			rng := rand.New(rand.NewPCG(1, 2))
			for range 200 {
				ids := []int64{int64(host.Tokens[len(host.Tokens)-2])}
				for range 1 + rng.IntN(positions) {
					ids = append(ids, int64(rng.IntN(5)))
				}
				ids = append(ids[:len(ids)-1], foreign[rng.IntN(len(foreign))])
				err := model.Streams(ids, func(_ int, x []float64) {
					for _, v := range x {
						if arch == "llama" && math.Abs(v) > counter/2 {
							v -= math.Copysign(counter, v)
						}
						largest = max(largest, math.Abs(v))
					}
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			if largest > 100 {
				t.Errorf("%s, %s: a column holds %g", name, arch, largest)
			}
		}
	}
}

package host_test

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/hfrun"
	"github.com/raspc/raspc/verify/host"
	"github.com/raspc/raspc/verify/network"
)

// balance has two layers with heads and neurons.
const balance = `#: vocab = "()"
#: max_len = 4
so_far = select(indices, indices, <=);
balance = (indices + 1) * (aggregate(so_far, indicator(tokens == "(")) - aggregate(so_far, indicator(tokens == ")")));
x = aggregate(so_far, indicator(balance < 0)) > 0;
`

// grafted is a folder with a program in a host.
type grafted struct {
	dir   string
	man   *manifest.Manifest
	model *hfrun.Model
	net   *network.Network
}

func graft(t testing.TB, text string, o raspc.GraftOptions) *grafted {
	t.Helper()
	m, err := raspc.Compile("test.rasp", text, raspc.Options{Causal: "on"})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "host")
	if _, err := m.Graft(context.Background(), dir, o); err != nil {
		t.Fatal(err)
	}
	g := &grafted{dir: dir}
	if g.man, err = manifest.Read(dir); err != nil {
		t.Fatal(err)
	}
	g.open(t)
	return g
}

// open reads the model.
func (g *grafted) open(t testing.TB) {
	t.Helper()
	var err error
	if g.model, err = hfrun.Open(g.dir); err != nil {
		t.Fatal(err)
	}
	if g.net, err = g.model.Gated(0); err != nil {
		t.Fatal(err)
	}
}

func (g *grafted) split() (*host.Parts, error) {
	return host.Split(g.net, g.model.Arch(), g.man.Host, len(g.man.Options.Vocab), g.man.Options.MaxLen)
}

// TestBounds holds bounds of the host's columns to runs of hosts with weights of all
// sizes, whose writers are centred or not.
func TestBounds(t *testing.T) {
	for seed := range uint64(12) {
		rng := rand.New(rand.NewPCG(seed, 1))
		arch := []string{"gpt2", "llama"}[seed%2]
		g := graft(t, balance, raspc.GraftOptions{Arch: arch, DModel: 32 + 16*rng.IntN(3), Layers: 2 + rng.IntN(3), Heads: 4, DMLP: 24 + rng.IntN(60), Seed: seed})
		size := math.Exp2(float64(rng.IntN(6)))
		if arch == "llama" {
			size = math.Sqrt(size) // its neurons multiply what they read
		}
		g.change(t, func(name string, w float32) float32 {
			if seed%3 == 0 {
				return w*float32(size) + float32(rng.NormFloat64()*0.02) // not centred
			}
			return w * float32(size)
		})
		parts, err := g.split()
		if err != nil {
			t.Fatal(err)
		}
		own, length, sum := g.measured(t, parts)
		around := parts.Surroundings()
		for k := range length {
			a, err := around.Norm(own[k])
			if err != nil {
				t.Logf("%s, seed %d, norm %d: %v", arch, seed, k, err)
				break
			}
			if length[k] > a.Length || sum[k] > a.Sum {
				t.Errorf("%s, seed %d, norm %d: the host's columns are %g long and add up to %g, the bounds are %g and %g", arch, seed, k, length[k], sum[k], a.Length, a.Sum)
			}
			if k < 2 && a.Length > 100*length[k] {
				t.Errorf("%s, seed %d, norm %d: the host's columns are %g long, the bound is %g", arch, seed, k, length[k], a.Length)
			}
		}
	}
}

// change changes the weights of the host in the file, which the mask leaves free.
func (g *grafted) change(t testing.TB, f func(name string, w float32) float32) {
	t.Helper()
	change(t, filepath.Join(g.dir, hfrun.WeightsFile), filepath.Join(g.dir, "frozen.safetensors"), f)
	g.open(t)
}

// measured runs inputs and returns, for each norm in front of heads or neurons, the sizes
// of the circuit's columns, and the largest length and sum of the host's.
func (g *grafted) measured(t testing.TB, parts *host.Parts) (own [][]float64, length, sum []float64) {
	t.Helper()
	mine := map[int]int{}
	for i, c := range parts.Columns {
		mine[c] = i
	}
	norms := 2 * len(g.net.Layers)
	length, sum = make([]float64, norms), make([]float64, norms)
	for range norms {
		own = append(own, make([]float64, len(parts.Columns)))
	}
	ids, d := g.man.Host.Tokens, g.net.Width
	bos, n := ids[len(ids)-2], len(g.man.Options.Vocab)
	rng := rand.New(rand.NewPCG(5, 5))
	for range 60 {
		in := []int64{int64(bos)}
		for range 1 + rng.IntN(g.man.Options.MaxLen) {
			in = append(in, int64(ids[rng.IntN(n)]))
		}
		err := g.model.Streams(in, func(point int, x []float64) {
			for ; point < norms && len(x) > 0; x = x[d:] {
				squares, total := 0.0, 0.0
				for c, v := range x[:d] {
					if i, ok := mine[c]; ok {
						own[point][i] = max(own[point][i], math.Abs(v))
					} else {
						squares, total = squares+v*v, total+v
					}
				}
				length[point], sum[point] = max(length[point], math.Sqrt(squares)), max(sum[point], math.Abs(total))
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return own, length, sum
}

// FuzzLayout takes any description of where a circuit stands.
func FuzzLayout(f *testing.F) {
	var all []*grafted
	for _, arch := range raspc.GraftArchitectures() {
		g := graft(f, balance, raspc.GraftOptions{Arch: arch, DModel: 32, Layers: 2, Heads: 2, DMLP: 16})
		text, err := json.Marshal(g.man.Host)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
		f.Add(strings.ReplaceAll(string(text), "0", "1"))
		f.Add(strings.ReplaceAll(string(text), "[0,", "[-1,"))
		all = append(all, g)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var h manifest.Host
		if json.Unmarshal([]byte(text), &h) != nil {
			return
		}
		for _, g := range all {
			parts, err := host.Split(g.net, g.model.Arch(), &h, len(g.man.Options.Vocab), g.man.Options.MaxLen)
			if err != nil {
				continue
			}
			around, own := parts.Surroundings(), make([]float64, len(parts.Columns))
			for range 2 * len(g.net.Layers) {
				if _, err := around.Norm(own); err != nil {
					break
				}
			}
		}
	})
}

// change changes the weights of a file that a mask leaves free.
func change(t testing.TB, weights, mask string, f func(name string, w float32) float32) {
	t.Helper()
	data, err := os.ReadFile(weights)
	if err != nil {
		t.Fatal(err)
	}
	frozen, err := os.ReadFile(mask)
	if err != nil {
		t.Fatal(err)
	}
	all, free := tensors(t, data), tensors(t, frozen)
	for name, raw := range all {
		for i := range len(raw) / 4 {
			if free[name][i] == 0 {
				put(raw[4*i:], f(name, at(raw[4*i:])))
			}
		}
	}
	if err := os.WriteFile(weights, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

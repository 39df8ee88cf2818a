package certify_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/verify/certify"
	"github.com/raspc/raspc/verify/hfrun"
	"github.com/raspc/raspc/verify/network"
)

// stock exports a program of fixtures/ as a stock architecture.
func stock(t *testing.T, name, arch string, o raspc.Options) *subject {
	t.Helper()
	s := fixture(t, name, o)
	text, err := os.ReadFile(filepath.Join("..", "..", "fixtures", name+".rasp"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := raspc.Compile(name+".rasp", string(text), o)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), arch)
	if _, err := m.Export(dir, raspc.ExportOptions{Formats: []string{raspc.FormatSafetensors}, Arch: arch}); err != nil {
		t.Fatal(err)
	}
	folder, err := hfrun.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.net, err = folder.Network(s.net.BOS); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestCounted damages a network that counts positions: it goes wrong, or what it
// computes is no longer sure.
func TestCounted(t *testing.T) {
	const count = 1 << 22
	counter := func(n *network.Network) int {
		for c, v := range n.Tokens[n.BOS] {
			if v == count {
				return c
			}
		}
		t.Fatal("nothing counts")
		return 0
	}
	scale := func(ws []network.Weight, by float64) {
		for i := range ws {
			ws[i].W *= by
		}
	}
	for name, damage := range map[string]func(n *network.Network){
		"half a count": func(n *network.Network) { scale(n.Layers[0].Heads[0].O.Columns[counter(n)], 0.5) },
		"a count that is too high": func(n *network.Network) {
			scale(n.Layers[0].Heads[0].O.Columns[counter(n)], float64(float32(1+0.3/6)))
		},
		"a count between two numbers": func(n *network.Network) {
			scale(n.Layers[0].Heads[0].O.Columns[counter(n)], float64(float32(1+0.25/6)))
		},
		"BOS is no better than others": func(n *network.Network) {
			for _, ws := range n.Layers[0].Heads[0].K.Columns {
				scale(ws, 0.1)
			}
		},
		"one token does not count": func(n *network.Network) {
			token := n.Layers[0].Heads[0].V.Columns[0][0].Row
			n.Tokens[1][token] = 0
		},
		"a count from elsewhere": func(n *network.Network) { n.Tokens[0][counter(n)]++ },
		"no room for rounding": func(n *network.Network) {
			c := counter(n)
			for i := range n.Tokens {
				n.Tokens[i][c] /= 1 << 22
			}
		},
		"a norm that is none": func(n *network.Network) { n.Layers[1].AttnNorm.Eps = 1 },
		"a norm that scales":  func(n *network.Network) { n.Final.Weight[n.Unembed.Columns[0][0].Row] *= -1 },
		"positions that turn": func(n *network.Network) { n.Layers[1].Heads[0].Turn = 1e-9 },
		"a large query, turned": func(n *network.Network) {
			q := n.Layers[1].Heads[0].Q
			last := len(q.Columns) - 1
			q.Columns[last] = append(q.Columns[last], network.Weight{Row: counter(n) - 1, W: math.Ldexp(1, 100)})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := stock(t, "causal_reverse", "llama", raspc.Options{})
			if r := certify.Prove(context.Background(), s.spec, s.net); !r.Proved {
				t.Fatalf("not proved before: %v", r.Reason)
			}
			damage(s.net)
			if r := certify.Prove(context.Background(), s.spec, s.net); r.Proved {
				t.Errorf("proved with a margin of %g", r.WorstMargin)
			}
		})
	}
}

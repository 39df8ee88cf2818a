package certify_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/verify/certify"
	"github.com/raspc/raspc/verify/network"
)

// TestMutants damages networks, one weight at a time, and compares proofs with
// exhaustive runs: a network that errs must not be proved.
func TestMutants(t *testing.T) {
	for _, c := range []struct {
		name string
		o    raspc.Options
	}{
		{"hist", raspc.Options{MaxLen: 4}},
		{"sort", raspc.Options{MaxLen: 4, Vocab: "0..3"}},
		{"reverse", raspc.Options{MaxLen: 4}},
		{"dyck1", raspc.Options{MaxLen: 6}},
		{"causal_dyck1", raspc.Options{MaxLen: 6}},
		{"frac_prevs", raspc.Options{MaxLen: 4}},
		{"pair_balance", raspc.Options{MaxLen: 5}},
		{"select_or", raspc.Options{MaxLen: 4}},
		{"width_nested", raspc.Options{MaxLen: 4}},
		{"induction", raspc.Options{MaxLen: 4}},
		{"default_token", raspc.Options{MaxLen: 4}},
		{"mean_threshold", raspc.Options{MaxLen: 5}},
		{"shuffle_dyck2", raspc.Options{MaxLen: 4}},
		{"product", raspc.Options{MaxLen: 3}},
		{"length", raspc.Options{MaxLen: 5}},
		{"dyck1", raspc.Options{MaxLen: 5, Disguise: raspc.Disguise{Rotate: 1}}},
		{"sort", raspc.Options{MaxLen: 4, Vocab: "0..3", Disguise: raspc.Disguise{Rotate: 2}}},
		{"mean_threshold", raspc.Options{MaxLen: 4, Disguise: raspc.Disguise{Rotate: 3}}},
		{"default_number", raspc.Options{MaxLen: 4, Disguise: raspc.Disguise{Rotate: 4}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := fixture(t, c.name, c.o)
			if r := certify.Prove(context.Background(), s.spec, s.net); !r.Proved {
				t.Fatalf("not proved: %v", r.Reason)
			}
			if in := s.wrong(); in != nil {
				t.Fatalf("wrong on %v", in)
			}
			s.mutate(t)
		})
	}
}

// mutate tries mutants.
func (s *subject) mutate(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	changed, killed, harmless, proved := 0, 0, 0, 0
	for range mutants {
		undo, what := damage(s.net, rng)
		wrong := s.wrong()
		r := certify.Prove(context.Background(), s.spec, s.net)
		switch {
		case wrong != nil && r.Proved:
			t.Errorf("proved, but wrong on %v: %s", wrong, what)
		case wrong != nil:
			changed++
			killed++
		default:
			harmless++
			if r.Proved {
				proved++
			}
		}
		undo()
	}
	t.Logf("%d of %d mutants that err are refused, %d of %d that do not err are proved", killed, changed, proved, harmless)
}

var mutants = 60

// damage changes one weight and returns how to undo that.
func damage(n *network.Network, rng *rand.Rand) (undo func(), what string) {
	var all []*float64
	var names []string
	add := func(name string, w *float64) { all, names = append(all, w), append(names, name) }
	linear := func(name string, l network.Linear) {
		for j := range l.Columns {
			for i := range l.Columns[j] {
				add(fmt.Sprintf("%s %d->%d", name, l.Columns[j][i].Row, j), &l.Columns[j][i].W)
			}
		}
		for j := range l.Bias {
			add(fmt.Sprintf("%s bias %d", name, j), &l.Bias[j])
		}
	}
	for i, row := range n.Tokens {
		for j := range row {
			add(fmt.Sprintf("token %d column %d", i, j), &row[j])
		}
	}
	for i, row := range n.Positions {
		for j := range row {
			add(fmt.Sprintf("position %d column %d", i, j), &row[j])
		}
	}
	for l := range n.Layers {
		for h := range n.Layers[l].Heads {
			head := &n.Layers[l].Heads[h]
			name := fmt.Sprintf("layer %d head %d ", l, h)
			linear(name+"Q", head.Q)
			linear(name+"K", head.K)
			linear(name+"V", head.V)
			linear(name+"O", head.O)
		}
		linear(fmt.Sprintf("layer %d in", l), n.Layers[l].In)
		linear(fmt.Sprintf("layer %d out", l), n.Layers[l].Out)
	}
	linear("unembed", n.Unembed)
	i := rng.IntN(len(all))
	if rng.IntN(3) > 0 { // mostly weights that are not 0
		for *all[i] == 0 {
			i = rng.IntN(len(all))
		}
	}
	w, old := all[i], *all[i]
	changes := []func(float64) float64{
		func(x float64) float64 { return 0 },
		func(x float64) float64 { return -x },
		func(x float64) float64 { return x / 2 },
		func(x float64) float64 { return x * 2 },
		func(x float64) float64 { return x + 1 },
		func(x float64) float64 { return x - 0.25 },
		func(x float64) float64 { return x * 1.001 },
		func(x float64) float64 { return x * (1 - 1e-5) },
		func(x float64) float64 { return x + 1e-4 },
	}
	*w = float64(float32(changes[rng.IntN(len(changes))](old)))
	if math.IsNaN(*w) {
		*w = 0
	}
	return func() { *w = old }, fmt.Sprintf("%s: %g becomes %g", names[i], old, *w)
}

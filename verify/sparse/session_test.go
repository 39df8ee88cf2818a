package sparse_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/verify/network"
	"github.com/raspc/raspc/verify/sparse"
)

// TestNaive compares with a dense forward pass in float64, on random networks of
// all kinds and inputs with common beginnings.
func TestNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := networks.Draw(t, "network")
		s := sparse.NewSession(n, sparse.DefaultLimit)
		for _, in := range inputs(n).Draw(t, "inputs") {
			rows, err := s.Run(in)
			if err != nil {
				t.Fatal(err)
			}
			want := naive(n, append([]int{n.BOS}, in...))[1:]
			for i, row := range rows {
				for j, got := range s.Row(row) {
					if diff := math.Abs(float64(got) - want[i][j]); !(diff <= 2e-4*(1+math.Abs(want[i][j]))) {
						t.Fatalf("%v: position %d, output %d: %v, want %v", in, i, j, got, want[i][j])
					}
				}
			}
		}
	})
}

// TestHistory: the inputs before, and resets, change no bit.
func TestHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := networks.Draw(t, "network")
		long := sparse.NewSession(n, sparse.DefaultLimit)
		short := sparse.NewSession(n, rapid.IntRange(0, 5000).Draw(t, "limit"))
		for _, in := range inputs(n).Draw(t, "inputs") {
			fresh := sparse.NewSession(n, sparse.DefaultLimit)
			want := run(t, fresh, in)
			for _, s := range []*sparse.Session{long, short} {
				got := run(t, s, in)
				for i := range want {
					if !slices.Equal(s.Row(got[i]), fresh.Row(want[i])) {
						t.Fatalf("%v: position %d: %v, in a new session %v", in, i, s.Row(got[i]), fresh.Row(want[i]))
					}
				}
			}
		}
		if long.Resets() != 1 {
			t.Fatalf("%d resets", long.Resets())
		}
	})
}

func run(t interface {
	Helper()
	Fatal(...any)
}, s *sparse.Session, in []int) []int32 {
	t.Helper()
	rows, err := s.Run(in)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(rows)
}

// TestErrors: what is no input is an error, and the next input is unharmed.
func TestErrors(t *testing.T) {
	huge := tiny()
	huge.Tokens[2][0] = 1e30
	huge.Layers[0].In.Columns[0][0].W = 1e30
	s := sparse.NewSession(huge, sparse.DefaultLimit)
	want := slices.Clone(s.Row(run(t, s, []int{1, 0})[1]))
	for name, in := range map[string][]int{
		"too long": {0, 0, 0, 0}, "no token": {0, 3}, "negative": {-1}, "overflow": {1, 2},
	} {
		if rows, err := s.Run(in); err == nil {
			t.Errorf("%s: %v", name, rows)
		}
		if got := s.Row(run(t, s, []int{1, 0})[1]); !slices.Equal(got, want) {
			t.Errorf("after %s: %v, want %v", name, got, want)
		}
	}
	if rows := run(t, s, nil); len(rows) != 0 {
		t.Errorf("an empty input has rows %v", rows)
	}
}

// TestNoGarbage: what has been seen is looked up without allocations.
func TestNoGarbage(t *testing.T) {
	for _, causal := range []bool{false, true} {
		n := tiny()
		n.Causal = causal
		s := sparse.NewSession(n, sparse.DefaultLimit)
		all := [][]int{{0}, {0, 1}, {1, 1, 0}, {0, 0, 0}, {1}}
		each := func() {
			for _, in := range all {
				run(t, s, in)
			}
		}
		each()
		seen := s.Rows()
		if allocs := testing.AllocsPerRun(100, func() {
			for _, in := range all {
				if _, err := s.Run(in); err != nil {
					t.Fatal(err)
				}
			}
		}); allocs > 0 || s.Rows() != seen || seen == 0 {
			t.Errorf("causal %t: %v allocations, %d rows, then %d", causal, allocs, seen, s.Rows())
		}
	}
}

// tiny has one head and one neuron; its token 2 is for tests to change.
func tiny() *network.Network {
	one := func(j, cols int, w float64) network.Linear {
		l := network.Linear{Columns: make([][]network.Weight, cols)}
		l.Columns[0] = []network.Weight{{Row: j, W: w}}
		return l
	}
	return &network.Network{
		Width: 2, BOS: 0,
		Tokens:    [][]float64{{1, 0}, {0, 1}, {0, 0}},
		Positions: [][]float64{{0.5, 0}, {0, 0.25}, {0, 0}, {1, 1}},
		Layers: []network.Layer{{
			Heads: []network.Head{{Q: one(0, 1, 3), K: one(1, 1, -2), V: one(0, 1, 1), O: one(0, 2, 1), Scale: 1}},
			In:    one(0, 1, 2), Out: network.Linear{Columns: one(0, 2, 1).Columns, Bias: []float64{0, 1}},
		}},
		Unembed: one(0, 2, 1),
	}
}

package sparse_test

import (
	"slices"
	"testing"

	"github.com/raspc/raspc/verify/network"
	"github.com/raspc/raspc/verify/sparse"
)

// TestForward computes a network by hand: one head that averages the positions it
// sees, and a neuron that doubles what is above 1.
func TestForward(t *testing.T) {
	one := func(from, to int, columns ...float64) network.Linear {
		return network.LinearOf(columns, to, nil)
	}
	n := &network.Network{
		Width: 1, Causal: true, Tokens: [][]float64{{2}, {5}}, Positions: [][]float64{{0}, {1}, {1}}, BOS: 0,
		Layers: []network.Layer{{
			Heads:    []network.Head{{Q: one(1, 1, 0), K: one(1, 1, 0), V: one(1, 1, 1), O: one(1, 1, 1), Scale: 1}},
			AttnBias: []float64{0.5}, In: network.Linear{Columns: [][]network.Weight{{{Row: 0, W: 1}}}, Bias: []float64{-5}}, Out: one(1, 1, 2),
		}},
		Unembed: one(1, 1, -1),
	}
	var seen [][]float32
	logits := sparse.Forward(n, []int{1, 0}, func(_ int, xs [][]float32) {
		var row []float32
		for _, x := range xs {
			row = append(row, x...)
		}
		seen = append(seen, row)
	})
	third := float32(11) / 3
	want := [][]float32{{2, 6, 3}, {4.5, 10.5, 3 + (third + 0.5)}, {4.5, 21.5, 0}}
	want[2][2] = want[1][2] + 2*(want[1][2]-5)
	if !slices.EqualFunc(seen, want, slices.Equal) || logits[1][0] != -21.5 {
		t.Errorf("got %v, want %v", seen, want)
	}
}

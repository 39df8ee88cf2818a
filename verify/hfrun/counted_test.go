package hfrun_test

import (
	"fmt"
	"testing"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/hf"
	"github.com/raspc/raspc/export/manifest"
)

// places returns a decoder without layers that gives what is tabulated for each
// position, BOS's first.
func places(maxLen int, tables ...func(p int) float32) *decoder.Model {
	d := len(tables)
	m := copier(d, maxLen, true)
	position := newGrid(maxLen+1, d)
	for p := range maxLen + 1 {
		for c, of := range tables {
			position.set(p, c, of(p))
		}
	}
	m.Embed, m.Position = newGrid(d+2, d).matrix(), position.matrix()
	return m
}

// TestCountedPositions: a Llama has no table of positions and gives each number
// of one exactly.
func TestCountedPositions(t *testing.T) {
	index := func(p int) float32 { return float32(p - 1) }
	at := func(q int) func(int) float32 {
		return func(p int) float32 {
			if p == q {
				return 1
			}
			return 0
		}
	}
	for name, c := range map[string]struct {
		layers  int
		lengths []int
		tables  []func(int) float32
	}{
		"nothing":     {0, nil, []func(int) float32{at(-1)}},
		"BOS":         {0, nil, []func(int) float32{at(0), func(int) float32 { return 3 }}},
		"index":       {1, []int{1024}, []func(int) float32{index}},
		"one each":    {1, nil, []func(int) float32{at(0), at(1), at(2), at(3)}},
		"the last":    {1, []int{1024}, []func(int) float32{at(1024), at(40), at(39)}},
		"parity":      {1, []int{1024}, []func(int) float32{func(p int) float32 { return float32(p%2) - 0.25 }}},
		"squares":     {1, nil, []func(int) float32{func(p int) float32 { return float32(p * p) }}},
		"reciprocals": {2, []int{200}, []func(int) float32{func(p int) float32 { return 1 / float32(p+1) }, index, at(2)}},
		"tiny":        {2, nil, []func(int) float32{index, func(p int) float32 { return 1 + float32(p)/(1<<23) }, func(p int) float32 { return float32(p*p) * 1e-20 }}},
	} {
		for _, maxLen := range append([]int{1, 2, 3, 40}, c.lengths...) {
			t.Run(fmt.Sprint(name, maxLen), func(t *testing.T) {
				m := places(maxLen, c.tables...)
				run := exportAs(t, m, manifest.Categorical, hf.Llama)
				n, err := run.Network(m.Config.BOS)
				if err != nil {
					t.Fatal(err)
				}
				if maxLen >= 40 && len(n.Layers) != c.layers {
					t.Errorf("%d layers, want %d", len(n.Layers), c.layers)
				}
				ids, mask := make([]int64, maxLen+1), make([]int64, maxLen+1)
				for i := range mask {
					mask[i] = 1
				}
				ids[0] = int64(m.Config.BOS)
				got, err := run.Run([][]int64{ids}, [][]int64{mask})
				if err != nil {
					t.Fatal(err)
				}
				for p, row := range got[0] {
					for c, of := range c.tables {
						if want := of(p) * 32; row[c] != want {
							t.Fatalf("position %d, column %d: %g, want %g", p, c, row[c], want)
						}
					}
				}
			})
		}
	}
}

package hf

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/backend/decoder"
)

// TestRamps evaluates ramps at every position, in float32 and from the last to
// the first: where they are said to be exact, they are.
func TestRamps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := math.Ldexp(1, rapid.IntRange(-20, 20).Draw(t, "unit"))
		n := rapid.IntRange(1, 30).Draw(t, "positions")
		var cols []column
		for at := range rapid.IntRange(1, 3).Draw(t, "columns") {
			p := column{at: 2 * at, rows: make([]float64, n)}
			for i := range p.rows {
				p.rows[i] = unit * float64(rapid.IntRange(-1000, 1000).Draw(t, "row"))
			}
			cols = append(cols, p)
		}
		ramps, ok := rampsOf(cols)
		if !ok {
			t.Fatalf("%d rows of up to 1000 units are not exact", n)
		}
		for pos := 1; pos <= n; pos++ {
			sums := map[int]float32{}
			for i := len(ramps) - 1; i >= 0; i-- {
				for _, e := range ramps[i].out {
					if e.Row != i {
						t.Fatalf("neuron %d writes as %d", i, e.Row)
					}
					sums[e.Col] += float32(max(pos-ramps[i].from, 0)) * e.W
				}
			}
			for _, p := range cols {
				if got := float64(sums[p.at]); got != p.rows[pos-1] {
					t.Fatalf("position %d, column %d: %g, want %g", pos, p.at, got, p.rows[pos-1])
				}
			}
		}
	})
	for name, rows := range map[string][]float64{
		"thirds": {1.0 / 3, 0, 1}, "far apart": {1, 1 << 25, 3}, "steep": {0, 1 << 22, 1, 0, 0, 0, 0, 0, 0},
	} {
		if _, ok := rampsOf([]column{{rows: rows}}); ok {
			t.Errorf("%s are said to be exact", name)
		}
	}
}

func TestRotarySize(t *testing.T) {
	for need, want := range map[int]int{0: 4, 1: 4, 2: 4, 3: 4, 4: 4, 5: 6, 7: 8 * 2, 8: 16, 9: 16, 16: 16, 17: 18, 31: 64, 32: 64, 33: 64, 65: 66, 127: 256, 128: 256} {
		if got := rotarySize(need); got != want {
			t.Errorf("a head of %d has %d, want %d", need, got, want)
		}
	}
}

// TestCountedLayers: a decoder whose positions are alike gets no layer, and one
// without heads gets a head with the layer that counts.
func TestCountedLayers(t *testing.T) {
	m, _ := identity("a", "b")
	m.Config.Positions = 4
	m.Position.Rows = 4
	alike, largest, err := counted(m)
	if err != nil || len(alike.Layers) != 0 || alike.Config.DModel != 2 || largest != 0 {
		t.Errorf("positions that add nothing: %+v, %g, %v", alike.Config, largest, err)
	}
	for at := 1; at < 4; at++ {
		m.Position.Entries = append(m.Position.Entries, decoder.Entry{Row: at, Col: 1, W: 0.5})
	}
	alike, _, err = counted(m)
	if err != nil || len(alike.Layers) != 0 || len(alike.Position.Entries) != 0 {
		t.Errorf("positions that add the same: %+v, %v", alike.Config, err)
	}
	if bos, rest := rowOf(alike.Embed, m.Config.BOS), rowOf(alike.Embed, 0); bos[1] != 0 || rest[1] != 0.5 {
		t.Errorf("the embedding of BOS is %v, that of a token %v", bos, rest)
	}
	m.Position.Entries[2].W = 1
	different, largest, err := counted(m)
	if err != nil || len(different.Layers) != 1 || different.Config.Heads != 1 || different.Config.DModel != 5 || largest < counter {
		t.Errorf("positions that differ: %+v, %g, %v", different.Config, largest, err)
	}
}

// rowOf returns one row of a matrix.
func rowOf(m decoder.Matrix, r int) []float64 {
	row := make([]float64, m.Cols)
	for _, e := range m.Entries {
		if e.Row == r {
			row[e.Col] = float64(e.W)
		}
	}
	return row
}

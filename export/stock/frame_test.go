package stock

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/tensor"
)

func TestFrameSizes(t *testing.T) {
	for _, c := range []struct {
		heads, used, dModel, dHead int
		width, size, allHeads      int
	}{
		{0, 5, 5, 0, 7, 7, 1},
		{1, 5, 5, 2, 7, 7, 1},
		{1, 5, 5, 9, 9, 9, 1},
		{2, 5, 5, 2, 8, 4, 2},
		{2, 6, 6, 2, 8, 4, 2},
		{3, 4, 4, 5, 15, 5, 3},
		{4, 62, 62, 3, 64, 16, 4},
		{4, 62, 64, 3, 64, 16, 4}, // padding has room for the extra columns
		{4, 63, 64, 3, 68, 17, 4},
		{4, 5, 64, 3, 64, 16, 4},
	} {
		m := &decoder.Model{
			Config:   decoder.Config{Heads: c.heads, DModel: c.dModel, DHead: c.dHead, Vocab: 3, Positions: 1, Outputs: 1, BOS: 1, PAD: 2},
			Embed:    decoder.Matrix{Rows: 3, Cols: c.dModel, Entries: []decoder.Entry{{Col: c.used - 1, W: 1}}},
			Position: decoder.Matrix{Rows: 1, Cols: c.dModel},
			Unembed:  decoder.Matrix{Rows: c.dModel, Cols: 1},
		}
		f, err := New(m, tensor.Float32, false, true)
		if err != nil {
			t.Fatal(err)
		}
		if f.Model.Config.DModel != c.used || f.Width != c.width || f.HeadSize != c.size || f.Heads != c.allHeads || f.Inner != 1 {
			t.Errorf("%+v: width %d, %d heads of %d", c, f.Width, f.Heads, f.HeadSize)
		}
	}
}

// TestSumsHaveShortScales gives models whose queries read sums heads of a size that is
// a square, and the narrowest stream with such.
func TestSumsHaveShortScales(t *testing.T) {
	for _, c := range []struct {
		heads, dModel, dHead int
		size, allHeads       int
	}{
		{1, 6, 5, 9, 1}, {1, 20, 19, 25, 1}, {1, 20, 14, 25, 1}, {2, 26, 16, 16, 2}, {1, 12, 4, 16, 1}, {1, 28, 10, 16, 2}, {3, 9, 1, 4, 3},
	} {
		m := &decoder.Model{
			Config:   decoder.Config{Heads: c.heads, DModel: c.dModel, DHead: c.dHead, Vocab: 3, Positions: 1, Outputs: 1, BOS: 1, PAD: 2, Sums: true},
			Embed:    decoder.Matrix{Rows: 3, Cols: c.dModel, Entries: []decoder.Entry{{Col: c.dModel - 1, W: 1}}},
			Position: decoder.Matrix{Rows: 1, Cols: c.dModel},
			Unembed:  decoder.Matrix{Rows: c.dModel, Cols: 1},
		}
		f, err := New(m, tensor.Float32, false, true)
		if err != nil {
			t.Fatal(err)
		}
		if f.HeadSize != c.size || f.Heads != c.allHeads || f.Width != c.size*c.allHeads || f.QueryScale() != math.Trunc(f.QueryScale()) {
			t.Errorf("%+v: width %d, %d heads of %d", c, f.Width, f.Heads, f.HeadSize)
		}
	}
}

func TestNormEpsilon(t *testing.T) {
	for _, c := range []struct{ variance, exponent float64 }{
		{0, 40}, {1 << 16, 40}, {1<<16 + 1, 42}, {1 << 18, 42}, {1 << 56, 80}, {1 << 60, 80},
		{math.Inf(1), 80}, {math.NaN(), 80},
	} {
		if got := NormEpsilon(c.variance); got != math.Exp2(c.exponent) {
			t.Errorf("variance %g: epsilon 2^%g, want 2^%g", c.variance, math.Log2(got), c.exponent)
		}
	}
}

func TestCompensation(t *testing.T) {
	m := decoder.Matrix{Rows: 4, Cols: 3, Entries: []decoder.Entry{
		{Row: 0, Col: 0, W: 1}, {Row: 0, Col: 2, W: 0.5}, {Row: 2, Col: 0, W: 3}, {Row: 2, Col: 1, W: -3}, {Row: 3, Col: 1, W: -7},
	}}
	want := decoder.Matrix{Rows: 4, Cols: 1, Entries: []decoder.Entry{{Row: 0, W: -1.5}, {Row: 3, W: 7}}}
	if diff := cmp.Diff(want, compensation(m)); diff != "" {
		t.Error(diff)
	}
}

// TestVarianceBound evaluates random models on random inputs and compares the
// variance of the stream at every point.
func TestVarianceBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const d, n = 4, 3
		weights := func(name string, rows, cols int) decoder.Matrix {
			m := decoder.Matrix{Rows: rows, Cols: cols}
			for i := range rows * cols {
				if w := rapid.IntRange(-3, 3).Draw(t, name); w != 0 {
					m.Entries = append(m.Entries, decoder.Entry{Row: i / cols, Col: i % cols, W: float32(w)})
				}
			}
			return m
		}
		m := &decoder.Model{
			Config:   decoder.Config{DModel: d, DHead: 2, DMLP: 3, Heads: 1, Layers: 1, Vocab: 3, Positions: n},
			Embed:    weights("embed", 3, d),
			Position: weights("position", n, d),
		}
		layer := decoder.Layer{In: weights("in", d, 3), Out: weights("out", 3, d), OutBias: weights("bias", 1, d)}
		layer.Heads = []decoder.Head{{V: weights("v", d, 2), O: weights("o", 2, d)}}
		m.Layers = []decoder.Layer{layer}
		bound := VarianceBound(m)
		ids := rapid.SliceOfN(rapid.IntRange(0, 2), n, n).Draw(t, "ids")
		keys := rapid.SliceOfN(rapid.IntRange(0, n-1), n, n).Draw(t, "keys")
		for i, v := range streams(m, ids, keys) {
			if v > bound*(1+1e-12) {
				t.Fatalf("variance %g at point %d, bound %g", v, i, bound)
			}
		}
	})
}

// streams returns the variances of all rows at all points, where the query at
// position i attends to keys[i] alone.
func streams(m *decoder.Model, ids, keys []int) []float64 {
	var out []float64
	x := make([][]float64, len(ids))
	for p, id := range ids {
		x[p] = sum(rowOf(m.Embed, id), rowOf(m.Position, p))
		out = append(out, spread(x[p]))
	}
	for _, layer := range m.Layers {
		next := make([][]float64, len(x))
		for p := range x {
			next[p] = x[p]
			for _, h := range layer.Heads {
				next[p] = sum(next[p], apply(apply(x[keys[p]], h.V), h.O))
			}
			out = append(out, spread(next[p]))
			hidden := apply(next[p], layer.In)
			for i := range hidden {
				hidden[i] = max(hidden[i], 0)
			}
			next[p] = sum(next[p], sum(apply(hidden, layer.Out), rowOf(layer.OutBias, 0)))
			out = append(out, spread(next[p]))
		}
		x = next
	}
	return out
}

func rowOf(m decoder.Matrix, r int) []float64 {
	unit := make([]float64, m.Rows)
	unit[r] = 1
	return apply(unit, m)
}

func apply(x []float64, m decoder.Matrix) []float64 {
	out := make([]float64, m.Cols)
	for _, e := range m.Entries {
		out[e.Col] += x[e.Row] * float64(e.W)
	}
	return out
}

func sum(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] + b[i]
	}
	return out
}

// spread is the variance of a row with its compensation.
func spread(x []float64) float64 {
	total, squares := 0.0, 0.0
	for _, v := range x {
		total += v
		squares += v * v
	}
	return (squares + total*total) / float64(len(x)+1)
}

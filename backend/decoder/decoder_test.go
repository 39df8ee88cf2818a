package decoder_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/backend/decoder"
)

// random draws a small model with all its parts.
func random(t *rapid.T) *decoder.Model {
	n := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
	c := decoder.Config{
		Layers: n("layers", 0, 3), Heads: n("heads", 0, 3), DModel: n("d_model", 1, 5), DHead: n("d_head", 1, 3), DMLP: n("d_mlp", 0, 4),
		Vocab: n("vocab", 2, 5), Positions: n("positions", 1, 5), Outputs: n("outputs", 1, 3), Causal: rapid.Bool().Draw(t, "causal"),
	}
	c.BOS, c.PAD = c.Vocab-2, c.Vocab-1
	m := &decoder.Model{Config: c, Embed: matrix(t, c.Vocab, c.DModel), Position: matrix(t, c.Positions, c.DModel), Unembed: matrix(t, c.DModel, c.Outputs)}
	for range c.Layers {
		l := decoder.Layer{In: matrix(t, c.DModel, c.DMLP), Out: matrix(t, c.DMLP, c.DModel), OutBias: matrix(t, 1, c.DModel)}
		for range c.Heads {
			l.Heads = append(l.Heads, decoder.Head{Q: matrix(t, c.DModel, c.DHead), K: matrix(t, c.DModel, c.DHead), V: matrix(t, c.DModel, c.DHead), O: matrix(t, c.DHead, c.DModel)})
		}
		m.Layers = append(m.Layers, l)
	}
	return m
}

func matrix(t *rapid.T, rows, cols int) decoder.Matrix {
	m := decoder.Matrix{Rows: rows, Cols: cols}
	for i := range rows {
		for j := range cols {
			if w := rapid.IntRange(-4, 4).Draw(t, "weight"); w != 0 {
				m.Entries = append(m.Entries, decoder.Entry{Row: i, Col: j, W: float32(w) / 4})
			}
		}
	}
	return m
}

// times is x m, written out.
func times(x [][]float64, m decoder.Matrix) [][]float64 {
	y := make([][]float64, len(x))
	for i := range x {
		y[i] = make([]float64, m.Cols)
		for _, e := range m.Entries {
			y[i][e.Col] += x[i][e.Row] * float64(e.W)
		}
	}
	return y
}

func plus(x, y [][]float64) {
	for i := range y {
		for j := range y[i] {
			x[i][j] += y[i][j]
		}
	}
}

// naive evaluates the formulas of the package comment.
func naive(m *decoder.Model, ids []int) [][]float64 {
	token, place := make([][]float64, len(ids)), make([][]float64, len(ids))
	for i, id := range ids {
		token[i], place[i] = make([]float64, m.Config.Vocab), make([]float64, m.Config.Positions)
		token[i][id], place[i][i] = 1, 1
	}
	x := times(token, m.Embed)
	plus(x, times(place, m.Position))
	for _, l := range m.Layers {
		attended := make([][]float64, len(x))
		for i := range attended {
			attended[i] = make([]float64, m.Config.DModel)
		}
		for _, h := range l.Heads {
			plus(attended, times(attend(m.Config, times(x, h.Q), times(x, h.K), times(x, h.V)), h.O))
		}
		plus(x, attended)
		hidden := times(x, l.In)
		one := make([][]float64, len(x))
		for i := range hidden {
			one[i] = []float64{1}
			for j := range hidden[i] {
				hidden[i][j] = max(0, hidden[i][j])
			}
		}
		plus(x, times(hidden, l.Out))
		plus(x, times(one, l.OutBias))
	}
	return times(x, m.Unembed)
}

func attend(c decoder.Config, q, k, v [][]float64) [][]float64 {
	out := make([][]float64, len(q))
	for i := range q {
		out[i] = make([]float64, c.DHead)
		total := 0.0
		for j := range k {
			if c.Causal && j > i {
				continue
			}
			score := 0.0
			for d := range q[i] {
				score += q[i][d] * k[j][d]
			}
			w := math.Exp(score)
			total += w
			for d := range v[j] {
				out[i][d] += w * v[j][d]
			}
		}
		for d := range out[i] {
			out[i][d] /= total
		}
	}
	return out
}

// TestForward compares with the formulas.
func TestForward(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := random(t)
		if err := decoder.Check(m); err != nil {
			t.Fatal(err)
		}
		ids := rapid.SliceOfN(rapid.IntRange(0, m.Config.Vocab-1), 1, m.Config.Positions).Draw(t, "ids")
		got, err := decoder.NewForward(m).Run(ids)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range naive(m, ids) {
			for j, want := range row {
				if g := got.At(i, j); math.Abs(g-want) > 1e-9*max(1, math.Abs(want)) {
					t.Fatalf("position %d, output %d: got %g, want %g", i, j, g, want)
				}
			}
		}
	})
}

// TestLargeScores does not overflow.
func TestLargeScores(t *testing.T) {
	e := func(w float32) decoder.Matrix {
		return decoder.Matrix{Rows: 1, Cols: 1, Entries: []decoder.Entry{{W: w}}}
	}
	m := &decoder.Model{
		Config:   decoder.Config{Layers: 1, Heads: 1, DModel: 1, DHead: 1, Vocab: 2, PAD: 1, Positions: 2, Outputs: 1},
		Embed:    decoder.Matrix{Rows: 2, Cols: 1, Entries: []decoder.Entry{{Row: 0, W: 100}, {Row: 1, W: 99}}},
		Position: decoder.Matrix{Rows: 2, Cols: 1},
		Unembed:  e(1),
		Layers: []decoder.Layer{{
			Heads: []decoder.Head{{Q: e(1000), K: e(1), V: e(1), O: e(1)}},
			In:    decoder.Matrix{Rows: 1}, Out: decoder.Matrix{Cols: 1}, OutBias: decoder.Matrix{Rows: 1, Cols: 1},
		}},
	}
	if err := decoder.Check(m); err != nil {
		t.Fatal(err)
	}
	got, err := decoder.NewForward(m).Run([]int{0, 1})
	if err != nil || got.At(0, 0) != 200 || got.At(1, 0) != 199 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestRunRefuses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := random(t)
		f := decoder.NewForward(m)
		for name, ids := range map[string][]int{
			"nothing": {}, "too much": make([]int, m.Config.Positions+1), "an unknown id": {m.Config.Vocab}, "a negative id": {-1},
		} {
			if _, err := f.Run(ids); err == nil {
				t.Fatalf("%s: ran", name)
			}
		}
	})
}

// sound is a model with one of everything.
func sound() *decoder.Model {
	c := decoder.Config{Layers: 1, Heads: 1, DModel: 2, DHead: 3, DMLP: 4, Vocab: 5, Positions: 6, Outputs: 7, BOS: 3, PAD: 4}
	full := func(rows, cols int) decoder.Matrix {
		m := decoder.Matrix{Rows: rows, Cols: cols}
		for i := range rows {
			for j := range cols {
				m.Entries = append(m.Entries, decoder.Entry{Row: i, Col: j, W: 1})
			}
		}
		return m
	}
	return &decoder.Model{
		Config: c, Embed: full(5, 2), Position: full(6, 2), Unembed: full(2, 7),
		Layers: []decoder.Layer{{
			Heads: []decoder.Head{{Q: full(2, 3), K: full(2, 3), V: full(2, 3), O: full(3, 2)}},
			In:    full(2, 4), Out: full(4, 2), OutBias: full(1, 2),
		}},
	}
}

// TestCheck breaks one thing at a time, in each of the matrices.
func TestCheck(t *testing.T) {
	if err := decoder.Check(sound()); err != nil {
		t.Fatal(err)
	}
	matrices := map[string]func(m *decoder.Model) *decoder.Matrix{
		"embedding": func(m *decoder.Model) *decoder.Matrix { return &m.Embed }, "position": func(m *decoder.Model) *decoder.Matrix { return &m.Position },
		"unembedding": func(m *decoder.Model) *decoder.Matrix { return &m.Unembed },
		"head 0 Q":    func(m *decoder.Model) *decoder.Matrix { return &m.Layers[0].Heads[0].Q }, "head 0 K": func(m *decoder.Model) *decoder.Matrix { return &m.Layers[0].Heads[0].K },
		"head 0 V": func(m *decoder.Model) *decoder.Matrix { return &m.Layers[0].Heads[0].V }, "head 0 O": func(m *decoder.Model) *decoder.Matrix { return &m.Layers[0].Heads[0].O },
		"layer 0 in": func(m *decoder.Model) *decoder.Matrix { return &m.Layers[0].In }, "layer 0 out ": func(m *decoder.Model) *decoder.Matrix { return &m.Layers[0].Out },
		"out bias": func(m *decoder.Model) *decoder.Matrix { return &m.Layers[0].OutBias },
	}
	for where, at := range matrices {
		for what, harm := range map[string]func(m *decoder.Matrix){
			"is ":            func(m *decoder.Matrix) { m.Rows++ },
			" x ":            func(m *decoder.Matrix) { m.Cols-- },
			"outside":        func(m *decoder.Matrix) { m.Entries[0].Row = m.Rows },
			"outside ":       func(m *decoder.Matrix) { m.Entries[0].Col = -1 },
			"is 0":           func(m *decoder.Matrix) { m.Entries[0].W = 0 },
			"is NaN":         func(m *decoder.Matrix) { m.Entries[0].W = float32(math.NaN()) },
			"is -Inf":        func(m *decoder.Matrix) { m.Entries[0].W = float32(math.Inf(-1)) },
			"are not sorted": func(m *decoder.Matrix) { m.Entries[0], m.Entries[1] = m.Entries[1], m.Entries[0] },
			"not sorted":     func(m *decoder.Matrix) { m.Entries[1] = m.Entries[0] },
		} {
			m := sound()
			harm(at(m))
			if err := decoder.Check(m); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(where)) || !strings.Contains(err.Error(), what) {
				t.Errorf("%s: %s: %v", where, what, err)
			}
		}
	}
	for what, harm := range map[string]func(m *decoder.Model){
		"says 2":           func(m *decoder.Model) { m.Config.Layers = 2 },
		"has 1 heads":      func(m *decoder.Model) { m.Config.Heads = 2 },
		"must be positive": func(m *decoder.Model) { m.Config.Outputs = 0 },
		"positive":         func(m *decoder.Model) { m.Config.Positions = -1 },
		"do not fit":       func(m *decoder.Model) { m.Config.DHead = 0 },
		"sizes do not":     func(m *decoder.Model) { m.Config.DMLP = -1 },
		"BOS 4 and PAD 4":  func(m *decoder.Model) { m.Config.BOS = 4 },
		"BOS 3 and PAD 5":  func(m *decoder.Model) { m.Config.PAD = 5 },
		"BOS -1 and PAD 4": func(m *decoder.Model) { m.Config.BOS = -1 },
	} {
		m := sound()
		harm(m)
		if err := decoder.Check(m); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestParams(t *testing.T) {
	m := sound()
	m.Embed.Entries = m.Embed.Entries[:4]
	// 5*2 + 6*2 + 2*7 + 3*2*3 + 3*2 + 2*4 + 4*2 + 2
	if dense, nonzero := m.Params(); dense != 78 || nonzero != 72 {
		t.Errorf("%d weights, %d not zero", dense, nonzero)
	}
}

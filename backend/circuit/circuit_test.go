package circuit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc/backend/circuit"
	"github.com/raspc/raspc/backend/decoder"
)

// matrix has ones at some places.
func matrix(rows, cols int, at ...[2]int) decoder.Matrix {
	m := decoder.Matrix{Rows: rows, Cols: cols}
	for _, a := range at {
		m.Entries = append(m.Entries, decoder.Entry{Row: a[0], Col: a[1], W: 1})
	}
	return m
}

// reused is a model in which a head reads column 0 by its query and moves column 1 to
// column 2; neuron 0 makes column 3 of that, neuron 1 clears column 2 and neuron 2
// writes it anew, which a second head reads.
func reused() (*decoder.Model, []circuit.Label, []circuit.Clearing) {
	none := func(rows, cols int) decoder.Matrix { return matrix(rows, cols) }
	m := &decoder.Model{
		Config: decoder.Config{Layers: 2, Heads: 1, DModel: 4, DHead: 1, DMLP: 3, Vocab: 2, PAD: 1, Positions: 1, Outputs: 1},
		Embed:  matrix(2, 4, [2]int{0, 1}), Position: matrix(1, 4, [2]int{0, 0}), Unembed: matrix(4, 1, [2]int{3, 0}),
		Layers: []decoder.Layer{{
			Heads: []decoder.Head{{Q: matrix(4, 1, [2]int{0, 0}), K: none(4, 1), V: matrix(4, 1, [2]int{1, 0}), O: matrix(1, 4, [2]int{0, 2})}},
			In:    matrix(4, 3, [2]int{1, 2}, [2]int{2, 0}, [2]int{2, 1}), Out: matrix(3, 4, [2]int{0, 3}, [2]int{1, 2}, [2]int{2, 2}), OutBias: none(1, 4),
		}, {
			Heads: []decoder.Head{{Q: none(4, 1), K: none(4, 1), V: matrix(4, 1, [2]int{2, 0}), O: matrix(1, 4, [2]int{0, 3})}},
			In:    none(4, 3), Out: none(3, 4), OutBias: none(1, 4),
		}},
	}
	labels := []circuit.Label{{Column: 0, Variable: 10, Cleared: -1}, {Column: 1, Variable: 11, Cleared: -1}, {Column: 2, Variable: 12, Cleared: 0},
		{Column: 3, Variable: 13, Cleared: -1}, {Column: 2, Variable: 14, Cleared: -1}}
	return m, labels, []circuit.Clearing{{Layer: 0, Neuron: 1, Label: 2}}
}

func TestTrace(t *testing.T) {
	c, err := circuit.Trace(reused())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range c.Edges {
		got = append(got, fmt.Sprint(e.From, " ", e.To, " ", e.Variables, e.Cancelled))
	}
	want := []string{
		"embed a0.h0<v> [11] []", "embed m0 [11] []", "pos a0.h0<q> [10] []", "a0.h0 m0 [12] []", "a0.h0 a1.h0<v> [] [12]",
		"m0 a1.h0<v> [14] [12]", "m0 logits [13] []", "a1.h0 logits [13] []",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	got = nil
	for _, f := range c.Flows {
		got = append(got, fmt.Sprint(f.From, " ", f.To, " ", f.Through))
	}
	want = []string{"10 12 a0.h0<q>", "11 12 a0.h0<v>", "11 14 m0", "12 13 m0", "13 -1 logits", "14 13 a1.h0<v>"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if s := fmt.Sprint(c.Writers, c.Readers); s != "[[pos] [embed] [a0.h0 m0] [m0 a1.h0] [m0]] [[a0.h0<q>] [a0.h0<v> m0] [m0] [logits] [a1.h0<v>]]" {
		t.Error(s)
	}
	if s := fmt.Sprint(c.Neurons); s != "[{0 0 [12] [13]} {0 1 [12] [12]} {0 2 [11] [14]}]" {
		t.Error(s)
	}
	cols, vars := c.Writes(circuit.Component{Kind: circuit.MLP})
	if s := fmt.Sprint(cols, vars); s != "[2 3] [12 13 14]" {
		t.Error(s)
	}
	cols, vars = c.Reads(circuit.Port{Component: circuit.Component{Kind: circuit.Head, Layer: 1}, Input: circuit.Value})
	if s := fmt.Sprint(cols, vars); s != "[2] [14]" {
		t.Error(s)
	}
}

// TestRefuses labels that do not describe the model.
func TestRefuses(t *testing.T) {
	for want, change := range map[string]func(labels []circuit.Label) []circuit.Label{
		"label 0 is in column 4 of 4":                              func(l []circuit.Label) []circuit.Label { l[0].Column = 4; return l },
		"label 1 is in column -1 of 4":                             func(l []circuit.Label) []circuit.Label { l[1].Column = -1; return l },
		"pos writes column 0, which has no label":                  func(l []circuit.Label) []circuit.Label { return slices.Delete(l, 0, 1) },
		"m0 writes column 3, which has no label":                   func(l []circuit.Label) []circuit.Label { return slices.Delete(l, 3, 4) },
		"column 2 has another label, but the first is not cleared": func(l []circuit.Label) []circuit.Label { l[2].Cleared = -1; return l },
		"a0.h0<q> reads column 0, which has no label": func(l []circuit.Label) []circuit.Label {
			l[0].Cleared = -1
			l[0].Column = 1
			l[1].Column = 1
			return l[1:]
		},
	} {
		m, labels, clearings := reused()
		if strings.HasPrefix(want, "a0") {
			m.Position.Entries = nil
		}
		if _, err := circuit.Trace(m, change(labels), clearings); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

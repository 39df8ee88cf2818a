package certify_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/certify"
	"github.com/raspc/raspc/verify/network"
	"github.com/raspc/raspc/verify/onnxrun"
)

// subject is an exported program, ready to be proved and run.
type subject struct {
	name   string
	spec   certify.Spec
	net    *network.Network
	oracle *interp.Evaluator
	accept func([]value.Value) bool
}

// fixture exports a program of fixtures/ for inputs of up to maxLen tokens.
func fixture(t *testing.T, name string, o raspc.Options) *subject {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "fixtures", name+".rasp"))
	if err != nil {
		t.Fatal(err)
	}
	return export(t, name, string(text), o)
}

// export exports a program.
func export(t *testing.T, name, text string, o raspc.Options) *subject {
	t.Helper()
	m, err := raspc.Compile(name+".rasp", text, o)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	dir := filepath.Join(t.TempDir(), name)
	if _, err := m.Export(dir, raspc.ExportOptions{Formats: []string{"onnx"}}); err != nil {
		t.Fatal(err)
	}
	man, err := manifest.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	model, err := onnxrun.Open(filepath.Join(dir, "model.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	net, err := network.FromONNX(model, man.Tokens.BOS)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var overrides []resolve.Override
	for _, text := range man.Options.Overrides {
		overrides = append(overrides, resolve.Override{Flag: "--flag", Text: text})
	}
	p, list := resolve.Run(diag.NewSource(name, text), resolve.Options{Overrides: overrides})
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	s := &subject{
		name: name, net: net, accept: p.Settings.Accept(),
		oracle: interp.New(p.Graph, p.Settings.Causal.Value, p.Output.ID),
		spec: certify.Spec{
			Graph: p.Graph, Output: p.Output.ID, Causal: p.Settings.Causal.Value, MaxLen: p.Settings.MaxLen.Value,
			Vocab: p.Settings.Alphabet(), Tolerance: 2e-5,
		},
	}
	if p.Settings.BOS.Set {
		s.spec.BOS = &p.Settings.BOS.Value
	}
	for _, a := range man.Output.Labels {
		v, err := a.Value()
		if err != nil {
			t.Fatal(err)
		}
		s.spec.Labels = append(s.spec.Labels, v)
	}
	return s
}

// wrong runs the network on all inputs and returns the first on which it does
// not do what the program does.
func (s *subject) wrong() []value.Value {
	for n := 1; n <= s.spec.MaxLen; n++ {
		ids := make([]int, n)
		for {
			if in := s.tokens(ids); !s.right(in, ids) {
				return in
			}
			if !increment(ids, len(s.spec.Vocab)) {
				break
			}
		}
	}
	return nil
}

func increment(ids []int, base int) bool {
	for i := range ids {
		if ids[i]++; ids[i] < base {
			return true
		}
		ids[i] = 0
	}
	return false
}

func (s *subject) tokens(ids []int) []value.Value {
	in := make([]value.Value, len(ids))
	for i, id := range ids {
		in[i] = s.spec.Vocab[id]
	}
	return in
}

// right compares one input. Inputs that are none of the program's are right.
func (s *subject) right(in []value.Value, ids []int) bool {
	if s.accept != nil && !s.accept(in) {
		return true
	}
	for i, v := range in {
		if s.spec.BOS != nil && (i == 0) != value.Equal(v, *s.spec.BOS) {
			return true
		}
	}
	r, err := s.oracle.Run(in)
	if err != nil {
		return true
	}
	want := r.Sequence(s.spec.Output)
	largest := 1.0
	for _, w := range want {
		if w.IsNumber() {
			largest = max(largest, math.Abs(w.Rat().Float64()))
		}
	}
	for i, row := range forward(s.net, ids)[1:] {
		if s.spec.Labels == nil {
			if !(math.Abs(row[0]-want[i].Rat().Float64()) <= s.spec.Tolerance*largest) {
				return false
			}
			continue
		}
		best := 0
		for l, y := range row {
			if math.IsNaN(y) {
				return false
			}
			if y > row[best] {
				best = l
			}
		}
		if !value.Equal(s.spec.Labels[best], want[i]) {
			return false
		}
	}
	return true
}

// forward evaluates a network in float64: BOS, then the tokens.
func forward(n *network.Network, ids []int) [][]float64 {
	x := [][]float64{plus(n.Tokens[n.BOS], n.Positions[0])}
	for i, id := range ids {
		x = append(x, plus(n.Tokens[id], n.Positions[i+1]))
	}
	for _, l := range n.Layers {
		sum := make([][]float64, len(x))
		for i := range x {
			sum[i] = append([]float64(nil), x[i]...)
			if l.AttnBias != nil {
				sum[i] = plus(sum[i], l.AttnBias)
			}
		}
		for _, h := range l.Heads {
			attend(h, n.Causal, x, sum)
		}
		for i := range sum {
			hidden := apply(l.In, sum[i])
			for j, v := range hidden {
				hidden[j] = max(0, v)
			}
			x[i] = plus(sum[i], apply(l.Out, hidden))
		}
	}
	out := make([][]float64, len(x))
	for i := range x {
		out[i] = apply(n.Unembed, x[i])
	}
	return out
}

func attend(h network.Head, causal bool, x, sum [][]float64) {
	var q, k, v [][]float64
	for i := range x {
		q, k, v = append(q, apply(h.Q, x[i])), append(k, apply(h.K, x[i])), append(v, apply(h.V, x[i]))
	}
	for i := range x {
		keys := len(x)
		if causal {
			keys = i + 1
		}
		scores := make([]float64, keys)
		top := math.Inf(-1)
		for j := range scores {
			for d := range q[i] {
				scores[j] += q[i][d] * k[j][d]
			}
			scores[j] *= h.Scale
			top = max(top, scores[j])
		}
		total, mixed := 0.0, make([]float64, len(v[i]))
		for j, s := range scores {
			w := math.Exp(s - top)
			total += w
			for d := range mixed {
				mixed[d] += w * v[j][d]
			}
		}
		for d := range mixed {
			mixed[d] /= total
		}
		sum[i] = plus(sum[i], apply(h.O, mixed))
	}
}

func apply(l network.Linear, x []float64) []float64 {
	y := make([]float64, len(l.Columns))
	for j, ws := range l.Columns {
		if l.Bias != nil {
			y[j] = l.Bias[j]
		}
		for _, w := range ws {
			y[j] += w.W * x[w.Row]
		}
	}
	return y
}

func plus(a, b []float64) []float64 {
	y := make([]float64, len(a))
	for i := range a {
		y[i] = a[i]
		if i < len(b) {
			y[i] += b[i]
		}
	}
	return y
}

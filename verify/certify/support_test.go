package certify_test

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
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
			Vocab: p.Settings.Alphabet(), Tolerance: 2e-5, Rotation: man.Rotation,
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
	for i, row := range logits(s.net, ids)[1:] {
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

// logits evaluates a network in float64: at BOS, then the tokens.
func logits(n *network.Network, ids []int) [][]float64 {
	x := float64s.forward(n, ids)
	for i := range x {
		x[i] = float64s.apply(n.Unembed, x[i])
	}
	return x
}

// arithmetic adds up products; what else is computed is rounded as they are.
type arithmetic struct {
	sum   func(products []float64) float64
	round func(x float64) float64
}

// float64s adds up in float64.
var float64s = arithmetic{
	sum: func(products []float64) float64 {
		y := 0.0
		for _, x := range products {
			y += x
		}
		return y
	},
	round: func(x float64) float64 { return x },
}

// float32s rounds everything to float32, and adds up in random orders.
func float32s(rng *rand.Rand) arithmetic {
	return arithmetic{
		sum: func(products []float64) float64 {
			rng.Shuffle(len(products), func(i, j int) { products[i], products[j] = products[j], products[i] })
			y := float32(0)
			for _, x := range products {
				y += float32(x)
			}
			return float64(y)
		},
		round: func(x float64) float64 { return float64(float32(x)) },
	}
}

// forward returns the stream behind the last layer, at BOS, then the tokens.
func (a arithmetic) forward(n *network.Network, ids []int) [][]float64 {
	x := [][]float64{a.plus(n.Tokens[n.BOS], n.Positions[0])}
	for i, id := range ids {
		x = append(x, a.plus(n.Tokens[id], n.Positions[i+1]))
	}
	for _, l := range n.Layers {
		added := make([][]float64, len(x)) // the heads' results, as one row
		for i := range x {
			added[i] = make([]float64, n.Width)
		}
		for _, h := range l.Heads {
			a.attend(h, n.Causal, x, added)
		}
		for i := range x {
			if x[i] = a.plus(x[i], added[i]); l.AttnBias != nil {
				x[i] = a.plus(x[i], l.AttnBias)
			}
			hidden := a.apply(l.In, x[i])
			for j, v := range hidden {
				hidden[j] = max(0, v)
			}
			x[i] = a.plus(x[i], a.apply(l.Out, hidden))
		}
	}
	return x
}

func (a arithmetic) attend(h network.Head, causal bool, x, added [][]float64) {
	var q, k, v [][]float64
	for i := range x {
		q, k, v = append(q, a.apply(h.Q, x[i])), append(k, a.apply(h.K, x[i])), append(v, a.apply(h.V, x[i]))
	}
	for i := range x {
		keys := len(x)
		if causal {
			keys = i + 1
		}
		scores := make([]float64, keys)
		top := math.Inf(-1)
		for j := range scores {
			products := make([]float64, len(q[i]))
			for d := range products {
				products[d] = q[i][d] * k[j][d]
			}
			scores[j] = a.round(a.sum(products) * h.Scale)
			top = max(top, scores[j])
		}
		for j, s := range scores {
			scores[j] = a.round(math.Exp(s - top))
		}
		total, mixed := a.sum(slices.Clone(scores)), make([]float64, len(v[i]))
		for d := range mixed {
			products := make([]float64, keys)
			for j, w := range scores {
				products[j] = a.round(w/total) * v[j][d]
			}
			mixed[d] = a.sum(products)
		}
		added[i] = a.plus(added[i], a.apply(h.O, mixed))
	}
}

func (a arithmetic) apply(l network.Linear, x []float64) []float64 {
	y := make([]float64, len(l.Columns))
	for j, ws := range l.Columns {
		var products []float64
		if l.Bias != nil {
			products = append(products, l.Bias[j])
		}
		for _, w := range ws {
			products = append(products, w.W*x[w.Row])
		}
		y[j] = a.sum(products)
	}
	return y
}

func (a arithmetic) plus(x, y []float64) []float64 {
	z := make([]float64, len(x))
	for i := range x {
		z[i] = x[i]
		if i < len(y) {
			z[i] = a.round(x[i] + y[i])
		}
	}
	return z
}

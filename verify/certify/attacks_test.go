package certify_test

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/certify"
	"github.com/raspc/raspc/verify/hfrun"
	"github.com/raspc/raspc/verify/network"
)

// specified is a specification by itself, without a network.
func specified(t *testing.T, name, text string, overrides ...resolve.Override) *subject {
	t.Helper()
	p, list := resolve.Run(diag.NewSource(name, text), resolve.Options{Overrides: overrides})
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	s := &subject{
		name: name, accept: p.Settings.Accept(),
		oracle: interp.New(p.Graph, p.Settings.Causal.Value, p.Output.ID),
		spec: certify.Spec{
			Graph: p.Graph, Output: p.Output.ID, Causal: p.Settings.Causal.Value, MaxLen: p.Settings.MaxLen.Value,
			Vocab: p.Settings.Alphabet(), Tolerance: 2e-5,
		},
	}
	if p.Settings.BOS.Set {
		s.spec.BOS = &p.Settings.BOS.Value
	}
	return s
}

// against is the network of one program with the specification of another.
func (s *subject) against(net *subject) *subject {
	out := *s
	out.net = net.net
	out.spec.Labels = net.spec.Labels
	return &out
}

// refuses fails where a wrong network is proved.
func (s *subject) refuses(t *testing.T) {
	t.Helper()
	wrong := s.wrong()
	if wrong == nil {
		t.Fatal("the network is right")
	}
	r := certify.Prove(context.Background(), s.spec, s.net)
	if r.Proved {
		t.Errorf("proved (margin %.3g, error %.3g), but wrong on %v", r.WorstMargin, r.WorstError, wrong)
	}
	t.Logf("%v", r.Reason)
}

func TestAttackOwnZeroPart(t *testing.T) {
	const common = `#: tokens = int
#: vocab = 0..1
#: max_len = 3
full = select(1, 1, ==);
long = selector_width(full);
`
	spec := specified(t, "a", common+`
rank = selector_width(select(tokens_int, tokens_int, <) or (select(tokens_int, tokens_int, ==) and select(indices, indices, <)));
first = selector_width(select(rank, 0, ==));
res = ("n" if long == 1 else "y") if rank > 0 and first == 1 else ("y" if long == 1 else "n");
`)
	net := export(t, "b", common+`res = "y" if long == 1 else "n";
`, raspc.Options{})
	spec.against(net).refuses(t)
}

func TestAttackRankAmongSame(t *testing.T) {
	const common = `#: vocab = "ab"
#: max_len = 4
w = selector_width((select(tokens, tokens, ==) and select(indices, indices, <)) or (select(tokens, tokens, !=) and select(indices, indices, >)));
sel = select(tokens, tokens, ==) and select(w, 1, ==);
n = selector_width(sel);
`
	spec := specified(t, "a", common+`res = "z" if n >= 2 else ("y" if n == 1 else "n");
`)
	net := export(t, "b", common+`res = "y" if n >= 1 else "n";
`, raspc.Options{})
	spec.against(net).refuses(t)
}

func TestAttackUndefinedMerged(t *testing.T) {
	spec := specified(t, "a", `#: tokens = int
#: vocab = 0..1
#: max_len = 3
y = indices - 1 / tokens_int;
res = "a" if y == -1 else "b";
`)
	net := export(t, "b", `#: tokens = int
#: vocab = 0..1
#: max_len = 3
res = "a" if indices >= 0 else "b";
`, raspc.Options{})
	spec.against(net).refuses(t)
}

func TestAttackKindsMerged(t *testing.T) {
	spec := specified(t, "a", `#: vocab = "ab"
#: max_len = 2
x = 1.0 if tokens == "a" else 1;
y = x + indices;
res = ["p", "q", "r"][y];
`)
	net := export(t, "b", `#: vocab = "ab"
#: max_len = 2
res = "q" if indices >= 0 else "b";
`, raspc.Options{})
	spec.against(net).refuses(t)
}

func TestAttackLargeNumbers(t *testing.T) {
	spec := specified(t, "a", `#: tokens = int
#: vocab = 1..2
#: max_len = 3
y = tokens_int * 1152921504606846976 + indices;
res = "a" if y % 2 == 0 else "b";
`)
	net := export(t, "b", `#: tokens = int
#: vocab = 1..2
#: max_len = 3
res = "a" if indices >= 0 else "b";
`, raspc.Options{})
	spec.against(net).refuses(t)
}

func TestAttackHugeOutput(t *testing.T) {
	s := specified(t, "a", `#: tokens = int
#: vocab = 0..1
#: max_len = 2
res = tokens_int * (10 ^ 200) * (10 ^ 200);
`)
	s.net = handmade(2, []float64{0, 0}, []float64{1, 0}, []float64{0, 0})
	s.net.Unembed = dense([][]float64{{1}, {0}}, nil)
	if r := certify.Prove(context.Background(), s.spec, s.net); r.Proved {
		t.Errorf("proved, with an error of %g", r.WorstError)
	}
}

// TestAttackToleranceScale: the program gives 0 and 1 only.
func TestAttackToleranceScale(t *testing.T) {
	s := export(t, "a", `#: tokens = int
#: vocab = 0..9
#: max_len = 5
full = select(1, 1, ==);
zero = selector_width(select(tokens_int, tokens_int, ==)) + selector_width(select(tokens_int, tokens_int, !=)) - selector_width(full);
res = tokens_int / 11 + indices / 23 + 100 * zero;
`, raspc.Options{})
	if s.spec.Labels != nil {
		t.Fatal("the output has labels")
	}
	r := certify.Prove(context.Background(), s.spec, s.net)
	t.Log(r.Proved, r.WorstError, r.Reason)
	s.net.Unembed.Bias = []float64{float64(float32(2e-4))}
	s.spec.MaxLen = 3
	s.refuses(t)
}

// dense makes a Linear of rows.
func dense(rows [][]float64, bias []float64) network.Linear {
	var all []float64
	for _, r := range rows {
		all = append(all, r...)
	}
	return network.LinearOf(all, len(rows[0]), bias)
}

const copyText = `#: tokens = int
#: vocab = 0..1
#: max_len = 2
res = tokens_int;
`

// handmade has the given columns at tokens 0 and 1 and BOS, and no places.
func handmade(width int, tokens ...[]float64) *network.Network {
	n := &network.Network{Width: width, Tokens: tokens, BOS: len(tokens) - 1}
	for range 5 {
		n.Positions = append(n.Positions, make([]float64, width))
	}
	return n
}

// holds32 checks that float32 arithmetic stays within what is claimed.
func (s *subject) holds32(t *testing.T, tries int) {
	t.Helper()
	r := certify.Prove(context.Background(), s.spec, s.net)
	if !r.Proved {
		t.Logf("%s: not proved: %v", s.name, r.Reason)
		return
	}
	rng := rand.New(rand.NewPCG(3, 4))
	worst := 0.0
	lowest := math.Inf(1)
	for range tries {
		ids := make([]int, 1+rng.IntN(s.spec.MaxLen))
		for i := range ids {
			ids[i] = rng.IntN(len(s.spec.Vocab))
			if s.spec.BOS != nil {
				for (i == 0) != value.Equal(s.spec.Vocab[ids[i]], *s.spec.BOS) {
					ids[i] = rng.IntN(len(s.spec.Vocab))
				}
			}
		}
		in := s.tokens(ids)
		if s.accept != nil && !s.accept(in) {
			continue
		}
		run, err := s.oracle.Run(in)
		if err != nil {
			continue
		}
		want := run.Sequence(s.spec.Output)
		for i, row := range forward32(s.net, ids, rng)[1:] {
			if s.spec.Labels == nil {
				worst = max(worst, math.Abs(float64(row[0])-want[i].Rat().Float64()))
				continue
			}
			for l, y := range row {
				for k, v := range s.spec.Labels {
					if value.Equal(v, want[i]) && k != l {
						lowest = min(lowest, float64(row[k]-y))
					}
				}
			}
		}
	}
	if s.spec.Labels == nil && !(worst <= r.WorstError) {
		t.Errorf("%s: the error is %.4g, claimed %.4g", s.name, worst, r.WorstError)
	}
	if s.spec.Labels != nil && !(lowest >= r.WorstMargin*(1-1e-6)) {
		t.Errorf("%s: the margin is %.6g, claimed %.6g", s.name, lowest, r.WorstMargin)
	}
	t.Logf("%s: error %.3g of %.3g, margin %.6g of %.6g", s.name, worst, r.WorstError, lowest, r.WorstMargin)
}

// forward32 evaluates in float32, with sums in random orders.
func forward32(n *network.Network, ids []int, rng *rand.Rand) [][]float32 {
	x := [][]float32{start32(n, n.BOS, 0)}
	for i, id := range ids {
		x = append(x, start32(n, id, i+1))
	}
	norm := func(p *network.Norm, x [][]float32) [][]float32 {
		if p == nil {
			return x
		}
		out := make([][]float32, len(x))
		for i := range x {
			out[i] = norm32(p, x[i], rng)
		}
		return out
	}
	x = norm(n.EmbedNorm, x)
	for _, l := range n.Layers {
		view := norm(l.AttnNorm, x)
		adds := make([][][]float32, len(x)) // by position and column: terms
		for i := range x {
			adds[i] = make([][]float32, n.Width)
		}
		for _, h := range l.Heads {
			attend32(h, n.Causal, view, adds, rng)
		}
		for i := range x {
			row := make([]float32, n.Width)
			for c := range row {
				terms := adds[i][c]
				if l.AttnBias != nil {
					terms = append(terms, float32(l.AttnBias[c]))
				}
				row[c] = x[i][c] + sum32(terms, rng)
			}
			x[i] = row
		}
		x = norm(l.Between, x)
		view = norm(l.MLPNorm, x)
		for i := range x {
			hidden := apply32(l.In, view[i], rng)
			for j, v := range hidden {
				hidden[j] = float32(l.Act.Of(float64(v)))
			}
			row := make([]float32, n.Width)
			for c, v := range apply32(l.Out, hidden, rng) {
				row[c] = x[i][c] + v
			}
			if len(l.Out.Columns) == 0 {
				copy(row, x[i])
			}
			x[i] = row
		}
		x = norm(l.After, x)
	}
	x = norm(n.Final, x)
	out := make([][]float32, len(x))
	for i := range x {
		out[i] = apply32(n.Unembed, x[i], rng)
	}
	return out
}

func start32(n *network.Network, id, pos int) []float32 {
	row := make([]float32, n.Width)
	for c := range row {
		v := float32(n.Tokens[id][c])
		if n.TokenType != nil {
			v += float32(n.TokenType[c])
		}
		row[c] = v + float32(n.Positions[pos][c])
	}
	return row
}

func norm32(p *network.Norm, x []float32, rng *rand.Rand) []float32 {
	mean := sum32(append([]float32(nil), x...), rng) / float32(len(x))
	sq := make([]float32, len(x))
	for i, v := range x {
		sq[i] = (v - mean) * (v - mean)
	}
	variance := sum32(sq, rng) / float32(len(x))
	root := float32(math.Sqrt(float64(variance + float32(p.Eps))))
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = (v-mean)/root*float32(p.Weight[i]) + float32(p.Bias[i])
	}
	return out
}

// sum32 adds up in a random order: one after another, or as a random tree.
func sum32(xs []float32, rng *rand.Rand) float32 {
	if len(xs) == 0 {
		return 0
	}
	rng.Shuffle(len(xs), func(i, j int) { xs[i], xs[j] = xs[j], xs[i] })
	tree := rng.IntN(2) == 0
	for len(xs) > 1 {
		i := 0
		if tree {
			i = rng.IntN(len(xs) - 1)
		}
		s := xs[i] + xs[i+1]
		xs = append(xs[:i], xs[i+1:]...)
		xs[i] = s
	}
	return xs[0]
}

func apply32(l network.Linear, x []float32, rng *rand.Rand) []float32 {
	y := make([]float32, len(l.Columns))
	for j, ws := range l.Columns {
		var terms []float32
		for _, w := range ws {
			terms = append(terms, float32(w.W)*x[w.Row])
		}
		if l.Bias != nil && l.Bias[j] != 0 {
			terms = append(terms, float32(l.Bias[j]))
		}
		y[j] = sum32(terms, rng)
	}
	return y
}

func attend32(h network.Head, causal bool, x [][]float32, adds [][][]float32, rng *rand.Rand) {
	var q, k, v [][]float32
	for i := range x {
		q, k, v = append(q, apply32(h.Q, x[i], rng)), append(k, apply32(h.K, x[i], rng)), append(v, apply32(h.V, x[i], rng))
	}
	for i := range x {
		keys := len(x)
		if causal {
			keys = i + 1
		}
		scores := make([]float32, keys)
		top := float32(math.Inf(-1))
		for j := range scores {
			var terms []float32
			for d := range q[i] {
				if p := q[i][d] * k[j][d]; p != 0 {
					terms = append(terms, p)
				}
			}
			scores[j] = sum32(terms, rng) * float32(h.Scale)
			top = max(top, scores[j])
		}
		for j, s := range scores {
			scores[j] = float32(math.Exp(float64(s - top)))
		}
		total := sum32(append([]float32(nil), scores...), rng)
		for d := range v[i] {
			var terms []float32
			for j := range scores {
				terms = append(terms, scores[j]/total*v[j][d])
			}
			mixed := sum32(terms, rng)
			for c, ws := range h.O.Columns {
				for _, w := range ws {
					if w.Row == d {
						adds[i][c] = append(adds[i][c], float32(w.W)*mixed)
					}
				}
			}
		}
	}
}

func TestAttackNeuronsCancel(t *testing.T) {
	s := specified(t, "a", copyText)
	s.net = handmade(2, []float64{0, 0}, []float64{1, 0}, []float64{0, 0})
	s.net.Layers = []network.Layer{{
		In:  dense([][]float64{{1 << 20, 1, 1 << 20}, {0, 0, 0}}, nil),
		Out: dense([][]float64{{0, 16}, {0, 1}, {0, -16}}, nil),
	}}
	s.net.Unembed = dense([][]float64{{0}, {1}}, nil)
	s.holds32(t, 100)
}

func TestAttackOverflow(t *testing.T) {
	s := specified(t, "a", copyText)
	s.net = handmade(4, []float64{0, 0, 0, 0}, []float64{1, 0, 0, 0}, []float64{0, 0, 0, 0})
	big := float64(float32(math.Ldexp(1, 100)))
	s.net.Layers = []network.Layer{
		{In: dense([][]float64{{big}, {0}, {0}, {0}}, nil), Out: dense([][]float64{{0, big, 0, 0}}, nil)},
		{In: dense([][]float64{{0}, {1 / big}, {0}, {0}}, nil), Out: dense([][]float64{{0, 0, 1 / big, 0}}, nil)},
	}
	s.net.Unembed = dense([][]float64{{0}, {0}, {1}, {0}}, nil)
	s.holds32(t, 100)
}

func TestAttackUnderflow(t *testing.T) {
	s := specified(t, "a", copyText)
	s.net = handmade(4, []float64{0, 0, 0, 0}, []float64{1, 0, 0, 0}, []float64{0, 0, 0, 0})
	big := float64(float32(math.Ldexp(1, 100)))
	s.net.Layers = []network.Layer{
		{In: dense([][]float64{{1 / big}, {0}, {0}, {0}}, nil), Out: dense([][]float64{{0, 1 / big, 0, 0}}, nil)},
		{In: dense([][]float64{{0}, {big}, {0}, {0}}, nil), Out: dense([][]float64{{0, 0, big, 0}}, nil)},
	}
	s.net.Unembed = dense([][]float64{{0}, {0}, {1}, {0}}, nil)
	s.holds32(t, 100)
}

const meanText = `#: tokens = int
#: vocab = 0..1
#: max_len = 4
res = aggregate(select(1, 1, ==), tokens_int);
`

// TestAttackValuesCancel averages 65536+x and 65536, and subtracts.
func TestAttackValuesCancel(t *testing.T) {
	s := specified(t, "a", meanText)
	// Columns: x, one, BOS, out.
	s.net = handmade(4, []float64{0, 1, 0, 0}, []float64{1, 1, 0, 0}, []float64{0, 1, 1, 0})
	s.net.Layers = []network.Layer{{
		Heads: []network.Head{{
			Q: dense([][]float64{{0, 0}, {64, 0}, {0, 0}, {0, 0}}, nil),
			K: dense([][]float64{{0, 0}, {0, 0}, {-1, 0}, {0, 0}}, nil),
			V: dense([][]float64{{1, 0}, {65536, 65536}, {0, 0}, {0, 0}}, nil),
			O: dense([][]float64{{0, 0, 0, 1}, {0, 0, 0, -1}}, nil), Scale: 1,
		}},
		Out: network.Linear{Columns: make([][]network.Weight, 4)},
	}}
	s.net.Unembed = dense([][]float64{{0}, {0}, {0}, {1}}, nil)
	s.spec.Tolerance = 1
	s.holds32(t, 2000)
}

// TestAttackScoresParts has large integers and fractions in one score.
func TestAttackScoresParts(t *testing.T) {
	s := specified(t, "a", `#: tokens = int
#: vocab = 0..1
#: max_len = 4
res = aggregate(select(tokens_int, 1, ==), indices);
`)
	// Columns: 2x-1, one, place, out.
	s.net = handmade(4, []float64{-1, 1, 0, 0}, []float64{1, 1, 0, 0}, []float64{0, 1, 0, 0})
	for i := range s.net.Positions {
		s.net.Positions[i][2] = float64(max(i-1, 0))
	}
	q, k := [][]float64{{}, {}, {}, {}}, [][]float64{{}, {}, {}, {}}
	for d := range 100 {
		for c := range q {
			q[c], k[c] = append(q[c], 0), append(k[c], 0)
		}
		if d == 0 {
			q[1][d], k[1][d] = 1<<22+1000, 1
			continue
		}
		q[1][d], k[0][d] = 1, 0.2421875
	}
	v, o := make([][]float64, 4), make([][]float64, 100)
	for c := range v {
		v[c] = make([]float64, 100)
	}
	for d := range o {
		o[d] = make([]float64, 4)
	}
	v[2][0], o[0][3] = 1, 1
	s.net.Layers = []network.Layer{{
		Heads: []network.Head{{Q: dense(q, nil), K: dense(k, nil), V: dense(v, nil), O: dense(o, nil), Scale: 1}},
		Out:   network.Linear{Columns: make([][]network.Weight, 4)},
	}}
	s.net.Unembed = dense([][]float64{{0}, {0}, {0}, {1}}, nil)
	s.spec.Tolerance = 1
	s.holds32(t, 500)
}

func TestAttackShortTables(t *testing.T) {
	s := specified(t, "a", copyText)
	s.net = handmade(1, []float64{0}, []float64{1})
	s.net.BOS = 5
	s.net.Unembed = dense([][]float64{{1}}, nil)
	r := certify.Prove(context.Background(), s.spec, s.net)
	if r.Proved {
		t.Error("proved")
	}
	s.net.Tokens, s.net.BOS = s.net.Tokens[:1], 0
	if r = certify.Prove(context.Background(), s.spec, s.net); r.Proved {
		t.Error("proved")
	}
}

func TestAttackFractionWidth(t *testing.T) {
	s := export(t, "a", `#: vocab = "abc"
#: max_len = 3
full = select(1, 1, ==);
a = indicator(tokens == "a");
b = indicator(tokens == "b");
s1 = aggregate(full, a + b);
s2 = aggregate(full, b - a);
w = selector_width(select(tokens, "a", ==));
res = w + s1 + s2;
`, raspc.Options{})
	r := certify.Prove(context.Background(), s.spec, s.net)
	t.Log(r.Proved, r.Reason)
}

func TestAttackUnlistedProduct(t *testing.T) {
	s := specified(t, "a", `#: tokens = int
#: vocab = 0..1
#: max_len = 120
full = select(1, 1, ==);
w = selector_width(select(tokens_int, tokens_int, ==));
v = selector_width(select(tokens_int, tokens_int, ==) and select(indices, indices, <));
u = selector_width(select(tokens_int, tokens_int, <) and select(indices, indices, <));
p = w * v * u;
res = aggregate(full, p);
`)
	s.net = handmade(1, []float64{0}, []float64{1}, []float64{0})
	for len(s.net.Positions) < 200 {
		s.net.Positions = append(s.net.Positions, []float64{0})
	}
	s.net.Unembed = dense([][]float64{{1}}, nil)
	r := certify.Prove(context.Background(), s.spec, s.net)
	t.Log(r.Proved, r.Reason)
}

// TestAttackNoiseMerged: a column is 0 for both tokens, exactly for one of them
// only, and the scores read it.
func TestAttackNoiseMerged(t *testing.T) {
	s := specified(t, "a", `#: tokens = int
#: vocab = 0..2
#: max_len = 4
res = aggregate(select(tokens_int, 2, <), indices);
`)
	// Columns: x, one, BOS, place, noisy, out.
	s.net = handmade(7, []float64{0, 1, 0, 0, 0, 0, 0}, []float64{1, 1, 0, 0, 0, 0, 0}, []float64{0, 1, 0, 0, 0, 0, -128}, []float64{0, 1, 1, 0, 0, 0, 0})
	for i := range s.net.Positions {
		s.net.Positions[i][3] = float64(max(i-1, 0))
	}
	head := network.Head{
		Q: dense([][]float64{{0, 0}, {64, 1}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}}, nil),
		K: dense([][]float64{{0, 0}, {0, 0}, {-1, 0}, {0, 0}, {0, 1}, {0, 0}, {0, 1}}, nil),
		V: dense([][]float64{{0, 0}, {0, 0}, {0, 0}, {1, 0}, {0, 0}, {0, 0}, {0, 0}}, nil),
		O: dense([][]float64{{0, 0, 0, 0, 0, 1, 0}, {0, 0, 0, 0, 0, 0, 0}}, nil), Scale: 1,
	}
	none := network.Linear{Columns: make([][]network.Weight, 7)}
	big := 16777217 * 0.999
	big = float64(float32(big))
	s.net.Layers = []network.Layer{
		{
			In:  dense([][]float64{{1, 1, 1, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}, nil),
			Out: dense([][]float64{{0, 0, 0, 0, big, 0, 0}, {0, 0, 0, 0, 0.4, 0, 0}, {0, 0, 0, 0, -0.4, 0, 0}, {0, 0, 0, 0, -big, 0, 0}}, nil),
		},
		{Heads: []network.Head{head}, Out: none},
	}
	s.net.Unembed = dense([][]float64{{0}, {0}, {0}, {0}, {0}, {1}, {0}}, nil)
	s.spec.Tolerance = 1
	s.holds32(t, 2000)
}

// TestAttackHeadBias: a head has no bias of its own.
func TestAttackHeadBias(t *testing.T) {
	s := export(t, "a", `#: tokens = int
#: vocab = 0..1
#: max_len = 3
res = aggregate(select(indices, indices - 1, ==), tokens_int);
`, raspc.Options{})
	h := &s.net.Layers[0].Heads[0]
	h.O.Bias = make([]float64, len(h.O.Columns))
	for i := range h.O.Bias {
		h.O.Bias[i] = float64(3 * i)
	}
	s.refuses(t)
}

// TestAttackCommonLogits reads a column that holds nothing but the error of a
// norm's mean with a huge weight, alike for all labels: the differences of the
// logits do not change, but their rounding does.
func TestAttackCommonLogits(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "sort.rasp"))
	if err != nil {
		t.Fatal(err)
	}
	s := fixture(t, "sort", raspc.Options{MaxLen: 4})
	m, err := raspc.Compile("sort.rasp", string(text), raspc.Options{MaxLen: 4})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "sort")
	if _, err := m.Export(dir, raspc.ExportOptions{Formats: []string{"safetensors"}}); err != nil {
		t.Fatal(err)
	}
	folder, err := hfrun.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	net, err := folder.Network(s.net.BOS)
	if err != nil {
		t.Fatal(err)
	}
	if r := certify.Prove(context.Background(), s.spec, net); !r.Proved {
		t.Fatalf("not proved: %v", r.Reason)
	}
	for l := range net.Unembed.Columns {
		net.Unembed.Columns[l] = add(net.Unembed.Columns[l], net.Width-1, 1e18)
	}
	if r := certify.Prove(context.Background(), s.spec, net); r.Proved {
		t.Error("proved, though rounding decides between the labels")
	}
}

// add adds to one weight of a column.
func add(ws []network.Weight, row int, by float64) []network.Weight {
	for i := range ws {
		if ws[i].Row == row {
			ws[i].W += by
			return ws
		}
	}
	return append(ws, network.Weight{Row: row, W: by})
}

// TestAttackEmbeddingRounds adds a place to a token that float32 cannot hold
// together, and reads the sum with a weight whose product is rounded the same way.
func TestAttackEmbeddingRounds(t *testing.T) {
	s := specified(t, "a", `#: tokens = int
#: vocab = 0..1
#: max_len = 2
res = 2 * tokens_int;
`)
	s.net = handmade(1, []float64{0}, []float64{1.5}, []float64{0})
	for _, row := range s.net.Positions {
		row[0] = 0x1p-24
	}
	s.net.Unembed = dense([][]float64{{11184807 * 0x1p-23}}, nil)
	s.holds32(t, 100)
}

// TestAttackNeuronsAtBOS makes a column err at BOS, and reads it there with neurons
// that are 1 together whatever they read, but for what rounding leaves of the large
// numbers. That is the default of a mean.
func TestAttackNeuronsAtBOS(t *testing.T) {
	s := specified(t, "a", `#: tokens = int
#: vocab = 0..1
#: max_len = 4
res = aggregate(select(tokens_int, 1, ==), indices - indices + 1, 1);
`)
	// Columns: x, one, BOS, noisy, default, out.
	s.net = handmade(6, []float64{0, 1, 0, 0, 0, 0}, []float64{1, 1, 0, 0x1p-20, 0, 0}, []float64{0, 0, 1, 0, 0, 0})
	row := func(ws ...float64) []float64 { return ws }
	none := make([]float64, 4)
	big, weight := float64(float32(16777217*0.999)), float64(1e8)
	s.net.Layers = []network.Layer{
		{
			In:  dense([][]float64{none, none, row(1, 1, 1, 1), none, none, none}, nil),
			Out: dense([][]float64{row(0, 0, 0, big, 0, 0), row(0, 0, 0, 0.4, 0, 0), row(0, 0, 0, -0.4, 0, 0), row(0, 0, 0, -big, 0, 0)}, nil),
		},
		{
			In:  dense([][]float64{none, none, row(1, 0, 0, -1), row(weight, weight, -weight, -weight), none, none}, nil),
			Out: dense([][]float64{row(0, 0, 0, 0, 1, 0), row(0, 0, 0, 0, -1, 0), row(0, 0, 0, 0, 1, 0), row(0, 0, 0, 0, -1, 0)}, nil),
		},
		{
			Heads: []network.Head{{
				Q: dense([][]float64{row(0, 0), row(64, 1), row(0, 0), row(0, 0), row(0, 0), row(0, 0)}, nil),
				K: dense([][]float64{row(0, 128), row(0, -128), row(-1, 0), row(0, 0), row(0, 0), row(0, 0)}, nil),
				V: dense([][]float64{row(0, 0), row(1, 0), row(0, 0), row(0, 0), row(1, 0), row(0, 0)}, nil),
				O: dense([][]float64{row(0, 0, 0, 0, 0, 1), row(0, 0, 0, 0, 0, 0)}, nil), Scale: 1,
			}},
			Out: network.Linear{Columns: make([][]network.Weight, 6)},
		},
	}
	s.net.Unembed = dense([][]float64{{0}, {0}, {0}, {0}, {0}, {1}}, nil)
	s.spec.Tolerance = 1e6
	s.holds32(t, 2000)
}

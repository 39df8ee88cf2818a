package verify

import (
	"errors"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/verify/network"
)

// copying is a network without layers, of labelled: each token's logits favour its
// own label, and some tokens' favour another one as well.
func copying(wrong map[int]int) *network.Network {
	n := &network.Network{Width: 3, BOS: 3, Tokens: make([][]float64, 5), Unembed: network.LinearOf([]float64{1, 0, 0, 0, 1, 0, 0, 0, 1}, 3, nil)}
	for i := range n.Tokens {
		n.Tokens[i] = make([]float64, 3)
		if i < 3 {
			n.Tokens[i][i] = 1
		}
	}
	for token, label := range wrong {
		n.Tokens[token][label] = 2
	}
	for range 4 {
		n.Positions = append(n.Positions, make([]float64, 3))
	}
	return n
}

// verified runs a file of labelled.
func verified(t *testing.T, f *fake, n *network.Network, o Options) (*Report, error) {
	t.Helper()
	s := labelled(t)
	v := newVerification(s, []opened{{Runner: f, file: "f", name: "fake", net: n}}, o)
	err := v.run(t.Context())
	return v.report, err
}

// TestSweep: the sparse evaluator and the file's runner find the same.
func TestSweep(t *testing.T) {
	wrongC := func(ids, _ []int64, at int) int { return int(ids[at]) % 2 }
	wrong := copying(map[int]int{2: 0})
	wrong.Tokens[2] = []float64{1, 0, 0}
	for name, tt := range map[string]struct {
		label  func(ids, mask []int64, at int) int
		net    *network.Network
		want   Result
		runner string
	}{
		"right":                       {copied, copying(nil), Equivalent, "sparse; fake on 39"},
		"wrong":                       {wrongC, wrong, Different, "sparse; fake on 39"},
		"an unknown network":          {copied, nil, Equivalent, "fake"},
		"an unknown network is wrong": {wrongC, nil, Different, "fake"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := verified(t, &fake{label: tt.label}, tt.net, Options{})
			if err != nil {
				t.Fatal(err)
			}
			f := r.Files[0]
			if r.Result != tt.want || f.Runner != tt.runner || f.Inputs != 39 || f.ExhaustiveTo != 3 || f.Longest != 3 {
				t.Errorf("%s, %+v", r.Result, f)
			}
			if d := f.Difference; d != nil && (len(d.Input) != 1 || d.Input[0].Text() != "c" || d.Got.Text() != "a" || d.File != "f") {
				t.Errorf("got %+v", d)
			}
			if tt.want == Equivalent && tt.net != nil {
				if diff := cmp.Diff([]Bucket{{1, 3 + 18 + 81}}, f.Histogram); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

// TestDisagreement: where a file's two evaluations differ there is no verdict.
func TestDisagreement(t *testing.T) {
	other := copying(nil)
	other.Tokens[2][0] = 0.5 // the label is right, another logit is not
	beyond := copying(map[int]int{2: 0})
	for name, n := range map[string]*network.Network{"logits": other, "labels": beyond} {
		for _, budget := range []int{3, 39} {
			_, err := verified(t, &fake{label: copied}, n, Options{Budget: budget})
			var d *DisagreementError
			if !errors.As(err, &d) || d.File != "f" || d.Runner != "fake" || len(d.Input) == 0 {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestSweepOrder: whatever the number of processors, the first difference is the
// first of the plan, and all counts are the same.
func TestSweepOrder(t *testing.T) {
	s := labelledTo(t, 9)
	n := copying(nil)
	n.Tokens[2] = []float64{0.5, 0, 1} // at the last but one position another token is favoured
	n.Positions = slices.Repeat([][]float64{{0, 0, 0}}, 10)
	n.Positions[8] = []float64{0.625, 0, 0}
	p := makePlan(s, 20_000, 3)
	var all []tally
	for _, processors := range []int{1, 4} {
		before := runtime.GOMAXPROCS(processors)
		tally, err := sweepPlan(t.Context(), s, p, []opened{{net: n}}, func(int) {})
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if first := tally.found[0].first; s.spelled(first.ids) != "aaaaaaac" || tally.inputs != p.size() || tally.longest() != 9 {
			t.Errorf("on %d processors: first %s of %d inputs", processors, s.spelled(first.ids), tally.inputs)
		}
		tally.found[0].busy = 0
		all = append(all, tally)
	}
	if diff := cmp.Diff(all[0], all[1], cmp.AllowUnexported(tally{}, found{}, outcome{}, spot{}, numbers{})); diff != "" {
		t.Error(diff)
	}
}

// TestSweepNumbers: numbers may be off by what the largest of all inputs allows,
// and the one that is furthest off is shown.
func TestSweepNumbers(t *testing.T) {
	s := subjectOf(t, "#: vocab = \"ab\"\n#: max_len = 3\nx = 100 * indices;")
	n := &network.Network{Width: 1, BOS: 2, Tokens: [][]float64{{0}, {0.125}, {0}, {0}}, Positions: [][]float64{{0}, {0}, {100}, {200}},
		Unembed: network.LinearOf([]float64{1}, 1, nil)}
	same := &numeric{n}
	for tolerance, want := range map[float64]Result{1e-4: Different, 1e-3: Equivalent} {
		v := newVerification(s, []opened{{Runner: same, file: "f", name: "numeric", net: n}}, Options{Tolerance: tolerance}.withDefaults())
		if err := v.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		f := v.report.Files[0]
		if v.report.Result != want || f.MaxAbsError == nil || *f.MaxAbsError != 0.125 || f.WorstMargin != nil {
			t.Errorf("%g: %s, %+v", tolerance, v.report.Result, f)
		}
		if d := f.Difference; d != nil && (len(d.Input) != 1 || d.Input[0].Text() != "b") {
			t.Errorf("got %+v", d)
		}
	}
}

// TestWrongInteger: a file that is off by one is different, however large the numbers
// and the tolerance are.
func TestWrongInteger(t *testing.T) {
	s := subjectOf(t, "#: vocab = \"ab\"\n#: max_len = 3\nx = 100000 * indices;")
	n := &network.Network{Width: 1, BOS: 2, Tokens: [][]float64{{0}, {1}, {0}, {0}}, Positions: [][]float64{{0}, {0}, {100_000}, {200_000}},
		Unembed: network.LinearOf([]float64{1}, 1, nil)}
	for _, net := range []*network.Network{n, nil} {
		v := newVerification(s, []opened{{Runner: &numeric{n}, file: "f", name: "numeric", net: net}}, Options{Tolerance: 0.5}.withDefaults())
		if err := v.run(t.Context()); err != nil || v.report.Result != Different {
			t.Errorf("%v, %v", v.report.Result, err)
		}
	}
}

// numeric runs a network without layers.
type numeric struct{ n *network.Network }

func (r *numeric) Run(ids, mask [][]int64) ([][][]float32, error) {
	logits := make([][][]float32, len(ids))
	for i := range ids {
		for at, id := range ids[i] {
			logits[i] = append(logits[i], []float32{float32(r.n.Tokens[id][0] + r.n.Positions[at][0])})
		}
	}
	return logits, nil
}

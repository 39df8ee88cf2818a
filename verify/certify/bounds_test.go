package certify

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/network"
)

// begun is a proof about a program, before its first layer.
func begun(t *testing.T, text string) *proof {
	t.Helper()
	p, list := resolve.Run(diag.NewSource("p", text), resolve.Options{})
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	s := Spec{Graph: p.Graph, Output: p.Output.ID, Causal: p.Settings.Causal.Value, MaxLen: p.Settings.MaxLen.Value, Vocab: p.Settings.Alphabet()}
	prog, err := newProgram(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	out := newProof(s, &network.Network{})
	out.prog = prog
	return out
}

// table is a function of the index.
func table(n int, f func(i int) float64) *lin {
	t := make([]float64, n)
	for i := range t {
		t[i] = f(i)
	}
	return tabulated(indexAtom, t)
}

// TestSampledSelector: a head that differs from a selector at one query, which
// the sample leaves out, is not the selector's.
func TestSampledSelector(t *testing.T) {
	const n = 2048
	p := begun(t, "#: vocab = \"a\"\n#: max_len = 2048\nmine = select(indices, indices, ==);\nres = aggregate(mine, tokens);\n")
	sel := p.prog.g.Node(p.spec.Output).Args[0]
	read := func(f func(i int) float64) read { return read{l: table(n, f), err: &lin{}, abs: &lin{}} }
	one := func(int) float64 { return 1 }
	square := func(i int) float64 { return -float64(i * i) }
	s := &scores{scale: 1, dims: []dimension{ // -(query-key)^2
		{read(func(i int) float64 { return float64(i) }), read(func(i int) float64 { return float64(2 * i) })},
		{read(one), read(square)},
		{read(square), read(one)},
	}}
	h := &head{p: p, scores: s, limit: -0.5}
	if same, err := h.selects(sel); err != nil || !same {
		t.Fatalf("the selector itself: %v, %v", same, err)
	}
	for _, odd := range []int{1, 2, 3} {
		wrong := append(s.dims[:3:3], dimension{read(func(i int) float64 { return -float64(max(0, 1-max(i-odd, odd-i))) }), read(one)})
		h := &head{p: p, scores: &scores{scale: 1, dims: wrong}, limit: -0.5}
		if same, err := h.selects(sel); err != nil || same {
			t.Errorf("query %d selects nothing: %v, %v", odd, same, err)
		}
	}
}

// TestNumbers: combinations are told apart, also where they are many.
func TestNumbers(t *testing.T) {
	for _, relations := range []int{2, 40} {
		all := make([]asked, relations)
		for i := range all {
			all[i] = asked{relation: &relation{count: 1 << 10}}
		}
		s := newNumbers(all)
		for i := range relations {
			has := make([]int32, relations)
			has[i] = 1<<10 - 1
			if !s.add(has) || s.add(has) {
				t.Errorf("%d relations: the combination with %d is not told apart", relations, i)
			}
		}
	}
}

// TestNonzero counts the products that are not 0 at every position.
func TestNonzero(t *testing.T) {
	p := begun(t, "#: vocab = \"abc\"\n#: max_len = 4\nres = tokens;\n")
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var ws []network.Weight
		p.view.cols = nil
		for i := range 6 {
			c := column{err: &lin{}, bos: float64(rng.IntN(2))}
			sparse := func(n int) []float64 {
				t := make([]float64, n)
				for i := range t {
					t[i] = float64(rng.IntN(3) / 2)
				}
				return t
			}
			c.l = combine([]*lin{tabulated(tokenAtom, sparse(3)), tabulated(indexAtom, sparse(4))}, []float64{float64(rng.IntN(2)), float64(rng.IntN(2))})
			if rng.IntN(4) == 0 {
				c.err = constant(1e-6) // 0 is not exactly 0 there
			}
			p.view.cols = append(p.view.cols, c)
			ws = append(ws, network.Weight{Row: i, W: 1})
		}
		most, atBOS := 0, 0
		for i := range 12 {
			at := assignment{int32(i % 3), int32(i / 3), 3}
			n := 0
			for k := range p.view.cols {
				c := &p.view.cols[k]
				if y, _ := p.eval(c.l, at); y != 0 || !c.exact() {
					n++
				}
				if i == 0 && c.bos != 0 {
					atBOS++
				}
			}
			most = max(most, n)
		}
		if got := p.nonzero(ws, 0, 0); got < max(most, atBOS) {
			t.Errorf("%d products are said not to be 0, %d and %d are", got, most, atBOS)
		}
		if got := p.nonzero(ws, 1e-9, 0); got != len(ws) {
			t.Errorf("with an error that all have in common: %d", got)
		}
	}
}

// TestErrorShares tries heads whose selected keys have the largest errors that
// are allowed for: bounds that are a share of the result must hold where values
// cancel, too.
func TestErrorShares(t *testing.T) {
	p := begun(t, "#: vocab = \"a\"\n#: max_len = 8\nres = tokens;\n")
	const n = 8
	rng := rand.New(rand.NewPCG(3, 4))
	for try := range 2000 {
		h := &head{p: p, selected: -12, rest: -40, even: 1e-3, off: 1e-3, gap: 60, above: 60, below: 60}
		vals := make([]float64, n)
		lowest := []float64{0, -1}[try%2]
		for i := range vals {
			vals[i] = lowest + (1-lowest)*float64(rng.IntN(9))/8
		}
		o := &output{f: tabulated(indexAtom, vals), terms: 1, abs: 1, lo: lowest, hi: 1}
		m := 1 + rng.IntN(n)
		sum, sumErr, meanOff, uneven := 0.0, 0.0, 0.0, 0.0
		for _, v := range vals[:m] {
			push := h.even * float64(1-2*rng.IntN(2))
			round := h.softmaxError() * float64(1-2*rng.IntN(2))
			sum += v
			sumErr += v * (math.Exp(push)*(1+round) - 1)
			meanOff += v * math.Exp(push) * (1 + round)
			uneven += math.Exp(push)
		}
		at := make(assignment, firstOwn)
		l := func(y float64) *lin { // y at the first index, somewhat more elsewhere
			return table(n, func(i int) float64 { return y + float64(i)/8 })
		}
		weight := math.Exp(h.selected)
		bound, _ := p.eval(h.sumErrorOf(o, l(weight*sum), 0, m), at)
		if got := math.Abs(sumErr) * weight; got > bound {
			t.Fatalf("a sum of %v is off by %g, the bound is %g", vals[:m], got, bound)
		}
		mean := sum / float64(m)
		bound, _ = p.eval(h.meanError(o, l(mean), 0, false), at)
		if got := math.Abs(meanOff/uneven - mean); got > bound {
			t.Fatalf("a mean of %v is off by %g, the bound is %g", vals[:m], got, bound)
		}
	}
}

// ending is a context that ends after it was looked at so often.
type ending struct {
	context.Context
	looks int
}

func (e *ending) Err() error {
	if e.looks--; e.looks < 0 {
		return context.Canceled
	}
	return nil
}

// TestGivenUp: what was not looked at is not proved, whenever it was given up.
// The network gives the first label everywhere, which is wrong.
func TestGivenUp(t *testing.T) {
	s := begun(t, "#: vocab = \"ab\"\n#: max_len = 3\nres = tokens;\n").spec
	s.Labels = []value.Value{value.Str("a"), value.Str("b")}
	n := &network.Network{Width: 1, Tokens: [][]float64{{0}, {0}, {0}}, BOS: 2, Positions: [][]float64{{0}, {0}, {0}, {0}, {0}}}
	n.Unembed = network.LinearOf([]float64{0, 0}, 2, []float64{1, 0})
	given := 0
	for looks := range 100 {
		r := Prove(&ending{context.Background(), looks}, s, n)
		if r.Proved {
			t.Fatalf("given up after %d looks: proved", looks)
		}
		if r.Reason == context.Canceled {
			given++
		}
	}
	if given == 0 || given == 100 {
		t.Errorf("given up %d times of 100", given)
	}
}

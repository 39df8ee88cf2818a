package lower_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/interp"
)

// single executes a craft program in float32 as some runtime might: weights
// and results of every operation are rounded, sums run in a random order over
// several accumulators, products are rounded or fused into the sum, and exp is
// off by up to 2^-21.
type single struct {
	p     *craft.Program
	rng   *rand.Rand
	fused bool
	embed map32
	pos   map32
	out   map32
	parts []part32
}

// map32 lists the weights of a map by what they write.
type map32 [][]term32

type term32 struct {
	from int
	w    float32
}

type part32 struct {
	head, mlp        bool
	q, k, v, o       map32
	in, out          map32
	bias             map32
	score, val, size int
}

func newSingle(p *craft.Program, seed uint64) *single {
	s := &single{p: p, rng: rand.New(rand.NewPCG(seed, 11)), fused: seed%2 == 1}
	d := len(p.Residual)
	s.embed, s.pos, s.out = by32(p.Embed, d), by32(p.Position, d), by32(p.Unembed, p.Outputs())
	for _, part := range p.Parts {
		if h := part.Head; h != nil {
			s.parts = append(s.parts, part32{head: true, score: len(h.Score), val: len(h.Value),
				q: by32(h.Q, len(h.Score)), k: by32(h.K, len(h.Score)), v: by32(h.V, len(h.Value)), o: by32(h.O, d)})
			continue
		}
		m := part.MLP
		s.parts = append(s.parts, part32{mlp: true, size: len(m.Hidden),
			in: by32(m.In, len(m.Hidden)), out: by32(m.Out, d), bias: by32(m.Bias, d)})
	}
	return s
}

func by32(m craft.Map, size int) map32 {
	rows := make(map32, size)
	for _, e := range m {
		rows[e.To] = append(rows[e.To], term32{e.From, e.W.Float32()})
	}
	return rows
}

// fma adds x w to an accumulator.
func (s *single) fma(acc, x, w float32) float32 {
	if s.fused {
		return float32(math.FMA(float64(x), float64(w), float64(acc)))
	}
	p := float32(x * w)
	return acc + p
}

// dot forms Σ x w: in a random order over a random number of accumulators, or
// in one accumulator with the positive terms first, which cancels last.
func (s *single) dot(n int, at func(i int) (x, w float32)) float32 {
	if s.rng.IntN(4) == 0 {
		sum := float32(0)
		for _, positive := range []bool{true, false} {
			for i := range n {
				if x, w := at(i); x*w > 0 == positive {
					sum = s.fma(sum, x, w)
				}
			}
		}
		return sum
	}
	lanes := make([]float32, 1+s.rng.IntN(8))
	for i, k := range s.rng.Perm(n) {
		x, w := at(k)
		lane := &lanes[i%len(lanes)]
		*lane = s.fma(*lane, x, w)
	}
	sum := float32(0)
	for _, k := range s.rng.Perm(len(lanes)) {
		sum += lanes[k]
	}
	return sum
}

// apply returns x M.
func (s *single) apply(x []float32, m map32) []float32 {
	y := make([]float32, len(m))
	for to, terms := range m {
		if len(terms) > 0 {
			y[to] = s.dot(len(terms), func(i int) (float32, float32) { return x[terms[i].from], terms[i].w })
		}
	}
	return y
}

// row adds row i of a map.
func (m map32) row(i int, x []float32) {
	for to, terms := range m {
		for _, t := range terms {
			if t.from == i {
				x[to] += t.w
			}
		}
	}
}

func (s *single) run(ids []int) (residual, logits [][]float32) {
	x := make([][]float32, len(ids)+1)
	for i := range x {
		x[i] = make([]float32, len(s.p.Residual))
		id := len(s.p.Vocab)
		if i > 0 {
			id = ids[i-1]
		}
		s.embed.row(id, x[i])
		s.pos.row(i, x[i])
	}
	for i := range s.parts {
		if part := &s.parts[i]; part.head {
			s.attend(part, x)
		} else {
			s.feed(part, x)
		}
	}
	for _, row := range x[1:] {
		logits = append(logits, s.apply(row, s.out))
	}
	return x, logits
}

func (s *single) feed(p *part32, x [][]float32) {
	for _, row := range x {
		h := s.apply(row, p.in)
		for i := range h {
			h[i] = max(0, h[i])
		}
		out := s.apply(h, p.out)
		p.bias.row(0, out)
		add(row, out)
	}
}

func add(x, y []float32) {
	for i := range x {
		x[i] += y[i]
	}
}

func (s *single) attend(p *part32, x [][]float32) {
	var q, k, v, out [][]float32
	for _, row := range x {
		q, k, v = append(q, s.apply(row, p.q)), append(k, s.apply(row, p.k)), append(v, s.apply(row, p.v))
	}
	for i := range x {
		seen := len(x)
		if s.p.Causal {
			seen = i + 1
		}
		w := s.softmax(q[i], k[:seen])
		mixed := make([]float32, p.val)
		for d := range mixed {
			mixed[d] = s.dot(seen, func(j int) (float32, float32) { return w[j], v[j][d] })
		}
		out = append(out, s.apply(mixed, p.o))
	}
	for i, row := range out {
		add(x[i], row)
	}
}

func (s *single) softmax(q []float32, k [][]float32) []float32 {
	w := make([]float32, len(k))
	top := float32(math.Inf(-1))
	for j := range k {
		w[j] = s.dot(len(q), func(d int) (float32, float32) { return q[d], k[j][d] })
		top = max(top, w[j])
	}
	for j := range w {
		off := 0.0
		if w[j] != top { // exp(0) is 1 everywhere
			off = (2*s.rng.Float64() - 1) / (1 << 21)
		}
		w[j] = float32(math.Exp(float64(w[j]-top)) * (1 + off))
	}
	sum := s.dot(len(w), func(j int) (float32, float32) { return w[j], 1 })
	for j := range w {
		w[j] /= sum
	}
	return w
}

// bounded runs the program in float32 on the inputs, several times each, and
// checks that every variable is as close to its code as it claims to be
// (Noise, L1) and that outputs are right.
func (s *subject) bounded(t testing.TB, inputs [][]int, times int) {
	t.Helper()
	ran := 0
	for n, ids := range inputs {
		want, err := s.oracle.Run(s.tokens(ids))
		if err != nil {
			continue
		}
		for k := range times {
			ran++
			x, logits := newSingle(s.prog, uint64(n*times+k)).run(ids)
			s.claims(t, ids, want, x)
			s.logits(t, ids, want, widened(logits))
		}
	}
	if ran == 0 {
		t.Fatal("the program is undefined on all inputs")
	}
}

func widened(rows [][]float32) [][]float64 {
	wide := make([][]float64, len(rows))
	for i, row := range rows {
		for _, x := range row {
			wide[i] = append(wide[i], float64(x))
		}
	}
	return wide
}

// claims compares the residual stream with what the variables claim.
func (s *subject) claims(t fataler, ids []int, want *interp.Result, x [][]float32) {
	t.Helper()
	sums := map[place]float64{}
	s.codes(ids, want, func(row, d int) float64 { return float64(x[row][d]) }, func(at place, want, got float64) {
		allowed := at.v.Noise
		if at.row == 0 {
			allowed = max(allowed, 0x1p-20) // BOS holds codes as well as weights can be written
		}
		e := math.Abs(got - want)
		if !(e <= allowed) {
			t.Fatalf("%v: row %d: %s holds %.9g, want %.9g: off by %.3g, claimed %.3g",
				ids, at.row, s.prog.Residual[at.v.First+at.k], got, want, e, allowed)
		}
		sums[place{at.v, at.row, 0}] += e
	})
	for at, sum := range sums {
		if at.row > 0 && sum > at.v.L1 {
			t.Fatalf("%v: row %d: %s is off by %.3g in sum, claimed %.3g", ids, at.row, at.v.Name, sum, at.v.L1)
		}
	}
}

package craft

import (
	"fmt"
	"math"

	"github.com/raspc/raspc/frontend/value"
)

// Runner executes a program in float64, part by part, without a layout.
type Runner struct {
	p     *Program
	embed floatMap
	pos   floatMap
	parts []floatPart
	out   floatMap
}

type floatEntry struct {
	from, to int
	w        float64
}

type floatMap []floatEntry

type floatPart struct {
	score, value, hidden int
	q, k, v, o           floatMap
	in, out, bias        floatMap
}

func floats(m Map) floatMap {
	f := make(floatMap, len(m))
	for i, e := range m {
		f[i] = floatEntry{e.From, e.To, e.W.Float64()}
	}
	return f
}

// apply adds x M to y.
func (m floatMap) apply(x, y []float64) {
	for _, e := range m {
		y[e.to] += x[e.from] * e.w
	}
}

// row adds row i of the map to y.
func (m floatMap) row(i int, y []float64) {
	for _, e := range m {
		if e.from == i {
			y[e.to] += e.w
		}
	}
}

// NewRunner prepares the execution of p.
func NewRunner(p *Program) *Runner {
	r := &Runner{p: p, embed: floats(p.Embed), pos: floats(p.Position), out: floats(p.Unembed)}
	for _, part := range p.Parts {
		var f floatPart
		if h := part.Head; h != nil {
			f = floatPart{score: len(h.Score), value: len(h.Value), q: floats(h.Q), k: floats(h.K), v: floats(h.V), o: floats(h.O)}
		} else {
			m := part.MLP
			f = floatPart{hidden: len(m.Hidden), in: floats(m.In), out: floats(m.Out), bias: floats(m.Bias)}
		}
		r.parts = append(r.parts, f)
	}
	return r
}

// State is the outcome of a run: the final residual stream, n+1 x |Residual|
// with BOS in row 0, and the logits, n x outputs, of the input positions.
type State struct {
	Residual [][]float64
	Logits   [][]float64
}

// Run executes the program on token ids, BOS not among them.
func (r *Runner) Run(tokens []int) (*State, error) {
	if len(tokens) == 0 || len(tokens) > r.p.MaxLen {
		return nil, fmt.Errorf("an input of length %d: the model takes 1 to %d tokens", len(tokens), r.p.MaxLen)
	}
	x := make([][]float64, len(tokens)+1)
	for i := range x {
		x[i] = make([]float64, len(r.p.Residual))
		id := len(r.p.Vocab)
		if i > 0 {
			if id = tokens[i-1]; id < 0 || id >= len(r.p.Vocab) {
				return nil, fmt.Errorf("token id %d is not in the vocabulary", id)
			}
		}
		r.embed.row(id, x[i])
		r.pos.row(i, x[i])
	}
	for _, p := range r.parts {
		if p.hidden > 0 || p.bias != nil {
			p.runMLP(x)
		} else {
			p.runHead(x, r.p.Causal)
		}
	}
	s := &State{Residual: x, Logits: make([][]float64, len(tokens))}
	for i := range s.Logits {
		s.Logits[i] = make([]float64, r.p.Outputs())
		r.out.apply(x[i+1], s.Logits[i])
	}
	return s, nil
}

func (p *floatPart) runMLP(x [][]float64) {
	for _, row := range x {
		h := make([]float64, p.hidden)
		p.in.apply(row, h)
		for i := range h {
			h[i] = max(0, h[i])
		}
		p.out.apply(h, row)
		for _, e := range p.bias {
			row[e.to] += e.w
		}
	}
}

func (p *floatPart) runHead(x [][]float64, causal bool) {
	n := len(x)
	q, k, v := rows(n, p.score), rows(n, p.score), rows(n, p.value)
	for i := range x {
		p.q.apply(x[i], q[i])
		p.k.apply(x[i], k[i])
		p.v.apply(x[i], v[i])
	}
	for i := range x {
		seen := n
		if causal {
			seen = i + 1
		}
		out := make([]float64, p.value)
		for j, w := range attention(q[i], k[:seen]) {
			for d := range out {
				out[d] += w * v[j][d]
			}
		}
		p.o.apply(out, x[i])
	}
}

func rows(n, d int) [][]float64 {
	r := make([][]float64, n)
	for i := range r {
		r[i] = make([]float64, d)
	}
	return r
}

// attention returns the softmax of the scores of one query.
func attention(q []float64, k [][]float64) []float64 {
	w := make([]float64, len(k))
	top := math.Inf(-1)
	for j := range k {
		for d := range q {
			w[j] += q[d] * k[j][d]
		}
		top = max(top, w[j])
	}
	sum := 0.0
	for j := range w {
		w[j] = math.Exp(w[j] - top)
		sum += w[j]
	}
	for j := range w {
		w[j] /= sum
	}
	return w
}

// Decode reads the value that logits stand for: the label with the largest,
// or the number itself. The float is the number, or the margin by which the
// label wins.
func (o *Output) Decode(logits []float64) (value.Value, float64) {
	if o.Encoding == Numeric {
		return value.Number(value.KindFloat, value.FromFloat(logits[0])), logits[0]
	}
	best, second := 0, math.Inf(-1)
	for i, l := range logits[1:] {
		if l > logits[best] {
			second = logits[best]
			best = i + 1
		} else if l > second {
			second = l
		}
	}
	return o.Labels[best], logits[best] - second
}

package values

import (
	"math/rand/v2"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// samples are small inputs of a domain on which claims are tried: all short
// ones, longer ones over few tokens, and some at random.
type samples struct {
	domain Domain
	inputs [][]value.Value // made on first use
}

// Numbers of samples of each sort.
const (
	shortSamples  = 600
	narrowSamples = 1000
	randomSamples = 400
)

func newSamples(d Domain) *samples { return &samples{domain: d} }

func (s *samples) all() [][]value.Value {
	if s.inputs != nil {
		return s.inputs
	}
	s.exhaust(s.domain.Vocab, shortSamples)
	s.exhaust(s.few(), narrowSamples)
	// A fixed seed: the same program compiles to the same model every time.
	rng := rand.New(rand.NewPCG(1, 2))
	for range randomSamples {
		n := 1 + rng.IntN(min(s.domain.MaxLen, 24))
		in := make([]value.Value, n)
		for i := range in {
			in[i] = s.domain.Vocab[rng.IntN(len(s.domain.Vocab))]
		}
		s.keep(s.opened(in))
	}
	return s.inputs
}

// few returns up to three tokens, the declared BOS left out.
func (s *samples) few() []value.Value {
	var few []value.Value
	for _, t := range s.domain.Vocab {
		if len(few) < 3 && (s.domain.BOS == nil || !value.Equal(t, *s.domain.BOS)) {
			few = append(few, t)
		}
	}
	return few
}

// opened puts the declared BOS at the front.
func (s *samples) opened(in []value.Value) []value.Value {
	if s.domain.BOS != nil && len(in) > 0 {
		in[0] = *s.domain.BOS
	}
	return in
}

func (s *samples) keep(in []value.Value) {
	if s.domain.accepts(in) {
		s.inputs = append(s.inputs, in)
	}
}

// exhaust keeps the inputs over the tokens, shortest first, up to a number.
func (s *samples) exhaust(tokens []value.Value, most int) {
	if len(tokens) == 0 {
		return
	}
	start := 0
	if s.domain.BOS != nil {
		start = 1
	}
	for n := 1; n <= s.domain.MaxLen; n++ {
		digits := make([]int, n)
		for more := true; more; more = increment(digits[min(start, n):], len(tokens)) {
			in := make([]value.Value, n)
			for i, d := range digits {
				in[i] = tokens[d]
			}
			s.keep(s.opened(in))
			if most--; most == 0 {
				return
			}
		}
	}
}

// increment counts up in the given base and reports whether it did not wrap.
func increment(digits []int, base int) bool {
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i]++; digits[i] < base {
			return true
		}
		digits[i] = 0
	}
	return false
}

// selectsTwo reports whether on some sample a row of the selector selects two
// or more positions.
func (s *samples) selectsTwo(g *sop.Graph, sel sop.ID) bool {
	e := interp.New(g, s.domain.Causal, sel)
	for _, in := range s.all() {
		r, err := e.Run(in)
		if err != nil {
			continue // undefined before the selector is reached
		}
		if s.wideRow(r.Matrix(sel)) {
			return true
		}
	}
	return false
}

func (s *samples) wideRow(m *interp.Matrix) bool {
	for q := range m.Size() {
		selected := 0
		for k := range m.Size() {
			if m.At(q, k) && (!s.domain.Causal || k <= q) {
				selected++
			}
		}
		if selected > 1 {
			return true
		}
	}
	return false
}

// Witness returns a sample on which the program is undefined and the oracle's
// error, or nil where there is none among the samples.
func Witness(g *sop.Graph, output sop.ID, d Domain) ([]value.Value, error) {
	e := interp.New(g, d.Causal, output)
	for _, in := range newSamples(d).all() {
		if _, err := e.Run(in); err != nil {
			return in, err
		}
	}
	return nil, nil
}

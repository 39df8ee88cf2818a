package values

import (
	"errors"
	"math/rand/v2"
	"slices"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// samples are inputs of a domain on which claims are tried: all short ones,
// longer ones over few tokens, some at random, and a few of the longest.
type samples struct {
	domain   Domain
	inputs   [][]value.Value // made on first use
	complete bool            // they are all inputs of the domain
}

// Numbers of samples of each sort.
const (
	firstSamples  = 40
	shortSamples  = 600
	narrowSamples = 1000
	randomSamples = 400
	longSamples   = 8
)

// Lengths of random samples, where the domain has them.
const (
	usualLength   = 24
	longestLength = 128
)

func newSamples(d Domain) *samples { return &samples{domain: d} }

func (s *samples) all() [][]value.Value {
	if s.inputs != nil {
		return s.inputs
	}
	free := s.free()
	if s.complete = s.exhaust(free, shortSamples); s.complete {
		return s.inputs
	}
	s.exhaust(free[:min(len(free), 3)], narrowSamples)
	// A fixed seed: the same program compiles to the same model every time.
	rng := rand.New(rand.NewPCG(1, 2))
	for range randomSamples {
		s.random(rng, free, 1+rng.IntN(min(s.domain.MaxLen, usualLength)))
	}
	if s.domain.MaxLen > usualLength && len(free) > 0 {
		for k := range longSamples {
			some := free[:1+k*(len(free)-1)/(longSamples-1)]
			s.random(rng, some, max(usualLength, min(s.domain.MaxLen, longestLength)-k/2))
		}
	}
	return s.inputs
}

// random keeps one input of length n over the tokens. Without tokens there is
// only the declared BOS by itself.
func (s *samples) random(rng *rand.Rand, tokens []value.Value, n int) {
	in := make([]value.Value, n)
	if len(tokens) == 0 {
		in = in[:1]
	}
	for i := range in {
		if len(tokens) > 0 {
			in[i] = tokens[rng.IntN(len(tokens))]
		}
	}
	s.keep(s.opened(in))
}

// free returns the tokens that may stand anywhere: all but the declared BOS.
func (s *samples) free() []value.Value {
	return slices.DeleteFunc(slices.Clone(s.domain.Vocab), func(t value.Value) bool {
		return s.domain.BOS != nil && value.Equal(t, *s.domain.BOS)
	})
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

// exhaust keeps the inputs over the tokens, shortest first, up to a number, and
// reports whether these were all.
func (s *samples) exhaust(tokens []value.Value, most int) bool {
	if len(tokens) == 0 {
		return false
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
				return false
			}
		}
	}
	return true
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

// seemsNarrow reports whether on no sample a row of the selector selects two
// or more positions, though some sample has two or more. Where a row does, that mostly
// shows on the first few, so that the others need not be made.
func (s *samples) seemsNarrow(g *sop.Graph, sel sop.ID) bool {
	e := interp.New(g, s.domain.Causal, sel)
	if s.inputs == nil {
		first := newSamples(s.domain)
		first.exhaust(first.free(), firstSamples)
		if wide, _ := first.widens(e, sel); wide {
			return false
		}
	}
	s.all()
	wide, tried := s.widens(e, sel)
	return tried && !wide
}

// widens reports whether on some sample made a row of the selector selects two or more
// positions, and whether it could be evaluated on one that has so many.
func (s *samples) widens(e *interp.Evaluator, sel sop.ID) (wide, tried bool) {
	for _, in := range s.inputs {
		r, err := e.Run(in)
		if err != nil {
			continue // undefined before the selector is reached
		}
		if s.wideRow(r.Matrix(sel)) {
			return true, true
		}
		tried = tried || len(in) > 1
	}
	return false, tried
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
		var undefined *interp.Undefined
		if _, err := e.Run(in); errors.As(err, &undefined) {
			return in, err
		}
	}
	return nil, nil
}

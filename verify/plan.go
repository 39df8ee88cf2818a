package verify

import (
	"math/rand/v2"

	"github.com/raspc/raspc/frontend/value"
)

// plan is the inputs that are tried, as token ids.
type plan struct {
	inputs       [][]int
	exhaustiveTo int // all inputs up to this length are among them
}

// makePlan chooses up to budget inputs: all short ones, then for each longer
// length boundary cases, then random ones.
func makePlan(s *subject, budget int, seed uint64) *plan {
	p := &plan{}
	left := budget
	for n := 1; n <= s.maxLen; n++ {
		count := s.count(n, left)
		if count > left {
			break
		}
		p.exhaust(s, n)
		p.exhaustiveTo = n
		left -= count
	}
	if p.exhaustiveTo < s.maxLen {
		boundary := p.boundary(s, left/4)
		p.random(s, left-boundary, seed)
	}
	return p
}

// free returns the tokens that may stand at any position but the first, and
// how many positions are free.
func (s *subject) free(n int) (tokens []int, positions int) {
	for id, v := range s.vocab {
		if s.bos == nil || !value.Equal(v, *s.bos) {
			tokens = append(tokens, id)
		}
	}
	if s.bos != nil {
		n--
	}
	return tokens, n
}

// complete puts the program's BOS in front of the free positions.
func (s *subject) complete(rest []int) []int {
	if s.bos == nil {
		return append([]int(nil), rest...)
	}
	for id, v := range s.vocab {
		if value.Equal(v, *s.bos) {
			return append([]int{id}, rest...)
		}
	}
	panic("verify: the program's BOS is not in its alphabet")
}

// count returns the number of inputs of length n, capped above limit.
func (s *subject) count(n, limit int) int {
	tokens, positions := s.free(n)
	total := 1
	for range positions {
		total *= len(tokens)
		if total > limit {
			return limit + 1
		}
	}
	return total
}

func (p *plan) add(s *subject, rest []int) bool {
	in := s.complete(rest)
	if len(in) == 0 || !s.accepts(in) {
		return false
	}
	p.inputs = append(p.inputs, in)
	return true
}

func (p *plan) exhaust(s *subject, n int) {
	tokens, positions := s.free(n)
	if positions > 0 && len(tokens) == 0 {
		return // the program's BOS is the only token
	}
	digits := make([]int, positions)
	rest := make([]int, positions)
	for {
		for i, d := range digits {
			rest[i] = tokens[d]
		}
		p.add(s, rest)
		if !increment(digits, len(tokens)) {
			return
		}
	}
}

// increment counts up and reports whether it did not wrap.
func increment(digits []int, base int) bool {
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i]++; digits[i] < base {
			return true
		}
		digits[i] = 0
	}
	return false
}

// boundary adds, for the longest lengths first, inputs of one token, of two in
// alternation, of two halves, and of all tokens up and down.
func (p *plan) boundary(s *subject, most int) int {
	added := 0
	for n := s.maxLen; n > p.exhaustiveTo; n-- {
		tokens, positions := s.free(n)
		at := func(i int) int { return tokens[((i%len(tokens))+len(tokens))%len(tokens)] }
		for t := range tokens {
			shapes := []func(i int) int{
				func(int) int { return at(t) },
				func(i int) int { return at(t + i%2) },
				func(i int) int { return at(t + 2*i/positions) },
				func(i int) int { return at(t + i) },
				func(i int) int { return at(t - i) },
			}
			for _, shape := range shapes {
				rest := make([]int, positions)
				for i := range rest {
					rest[i] = shape(i)
				}
				if added >= most {
					return added
				}
				if p.add(s, rest) {
					added++
				}
			}
		}
	}
	return added
}

// random adds seeded inputs: the lengths beyond the exhaustive ones in turn,
// the tokens drawn from a random part of the vocabulary, so that repetitions
// are common.
func (p *plan) random(s *subject, most int, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 0))
	longer := s.maxLen - p.exhaustiveTo
	limit := 64 * (1 + most) // patterns may refuse nearly all
	for tries := 0; most > 0 && tries < limit; tries++ {
		tokens, positions := s.free(s.maxLen - tries%longer)
		rng.Shuffle(len(tokens), func(i, j int) { tokens[i], tokens[j] = tokens[j], tokens[i] })
		some := tokens[:1+rng.IntN(len(tokens))]
		rest := make([]int, positions)
		for i := range rest {
			rest[i] = some[rng.IntN(len(some))]
		}
		if p.add(s, rest) {
			most--
		}
	}
}

package verify

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/raspc/raspc/frontend/value"
)

// Plan is which inputs are tried. Patterns of inputs may refuse some of them.
type Plan struct {
	ExhaustiveTo int    // every input up to this length
	Exhaustive   int    // how many these are
	Boundary     int    // extreme inputs of longer lengths
	Random       int    // random ones, as many of each longer length
	MaxLen       int    // longest length of the domain
	Seed         uint64 // chooses the random inputs
}

// String is the plan in one line.
func (p Plan) String() string {
	if p.ExhaustiveTo == p.MaxLen {
		return fmt.Sprintf("every input up to length %d (%d)", p.MaxLen, p.Exhaustive)
	}
	var parts []string
	if p.ExhaustiveTo > 0 {
		parts = append(parts, fmt.Sprintf("every input up to length %d (%d)", p.ExhaustiveTo, p.Exhaustive))
	}
	if p.Boundary > 0 {
		parts = append(parts, fmt.Sprintf("%d boundary cases", p.Boundary))
	}
	if p.Random > 0 {
		of := fmt.Sprintf("lengths %d to %d", p.ExhaustiveTo+1, p.MaxLen)
		if p.ExhaustiveTo+1 == p.MaxLen {
			of = fmt.Sprintf("length %d", p.MaxLen)
		}
		parts = append(parts, fmt.Sprintf("%d random ones of %s with seed %d", p.Random, of, p.Seed))
	}
	return strings.Join(parts, ", ")
}

// plan is the inputs that are tried, in the order in which a difference counts
// as the first. They are made when they are needed, block by block.
type plan struct {
	Plan
	blocks []block
}

// block is some inputs of a plan.
type block struct {
	kind     kind
	length   int // exhaustive and random ones
	from, to int // numbers among those of this kind and length
}

// kind is where inputs come from.
type kind uint8

const (
	exhaustive kind = iota
	boundary
	random
)

// blockSize is the most inputs of a block. The random inputs of a block have a
// seed of their own, so that it can be made without those before it.
const blockSize = 1024

// makePlan chooses up to budget inputs: all short ones, then for longer lengths
// boundary cases, then random ones.
func makePlan(s *subject, budget int, seed uint64) *plan {
	p := &plan{Plan: Plan{MaxLen: s.maxLen, Seed: seed}}
	left := budget
	for n := 1; n <= s.maxLen; n++ {
		count := s.count(n, left)
		if count > left {
			break
		}
		p.add(exhaustive, n, count)
		p.ExhaustiveTo = n
		left -= count
	}
	p.Exhaustive = budget - left
	if longer := s.maxLen - p.ExhaustiveTo; longer > 0 {
		p.addBoundary(s, left/4)
		p.Random = left - p.Boundary
		for i := range longer {
			p.add(random, s.maxLen-i, (p.Random+longer-1-i)/longer)
		}
	}
	return p
}

// add plans inputs of one kind and length.
func (p *plan) add(k kind, length, count int) {
	for from := 0; from < count; from += blockSize {
		p.blocks = append(p.blocks, block{k, length, from, min(from+blockSize, count)})
	}
}

// addBoundary plans boundary cases, up to most that are the program's.
func (p *plan) addBoundary(s *subject, most int) {
	tokens, _ := s.free(s.maxLen)
	total := (s.maxLen - p.ExhaustiveTo) * len(tokens) * shapes
	if s.accept == nil {
		p.Boundary = min(most, total)
		p.add(boundary, 0, p.Boundary)
		return
	}
	g, tried := &generator{subject: s}, 0
	for ; tried < total && p.Boundary < most; tried++ {
		if g.make(block{kind: boundary}, tried) {
			p.Boundary++
		}
	}
	p.add(boundary, 0, tried)
}

// size returns the number of inputs that are planned.
func (p *plan) size() int { return p.Exhaustive + p.Boundary + p.Random }

// each calls f with the inputs of a block that are the program's, which are
// overwritten by the next.
func (p *plan) each(s *subject, b block, f func(in []int) error) error {
	g := &generator{subject: s}
	if b.kind == random {
		g.rng = rand.New(rand.NewPCG(p.Seed, uint64(b.length)<<32+uint64(b.from)))
	}
	for i := b.from; i < b.to && g.failures < 16; i++ {
		if !g.make(b, i) {
			continue
		}
		if err := f(g.in); err != nil {
			return err
		}
	}
	return nil
}

// generator makes inputs.
type generator struct {
	subject  *subject
	rng      *rand.Rand
	failures int // to find a random input that is the program's
	in       []int
	tokens   []int // that are free
	length   int   // that tokens and in are for
	first    int   // free position
}

// make makes an input of a block, and reports whether it is the program's.
func (g *generator) make(b block, i int) bool {
	switch b.kind {
	case exhaustive:
		g.room(b.length)
		g.counted(i)
	case boundary:
		g.room(g.subject.maxLen)
		each := len(g.tokens) * shapes
		g.room(g.subject.maxLen - i/each)
		g.extreme(i%each/shapes, i%shapes)
	case random:
		g.room(b.length)
		return g.random()
	}
	return g.right()
}

// right reports whether the input is one of the program's.
func (g *generator) right() bool { return len(g.in) > 0 && g.subject.accepts(g.in) }

// room prepares for inputs of a length, with the program's BOS in front.
func (g *generator) room(length int) {
	if g.length == length {
		return
	}
	s := g.subject
	tokens, positions := s.free(length)
	g.length, g.tokens, g.first, g.in = length, tokens, length-positions, make([]int, length)
	if s.bos != nil {
		g.in[0] = s.id(*s.bos)
	}
}

// counted is one of all inputs of a length, which it is enumerated by.
func (g *generator) counted(number int) {
	for at := len(g.in) - 1; at >= g.first; at-- {
		g.in[at] = g.tokens[number%len(g.tokens)]
		number /= len(g.tokens)
	}
}

// shapes is how many extreme inputs there are for a token and a length: of one
// token, of two in alternation, of two halves, and of all tokens up and down.
const shapes = 5

// extreme is an input that begins with a token.
func (g *generator) extreme(t, shape int) {
	free := g.in[g.first:]
	for i := range free {
		steps := [shapes]int{0, i % 2, 2 * i / len(free), i, -i}[shape]
		n := len(g.tokens)
		free[i] = g.tokens[((t+steps)%n+n)%n]
	}
}

// patience is how many random inputs a pattern may refuse for each that is wanted.
const patience = 64

// random draws tokens from a random part of the vocabulary, so that repetitions
// are common.
func (g *generator) random() bool {
	for range patience {
		g.rng.Shuffle(len(g.tokens), func(i, j int) { g.tokens[i], g.tokens[j] = g.tokens[j], g.tokens[i] })
		some := g.tokens[:1+g.rng.IntN(len(g.tokens))]
		for i := g.first; i < len(g.in); i++ {
			g.in[i] = some[g.rng.IntN(len(some))]
		}
		if g.right() {
			return true
		}
	}
	g.failures++
	return false
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

// id returns the token id of a value of the program's alphabet.
func (s *subject) id(v value.Value) int {
	for id, t := range s.vocab {
		if value.Equal(t, v) {
			return id
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

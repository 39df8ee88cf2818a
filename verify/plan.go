package verify

import (
	"math/rand/v2"
	"slices"

	"github.com/raspc/raspc/frontend/pattern"
)

// Plan is which inputs are tried.
type Plan struct {
	ExhaustiveTo int    // every input up to this length
	Exhaustive   int    // how many of all lengths of which there is every one
	Boundary     int    // extreme inputs of the other lengths
	Random       int    // random ones, as many of each of these
	MaxLen       int    // longest length of the domain
	Seed         uint64 // chooses the random inputs
	// Inputs are how many inputs there are of each length, from 1. It is nil where
	// the pattern of the inputs is too large to count what it matches.
	Inputs []pattern.Count
	// Sampled are the lengths of which not every input is tried, from the longest.
	Sampled []int
	// Restricted says that the inputs are those that a pattern matches.
	Restricted bool
}

// plan is the inputs that are tried, in the order in which a difference counts
// as the first. They are made when they are needed, block by block.
type plan struct {
	Plan
	subject *subject
	blocks  []block
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

// shares is into how many blocks inputs are divided, few ones too, for as many
// processors to share; fewer than smallBlock are not worth it.
const (
	shares     = 16
	smallBlock = 64
)

// makePlan chooses up to budget inputs: all short ones, then all of the longer
// lengths of which there are few, then for the others boundary cases and random ones. Of a
// small budget these have a quarter at least.
func makePlan(s *subject, budget int, seed uint64) *plan {
	p := &plan{Plan: Plan{MaxLen: s.maxLen, Seed: seed, Restricted: s.pattern}, subject: s}
	if s.exact {
		p.Inputs = s.counts()
	}
	left := p.addShort(budget)
	left = p.addFew(left)
	p.Exhaustive = budget - left
	if longer := len(p.Sampled); longer > 0 {
		p.addBoundary(left / 4)
		p.Random = left - p.Boundary
		for i, n := range p.Sampled {
			p.add(random, n, (p.Random+longer-1-i)/longer)
		}
	}
	return p
}

// add plans inputs of one kind and length.
func (p *plan) add(k kind, length, count int) {
	size := blockSize
	if k != random { // whose blocks decide which inputs they are
		size = min(size, max(smallBlock, count/shares))
	}
	for from := 0; from < count; from += size {
		p.blocks = append(p.blocks, block{k, length, from, min(from+size, count)})
	}
}

// smallBudget is how many inputs are so few that the short ones could take them all, of which
// there may be nearly as many: a quarter is kept for longer ones.
const smallBudget = 1000

// addShort plans every input, as far as there are inputs left to plan. It returns
// how many are left then.
func (p *plan) addShort(budget int) (left int) {
	short, used := p.shortest(budget)
	if short < p.MaxLen && budget < smallBudget {
		short, used = p.shortest(budget - (budget+3)/4)
	}
	for n := 1; n <= short; n++ {
		count, _ := p.subject.inputs.Count(n).AtMost(budget)
		p.add(exhaustive, n, count)
	}
	p.ExhaustiveTo, p.Sampled = short, descending(short+1, p.MaxLen)
	return budget - used
}

// shortest returns up to which length all inputs together are no more than most, and how many
// they are.
func (p *plan) shortest(most int) (length, used int) {
	for ; length < p.MaxLen; length++ {
		count, ok := p.subject.inputs.Count(length + 1).AtMost(most - used)
		if !ok {
			break
		}
		used += count
	}
	return length, used
}

func descending(first, last int) []int {
	var all []int
	for n := last; n >= first; n-- {
		all = append(all, n)
	}
	return all
}

// addFew plans every input of the lengths of which there are fewer than would be
// tried of each. It returns how many inputs are left then.
func (p *plan) addFew(left int) int {
	for before := -1; before != len(p.Sampled) && len(p.Sampled) > 0; {
		before = len(p.Sampled)
		share := left / len(p.Sampled)
		p.Sampled = slices.DeleteFunc(p.Sampled, func(n int) bool {
			count, few := p.subject.inputs.Count(n).AtMost(share)
			if few {
				p.add(exhaustive, n, count)
				left -= count
			}
			return few
		})
	}
	if p.ExhaustiveTo = p.MaxLen; len(p.Sampled) > 0 {
		p.ExhaustiveTo = p.Sampled[len(p.Sampled)-1] - 1
	}
	return left
}

// addBoundary plans boundary cases, up to most that are the program's.
func (p *plan) addBoundary(most int) {
	total, tried := len(p.Sampled)*len(p.subject.free())*shapes, 0
	if p.subject.exact {
		p.Boundary = min(most, total)
		tried = p.Boundary
	}
	for g := p.generator(block{kind: boundary}); tried < total && p.Boundary < most; tried++ {
		if g.make(tried) {
			p.Boundary++
		}
	}
	p.add(boundary, 0, tried)
}

// size returns the number of inputs that are planned.
func (p *plan) size() int { return p.Exhaustive + p.Boundary + p.Random }

// each calls f with the inputs of a block that are the program's, which are
// overwritten by the next.
func (p *plan) each(b block, f func(in []int) error) error {
	g := p.generator(b)
	for i := b.from; i < b.to && g.failures < 16; i++ {
		if !g.make(i) {
			continue
		}
		if err := f(g.in); err != nil {
			return err
		}
	}
	return nil
}

// generator makes inputs of a block.
type generator struct {
	*plan
	block
	rng      *rand.Rand
	failures int // to find a random input that is the program's
	free     []int
	in       []int
}

func (p *plan) generator(b block) *generator {
	return &generator{plan: p, block: b, in: make([]int, b.length), free: p.subject.free(),
		rng: rand.New(rand.NewPCG(p.Seed, uint64(b.length)<<32+uint64(b.from)))}
}

// make makes an input, and reports whether it is the program's.
func (g *generator) make(i int) bool {
	s := g.subject
	switch g.kind {
	case exhaustive:
		s.inputs.Nth(i, g.in)
	case boundary:
		each := len(g.free) * shapes
		g.extreme(g.Sampled[i/each], i%each/shapes, i%shapes)
	case random:
		return g.random(i)
	}
	return s.exact || s.accepts(g.in)
}

// shapes is how many extreme inputs there are for a token and a length: of one
// token, of two in alternation, of two halves, and of all tokens up and down.
const shapes = 5

// extreme makes an input that begins with a token, or what is nearest to it among
// the inputs. The program's BOS is not counted.
func (g *generator) extreme(length, t, shape int) {
	if len(g.in) != length {
		g.in = make([]int, length)
	}
	first := 0
	if g.subject.bos != nil {
		first = 1
	}
	free, n := g.in[first:], len(g.free)
	for i := range free {
		steps := [shapes]int{0, i % 2, 2 * i / len(free), i, -i}[shape]
		free[i] = g.free[((t+steps)%n+n)%n]
	}
	g.subject.inputs.Nearest(g.in)
}

// patience is how many random inputs a pattern that is too large to be counted may
// refuse for each that is wanted.
const patience = 64

// random draws one of all inputs, or every other time one in which repetitions are
// common.
func (g *generator) random(i int) bool {
	draw := g.subject.inputs.DrawFew
	if i%2 == 1 {
		draw = g.subject.inputs.Draw
	}
	for range patience {
		if draw(g.rng, g.in); g.subject.exact || g.subject.accepts(g.in) {
			return true
		}
	}
	g.failures++
	return false
}

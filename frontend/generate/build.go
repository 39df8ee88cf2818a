package generate

import (
	"math/rand/v2"
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// kinds is a set of kinds of s-ops, as far as operators care.
type kinds uint8

const (
	integer  kinds = 1 << iota
	fraction       // numbers that may have one
	truth
	text

	number = integer | fraction
	anySOp = number | truth | text
)

// fact is what the builder knows of a node that it may use.
type fact struct {
	kind  kinds // one of them; 0 for a selector
	depth int
	// set holds all values that the s-op can have, where they are known and few.
	set []value.Value
}

// domain is what a program says of its inputs.
type domain struct {
	vocab  []value.Value
	maxLen int
	causal bool
}

// builder draws one program.
type builder struct {
	o     Options
	rng   *rand.Rand
	in    domain
	graph *sop.Graph
	draft draft
	facts map[sop.ID]fact
	order []sop.ID // the nodes that have facts, beside constants
	seen  map[string]bool
	tries int // left
}

// How far a builder goes.
const (
	triesEach = 6   // draws of one operand
	triesAll  = 200 // draws of a program
	fewValues = 32  // of a set that is known
)

func newBuilder(o Options, in domain, rng *rand.Rand) *builder {
	b := &builder{o: o, rng: rng, in: in, graph: sop.NewGraph(), facts: map[sop.ID]fact{}, seen: map[string]bool{}, tries: triesAll}
	b.draft = draft{inputs: b.drawInputs(), causal: b.in.causal}
	b.leaves()
	return b
}

// domainOf draws the inputs of the program of a number. All attempts at it have the same, so that
// shares of Options are those of the programs, however hard some are to find.
func domainOf(o Options, index uint64) domain {
	b := &builder{o: o, rng: stream(o.Seed, index, 0, "")}
	d := domain{vocab: b.o.Vocab, maxLen: b.within(b.o.MaxLen), causal: b.chance(b.o.Causal)}
	if len(d.vocab) > 0 {
		return d
	}
	ints := b.chance(b.o.Ints)
	for i := range b.within(b.o.VocabSize) {
		if ints {
			d.vocab = append(d.vocab, value.IntOf(int64(i)))
		} else {
			d.vocab = append(d.vocab, value.Str(string(rune('a'+i))))
		}
	}
	return d
}

// drawInputs are those of the draft: some of one or two tokens among longer ones.
func (b *builder) drawInputs() [][]value.Value {
	longest := min(b.in.maxLen, 8)
	lengths := []int{1, 2, 3, longest/2 + 1, longest, longest, longest}
	inputs := make([][]value.Value, len(lengths))
	for i, n := range lengths {
		inputs[i] = make([]value.Value, min(n, longest))
		some := len(b.in.vocab)
		if i%2 == 1 {
			some = 2
		}
		for k := range inputs[i] {
			inputs[i][k] = b.in.vocab[b.rng.IntN(some)]
		}
	}
	return inputs
}

func (b *builder) chance(share float64) bool { return b.rng.Float64() < share }

func (b *builder) within(r Range) int { return r.Min + b.rng.IntN(r.Max-r.Min+1) }

func pick[T any](b *builder, of []T) T { return of[b.rng.IntN(len(of))] }

// weighed draws one of some things, by their weights; -1 where all are 0.
func (b *builder) weighed(weights []float64) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	at := b.rng.Float64() * total
	last := -1
	for i, w := range weights {
		if w > 0 {
			if last = i; at < w {
				break
			}
		}
		at -= w
	}
	return last
}

// split draws how a number of operators is shared out, given what each part has to
// have.
func (b *builder) split(size int, least ...int) []int {
	parts := slices.Clone(least)
	for _, l := range least {
		size -= l
	}
	for range max(0, size) {
		parts[b.rng.IntN(len(parts))]++
	}
	return parts
}

// leaves adds the tokens and the positions.
func (b *builder) leaves() {
	tokens, kind := sop.ReadStr, text
	if !b.in.vocab[0].IsString() {
		tokens, kind = sop.ReadInt, integer
	}
	positions := make([]value.Value, b.in.maxLen)
	for i := range positions {
		positions[i] = value.IntOf(int64(i))
	}
	b.keep(b.graph.Tokens(tokens, sop.Pos{}), fact{kind: kind, set: b.in.vocab})
	b.keep(b.graph.Indices(sop.Pos{}), fact{kind: integer, set: positions})
}

// try computes a node on the inputs of the draft, if that has not been done.
func (b *builder) try(id sop.ID) bool {
	if int(id) < len(b.draft.sequences) {
		return b.draft.sequences[id] != nil || b.draft.matrices[id] != nil
	}
	return b.draft.add(b.graph.Node(id)) == nil
}

// keep takes a node into use if it is defined, and neither constant nor
// the same as another one on the draft's inputs. What is in use already may be used
// again if it is as deep.
func (b *builder) keep(id sop.ID, f fact) (sop.ID, bool) {
	if old, ok := b.facts[id]; ok {
		return id, old.depth == f.depth
	}
	if !b.try(id) || b.draft.constant(id) && !b.isFull(id) {
		return id, false
	}
	key := b.draft.key(id)
	if b.graph.Node(id).Op != sop.Indicator {
		if b.seen[key] {
			return id, false
		}
		b.seen[key] = true
	}
	b.facts[id] = f
	b.order = append(b.order, id)
	return id, true
}

// isFull reports whether a node is full_s.
func (b *builder) isFull(id sop.ID) bool {
	n := b.graph.Node(id)
	return n.Op == sop.Select && b.graph.Node(n.Args[0]).Op == sop.Const && n.Args[0] == n.Args[1]
}

// constant is an operand that is the same everywhere.
func (b *builder) constant(v value.Value) sop.ID {
	id := b.graph.Const(v, sop.Pos{})
	b.try(id)
	return id
}

// shared draws a node in use: a selector for 0, else an s-op of the kinds, beside
// tokens and positions.
func (b *builder) shared(want kinds, depth int) (sop.ID, bool) {
	var found []sop.ID
	for _, id := range b.order {
		f := b.facts[id]
		fits := f.kind&want != 0 || want == 0 && f.kind == 0
		if fits && f.depth == depth && len(b.graph.Node(id).Args) > 0 {
			found = append(found, id)
		}
	}
	if len(found) == 0 {
		return 0, false
	}
	return pick(b, found), true
}

// leaf draws tokens or positions.
func (b *builder) leaf(want kinds) (sop.ID, bool) {
	var found []sop.ID
	for _, id := range b.order {
		if b.facts[id].kind&want != 0 && len(b.graph.Node(id).Args) == 0 {
			found = append(found, id)
		}
	}
	if len(found) == 0 {
		return 0, false
	}
	return pick(b, found), true
}

// again draws until something comes of it, a few times.
func (b *builder) again(draw func() (sop.ID, bool)) (sop.ID, bool) {
	for range triesEach {
		if b.tries--; b.tries < 0 {
			break
		}
		if id, ok := draw(); ok {
			return id, true
		}
	}
	return 0, false
}

// sop draws an s-op of one of some kinds, of a depth and of a number of operators or
// somewhat more or less.
func (b *builder) sop(want kinds, size, depth int) (sop.ID, bool) {
	return b.again(func() (sop.ID, bool) {
		if depth == 0 && (size <= 0 || b.chance(0.15)) {
			if id, ok := b.leaf(want); ok {
				return id, true
			}
		}
		if size <= 0 || b.chance(shareOfShared) {
			if id, ok := b.shared(want, depth); ok {
				return id, true
			}
		}
		return b.operator(want, max(size, 1), depth)
	})
}

// shareOfShared is how often an operand is one that is there already, if any is.
const shareOfShared = 0.3

// root draws the output.
func (b *builder) root() (sop.ID, bool) {
	size, depth := b.within(b.o.Size), b.within(b.o.Depth)
	depth = max(b.o.Depth.Min, min(depth, size/2))
	return b.again(func() (sop.ID, bool) { return b.operator(anySOp, size, depth) })
}

// operator draws an s-op that is none of the leaves, by the weights of those
// operators that there is room for, or of all if there is none.
func (b *builder) operator(want kinds, size, depth int) (sop.ID, bool) {
	weights := make([]float64, len(productions))
	room := false
	for i, p := range productions {
		if p.gives&want == 0 || depth == 0 && p.attends {
			continue
		}
		weights[i] = p.weight(b.o.Mix)
		room = room || weights[i] > 0 && p.least(depth) <= size
	}
	for i, p := range productions {
		if room && p.least(depth) > size {
			weights[i] = 0
		}
	}
	i := b.weighed(weights)
	if i < 0 {
		return 0, false
	}
	p := productions[i]
	return p.draw(b, want&p.gives, max(size, p.least(depth)), depth)
}

// depths draws the depths of operands: one has the given one, the others no more
// than that and what they have room for.
func (b *builder) depths(n, depth int, size int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = b.rng.IntN(1 + max(0, min(depth, size/2-depth)))
	}
	out[b.rng.IntN(n)] = depth
	return out
}

package pattern

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
)

// builder makes a deterministic automaton over tokens by the subset construction.
type builder struct {
	spec   Spec
	prog   *syntax.Prog
	looks  syntax.EmptyOp // assertions of the pattern
	states []state
	depth  []int            // length of the shortest input that leads to a state
	number map[string]int32 // of a state by its key
	next   []int32
}

// state is where the matching of a text can be: instructions to go on with, and
// the character before.
type state struct {
	pcs   []uint32 // sorted
	prev  rune     // one of its kind; -1 at the start
	begun bool     // behind a token, which may have no text
}

func newBuilder(s Spec) (*builder, error) {
	prog, err := parsed(s.Pattern)
	if err != nil {
		return nil, err
	}
	b := &builder{spec: s, prog: prog, number: map[string]int32{}}
	for _, i := range prog.Inst {
		if i.Op == syntax.InstEmptyWidth {
			b.looks |= syntax.EmptyOp(i.Arg)
		}
	}
	b.intern(state{pcs: []uint32{uint32(prog.Start)}, prev: -1}, 0)
	return b, nil
}

// build adds states, shortest inputs first, until stop says so or there are none.
func (b *builder) build(most size, stop func(q int32) bool) error {
	for q := int32(0); int(q) < len(b.states); q++ {
		if stop(q) {
			return nil
		}
		if len(b.states) > most.states || len(b.next)+len(b.spec.Tokens) > most.transitions {
			return ErrTooLarge
		}
		b.expand(q)
	}
	return nil
}

// expand finds where each token leads from a state.
func (b *builder) expand(q int32) {
	from := b.states[q]
	if q != start {
		from = b.text(from, b.spec.Sep)
	}
	closed := map[syntax.EmptyOp][]uint32{}
	for t, text := range b.spec.Tokens {
		to := dead
		if b.spec.BOS < 0 || (q == start) == (t == b.spec.BOS) {
			if after := b.token(from, text, closed); len(after.pcs) > 0 {
				after.begun = true
				to = b.intern(after, b.depth[q]+1)
			}
		}
		b.next = append(b.next, to)
	}
}

// token goes on with a token's text; closed keeps what the state's first step needs.
func (b *builder) token(from state, text string, closed map[syntax.EmptyOp][]uint32) state {
	for i, r := range text {
		if i > 0 {
			return b.text(from, text[i:])
		}
		looks := syntax.EmptyOpContext(from.prev, r) & b.looks
		pcs, ok := closed[looks]
		if !ok {
			pcs = from.closure(b.prog, looks)
			closed[looks] = pcs
		}
		from = b.step(pcs, r)
	}
	return from
}

// text goes on with characters.
func (b *builder) text(from state, text string) state {
	for _, r := range text {
		from = b.step(from.closure(b.prog, syntax.EmptyOpContext(from.prev, r)), r)
	}
	return from
}

// step is the state behind a character; pcs are closed.
func (b *builder) step(pcs []uint32, r rune) state {
	var after []uint32
	for _, pc := range pcs {
		if i := &b.prog.Inst[pc]; matches(i, r) {
			after = append(after, i.Out)
		}
	}
	slices.Sort(after)
	return state{pcs: slices.Compact(after), prev: b.kind(r)}
}

func matches(i *syntax.Inst, r rune) bool {
	switch i.Op {
	case syntax.InstRune:
		return i.MatchRune(r)
	case syntax.InstRune1:
		return r == i.Rune[0]
	case syntax.InstRuneAny:
		return true
	case syntax.InstRuneAnyNotNL:
		return r != '\n'
	}
	return false
}

// kind is a character that the pattern's assertions cannot tell from r.
func (b *builder) kind(r rune) rune {
	switch {
	case r == '\n' && b.looks&(syntax.EmptyBeginLine|syntax.EmptyEndLine) != 0:
		return '\n'
	case syntax.IsWordChar(r) && b.looks&(syntax.EmptyWordBoundary|syntax.EmptyNoWordBoundary) != 0:
		return 'a'
	}
	return ' '
}

// closure returns the instructions that are reached without a character, where some
// assertions hold.
func (s state) closure(prog *syntax.Prog, holds syntax.EmptyOp) []uint32 {
	var reached []uint32
	seen, stack := map[uint32]bool{}, slices.Clone(s.pcs)
	for len(stack) > 0 {
		pc := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		switch i := prog.Inst[pc]; i.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			stack = append(stack, i.Out, i.Arg)
		case syntax.InstCapture, syntax.InstNop:
			stack = append(stack, i.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(i.Arg)&^holds == 0 {
				stack = append(stack, i.Out)
			}
		default:
			reached = append(reached, pc)
		}
	}
	return reached
}

// accepts reports whether the text may end in the state.
func (s state) accepts(prog *syntax.Prog) bool {
	return slices.ContainsFunc(s.closure(prog, syntax.EmptyOpContext(s.prev, -1)), func(pc uint32) bool {
		return prog.Inst[pc].Op == syntax.InstMatch
	})
}

// accepting returns the states in which an input may end.
func (b *builder) accepting() []bool {
	yes := make([]bool, len(b.states))
	for q, s := range b.states {
		yes[q] = s.accepts(b.prog)
	}
	return yes
}

// intern returns the number of a state.
func (b *builder) intern(s state, depth int) int32 {
	key := binary.AppendVarint(nil, int64(s.prev))
	if s.begun {
		key = append(key, 1)
	}
	key = append(key, 0)
	for _, pc := range s.pcs {
		key = binary.AppendUvarint(key, uint64(pc))
	}
	q, ok := b.number[string(key)]
	if !ok {
		q = int32(len(b.states))
		b.number[string(key)] = q
		b.states, b.depth = append(b.states, s), append(b.depth, depth)
	}
	return q
}

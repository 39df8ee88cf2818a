package pattern

import "math/rand/v2"

// Nth writes one of the inputs of a length, which i = 0, 1, … below their count
// enumerates, by the ids of its tokens. Their count is below 2^53.
func (l *Language) Nth(i int, input []int) {
	state := start
	for at := range input {
		for _, g := range l.groups[state] {
			each, _ := l.from(g.to, len(input)-1-at).AtMost(1 << 53)
			if all := each * len(g.tokens); i >= all {
				i -= all
				continue
			}
			input[at], state = g.tokens[i/each], g.to
			i %= each
			break
		}
	}
}

// Draw writes a random input of a length that has some, all of them equally likely.
func (l *Language) Draw(rng *rand.Rand, input []int) {
	l.draw(rng, input, func(_ int32, _ int, g group) []int { return g.tokens })
}

// DrawFew writes a random input of a length that has some. Where the next token can
// be any of several without a difference to what follows, it is one of a few that
// are drawn once for the input, so that repetitions are common.
func (l *Language) DrawFew(rng *rand.Rand, input []int) {
	type place struct {
		state int32
		group int
	}
	few := map[place][]int{}
	l.draw(rng, input, func(state int32, k int, g group) []int {
		at := place{state, k}
		if few[at] == nil {
			shuffled := make([]int, len(g.tokens))
			for i, t := range rng.Perm(len(g.tokens)) {
				shuffled[i] = g.tokens[t]
			}
			few[at] = shuffled[:1+rng.IntN(len(shuffled))]
		}
		return few[at]
	})
}

// draw chooses groups by how many inputs go on from them.
func (l *Language) draw(rng *rand.Rand, input []int, of func(state int32, k int, g group) []int) {
	state := start
	for at := range input {
		k := l.choose(rng, state, len(input)-at)
		g := l.groups[state][k]
		tokens := of(state, k, g)
		input[at], state = tokens[rng.IntN(len(tokens))], g.to
	}
}

// choose returns a group of a state with n tokens to come.
func (l *Language) choose(rng *rand.Rand, state int32, n int) int {
	groups := l.groups[state]
	if len(groups) == 1 {
		return 0
	}
	all, last, x := l.from(state, n), 0, rng.Float64()
	for k, g := range groups {
		ways := l.from(g.to, n-1)
		if ways.IsZero() {
			continue
		}
		last = k
		if x -= ways.times(len(g.tokens)).over(all); x < 0 {
			break
		}
	}
	return last
}

// Nearest replaces tokens from the front until the whole is an input, each by the
// next one that one can go on with. There are inputs of that length.
func (l *Language) Nearest(input []int) {
	state := start
	for at, wanted := range input {
		for d := range l.tokens {
			t := (wanted + d) % l.tokens
			to := l.next[int(state)*l.tokens+t]
			if to != dead && !l.from(to, len(input)-1-at).IsZero() {
				input[at], state = t, to
				break
			}
		}
	}
}

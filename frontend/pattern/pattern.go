// Package pattern reads the regular expression of the inputs pragma as an
// automaton over tokens, so that the inputs that it matches can be counted, listed
// and drawn, however few of all sequences of tokens they are.
package pattern

import (
	"errors"
	"regexp/syntax"
)

// Spec says which sequences of tokens are inputs.
type Spec struct {
	// Pattern matches the texts of an input's tokens as a whole, in the syntax of
	// Go's package regexp; empty for all.
	Pattern string
	Tokens  []string // texts, by token id
	Sep     string   // between the texts of two tokens
	BOS     int      // id of the token that stands at position 0 and nowhere else; -1 for none
	MaxLen  int
}

// Language is the inputs that a Spec describes. It is immutable.
type Language struct {
	tokens int
	next   []int32   // state after a token, by state and token; dead where there is none
	groups [][]group // by state
	ways   [][]Count // by number of tokens to come and state; none behind the last row
	maxLen int
}

// group is the tokens that lead from a state to the same other one.
type group struct {
	to     int32
	tokens []int
}

const (
	start int32 = 0 // the state of empty text
	dead  int32 = -1
)

// ErrTooLarge says that a pattern's automaton has more states than are built.
var ErrTooLarge = errors.New("the automaton of the pattern is too large")

// size bounds an automaton.
type size struct{ states, transitions int }

var (
	most = size{1 << 14, 1 << 24} // 64 MB
	// quick is for the look for any input at all.
	quick = size{1 << 10, 1 << 18}
)

// maxCounts bounds the numbers that are kept, to 64 MB.
const maxCounts = 1 << 22

// New builds the automaton of a pattern and counts its inputs by length. The error
// is ErrTooLarge or one of the pattern's syntax.
func New(s Spec) (*Language, error) {
	b, err := newBuilder(s)
	if err != nil {
		return nil, err
	}
	if err := b.build(most, func(int32) bool { return false }); err != nil {
		return nil, err
	}
	l := &Language{tokens: len(s.Tokens), next: b.next, maxLen: s.MaxLen}
	l.group(len(b.states))
	return l, l.count(b.accepting())
}

// Empty reports whether the pattern matches no input of any length. It says false
// where an answer takes too long.
func Empty(s Spec) bool {
	b, err := newBuilder(s)
	if err != nil {
		return false
	}
	found := false
	err = b.build(quick, func(q int32) bool {
		found = found || b.depth[q] > 0 && b.depth[q] <= s.MaxLen && b.states[q].accepts(b.prog)
		return found || b.depth[q] > s.MaxLen
	})
	return err == nil && !found
}

// group gathers the transitions of each state by where they lead.
func (l *Language) group(states int) {
	l.groups = make([][]group, states)
	for q := range l.groups {
		at := map[int32]int{} // index of a group by state
		for t, to := range l.next[q*l.tokens : (q+1)*l.tokens] {
			if to == dead {
				continue
			}
			k, ok := at[to]
			if !ok {
				k = len(l.groups[q])
				at[to] = k
				l.groups[q] = append(l.groups[q], group{to: to})
			}
			l.groups[q][k].tokens = append(l.groups[q][k].tokens, t)
		}
	}
}

// count fills ways, up to the last row that is not zero.
func (l *Language) count(accepting []bool) error {
	row := make([]Count, len(accepting))
	for q, yes := range accepting {
		if yes {
			row[q] = normal(1, 0)
		}
	}
	for any := true; any && len(l.ways) <= l.maxLen; {
		if (len(l.ways)+1)*len(row) > maxCounts {
			return ErrTooLarge
		}
		l.ways = append(l.ways, row)
		row, any = l.before(row)
	}
	return nil
}

// before counts the ways with one token more to come, and reports whether there are any.
func (l *Language) before(row []Count) (longer []Count, any bool) {
	longer = make([]Count, len(row))
	for q, groups := range l.groups {
		for _, g := range groups {
			longer[q] = longer[q].plus(row[g.to].times(len(g.tokens)))
		}
		any = any || !longer[q].IsZero()
	}
	return longer, any
}

// from returns the number of ways to go on from a state with n tokens.
func (l *Language) from(state int32, n int) Count {
	if n >= len(l.ways) {
		return Count{}
	}
	return l.ways[n][state]
}

// Count returns the number of inputs of a length, at least 1.
func (l *Language) Count(n int) Count { return l.from(start, n) }

// parsed compiles a pattern.
func parsed(pattern string) (*syntax.Prog, error) {
	if pattern == "" {
		pattern = `(?s:.*)`
	}
	re, err := syntax.Parse(`\A(?:`+pattern+`)\z`, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return syntax.Compile(re.Simplify())
}

// Automaton returns the table of the automaton, which callers must not change: next
// has, by state and token, the state that follows, -1 for none; inputs begin in state
// 0 and end in one that accepts. It knows no maximum length.
func (l *Language) Automaton() (next []int32, accepting []bool) {
	accepting = make([]bool, len(l.groups))
	if len(l.ways) > 0 {
		for q, n := range l.ways[0] {
			accepting[q] = !n.IsZero()
		}
	}
	return l.next, accepting
}

package generate

import (
	"math/rand/v2"
	"slices"

	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/value"
)

// Numbers of inputs on which programs are compared.
const (
	exhaustedInputs = 256 // all inputs are taken where they are no more than these
	shortInputs     = 96  // else so many of the shortest,
	randomInputs    = 64  // so many of any length,
	narrowInputs    = 32  // and so many of two tokens
	longestInput    = 64  // tokens
)

// inputSet are inputs as places in an alphabet, grouped by length.
type inputSet struct {
	alphabet []value.Value
	longest  int
	groups   []inputGroup // by length, first those that are not fair, then those that are
	accept   func([]value.Value) bool
	bos      int // the place of the declared BOS; -1 where there is none
}

// inputGroup are inputs of one length, one after the other.
type inputGroup struct {
	length int
	places []int
	fair   bool // they are all, or drawn at random: what is usual among them is usual
}

// newInputSet returns inputs of a program: all of them, or the shortest, those of one token
// or two in turn, sorted ones, and random ones up to the longest, none longer than 64. The
// order of the vocabulary does not matter.
func newInputSet(s resolve.Settings) *inputSet {
	alphabet := slices.Clone(s.Alphabet())
	slices.SortFunc(alphabet, value.Compare)
	set := &inputSet{alphabet: alphabet, accept: s.Accept(), bos: -1, longest: min(s.MaxLen.Value, longestInput)}
	for i := range 2 * set.longest {
		set.groups = append(set.groups, inputGroup{length: 1 + i%set.longest, fair: i >= set.longest})
	}
	if s.BOS.Set {
		set.bos = slices.IndexFunc(alphabet, func(v value.Value) bool { return value.Equal(v, s.BOS.Value) })
	}
	if set.count() {
		return set
	}
	set.boundaries()
	set.random()
	return set
}

// count adds the shortest inputs, and reports whether they are all. Of inputs that
// the program is not meant for, not all that are short are tried.
func (s *inputSet) count() (all bool) {
	const mostTried = 4096
	most, fair := shortInputs, false
	if total := s.total(); total <= exhaustedInputs {
		most, fair = total, true
	}
	for length, tried := 1, 0; length <= s.longest; length++ {
		places := make([]int, length)
		for more := true; more; more = increment(places, len(s.alphabet)) {
			if most <= 0 || tried == mostTried {
				return false
			}
			tried++
			if s.add(places, fair) {
				most--
			}
		}
	}
	return true
}

// total is the number of all inputs, or a larger one than are taken.
func (s *inputSet) total() int {
	total, power := 0, 1
	for range s.longest {
		power *= len(s.alphabet)
		if total += power; total > exhaustedInputs {
			break
		}
	}
	return total
}

// increment counts up in the given base and reports whether it did not wrap.
func increment(digits []int, base int) bool {
	for i := range slices.Backward(digits) {
		if digits[i]++; digits[i] < base {
			return true
		}
		digits[i] = 0
	}
	return false
}

// boundaries adds long inputs that are special.
func (s *inputSet) boundaries() {
	size, longest := len(s.alphabet), s.longest
	fill := func(at func(i int) int) {
		places := make([]int, longest)
		for i := range places {
			places[i] = at(i) % size
		}
		s.addOpened(places, false)
	}
	for a := range min(size, 8) {
		fill(func(int) int { return a })
		fill(func(i int) int { return a + i%2 })
		fill(func(i int) int { return a + i/2 })
	}
	fill(func(i int) int { return i * size / longest })
	fill(func(i int) int { return size - 1 - i*size/longest })
}

// random adds inputs from a fixed seed, and some of two tokens only.
func (s *inputSet) random() {
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range randomInputs + narrowInputs {
		places := make([]int, 1+rng.IntN(s.longest))
		some := [2]int{rng.IntN(len(s.alphabet)), rng.IntN(len(s.alphabet))}
		for k := range places {
			places[k] = rng.IntN(len(s.alphabet))
			if i >= randomInputs {
				places[k] = some[places[k]%2]
			}
		}
		s.addOpened(places, i < randomInputs)
	}
}

// addOpened adds an input with the declared BOS in front, if there is one.
func (s *inputSet) addOpened(places []int, fair bool) {
	if s.bos >= 0 {
		places[0] = s.bos
	}
	s.add(places, fair)
}

// add keeps an input that the program is meant for, and reports whether it is.
func (s *inputSet) add(places []int, fair bool) bool {
	if s.accept != nil && !s.accept(s.tokens(places)) {
		return false
	}
	at := len(places) - 1
	if fair {
		at += s.longest
	}
	g := &s.groups[at]
	g.places = append(g.places, places...)
	return true
}

func (s *inputSet) tokens(places []int) []value.Value {
	tokens := make([]value.Value, len(places))
	for i, p := range places {
		tokens[i] = s.alphabet[p]
	}
	return tokens
}

// fewInputs is on how many inputs programs are tried first.
const fewInputs = 8

// some returns a few fair inputs of all lengths, the longest among them.
func (s *inputSet) some() [][]value.Value {
	var some [][]value.Value
	for k := range fewInputs {
		g := s.groups[s.longest+(s.longest-1)*(k+1)/fewInputs]
		if n := len(g.places) / g.length; n > 0 {
			i := k * 7 % n
			some = append(some, s.tokens(g.places[i*g.length:(i+1)*g.length]))
		}
	}
	return some
}

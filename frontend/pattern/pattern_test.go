package pattern_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/pattern"
)

// accepts is the definition: the texts are joined and matched.
func accepts(s pattern.Spec, input []int) bool {
	words := make([]string, len(input))
	for i, t := range input {
		if s.BOS >= 0 && (t == s.BOS) != (i == 0) {
			return false
		}
		words[i] = s.Tokens[t]
	}
	return s.Pattern == "" || regexp.MustCompile(`\A(?:`+s.Pattern+`)\z`).MatchString(strings.Join(words, s.Sep))
}

// inputs lists all inputs of a length by trying all sequences.
func inputs(s pattern.Spec, n int) map[string]bool {
	found := map[string]bool{}
	every(len(s.Tokens), n, func(input []int) {
		if accepts(s, input) {
			found[spelled(input)] = true
		}
	})
	return found
}

// every visits all sequences of tokens of a length.
func every(tokens, n int, visit func(input []int)) {
	input := make([]int, n)
	for {
		visit(input)
		i := 0
		for ; i < n; i++ {
			if input[i]++; input[i] < tokens {
				break
			}
			input[i] = 0
		}
		if i == n {
			return
		}
	}
}

func spelled(input []int) string {
	b := make([]byte, len(input))
	for i, t := range input {
		b[i] = byte('0' + t)
	}
	return string(b)
}

var specs = map[string]pattern.Spec{
	"all":               {Tokens: []string{"a", "b", "c"}, BOS: -1},
	"bos":               {Tokens: []string{"§", "a", "b"}, BOS: 0},
	"sorted":            {Pattern: "a*b*", Tokens: []string{"a", "b", "c"}, BOS: -1},
	"pairs":             {Pattern: "(ab)*", Tokens: []string{"a", "b"}, BOS: -1},
	"ambiguous":         {Pattern: "(a|ab|b)*(b|a*)", Tokens: []string{"a", "b"}, BOS: -1},
	"third from behind": {Pattern: ".*a..", Tokens: []string{"a", "b"}, BOS: -1},
	"bos and pattern":   {Pattern: "§a*b", Tokens: []string{"a", "b", "§"}, BOS: 2},
	"one input":         {Pattern: "abcab", Tokens: []string{"a", "b", "c"}, BOS: -1},
	"gaps":              {Pattern: "(aab|b{5})", Tokens: []string{"a", "b"}, BOS: -1},
	"nothing":           {Pattern: "d*", Tokens: []string{"a", "b"}, BOS: -1},
	"repeats":           {Pattern: "(a{2,3}b?)+", Tokens: []string{"a", "b"}, BOS: -1},
	"longer tokens":     {Pattern: "(in|out)( (in|out))*", Tokens: []string{"in", "out", "x"}, Sep: " ", BOS: -1},
	"word boundaries":   {Pattern: `(\bin\b|\s|o\But)*`, Tokens: []string{"in", "out", ""}, Sep: " ", BOS: -1},
	"no text":           {Pattern: "a*", Tokens: []string{"", "a"}, Sep: "", BOS: -1},
	"lines":             {Pattern: "(?m)(^a$|\n|^b)*", Tokens: []string{"a", "b", "\n"}, BOS: -1},
	"newlines":          {Pattern: ".*", Tokens: []string{"a", "\n"}, BOS: -1},
	"anchors inside":    {Pattern: "^a*$|^b", Tokens: []string{"a", "b"}, BOS: -1},
	"folded":            {Pattern: "(?i)k+", Tokens: []string{"k", "K", "\u212a", "l"}, BOS: -1},
	"classes":           {Pattern: "[^a]*[a-b]", Tokens: []string{"a", "b", "é"}, BOS: -1},
}

// TestAgainstMatching: counted, listed and drawn inputs are those that match.
func TestAgainstMatching(t *testing.T) {
	const longest = 6
	for name, s := range specs {
		t.Run(name, func(t *testing.T) {
			s.MaxLen = longest
			l, err := pattern.New(s)
			if err != nil {
				t.Fatal(err)
			}
			any := false
			for n := 1; n <= longest; n++ {
				want := inputs(s, n)
				any = any || len(want) > 0
				count, ok := l.Count(n).AtMost(1 << 20)
				if !ok || count != len(want) {
					t.Fatalf("%d inputs of length %d, want %d", count, n, len(want))
				}
				checkListed(t, l, n, want)
				if count > 0 {
					checkDrawn(t, l, n, want)
				}
				checkAutomaton(t, l, len(s.Tokens), n, want)
			}
			if pattern.Empty(s) == any {
				t.Errorf("empty: %v", !any)
			}
		})
	}
}

func checkListed(t *testing.T, l *pattern.Language, n int, want map[string]bool) {
	t.Helper()
	listed, input := map[string]bool{}, make([]int, n)
	for i := range len(want) {
		l.Nth(i, input)
		listed[spelled(input)] = true
	}
	if len(listed) != len(want) {
		t.Errorf("%d of %d inputs of length %d are listed", len(listed), len(want), n)
	}
	for in := range listed {
		if !want[in] {
			t.Errorf("%s is listed", in)
		}
	}
}

// checkAutomaton runs the table on all sequences of tokens.
func checkAutomaton(t *testing.T, l *pattern.Language, tokens, n int, want map[string]bool) {
	t.Helper()
	next, accepting := l.Automaton()
	every(tokens, n, func(input []int) {
		state := int32(0)
		for _, token := range input {
			if state >= 0 {
				state = next[int(state)*tokens+token]
			}
		}
		if got := state >= 0 && accepting[state]; got != want[spelled(input)] {
			t.Errorf("the automaton says %v of %v", got, input)
		}
	})
}

func checkDrawn(t *testing.T, l *pattern.Language, n int, want map[string]bool) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	const times = 60 // that each is to be drawn
	drawn, input := map[string]int{}, make([]int, n)
	for range times * len(want) {
		l.Draw(rng, input)
		drawn[spelled(input)]++
	}
	for in := range want {
		if c := drawn[in]; c < times/3 || c > 2*times {
			t.Errorf("%s is drawn %d times, not about %d", in, c, times)
		}
	}
	for range 200 {
		for i := range input {
			input[i] = rng.IntN(3) % 2
		}
		wanted := spelled(input)
		l.Nearest(input)
		if !want[spelled(input)] || want[wanted] && spelled(input) != wanted {
			t.Fatalf("the nearest to %s is %s", wanted, spelled(input))
		}
		if l.DrawFew(rng, input); !want[spelled(input)] {
			t.Fatalf("%s is drawn", spelled(input))
		}
	}
}

// TestLong draws inputs that are few among all sequences, as many times as are
// asked for, and repeats tokens where that is possible.
func TestLong(t *testing.T) {
	s := pattern.Spec{Pattern: "([abcdefgh]{3}x)*", Tokens: strings.Split("abcdefghx", ""), BOS: -1, MaxLen: 4000}
	l, err := pattern.New(s)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := l.Count(4000).String(), "1e2709"; !strings.HasSuffix(got, "e2709") {
		t.Errorf("%s inputs, want about %s", got, want)
	}
	if !l.Count(3999).IsZero() {
		t.Error("inputs of another length")
	}
	rng, input := rand.New(rand.NewPCG(1, 2)), make([]int, 4000)
	few := 0
	for range 40 {
		l.DrawFew(rng, input)
		if !accepts(s, input) {
			t.Fatal("drawn, and no input")
		}
		seen := slices.Compact(slices.Sorted(slices.Values(input)))
		if len(seen) < len(s.Tokens) {
			few++
		}
		l.Draw(rng, input)
		if seen := slices.Compact(slices.Sorted(slices.Values(input))); len(seen) != len(s.Tokens) {
			t.Errorf("a uniform draw of 4000 has the tokens %v only", seen)
		}
	}
	if few < 10 {
		t.Errorf("%d of 40 inputs leave out tokens", few)
	}
}

// TestTooLarge gives up on automata whose states would not end.
func TestTooLarge(t *testing.T) {
	s := pattern.Spec{Pattern: "[ab]*a[ab]{40}", Tokens: []string{"a", "b"}, BOS: -1, MaxLen: 100}
	if _, err := pattern.New(s); !errors.Is(err, pattern.ErrTooLarge) {
		t.Errorf("error %v", err)
	}
	if pattern.Empty(s) {
		t.Error("said to match nothing")
	}
	s.Pattern, s.MaxLen = "[ab]*a[ab]{5}", 5
	if !pattern.Empty(s) {
		t.Error("it matches nothing that is shorter than 6")
	}
	if _, err := pattern.New(pattern.Spec{Pattern: "(", Tokens: s.Tokens, MaxLen: 3}); err == nil {
		t.Error("no error for what is no pattern")
	}
}

func TestCount(t *testing.T) {
	l, err := pattern.New(pattern.Spec{Tokens: strings.Split("abcdefghij", ""), BOS: -1, MaxLen: 65536})
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{1: "10", 7: "10000000", 8: "1.0e8", 400: "1.0e400", 65536: "1.0e65536"} {
		if got := l.Count(n).String(); got != want {
			t.Errorf("%s inputs of length %d, want %s", got, n, want)
		}
	}
	if x := l.Count(400).Float64(); !math.IsInf(x, 1) {
		t.Errorf("%g", x)
	}
	if l.Count(3).Cmp(l.Count(400)) >= 0 || l.Count(400).Cmp(l.Count(3)) <= 0 || l.Count(5).Cmp(l.Count(5)) != 0 {
		t.Error("counts are ordered otherwise")
	}
	if (pattern.Count{}).Cmp(l.Count(1)) >= 0 || l.Count(1).Cmp(pattern.Count{}) <= 0 {
		t.Error("0 is not the least")
	}
}

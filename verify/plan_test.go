package verify

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
)

// described is the manifest of a program, as an export would write it.
func described(t testing.TB, text string) *manifest.Manifest {
	t.Helper()
	p, list := resolve.Run(diag.NewSource("test.rasp", text), resolve.Options{})
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	set := p.Settings
	m := &manifest.Manifest{
		Program: manifest.Program{Name: "test.rasp", Source: text},
		Options: manifest.Options{
			Tokens: set.TokenKind(), Vocab: manifest.AtomsOf(set.Alphabet()), MaxLen: set.MaxLen.Value,
			Causal: set.Causal.Value, Output: p.Output.Name,
		},
		Tokens: manifest.Tokens{BOS: len(set.Alphabet()), PAD: len(set.Alphabet()) + 1},
	}
	if set.BOS.Set {
		bos := manifest.AtomOf(set.BOS.Value)
		m.Options.BOS = &bos
	}
	m.Options.Inputs = set.Pattern()
	return m
}

func subjectOf(t testing.TB, text string) *subject {
	t.Helper()
	s, err := newSubject(described(t, text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// spelled writes an input as the characters of its tokens.
func (s *subject) spelled(ids []int) string {
	var b strings.Builder
	for _, v := range s.tokens(ids) {
		b.WriteString(v.Display())
	}
	return b.String()
}

// TestPlanOfSmallDomains lists every input, shortest first, once.
func TestPlanOfSmallDomains(t *testing.T) {
	tests := []struct {
		name, head, want string
	}{
		{"all", "#: vocab = \"ab\"\n#: max_len = 2\n", "a b aa ab ba bb"},
		{"one token", "#: vocab = \"a\"\n#: max_len = 3\n", "a aa aaa"},
		{"declared BOS", "#: vocab = \"ab§\"\n#: bos = \"§\"\n#: max_len = 3\n", "§ §a §b §aa §ab §ba §bb"},
		{"declared BOS outside the vocabulary", "#: vocab = \"ab\"\n#: bos = \"§\"\n#: max_len = 2\n", "§ §a §b"},
		{"nothing but BOS", "#: vocab = [\"§\"]\n#: bos = \"§\"\n#: max_len = 3\n", "§"},
		{"a pattern", "#: vocab = \"ab\"\n#: inputs = \"a*b\"\n#: max_len = 3\n", "b ab aab"},
		{"a pattern and BOS", "#: vocab = \"ab§\"\n#: bos = \"§\"\n#: inputs = \"§a*b\"\n#: max_len = 4\n", "§b §ab §aab"},
		{"an input of a length between", "#: vocab = \"ab\"\n#: inputs = \"bab\"\n#: max_len = 5\n", "bab"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := subjectOf(t, tt.head+"x = indices;")
			p := makePlan(s, 100, 0)
			var got []string
			for _, in := range p.all() {
				got = append(got, s.spelled(in))
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
			if p.ExhaustiveTo != s.maxLen {
				t.Errorf("exhaustive to %d of %d", p.ExhaustiveTo, s.maxLen)
			}
		})
	}
}

// TestPlanOfLargeDomains keeps to the budget: all short inputs, then boundary
// cases of all lengths, then random ones.
func TestPlanOfLargeDomains(t *testing.T) {
	s := subjectOf(t, "#: vocab = \"abc\"\n#: max_len = 12\nx = indices;")
	const short = 3 + 9 + 27 + 81 // up to length 4
	tests := []struct{ budget, exhaustiveTo int }{
		{2, 0}, {3, 0}, {4, 1}, {15, 1}, {16, 2}, {short * 4 / 3, 4}, {short*4/3 - 1, 3}, {(short+243)*4/3 - 1, 4}, {(short + 243) * 4 / 3, 5},
		{999, 5}, {short + 243 + 729 - 1, 5}, {5000, 7},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.budget), func(t *testing.T) {
			p := makePlan(s, tt.budget, 1)
			if p.ExhaustiveTo != tt.exhaustiveTo || len(p.all()) != tt.budget {
				t.Fatalf("exhaustive to %d, %d inputs", p.ExhaustiveTo, len(p.all()))
			}
			count := map[int]int{}
			for i, in := range p.all() {
				count[len(in)]++
				if len(in) < 1 || len(in) > 12 || slices.Max(in) > 2 || slices.Min(in) < 0 {
					t.Fatalf("input %d is %v", i, in)
				}
			}
			for n, all := 1, 3; n <= tt.exhaustiveTo; n, all = n+1, all*3 {
				if count[n] != all {
					t.Errorf("%d inputs of length %d", count[n], n)
				}
			}
			if tt.budget > 500 && (count[12] < 20 || count[8] < 20) {
				t.Errorf("lengths %v", count)
			}
		})
	}
}

// TestSmallBudgets keeps a quarter for longer inputs, unless all fit.
func TestSmallBudgets(t *testing.T) {
	s := subjectOf(t, "#: vocab = \"ab\"\n#: max_len = 8\nx = indices;")
	const all = 510
	for budget := 1; budget <= all; budget++ {
		p := makePlan(s, budget, 1)
		if longer := p.Boundary + p.Random; p.size() != budget || budget < all && 4*longer < budget || budget == all && longer > 0 {
			t.Errorf("of %d inputs %d are longer ones: %v", budget, longer, p)
		}
	}
	if p := makePlan(s, 64, 1); p.ExhaustiveTo != 4 || p.Exhaustive != 30 {
		t.Errorf("%v", p)
	}
}

// TestBoundary has each extreme shape of the longest length.
func TestBoundary(t *testing.T) {
	s := subjectOf(t, "#: vocab = \"abc\"\n#: max_len = 12\nx = indices;")
	p := makePlan(s, 2000, 1)
	seen := map[string]bool{}
	for _, in := range p.all() {
		seen[s.spelled(in)] = true
	}
	for _, want := range []string{
		"aaaaaaaaaaaa", "cccccccccccc", "abababababab", "cacacacacaca", "aaaaaabbbbbb", "abcabcabcabc", "acbacbacbacb", "aaaaaaaaaaa",
	} {
		if !seen[want] {
			t.Errorf("%s is not tried", want)
		}
	}
}

// TestSeeds gives the same inputs for the same seed, others for another.
func TestSeeds(t *testing.T) {
	for _, head := range []string{"#: vocab = \"abcd\"\n", "#: vocab = \"abcd§\"\n#: bos = \"§\"\n", "#: vocab = \"abcd\"\n#: inputs = \"[abc]*d?\"\n"} {
		s := subjectOf(t, head+"#: max_len = 20\nx = indices;")
		a, b, c := makePlan(s, 900, 1), makePlan(s, 900, 1), makePlan(s, 900, 2)
		if diff := cmp.Diff(a.all(), b.all()); diff != "" {
			t.Error("the same seed gives other inputs")
		}
		if cmp.Equal(a.all(), c.all()) {
			t.Error("another seed gives the same inputs")
		}
		for _, in := range a.all() {
			if !s.accepts(in) {
				t.Errorf("%s is no input of the program", s.spelled(in))
			}
		}
	}
}

// TestPatterns: of a pattern that few inputs match, as many are tried as of others,
// all of them where there are few.
func TestPatterns(t *testing.T) {
	s := subjectOf(t, "#: vocab = \"abcd\"\n#: inputs = \"(abcd){5}|(a[abc]{2}d)+\"\n#: max_len = 28\nx = indices;")
	p := makePlan(s, 1000, 1)
	lengths := map[int]int{}
	for _, in := range p.all() {
		if lengths[len(in)]++; !s.accepts(in) {
			t.Errorf("%s is no input of the program", s.spelled(in))
		}
	}
	// 9, 81 and 729 inputs of lengths 4, 8 and 12; then samples.
	if p.ExhaustiveTo != 15 || p.Exhaustive != 9+81+729 || lengths[4] != 9 || lengths[8] != 81 || lengths[12] != 729 || p.size() != 1000 {
		t.Errorf("exhaustive to %d, lengths %v", p.ExhaustiveTo, lengths)
	}
	for _, n := range []int{16, 20, 24, 28} {
		if lengths[n] < 30 {
			t.Errorf("%d inputs of length %d", lengths[n], n)
		}
	}
	// One input of most lengths, many of one that is shorter.
	s = subjectOf(t, "#: vocab = \"abcd\"\n#: inputs = \"a+|[abcd]{9}\"\n#: max_len = 30\nx = indices;")
	p = makePlan(s, 1000, 1)
	if p.ExhaustiveTo != 8 || p.Exhaustive != 29 || !slices.Equal(p.Sampled, []int{9}) || p.size() != 1000 {
		t.Errorf("%+v", p.Plan)
	}
}

// TestPatternTooLarge: inputs of a pattern whose automaton has too many states are those
// among all sequences that it matches.
func TestPatternTooLarge(t *testing.T) {
	s := subjectOf(t, "#: vocab = \"ab\"\n#: inputs = \"[ab]*a[ab]{16}\"\n#: max_len = 20\nx = indices;")
	p := makePlan(s, 600, 1)
	if s.exact || p.Inputs != nil || !strings.HasSuffix(p.String(), "; the pattern is too large to count what it matches") {
		t.Errorf("%v", p)
	}
	for _, in := range p.all() {
		if !s.accepts(in) {
			t.Errorf("%s is no input of the program", s.spelled(in))
		}
	}
	if n := len(p.all()); n < 20 || n > 600 {
		t.Errorf("%d inputs", n)
	}
}

// TestPlanString says what is to come.
func TestPlanString(t *testing.T) {
	for head, want := range map[string]string{
		"#: max_len = 3\n":                          "every input up to length 3 (14)",
		"#: max_len = 6\n":                          "every input up to length 4 (30), 5 boundary cases, 15 random ones of lengths 5 to 6 with seed 5",
		"#: max_len = 5\n":                          "every input up to length 4 (30), 5 boundary cases, 15 random ones of length 5 with seed 5",
		"#: inputs = \"(ab|b)b\"\n#: max_len = 6\n": "every input up to length 6 (2); the pattern matches 1 of each length 2 to 3",
		"#: inputs = \"a+|[ab]{9}\"\n#: max_len = 12\n": "every input up to length 8 and of 3 longer lengths (11), 9 boundary cases, 30 random ones of length 9 with seed 5; " +
			"the pattern matches 1 of each length 1 to 8, 512 of length 9, 1 of each length 10 to 12",
		"#: inputs = \"[ab]*b\"\n#: max_len = 100\n": "every input up to length 5 (31), 4 boundary cases, 15 random ones of lengths 6 to 100 with seed 5; " +
			"the pattern matches 1 of length 1, 2 of length 2, 4 of length 3, 8 of length 4, 16 of length 5, 32 of length 6, …, 6.3e29 of length 100",
	} {
		if got := makePlan(subjectOf(t, "#: vocab = \"ab\"\n"+head+"x = indices;"), 50, 5).String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := (Plan{Random: 3, MaxLen: 1, Sampled: []int{1}}).String(); got != "3 random ones of length 1 with seed 0" {
		t.Errorf("got %q", got)
	}
}

// TestStrata: each longer length has as many random inputs as any other.
func TestStrata(t *testing.T) {
	s := subjectOf(t, "#: vocab = \"abc\"\n#: max_len = 12\nx = indices;")
	p := makePlan(s, 20_000, 1)
	counts := map[int]int{}
	for _, b := range p.blocks {
		if b.kind == random {
			if err := p.each(b, func(in []int) error { counts[len(in)]++; return nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
	longer := s.maxLen - p.ExhaustiveTo
	if p.ExhaustiveTo != 8 || len(counts) != longer || p.size() != 20_000 {
		t.Fatalf("%v, lengths %v", p, counts)
	}
	for n, count := range counts {
		if count < p.Random/longer || count > p.Random/longer+1 {
			t.Errorf("%d of length %d, %d of all", count, n, p.Random)
		}
	}
}

// TestBlocks: a block can be made without those before it, and a smaller plan
// begins with the random inputs of a larger one.
func TestBlocks(t *testing.T) {
	s := subjectOf(t, "#: vocab = \"abc\"\n#: max_len = 12\nx = indices;")
	large, small := makePlan(s, 8_000, 1), makePlan(s, 500, 1)
	in := map[string]bool{}
	for _, ids := range large.all() {
		in[s.spelled(ids)] = true
	}
	for _, ids := range small.all() {
		if !in[s.spelled(ids)] {
			t.Errorf("%s is in the smaller plan only", s.spelled(ids))
		}
	}
	var joined [][]int
	for i := range large.blocks {
		one := &plan{Plan: large.Plan, subject: s, blocks: large.blocks[i : i+1]}
		joined = append(joined, one.all()...)
	}
	if diff := cmp.Diff(large.all(), joined); diff != "" {
		t.Error(diff)
	}
}

// TestUsualBudget: the longer, the fewer.
func TestUsualBudget(t *testing.T) {
	for maxLen, want := range map[int]int{1: MostBudget, 8: MostBudget, 16: MostBudget / 4, 1000: LeastBudget, 1 << 30: LeastBudget} {
		if got := usualBudget(maxLen); got != want {
			t.Errorf("%d inputs up to length %d, want %d", got, maxLen, want)
		}
	}
}

func TestHistogram(t *testing.T) {
	var h histogram
	for _, x := range []float64{0, 0x1p-60, 0.5, 0.99, 1, 3, math.Inf(1), 1e30} {
		h.add(bucket(x))
	}
	want := []Bucket{{0, 2}, {0.5, 2}, {1, 1}, {2, 1}, {2048, 1}}
	if diff := cmp.Diff(want, h.buckets()); diff != "" {
		t.Error(diff)
	}
}

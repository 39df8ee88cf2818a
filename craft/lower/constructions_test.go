package lower_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/craft/lower"
	"github.com/raspc/raspc/frontend/values"
)

const sameFreq = "same = select(tokens, tokens, ==);\nfreq = selector_width(same);\n"

// constructions has one program a construction, with the neurons that it
// promises, -1 for any, and its heads.
var constructions = map[string]struct {
	text               string
	neurons            int
	moves, means, sums int
}{
	"affine: a function of one variable is free": {pragmas("int", "[0, 1, 3]", 4) + "x = tokens^2 - 2 * tokens + 1;", 0, 0, 0, 0},
	"affine: so is a sum of functions":           {pragmas("int", "[0, 1, 3]", 4) + "x = tokens^2 + 3 * indices;", 0, 0, 0, 0},
	"jumps: two neurons a change":                {pragmas("int", "[0, 1, 3]", 4) + "x = tokens + indices > 2;", 2, 0, 0, 0},
	"jumps: a string at each of two changes":     {pragmas("str", `"abc"`, 6) + sameFreq + `x = "two" if freq == 2 else "other";`, 4, 0, 0, 1},
	"hinges: equality near an end is two bends":  {pragmas("str", `"abc"`, 6) + sameFreq + "x = freq == 2;", 2, 0, 0, 1},
	"hinges: else it is three":                   {pragmas("str", `"abc"`, 6) + sameFreq + "x = freq == 3;", 3, 0, 0, 1},
	"hinges: max is two":                         {pragmas("str", `"abc"`, 6) + sameFreq + "x = freq if freq > indices else indices;", 2, 0, 0, 1},
	"hinges: a product is two squares":           {pragmas("int", `0..3`, 3) + "x = (tokens + indices) * (tokens - 2 * indices);", 9, 0, 0, 0},
	"the cheapest: rectangles before jumps":      {pragmas("int", "[0, 1, 3]", 4) + "x = tokens + indices == 2;", 2, 0, 0, 0},
	"jumps: conjunction is one":                  {pragmas("str", `"abc"`, 4) + `x = tokens == "a" and indices > 1;`, 1, 0, 0, 0},
	"rectangles: one neuron each":                {pragmas("str", `"abc"`, 3) + `x = "yes" if tokens == "a" and indices == 1 else "no";`, 1, 0, 0, 0},
	"sums: a width is one head":                  {pragmas("str", `"abc"`, 5) + sameFreq + "x = freq;", 0, 0, 0, 1},
	"sums: a disjoint union is a sum of heads": {pragmas("int", "0..2", 4) +
		"x = selector_width(select(tokens, tokens, <) or (select(tokens, tokens, ==) and select(indices, indices, <)));", 0, 0, 0, 2},
	"sums: a mean times its width": {pragmas("int", "[0, 1, 3]", 4) +
		"x = round(length * aggregate(full_s, tokens));", 0, 0, 0, 1},
	"means: one head": {pragmas("int", "[0, 1, 3]", 4) + "x = aggregate(select(indices, indices, <=), tokens);", 0, 0, 1, 0},
	"moves: one head": {pragmas("str", `"abc"`, 4) + `x = aggregate(select(indices, indices - 1, ==), tokens, "-");`, 0, 1, 0, 0},
	"gates: a product of a mean and a token": {pragmas("int", "[1, 2, 5]", 4) +
		"x = tokens * aggregate(select(indices, indices, <=), tokens) / 7 + 1;", -1, 0, 1, 0},
	"product: a mean over a union": {pragmas("str", `"abc"`, 4) +
		sameFreq + "x = aggregate(same or select(indices, indices, <), indices);", -1, 0, 1, 0},
	"hinges: a bend at each value": {pragmas("str", `"abc"`, 6) + sameFreq + "x = freq % 2;", 5, 0, 0, 1},
	"default": {pragmas("int", "[0, 1, 3]", 4) +
		"x = aggregate(select(indices, indices, <), tokens, 1/3);", 0, 0, 1, 0},
}

// TestConstructions compares every variable and the output of the
// constructions with the oracle on every input, in float64 and in float32 with
// random orders of summation, and holds each to the neurons and heads that it
// promises.
func TestConstructions(t *testing.T) {
	for name, c := range constructions {
		t.Run(name, func(t *testing.T) {
			s := lowered(t, c.text, lower.Options{})
			s.exact(t, s.inputs(s.domain.MaxLen))
			s.bounded(t, s.inputs(min(4, s.domain.MaxLen)), 2)
			if c.neurons >= 0 && s.neurons() != c.neurons {
				t.Errorf("%d neurons, want %d", s.neurons(), c.neurons)
			}
			for kind, want := range map[craft.HeadKind]int{craft.Move: c.moves, craft.Mean: c.means, craft.Sum: c.sums} {
				if got := len(s.heads(kind)); got != want {
					t.Errorf("%d %s heads, want %d", got, kind, want)
				}
			}
			all := lowered(t, c.text, lower.Options{MaterializeAll: true})
			all.exact(t, all.inputs(min(4, all.domain.MaxLen)))
		})
	}
}

// BenchmarkConstructions times the lowering of each construction and counts
// what it makes: neurons, heads, directions and weights that are not zero.
func BenchmarkConstructions(b *testing.B) {
	for _, name := range slices.Sorted(maps.Keys(constructions)) {
		b.Run(name, func(b *testing.B) {
			var p *craft.Program
			for b.Loop() {
				p = craft.Prune(lowered(b, constructions[name].text, lower.Options{}).prog)
			}
			neurons, heads, weights := 0, 0, len(p.Embed)+len(p.Position)+len(p.Unembed)
			for _, part := range p.Parts {
				if h := part.Head; h != nil {
					heads++
					weights += len(h.Q) + len(h.K) + len(h.V) + len(h.O)
				} else {
					neurons += len(part.MLP.Hidden)
					weights += len(part.MLP.In) + len(part.MLP.Out) + len(part.MLP.Bias)
				}
			}
			directions := 0
			for _, read := range p.Read() {
				if read {
					directions++
				}
			}
			b.ReportMetric(float64(neurons), "neurons")
			b.ReportMetric(float64(heads), "heads")
			b.ReportMetric(float64(directions), "directions")
			b.ReportMetric(float64(weights), "weights")
		})
	}
}

// TestLargeNumbers compiles programs whose numbers strain float32: each is
// right, within what its variables claim, or refused.
func TestLargeNumbers(t *testing.T) {
	for name, text := range map[string]string{
		"a step far below the largest value": pragmas("int", "[0, 1, 10000000]", 4) +
			"z = tokens + indices; p = aggregate(select(indices, indices - 1, ==), z); x = p > 0.5;",
		"a selector on such a step": pragmas("int", "[0, 1, 10000000]", 4) +
			"z = tokens + indices; p = aggregate(select(indices, indices - 1, ==), z); q = p > 0.5; x = aggregate(select(q, q, ==), indices);",
		"differences of large numbers": pragmas("int", "1000000..1000060", 3) +
			"prev = aggregate(select(indices, indices - 1, ==), tokens, 1000000); x = tokens - prev;",
		"a large default":           pragmas("int", "[0, 1]", 8) + "m = aggregate(select(indices, indices, <), tokens, 1000); h = m > 0.45; x = selector_width(select(h, h, ==));",
		"values close by":           pragmas("int", "[1000, 1001]", 8) + "h = selector_width(select(tokens, tokens, ==)); p = aggregate(select(indices, indices, <=), tokens); x = h * p;",
		"a huge number and a small": pragmas("int", "[0, 1, 1000000000]", 3) + "z = tokens + indices / 1000; p = aggregate(select(indices, indices-1, ==), z); x = p > 1/2000;",
		"a sum that leaks at BOS":   pragmas("int", "[0, 1]", 20) + leaky,
		"fractions":                 pragmas("int", "[0, 1, 7]", 8) + "p = aggregate(select(indices, indices - 1, ==), tokens / 3, 1 / 7); x = p + indices / 5;",
		"squares":                   pragmas("int", "0..100", 8) + "x = (tokens + indices)^2;",
		"a prefix mean key":         pragmas("int", "[0, 1]", 12) + "y = aggregate(select(indices, indices, <=), tokens); x = aggregate(select(y, y, ==), indices);",
	} {
		t.Run(name, func(t *testing.T) {
			s, err := attempt(t, text, lower.Options{})
			var refused *lower.Error
			var limit *values.LimitError
			if errors.As(err, &refused) || errors.As(err, &limit) {
				t.Logf("refused: %v", err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			s.bounded(t, append(s.inputs(1), s.random(8, 3)...), 3)
		})
	}
}

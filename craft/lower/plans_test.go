package lower

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// TestEveryPlan emits, for a function, each way to compute it, not only the
// cheapest, and tries it on all inputs: held as a number and as a choice.
func TestEveryPlan(t *testing.T) {
	const h = "h = selector_width(select(tokens, tokens, ==));\n"
	for _, text := range []string{
		"x = tokens + indices > 2;", "x = tokens + indices == 3;", "x = (tokens + indices) % 2;", "x = tokens * indices;",
		"x = tokens == indices;", "x = tokens > 0 and indices > 1;", "x = not (tokens > 0 or indices > 1);", "x = tokens if indices > 1 else 7;",
		"x = (tokens + 1) / (indices + 1);", "x = round(tokens / 2) - indices;", "x = indices * 0 + 5;", "x = tokens;",
		h + "x = h > 1;", h + "x = h * tokens;", h + "x = h == tokens;", h + "x = {1: 5, 2: 0.5, 3: 2, 4: 5}[h];", h + "x = h if tokens > 0 else -h;",
		h + "x = (h + indices) % 3;", h + "x = 1 / h;",
		"x = tokens if tokens > indices else indices;", h + "x = h if h < tokens else tokens;", h + "x = h * h - 5;", h + "x = h * (indices - 2);",
		h + "x = h - 2 if h > 2 else 2 - h;", h + "x = tokens - h if indices > 1 else h - tokens;",
	} {
		for _, enc := range []craft.Encoding{craft.Numeric, craft.Categorical} {
			tried := 0
			for k := 0; ; k++ {
				b := newBench(t, ints+text)
				f := b.function(t)
				w := wanted{id: b.out, enc: enc}
				plans, err := b.plans(w, f)
				if err != nil {
					t.Fatal(err)
				}
				if k == len(plans) {
					break
				}
				p := plans[k]
				if !b.exactEnough(p, f.set, w) {
					continue
				}
				tried++
				prog := b.emitted(t, p, f, enc)
				if got := len(prog.Parts[len(prog.Parts)-1].MLP.Hidden); got != p.neurons {
					t.Errorf("%s: %s: planned %d neurons, made %d", text, p.why, p.neurons, got)
				}
				b.right(t, prog, 4e-3)
			}
			if tried == 0 {
				t.Errorf("%s: no plan", text)
			}
		}
	}
}

// TestGates computes products, quotients and choices by gates alone.
func TestGates(t *testing.T) {
	const h = "h = selector_width(select(tokens, tokens, ==));\nm = aggregate(select(indices, indices, <=), tokens);\n"
	for text, neurons := range map[string]int{
		"x = tokens * indices;":                  2,     // by 1 and 3, at least 0 each
		"x = (tokens - 5) * indices;":            3,     // positions, by -5, -4 and -2
		"x = (indices - 5) * tokens;":            4,     // by 1 and 3, each with an offset
		"x = indices / (tokens + 1);":            3,     // by 1, 1/2 and 1/4
		"x = indices if tokens > 0 else tokens;": 2,     // neither has an offset
		"x = indices if tokens > 0 else 7;":      2 + 1, // a constant is all offset
		h + "x = h * m;":                         4,     // by 1 … 4, of numbers from 0
		h + "x = (m - 1) * h;":                   8,
		h + "x = m / h;":                         4,
		h + "x = m if h > 1 else tokens;":        2,
		h + "x = m * (tokens - 1);":              3 - 1, // by -1 and 2; by 0 costs nothing
	} {
		b := newBench(t, ints+text)
		b.function(t)
		p, err := b.gated(b.out)
		if err != nil || p == nil {
			t.Fatalf("%s: %v", text, err)
		}
		prog := b.emitted(t, p, &function{node: b.out, set: b.table.Set(b.out)}, craft.Numeric)
		got := len(prog.Parts[len(prog.Parts)-1].MLP.Hidden)
		if got > p.neurons {
			t.Errorf("%s: planned %d neurons, made %d", text, p.neurons, got)
		}
		if got != neurons {
			t.Errorf("%s: %d neurons, want %d", text, got, neurons)
		}
		b.right(t, prog, 2e-3)
	}
}

// TestNoGates tells what is no gated sum.
func TestNoGates(t *testing.T) {
	for _, text := range []string{"x = tokens + indices;", "x = tokens > indices;", "x = (tokens_str + \"!\") if indices > 1 else \"a\";", "x = tokens ^ 2;"} {
		b := newBench(t, ints+text)
		b.function(t)
		if p, err := b.gated(b.out); err != nil || p != nil {
			t.Errorf("%s: %v, %v", text, p, err)
		}
	}
}

// TestCopies holds an affine form by one neuron.
func TestCopies(t *testing.T) {
	const h = "h = selector_width(select(tokens, tokens, ==));\n"
	for _, text := range []string{"x = tokens + indices;", "x = tokens - 2 * indices;", h + "x = h - tokens;", h + "x = h / 3 + indices;", h + "x = -h;"} {
		b := newBench(t, ints+text)
		f := b.function(t)
		s, ok, err := b.affine(b.out)
		if !ok || err != nil {
			t.Fatalf("%s: %t, %v", text, ok, err)
		}
		prog := b.emitted(t, b.copied(b.out, s), f, craft.Numeric)
		if got := len(prog.Parts[len(prog.Parts)-1].MLP.Hidden); got != 1 {
			t.Errorf("%s: %d neurons", text, got)
		}
		b.right(t, prog, 2e-3)
	}
}

// TestRadix gives different results different numbers, in every order of up
// to three variables.
func TestRadix(t *testing.T) {
	const h = "h = selector_width(select(tokens, tokens, ==));\nm = aggregate(select(indices, indices, <=), tokens);\n"
	for text, forms := range map[string]int{
		"x = 100 * tokens + indices;":          2,
		h + "x = 100 * m + indices;":           2,
		h + "x = 1000 * m + 10 * h + indices;": 6,
		h + "x = tokens + 10 * indices + 100 * h + 1000 * selector_width(select(tokens, 1, ==));": 1,
		"x = tokens;": 1,
	} {
		b := newBench(t, ints+text)
		f := b.function(t)
		made := b.radix(f)
		if len(made) != forms {
			t.Errorf("%s: %d forms", text, len(made))
		}
		for _, s := range made {
			points, ok := b.points(f, s)
			if !ok {
				t.Errorf("%s: one number for two results", text)
			}
			seen := map[int32]bool{}
			for i, p := range points {
				if i > 0 && points[i-1].s.Cmp(p.s) >= 0 {
					t.Errorf("%s: points out of order", text)
				}
				seen[p.out] = true
			}
			if len(seen) != len(slices.Compact(slices.Sorted(slices.Values(defined(f.out))))) {
				t.Errorf("%s: results are missing", text)
			}
		}
	}
}

func defined(out []int32) []int32 {
	return slices.DeleteFunc(slices.Clone(out), func(at int32) bool { return at == undefined })
}

// TestStep evaluates single steps exactly: 0 below and 1 above as long as the
// error of what is read stays in its room, which is at least 7/32 of the gap.
func TestStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := func(name string) value.Rat {
			return value.Frac(rapid.Int64Range(-1<<20, 1<<20).Draw(t, name), rapid.Int64Range(1, 5000).Draw(t, name+"'s divisor"))
		}
		gap := value.Frac(rapid.Int64Range(1, 1<<20).Draw(t, "gap"), rapid.Int64Range(1, 5000).Draw(t, "gap's divisor"))
		lo := number("lo")
		hi := lo.Add(gap)
		left := rapid.Bool().Draw(t, "left")
		j := newJump(point{lo, 0}, point{hi, 1}, left, rise{steep: 2, fine: 8})
		room := gap.Quo(value.Int(2)).Sub(value.Frac(9, 16).Quo(j.slope))
		if room.Cmp(gap.Mul(value.Frac(7, 32))) < 0 {
			t.Fatalf("room %s of %s", room, gap)
		}
		step := func(s value.Rat) value.Rat {
			slope := j.slope
			if left {
				slope = slope.Neg()
			}
			g := slope.Mul(s.Sub(j.t))
			return relu(g.Add(value.Int(1))).Sub(relu(g))
		}
		for _, off := range []value.Rat{room.Neg(), value.Int(0), room} {
			for s, above := range map[value.Rat]bool{lo.Add(off): false, hi.Add(off): true} {
				want := value.Int(0)
				if above != left {
					want = value.Int(1)
				}
				if got := step(s); !got.Equal(want) {
					t.Fatalf("lo %s, hi %s, left %t: at %s the step is %s, want %s", lo, hi, left, s, got, want)
				}
			}
		}
		if frac, _ := math.Frexp(j.slope.Float64()); frac != 0.5 || !j.t.Mul(j.slope).Mul(value.Int(8)).IsInt() {
			t.Fatalf("slope %s, t %s", j.slope, j.t)
		}
	})
}

func relu(x value.Rat) value.Rat {
	if x.Sign() < 0 {
		return value.Int(0)
	}
	return x
}

// TestDisjointSets evaluates random formulas and the sets they are split into
// under every truth assignment: where the formula holds, exactly one set does,
// else none.
func TestDisjointSets(t *testing.T) {
	split := 0
	rapid.Check(t, func(t *rapid.T) {
		f := formula(t, 4)
		sets, ok := disjointSets(f, literal)
		if !ok {
			return // too many sets
		}
		split++
		atoms := f.Atoms()
		for bits := range 1 << len(atoms) {
			truth := func(a sop.Atom) bool {
				for i, b := range atoms {
					if a.Key == b.Key && a.Query == b.Query {
						return bits>>i&1 == 1 == (a.Cmp == b.Cmp)
					}
				}
				t.Fatalf("an atom of no formula: %v", a)
				return false
			}
			held := 0
			for _, set := range sets {
				all := true
				for _, a := range set {
					all = all && a.Eval(truth)
				}
				if all {
					held++
				}
			}
			want := 0
			if f.Eval(truth) {
				want = 1
			}
			if held != want {
				t.Fatalf("%v: %d sets hold, want %d", f, held, want)
			}
		}
	})
	if split == 0 {
		t.Error("no formula was split")
	}
}

// formula draws a formula over up to five comparisons, each of a pair of its
// own, in negation normal form.
func formula(t *rapid.T, depth int) sop.Formula {
	if depth == 0 || rapid.IntRange(0, 2).Draw(t, "leaf") == 0 {
		a := sop.Atom{Key: sop.ID(rapid.IntRange(0, 4).Draw(t, "key")), Query: 9, Cmp: value.EQ}
		return sop.Formula{Kind: sop.Literal, Atom: a}
	}
	f := sop.Formula{Kind: rapid.SampledFrom([]sop.FormulaKind{sop.All, sop.Any}).Draw(t, "kind")}
	for range rapid.IntRange(1, 3).Draw(t, "arguments") {
		f.Args = append(f.Args, formula(t, depth-1))
	}
	if rapid.Bool().Draw(t, "negated") {
		return f.Negate()
	}
	return f
}

// TestTooManySets gives up, and does so soon.
func literal(f sop.Formula) bool { return f.Kind == sop.Literal }

func TestTooManySets(t *testing.T) {
	all := sop.Formula{Kind: sop.All}
	for k := range 20 {
		a := func(key int) sop.Formula {
			return sop.Formula{Kind: sop.Literal, Atom: sop.Atom{Key: sop.ID(2*k + key), Query: 99}}
		}
		all.Args = append(all.Args, sop.Formula{Kind: sop.Any, Args: []sop.Formula{a(0), a(1)}})
	}
	if sets, ok := disjointSets(all, literal); ok {
		t.Errorf("%d sets", len(sets))
	}
	if sets, ok := disjointSets(all.Negate(), literal); ok {
		t.Errorf("%d sets of the complement", len(sets))
	}
}

// TestExp compares e^n with the float64 nearest to it, and with digits.
func TestExp(t *testing.T) {
	for n := int64(1); n < 60; n++ {
		if got, want := exp(n).Float64(), math.Exp(float64(n)); math.Abs(got-want) > want*4e-16 {
			t.Errorf("e^%d is %g, want %g", n, got, want)
		}
	}
	digits, ok := value.ParseRat("59874.14171519781845532648579225778161426107970")
	if !ok {
		t.Fatal("digits")
	}
	if e := exp(11).Sub(digits).Abs().Quo(digits); e.Cmp(value.Frac(1, 1<<60).Mul(value.Frac(1, 1<<30))) > 0 {
		t.Errorf("e^11 is off by %g of itself", e.Float64())
	}
}

// TestUnitOfSums is at most as large as linearity asks for, and smaller where
// something leaks at BOS.
func TestUnitOfSums(t *testing.T) {
	for _, tt := range []struct {
		most, size, leak float64
		want             int64
	}{
		{4, 1, 0, 11},
		{16, 1, 0, 12},    // 256 * 16^2 = e^11.09
		{128, 1, 0, 16},   // e^15.25
		{128, 100, 0, 20}, // e^19.9
		{128, 1, 1e-6, 12},
		{128, 1, 1, 11},
	} {
		l, m := unitOfSums(tt.most, tt.most, tt.size, tt.leak)
		if l != tt.want || math.Abs(math.Log(m.Float64())-float64(l)) > 1e-12 {
			t.Errorf("%v: L is %d, M %g", tt, l, m.Float64())
		}
	}
}

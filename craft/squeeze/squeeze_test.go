package squeeze

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/craft/crafttest"
	"github.com/raspc/raspc/frontend/value"
)

// held lists the directions that are read, by name.
func held(p *craft.Program) []string {
	var names []string
	for d, read := range p.Read() {
		if read {
			names = append(names, p.Residual[d].String())
		}
	}
	return names
}

const hist = `
#: vocab = "abc"
#: max_len = 4
hist = selector_width(select(tokens, tokens, ==));
`

const either = `
#: vocab = "ab"
#: max_len = 4
centre = aggregate(select(tokens, tokens, ==) or select(indices, indices, <), indices) > 1;
`

func TestMake(t *testing.T) {
	for _, c := range []struct {
		name, text string
		late       string
		drops      []string // directions that are no longer read; "..." stands for any number
	}{
		{"a token", hist, "", []string{"tokens='c'"}},
		{"a token that a late head selects by", hist, "hist", nil},
		{"tokens and places, from pairs of them", either, "", []string{"tokens='b'", "indices=3", "..."}},
		{"nothing to save", "#: vocab = \"ab\"\n#: max_len = 4\nl = length;\n", "", nil},
		{"a token by which positions are selected whose mean is the output", "#: vocab = \"abc\"\n#: max_len = 4\nm = aggregate(select(tokens, tokens, <), indices, 0);\n", "", nil},
		{"weights that are not exact", "#: tokens = int\n#: vocab = [1, 3, 5, 7]\n#: max_len = 4\nm = aggregate(select(1, 1, ==), 1 / tokens_int);\n", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := craft.Prune(crafttest.Lower(t, c.text))
			q := Make(p, craft.Float32, map[string]bool{c.late: true})
			if err := craft.Check(q); err != nil {
				t.Fatal(err)
			}
			before, after := held(p), held(q)
			dropped := slices.DeleteFunc(slices.Clone(before), func(d string) bool { return slices.Contains(after, d) })
			more := len(c.drops) > 0 && c.drops[len(c.drops)-1] == "..."
			if want := strings.Join(c.drops, ", "); !more && strings.Join(dropped, ", ") != want || more && len(dropped) < 4 {
				t.Errorf("dropped %q, want %s", dropped, want)
			}
			if slices.ContainsFunc(after, func(d string) bool { return !slices.Contains(before, d) }) {
				t.Errorf("of %q there are %q", before, after)
			}
			same(t, p, q)
		})
	}
}

// same compares two programs on every input, exactly but for softmax.
func same(t *testing.T, p, q *craft.Program) {
	t.Helper()
	a, b := craft.NewRunner(p), craft.NewRunner(q)
	for n := 1; n <= p.MaxLen; n++ {
		for ids := make([]int, n); ; {
			x, err := a.Run(ids)
			y, err2 := b.Run(ids)
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			for i := range x.Logits {
				for k := range x.Logits[i] {
					if d := x.Logits[i][k] - y.Logits[i][k]; d > 1e-12 || d < -1e-12 {
						t.Fatalf("%v: logits %v and %v", ids, x.Logits[i], y.Logits[i])
					}
				}
			}
			if !next(ids, len(p.Vocab)) {
				break
			}
		}
	}
}

func next(ids []int, base int) bool {
	for i := range ids {
		if ids[i]++; ids[i] < base {
			return true
		}
		ids[i] = 0
	}
	return false
}

// TestKept keeps the directions of a variable that is to be kept.
func TestKept(t *testing.T) {
	p := craft.Prune(crafttest.Lower(t, hist))
	for i := range p.Variables {
		p.Variables[i].Kept = true
	}
	if q := Make(p, craft.Float32, nil); len(held(q)) != len(held(p)) {
		t.Errorf("of %q there are %q", held(p), held(q))
	}
}

// TestNoise keeps a direction that is more exact than what it would be read from.
func TestNoise(t *testing.T) {
	p := craft.Prune(crafttest.Lower(t, hist))
	for i := range p.Variables {
		p.Variables[i].Noise = 1e-9
	}
	if q := Make(p, craft.Float32, nil); len(held(q)) != len(held(p)) {
		t.Errorf("of %q there are %q", held(p), held(q))
	}
}

// TestNarrow drops nothing that wants weights of more digits than a type has.
func TestNarrow(t *testing.T) {
	text := "#: tokens = int\n#: vocab = [1, 2, 1025]\n#: max_len = 3\nm = aggregate(select(indices, 0, ==), tokens_int + 0.5);\n"
	wide, narrow := held(Make(craft.Prune(crafttest.Lower(t, text)), craft.Float32, nil)), held(Make(craft.Prune(crafttest.Lower(t, text)), craft.BFloat16, nil))
	if len(wide) >= len(narrow) {
		t.Errorf("float32 has %q, bfloat16 %q", wide, narrow)
	}
}

// TestRelated finds relations among random vectors that obey some, and no others.
func TestRelated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "free")
		number := rapid.Custom(func(t *rapid.T) value.Rat {
			return value.Frac(rapid.Int64Range(-9, 9).Draw(t, "n"), 1<<rapid.IntRange(0, 3).Draw(t, "digits"))
		})
		factors := make([]value.Rat, n) // of direction n in terms of those in front
		for i := range factors {
			factors[i] = number.Draw(t, "factor")
		}
		var vectors []vector
		for i := range n + rapid.IntRange(0, 5).Draw(t, "more") {
			v, last := vector{}, value.Int(0)
			for d := range n {
				switch { // the first are a basis
				case i >= n:
					v[d] = number.Draw(t, "entry")
				case i == d:
					v[d] = value.Int(1)
				}
				last = last.Add(factors[d].Mul(v[d]))
			}
			v[n] = last
			vectors = append(vectors, v)
		}
		order := make([]int, n+1)
		for i := range order {
			order[i] = i
		}
		found := related(vectors, order)
		if len(found) != 1 || found[0].direction != n {
			t.Fatalf("found %v", found)
		}
		for _, term := range found[0].terms {
			if !term.factor.Equal(factors[term.direction]) {
				t.Errorf("found %v, want %v", found[0], factors)
			}
		}
		vectors[len(vectors)-1] = vector{n: value.Int(1)}
		if found = related(vectors, order); n < len(vectors)-1 && len(found) != 0 {
			t.Errorf("found %v, which one vector does not obey", found)
		}
	})
}

// TestModular reads numbers back from what they are modulo the prime.
func TestModular(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := value.Frac(rapid.Int64Range(-1<<15, 1<<15).Draw(t, "n"), 1<<rapid.IntRange(0, 11).Draw(t, "digits"))
		if y, ok := short(modular(x)); !ok || !y.Equal(x) {
			t.Errorf("%s becomes %s", x, y)
		}
	})
	for _, x := range []value.Rat{value.Frac(1, 3), value.Frac(1, 1<<20), value.Int(1 << 40)} {
		if y, ok := short(modular(x)); ok {
			t.Errorf("%s becomes %s", x, y)
		}
	}
	if n := modular(value.Frac(1, prime)); n != 0 {
		t.Errorf("a denominator of the prime gives %d", n)
	}
}

// TestSteady takes scores by a sum of columns while what float32 loses of it is less than
// would change a count; the longer the inputs that it is of, the less.
func TestSteady(t *testing.T) {
	for _, c := range []struct {
		longest int
		want    bool
	}{{4, true}, {4096, false}} {
		p := craft.Prune(crafttest.Lower(t, hist))
		p.MaxLen = c.longest
		s := &squeezer{p, craft.Float32, nil}
		was := p.Parts[0].Head
		is := *was
		is.K = craft.NewMap(append([]craft.Entry{{From: craft.Real, To: was.K[0].To, W: value.Int(3)}}, was.K...))
		if off := s.off(&is); !(off > s.off(was)) {
			t.Errorf("scores by a sum of more are off by %g, as they were by %g", off, s.off(was))
		}
		if s.steady(was, &is) != c.want || !s.steady(&is, was) || !s.steady(&is, &is) {
			t.Errorf("inputs of up to %d: steady is %t", c.longest, !c.want)
		}
	}
}

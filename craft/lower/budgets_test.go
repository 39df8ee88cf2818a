package lower

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/value"
)

// TestReach says which sums float32 forms exactly.
func TestReach(t *testing.T) {
	third, half := value.Frac(1, 3), value.Frac(1, 2)
	ints := []value.Rat{value.Int(0), value.Int(3), value.Int(6)}
	for name, tt := range map[string]struct {
		set   []value.Rat
		w, c  value.Rat // weight and constant
		noise float64   // of the variable
		exact bool
	}{
		"integers":                   {ints, value.Int(1), value.Int(2), 0, true},
		"halves":                     {ints, half, half, 0, true},
		"integers by a third":        {ints, third, value.Int(0), 0, false}, // 3 fl(1/3) is not 1
		"thirds by three":            {[]value.Rat{{}, third}, value.Int(3), value.Int(0), 0, false},
		"a constant that is a third": {ints, value.Int(1), third, 0, false},
		"noisy integers":             {ints, value.Int(1), value.Int(2), 1e-7, false},
		"24 bits":                    {[]value.Rat{value.Int(1<<24 - 1)}, value.Int(1), value.Int(0), 0, true},
		"25 bits with a constant":    {[]value.Rat{value.Int(1<<24 - 1)}, value.Int(1), value.Int(1), 0, false},
		"a weight of 25 bits":        {[]value.Rat{value.Int(1)}, value.Int(1<<24 + 1), value.Int(0), 0, false},
		"a fine grid":                {[]value.Rat{value.Frac(1, 1<<20)}, value.Int(1), value.Int(8), 0, true},
		"too fine a grid":            {[]value.Rat{value.Frac(1, 1<<20)}, value.Int(1), value.Int(16), 0, false},
	} {
		b := newBench(t, "#: vocab = \"ab\"\n#: max_len = 3\nx = tokens;")
		n := number{short: true}
		for _, x := range tt.set {
			n.set, n.size, n.short = append(n.set, x), max(n.size, x.Abs().Float64()), n.short && b.short(x)
		}
		v := b.newNumber(b.out, "v", n)
		b.v(v).Noise, b.v(v).L1 = tt.noise/b.v(v).Scale.Float64(), tt.noise/b.v(v).Scale.Float64()
		f := b.self(v).times(tt.w).plus(constant(tt.c), value.Int(1))
		r := b.reach(f)
		if got := r.exact(1); got != tt.exact {
			t.Errorf("%s: exact is %t", name, got)
		}
		size := n.size*tt.w.Abs().Float64() + tt.c.Abs().Float64()
		if math.Abs(r.size-size) > 1e-9*size || math.Abs(r.brought-tt.noise*tt.w.Float64()) > 1e-15 {
			t.Errorf("%s: size %g, brought %g", name, r.size, r.brought)
		}
		if tt.exact != (b.noise(f) == 0) {
			t.Errorf("%s: noise %g", name, b.noise(f))
		}
	}
}

// TestJumpsRefuseNoise takes what is read for as noisy as a step bears, and no
// more: half the room between the values and the rise.
func TestJumpsRefuseNoise(t *testing.T) {
	for _, tt := range []struct {
		noise float64
		ok    bool
	}{{0, true}, {0.01, true}, {0.1, true}, {0.11, false}, {0.2, false}, {1, false}} {
		b := newBench(t, "#: vocab = \"ab\"\n#: max_len = 3\nx = tokens;")
		v := b.newNumber(b.out, "v", number{set: []value.Rat{{}, value.Int(1), value.Int(2)}, size: 2, short: true})
		b.v(v).Noise, b.v(v).L1 = tt.noise/2, tt.noise/2
		points := []point{{value.Int(0), 0}, {value.Int(1), 1}, {value.Int(2), 0}}
		set := []value.Value{value.Bool(false), value.Bool(true)}
		// The slope is 2: the room is 1/2 - 9/32, and half of it 7/64.
		if p := b.jumpsAt(points, b.self(v), set); (p != nil) != tt.ok {
			t.Errorf("noise %g: %v", tt.noise, p)
		}
	}
}

// TestOpening adds up the neurons of open steps in float32, those that rise
// first, and compares with the bound.
func TestOpening(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := opening{grid: 1}
		var products []float32
		exact := value.Int(0)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			a := rapid.Int64Range(1, 1<<rapid.IntRange(1, 20).Draw(t, "bits")).Draw(t, "activation")
			w := value.Frac(rapid.Int64Range(-50, 50).Draw(t, "weight"), rapid.SampledFrom([]int64{1, 1, 2, 3, 7}).Draw(t, "divisor"))
			o.add(jump{size: float64(a), grid: 1}, w)
			up, down := w.Float32()*float32(a), -w.Float32()*float32(a-1)
			products = append(products, up, down)
			exact = exact.Add(w)
		}
		sum := float32(0)
		for _, positive := range []bool{true, false} {
			for _, p := range products {
				if p > 0 == positive {
					sum += p
				}
			}
		}
		if e := math.Abs(float64(sum) - exact.Float64()); e > o.noise() {
			t.Fatalf("off by %g, claimed %g", e, o.noise())
		}
	})
}

// TestScoreNoise brings the errors of what heads read into their scores, and
// from there into what they average.
func TestScoreNoise(t *testing.T) {
	b := newBench(t, "#: vocab = \"ab\"\n#: max_len = 3\nx = tokens;")
	tok, err := b.variable(-1)
	if err != nil {
		t.Fatal(err)
	}
	same := func() conjunction {
		return conjunction{{key: tok, query: tok, ok: [][]bool{{true, false}, {false, true}}}}
	}
	h := b.newHead(same(), meanPenalty)
	if h.penalty != b.exactPenalty() || h.noise != 0 || h.uneven() != 0 {
		t.Errorf("exact: C %d, noise %g, %g of the weights", h.penalty, h.noise, h.uneven())
	}
	b.v(tok).Noise, b.v(tok).L1 = 1e-4, 2e-4
	h = b.newHead(same(), meanPenalty)
	// A query misses one key and a key one query: the error of one direction each.
	if want := meanPenalty * 2e-4; h.penalty != meanPenalty || math.Abs(h.noise-want) > 1e-12 || h.uneven() < 2*want {
		t.Errorf("noisy: C %d, noise %g, %g of the weights", h.penalty, h.noise, h.uneven())
	}
}

// TestNoiseAtBOS bounds what is left where codes should cancel.
func TestNoiseAtBOS(t *testing.T) {
	for name, tt := range map[string]struct {
		code, w, x value.Rat
		exact      bool
	}{
		"nothing there":     {value.Int(0), value.Frac(1, 3), value.Int(0), true},
		"integers":          {value.Int(50), value.Int(3), value.Int(0), true},
		"an exact default":  {value.Int(50), value.Int(3), value.Frac(1, 4), true},
		"a weight of 1/3":   {value.Int(50), value.Frac(1, 3), value.Int(0), false},
		"a code of 1/3":     {value.Frac(1, 3), value.Int(3), value.Int(0), false},
		"a default of 1/3":  {value.Int(0), value.Int(1), value.Frac(1, 3), false},
		"a far larger code": {value.Int(1 << 24), value.Int(1), value.Frac(1, 2), false},
	} {
		b := newBench(t, "#: vocab = \"ab\"\n#: max_len = 3\nx = tokens;")
		v := b.newNumber(b.out, "v", number{size: 1, short: true})
		b.v(v).AtBOS[0] = tt.code
		e := b.noiseAtBOS(functional{b.v(v).First: tt.w}, tt.x)
		if (e == 0) != tt.exact {
			t.Errorf("%s: %g", name, e)
		}
		held, w := tt.code.Float32(), tt.w.Float32()
		left := tt.x.Sub(tt.code.Mul(tt.w)).Float32()
		if off := math.Abs(float64(held*w+left) - tt.x.Float64()); off > e {
			t.Errorf("%s: off by %g, claimed %g", name, off, e)
		}
	}
}

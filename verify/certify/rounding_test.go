package certify

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/network"
)

// bare is a proof without a network or a program, for streams that hold the
// same numbers at all positions.
func bare(cols ...column) *proof {
	return &proof{prog: &program{maxLen: 1, alive: context.Background().Err}, stream: stream{cols: cols}, view: stream{cols: cols}}
}

// holding is a column that holds a number at the positions of the input and one at
// BOS, without an error.
func holding(x, bos float64) column { return column{l: constant(x), err: constant(0), bos: bos} }

// norm32 is a layer norm in float32, of sums in random orders, that flushes
// numbers too small to 0.
func norm32(n *network.Norm, x []float32, rng *rand.Rand) []float32 {
	mean := meanOf[rng.IntN(len(meanOf))](x, rng.Perm(len(x)))
	root := float32(math.Sqrt(n.Eps)) // beside which the variance vanishes
	out := make([]float32, len(x))
	for i, v := range x {
		q := (v - mean) / root
		if math.Abs(float64(q)) < tiny {
			q = 0
		}
		out[i] = q*float32(n.Weight[i]) + float32(n.Bias[i])
	}
	return out
}

// meanOf are ways to find a mean, in an order.
var meanOf = []func(x []float32, order []int) float32{summed, running, joined}

// summed adds the numbers up.
func summed(x []float32, order []int) float32 {
	sum := float32(0)
	for _, i := range order {
		sum += x[i]
	}
	return sum / float32(len(x))
}

// running moves a mean towards each number.
func running(x []float32, order []int) float32 {
	mean := float32(0)
	for k, i := range order {
		mean += (x[i] - mean) * (1 / float32(k+1))
	}
	return mean
}

// joined joins running means of two parts, of which the first may be the smaller one.
func joined(x []float32, order []int) float32 {
	k := 1 + order[0]%(len(order)-1)
	a, b := running(x, order[:k]), running(x, order[k:])
	return a + (b-a)*(float32(len(order)-k)/float32(len(order)))
}

// TestNormHolds norms rows of numbers that add up to almost 0: each column must
// be what it is said to be, but for its own error and what all have in common.
func TestNormHolds(t *testing.T) {
	const big = 1 << 24
	rows := [][]float64{
		{big, 1, 1, -big - 2, 0, 0},
		{big, 1, 1, -big - 2, float64(float32(1e-6)), 0},
		{big, 1, 0.3125, -big - 2, float64(float32(0.7)), 0},
		{0.1, 0.2, -0.3, 0, 0, 0},
		{0x1p-100, -0x1p-100, 0, 0, 0, 0},
		{2, -1, -1, 0, 0, 0},
	}
	power := func(e int, bias float64) *network.Norm {
		n := &network.Norm{Eps: math.Ldexp(1, 2*e)}
		for i := range rows[0] {
			n.Weight, n.Bias = append(n.Weight, math.Ldexp(1, e)), append(n.Bias, bias*float64(i))
		}
		return n
	}
	norms := []*network.Norm{power(40, 0), power(40, 0.1)}
	norms = append(norms, power(40, 0))
	norms[2].Weight[4] *= 1.5
	rng := rand.New(rand.NewPCG(1, 2))
	for _, row := range rows {
		for _, n := range norms {
			var cols []column
			var x []float32
			for _, v := range row {
				v = float64(float32(v))
				cols, x = append(cols, holding(v, v)), append(x, float32(v))
			}
			p := bare(cols...)
			out, err := p.normed(n)
			if err != nil {
				t.Fatal(err)
			}
			for range 200 {
				got := norm32(n, x, rng)
				shared := float64(got[5]) - out.cols[5].l.konst()
				if math.Abs(shared) > out.common+p.offOf(&out.cols[5]) || math.Abs(shared) > out.bosCommon+out.cols[5].bosNoise {
					t.Fatalf("%v: %g is common, %g and %g are claimed", row, shared, out.common, out.bosCommon)
				}
				for i := range out.cols {
					c := &out.cols[i]
					off, atBOS := float64(got[i])-c.l.konst()-shared, float64(got[i])-c.bos-shared
					if math.Abs(off) > p.offOf(c)+p.offOf(&out.cols[5]) || math.Abs(atBOS) > c.bosNoise+out.cols[5].bosNoise {
						t.Fatalf("%v: column %d is off by %g and %g, %g and %g are claimed", row, i, off, atBOS, p.offOf(c), c.bosNoise)
					}
				}
			}
		}
	}
}

// TestAddingRounds adds a large number to a column that should hold 0, and
// compares with what float32 leaves of the error that the column held, all columns
// in common or it alone.
func TestAddingRounds(t *testing.T) {
	const large = 1 << 13
	neurons := func(x float64) *effect {
		return &effect{ls: []*lin{constant(x)}, sizes: []*lin{constant(large)}, size: large, terms: 1, bos: x, bosSize: large, bosTerms: 1}
	}
	heads := func(x float64) *addition {
		return &addition{ls: []*lin{constant(x)}, size: large, bos: x, bosSize: large, terms: 1}
	}
	for name, add := range map[string]func(p *proof, c *column, x float64){
		"neurons": func(p *proof, c *column, x float64) { c.apply(p, neurons(x), 0, false) },
		"heads":   func(p *proof, c *column, x float64) { c.add(p, heads(x), 0, false) },
		"biases":  func(p *proof, c *column, x float64) { c.add(p, nil, x, false) },
	} {
		for _, held := range []float64{0, 1e-4, 7e-4, 0.3} {
			for _, shared := range []bool{false, true} {
				p := bare(holding(0, 0))
				c := &p.stream.cols[0]
				if shared {
					p.stream.common, p.stream.bosCommon = held, held
				} else {
					c.err, c.bosNoise = constant(held), held
				}
				before := p.offOf(c)
				add(p, c, large)
				x := float32(held) + large
				lost := math.Abs(float64(x) - large - float64(float32(held)))
				if got := p.offOf(c) - before; lost > got {
					t.Errorf("%s: %g is lost of %g (in common: %v), %g is claimed", name, lost, held, shared, got)
				}
				if got := c.bosNoise - before; lost > got {
					t.Errorf("%s: %g is lost of %g (in common: %v) at BOS, %g is claimed", name, lost, held, shared, got)
				}
				if name == "neurons" && held == 0 && (p.offOf(c) != 0 || c.bosNoise != 0) {
					t.Errorf("integers are rounded by %g and %g", p.offOf(c), c.bosNoise)
				}
			}
		}
	}
}

// TestReadsDiffer reads columns that hold nothing but an error that they have in
// common, or nearly, with weights that add up to 0: in any order of summation, fused
// or not.
func TestReadsDiffer(t *testing.T) {
	third := float64(float32(1.0 / 3))
	for _, c := range []struct {
		weights []float64
		bias    float64
		own     float64 // the error of the first column
		exact   bool
	}{
		{[]float64{4, -4}, 0, 0, true},
		{[]float64{third, -third}, 0, 0, false},
		{[]float64{4, -4}, 1e-8, 0, false},
		{[]float64{4, -4}, 0, 1e-6, false},
		{[]float64{4, -4}, 0, 0.3, false},
		{[]float64{4, -2, -2}, 0, 1e-6, false},
		{[]float64{third, third, -2 * third}, 0, 0, false},
	} {
		const common = 0.4
		z := []float64{float64(float32(c.own - 0.38)), float64(float32(-0.38)), float64(float32(-0.38))}
		p := bare(holding(0, 0), holding(0, 0), holding(0, 0))
		p.view.common, p.view.bosCommon = common, common
		p.view.cols[0].err, p.view.cols[0].bosNoise = constant(c.own), c.own
		var ws []network.Weight
		for i, w := range c.weights {
			ws = append(ws, network.Weight{Row: i, W: w})
		}
		r := p.reads(ws, c.bias)
		exact := c.bias
		for i, w := range ws {
			exact += w.W * z[i]
		}
		worst, rounded := 0.0, 0.0
		permute(len(ws)+1, func(order []int) {
			for fused := range 2 {
				sum := float32(0)
				for _, i := range order {
					switch {
					case i == len(ws):
						sum += float32(c.bias)
					case fused == 1:
						sum = float32(math.FMA(ws[i].W, z[i], float64(sum)))
					default:
						sum += float32(ws[i].W * z[i])
					}
				}
				worst, rounded = max(worst, math.Abs(float64(sum)-c.bias)), max(rounded, math.Abs(float64(sum)-exact))
			}
		})
		if worst > p.off(r) || worst > r.bosOff() {
			t.Errorf("%v, bias %v: off by %g, %g and %g are claimed", c.weights, c.bias, worst, p.off(r), r.bosOff())
		}
		if rounded > r.roundingOf(p.size(r.abs)) || rounded > r.bosRounding() {
			t.Errorf("%v, bias %v: rounded by %g, %g and %g are claimed", c.weights, c.bias, rounded, r.roundingOf(p.size(r.abs)), r.bosRounding())
		}
		if got := max(p.off(r), r.bosOff()) < 1e-30; got != c.exact {
			t.Errorf("%v, bias %v: off by %g at most, exact is %v", c.weights, c.bias, p.off(r), c.exact)
		}
	}
}

// permute visits all orders of 0 … n-1.
func permute(n int, visit func([]int)) {
	order := make([]int, 0, n)
	used := make([]bool, n)
	var next func()
	next = func() {
		if len(order) == n {
			visit(order)
			return
		}
		for i := range n {
			if !used[i] {
				used[i], order = true, append(order, i)
				next()
				used[i], order = false, order[:len(order)-1]
			}
		}
	}
	next()
}

// TestBOSReads has a query at BOS whose score is what rounding leaves of an error
// that the columns have in common there.
func TestBOSReads(t *testing.T) {
	p := bare(holding(0, 0), holding(0, 0), holding(1, 0))
	p.net, p.prog = &network.Network{}, &program{maxLen: 1, alive: t.Context().Err}
	p.view.bosCommon = 1
	w := float64(float32(1e9 / 3.0))
	h := &head{p: p, scores: &scores{scale: 1, dims: []dimension{{
		query: p.reads([]network.Weight{{Row: 0, W: w}, {Row: 1, W: w}, {Row: 1, W: -2 * w}}, 0),
		key:   p.reads([]network.Weight{{Row: 2, W: 1}}, 0),
	}}}}
	if err := h.atBOS(); err != nil {
		t.Fatal(err)
	}
	z := float32(0.9)
	score := float32(w)*z + float32(w)*z
	score = float32(math.FMA(-2*w, float64(z), float64(score)))
	if gap := -math.Abs(float64(score)); gap == 0 || h.bosGap > gap {
		t.Errorf("BOS is %g above other keys, %g is claimed", gap, h.bosGap)
	}
}

// TestOverKeys compares bounds of sums over keys with the largest of all.
func TestOverKeys(t *testing.T) {
	const tokens, length = 2, 4
	prog := &program{maxLen: length, limit: maxStates, alive: t.Context().Err}
	var places, lengths []value.Value
	for i := range length {
		places, lengths = append(places, value.IntOf(int64(i))), append(lengths, value.IntOf(int64(i+1)))
	}
	prog.atoms = []*atom{newAtom("the token", []value.Value{value.IntOf(0), value.IntOf(1)}), newAtom("indices", places), newAtom("length", lengths)}
	p := &proof{prog: prog}
	rng := rand.New(rand.NewPCG(5, 6))
	numbers := func(n int) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = rng.NormFloat64()
		}
		return out
	}
	for range 100 {
		token, index, long := numbers(tokens), numbers(length), numbers(length)
		l := combine([]*lin{tabulated(tokenAtom, token), tabulated(indexAtom, index), tabulated(lengthAtom, long)}, []float64{1, 1, float64(rng.IntN(2))})
		for keys := 1; keys <= length; keys++ {
			worst := 0.0
			for n := range length {
				for set := range 1 << (n + 1) {
					sum, count := 0.0, 0
					for i := range n + 1 {
						if set>>i&1 == 1 {
							at := func(tok int32) float64 { y, _ := p.eval(l, assignment{tok, int32(i), int32(n)}); return math.Abs(y) }
							sum, count = sum+max(at(0), at(1)), count+1
						}
					}
					if count <= keys {
						worst = max(worst, sum)
					}
				}
			}
			got := p.overKeys(l, keys)
			if got < worst || keys > 1 && got > worst*(1+1e-9) {
				t.Fatalf("%d keys: at most %g, %g is claimed", keys, worst, got)
			}
		}
	}
}

package lower

import (
	"fmt"
	"math"
	"slices"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// hinge is a place where the slope of a piecewise linear function changes.
type hinge struct {
	at   value.Rat // ReLU(s-at)
	bend value.Rat // by which it is multiplied
}

// line is a piecewise linear function of a functional s: start at the least
// value of s, and the bends from there on. The first hinge may stand at that
// value, where it is the slope that the function begins with.
type line struct {
	s      functional
	lo, hi value.Rat // of s
	start  value.Rat
	hinges []hinge
}

// hingesOf draws the piecewise linear function through points, or its mirror
// image, in which s is taken from the other end, where that has fewer bends.
func hingesOf(s functional, at, out []value.Rat) line {
	l := throughPoints(s, at, out)
	n := len(at)
	back, results := make([]value.Rat, n), make([]value.Rat, n)
	for i := range at {
		back[i], results[i] = at[n-1-i].Neg(), out[n-1-i]
	}
	if m := throughPoints(s.times(value.Int(-1)), back, results); len(m.hinges) < len(l.hinges) {
		return m
	}
	return l
}

func throughPoints(s functional, at, out []value.Rat) line {
	l := line{s: s, lo: at[0], hi: at[len(at)-1], start: out[0]}
	slope := value.Int(0)
	for i := 1; i < len(at); i++ {
		next := out[i].Sub(out[i-1]).Quo(at[i].Sub(at[i-1]))
		if bend := next.Sub(slope); bend.Sign() != 0 {
			l.hinges = append(l.hinges, hinge{at[i-1], bend})
		}
		slope = next
	}
	return l
}

// hinges computes a number that is a function of one functional s by one
// neuron for each change of slope of the line through its points: the result is
// start + Σ bend ReLU(s-at). Nothing is rounded to a value of the set, so that
// the error of s stays, times the largest slope: it suits exact functionals,
// such as max(x, 0) or |x|, which take one or two neurons.
//
// It returns nil where the slopes would enlarge an error by too much.
func (b *builder) hinges(points []point, s functional, set []value.Value) *plan {
	if len(points) < 2 || !numbers(set) {
		return nil
	}
	at, out := make([]value.Rat, len(points)), make([]value.Rat, len(points))
	for i, p := range points {
		at[i], out[i] = p.s, set[p.out].Rat()
	}
	l := hingesOf(s, at, out)
	return b.lines([]line{l}, set, fmt.Sprintf("%d bends of an affine form of %d values", len(l.hinges), len(points)))
}

// bent returns the ways to compute an operator by lines of several forms.
func (b *builder) bent(f *function) ([]*plan, error) {
	n := b.graph.Node(f.node)
	if !b.computedAnew(n.ID) || !numbers(f.set) {
		return nil, nil
	}
	switch n.Op {
	case sop.If:
		return b.lifted(f, n)
	case sop.Mul:
		p, err := b.squares(n, f.set)
		return []*plan{p}, err
	}
	return nil, nil
}

// lifted computes a choice between two numbers, one of which is an affine form
// h, as h + g(s): max(x, y) is y + ReLU(x-y).
func (b *builder) lifted(f *function, n *sop.Node) ([]*plan, error) {
	var plans []*plan
	condition, decided, err := b.under(n.Args[0])
	if err != nil {
		return nil, err
	}
	for k := 1; k <= 2; k++ {
		h, ok, err := b.affine(n.Args[k])
		if !ok || err != nil {
			return nil, err
		}
		other, ok, err := b.affine(n.Args[3-k])
		if !ok || err != nil {
			return nil, err
		}
		plans = append(plans, b.liftedBy(f, n.Args[k], h, other.plus(h, value.Int(-1))))
		if decided {
			plans = append(plans, b.liftedBy(f, n.Args[k], h, condition))
		}
	}
	return plans, nil
}

// liftedBy computes f as h + g(s), or returns nil where f - h is no function of
// s.
func (b *builder) liftedBy(f *function, id sop.ID, h, s functional) *plan {
	hs, ss := b.contributions(f, h), b.contributions(f, s)
	rest := map[value.Key]value.Rat{}
	var at []value.Rat
	combo := make([]int, len(f.vars))
	for _, out := range f.out {
		if out != undefined {
			x, y := s[craft.Real], f.set[out].Rat().Sub(h[craft.Real])
			for k, i := range combo {
				x, y = x.Add(ss[k][i]), y.Sub(hs[k][i])
			}
			key := value.Number(value.KindFloat, x).Key()
			if known, ok := rest[key]; !ok {
				rest[key] = y
				at = append(at, x)
			} else if !known.Equal(y) {
				return nil
			}
		}
		f.advance(combo)
	}
	if len(at) < 2 {
		return nil
	}
	slices.SortFunc(at, value.Rat.Cmp)
	out := make([]value.Rat, len(at))
	for i, x := range at {
		out[i] = rest[value.Number(value.KindFloat, x).Key()]
	}
	set := b.table.Set(id)
	copied := line{s: h, lo: set[0].Rat(), hi: set[len(set)-1].Rat(), start: set[0].Rat(), hinges: []hinge{{set[0].Rat(), value.Int(1)}}}
	l := hingesOf(s, at, out)
	return b.lines([]line{copied, l}, f.set, fmt.Sprintf("an affine form and %d bends of another of %d values", len(l.hinges), len(at)))
}

// squares computes a product of two affine forms, xy = (x+y)^2/4 - (x-y)^2/4,
// each square as the line through its points.
func (b *builder) squares(n *sop.Node, set []value.Value) (*plan, error) {
	var lines []line
	values := 0
	for _, sign := range []int64{1, -1} {
		s, ok, err := b.combine(n.Args[0], value.Int(1), n.Args[1], value.Int(sign))
		leaves := b.inputs(n.ID)
		if !ok || err != nil || b.combinations(leaves) > maxTable {
			return nil, err
		}
		points := b.reached(s, leaves)
		if len(points) < 2 {
			return nil, nil
		}
		at, out := make([]value.Rat, len(points)), make([]value.Rat, len(points))
		for i, p := range points {
			at[i], out[i] = p.s, p.s.Mul(p.s).Mul(value.Frac(sign, 4))
		}
		lines = append(lines, hingesOf(s, at, out))
		values += len(points)
	}
	return b.lines(lines, set, fmt.Sprintf("a product by squares of a sum and a difference of %d values", values)), nil
}

// lines plans a sum of piecewise linear functions, or returns nil where the
// result is not far more exact than the distance of two values: jumps are for
// that.
func (b *builder) lines(ls []line, set []value.Value, why string) *plan {
	const exact = 1 << 10
	var v craft.Variable
	if b.lineNoise(&v, ls); v.Noise > smallestGap(set).Float64()/exact {
		return nil
	}
	p := &plan{
		why:   why,
		emit:  func(m *mlp) { m.lines(ls) },
		noise: func(v *craft.Variable) { b.lineNoise(v, ls) },
	}
	for _, l := range ls {
		p.neurons += len(l.hinges)
	}
	return p
}

func (m *mlp) lines(ls []line) {
	v := m.b.v(m.target)
	start := value.Int(0)
	for _, l := range ls {
		start = start.Add(l.start)
		for _, h := range l.hinges {
			i := m.neuron(fmt.Sprintf("bend at %s", h.at), craft.Role{Kind: craft.Bend, At: h.at}, l.s.plus(constant(h.at), value.Int(-1)))
			m.out = append(m.out, craft.Entry{From: i, To: v.First, W: h.bend.Quo(v.Scale)})
		}
	}
	if held := start.Quo(v.Scale); held.Sign() != 0 {
		m.bias = append(m.bias, craft.Entry{To: v.First, W: held})
		v.AtBOS[0] = held
	}
}

// lineNoise bounds the error: what the functional brings is common to all
// bends and passes by the slope, the rounding of each neuron is its own, and so
// is that of the sum, in any order. Constants are read from a column whose last
// bit the norms of stock architectures may take.
func (b *builder) lineNoise(v *craft.Variable, ls []line) {
	size, terms, grid := 0.0, 1, 1.0
	noise := 0.0
	for _, l := range ls {
		r := b.reach(l.s)
		for _, h := range l.hinges {
			r.refine(h.at)
		}
		slope, steepest := value.Int(0), 0.0
		for _, h := range l.hinges {
			slope = slope.Add(h.bend)
			steepest = max(steepest, math.Abs(slope.Float64()))
			bend, at := math.Abs(h.bend.Float64()), math.Abs(h.at.Float64())
			size += bend * l.hi.Sub(h.at).Float64()
			grid = min(grid, dyadic(h.bend)*r.grid.Float64())
			noise += unit * bend * at
			if !r.exact(1) {
				noise += float64(r.terms+3) * unit * bend * (r.size + at)
				grid = 0
			}
			if !b.fits(r.size+at, r.grid.Float64()) {
				noise += 2 * b.coarse() * bend * (r.size + at)
			}
		}
		size += math.Abs(l.start.Float64())
		grid = min(grid, dyadic(l.start))
		terms += len(l.hinges)
		noise += steepest * r.brought
	}
	if size >= (1<<24)*grid {
		noise += float64(terms+2) * unit * size
	}
	if !b.fits(size, grid) {
		noise += 2 * b.coarse() * size
	}
	v.Noise, v.L1 = noise, noise
}

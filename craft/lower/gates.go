package lower

import (
	"fmt"
	"math"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// gate is one summand of a gated sum: w(y) x, for a functional x and weights
// by the values of a categorical variable y.
type gate struct {
	x      functional
	lo, hi value.Rat // range of x
	y      operand
	w      []value.Rat // by value of y's s-op
	size   value.Rat   // B
}

// maxGates bounds the classes of one gate.
const maxGates = 256

// gated computes a sum of gates, such as a product x y, a quotient x/y or a
// choice between two numbers, as a numeric variable.
//
// For a class c of values of y with weight w, and B at least the range of x,
// ReLU(x - lo + B 1_c(y) - B) is x - lo where y is in c and 0 elsewhere, and
// ReLU(1_c(y)) is 1 or 0: w times the first and w lo times the second are w x
// in c and 0 elsewhere. B is large enough that no error of x and y opens the
// first outside of c. It is a power of two, so that the only error inside is
// that of x, rounded at the size of B.
//
// It returns nil where the s-op is no such sum.
func (b *builder) gated(id sop.ID) (*plan, error) {
	if b.table.Total(id) != nil {
		return nil, nil // what it is written with is no part of the model
	}
	gates, err := b.gates(b.graph.Node(id))
	if err != nil || gates == nil {
		return nil, err
	}
	return b.gatedSum(gates), nil
}

func (b *builder) gatedSum(gates []gate) *plan {
	p := &plan{
		why:   "a sum of functionals gated by one-hot variables",
		emit:  func(m *mlp) { m.gates(gates) },
		noise: func(v *craft.Variable) { b.gateNoise(v, gates) },
	}
	for _, g := range gates {
		p.neurons += 2 * len(g.classes())
	}
	return p
}

// gates writes an operator as a sum of gates, or returns nil.
func (b *builder) gates(n *sop.Node) ([]gate, error) {
	one := func(v value.Value) value.Rat { return v.Rat() }
	switch n.Op {
	case sop.Mul:
		x, y := n.Args[0], n.Args[1]
		if len(b.table.Set(x)) < len(b.table.Set(y)) {
			x, y = y, x
		}
		return b.oneGate(x, y, one)
	case sop.Div:
		return b.oneGate(n.Args[0], n.Args[1], func(v value.Value) value.Rat {
			if v.Rat().Sign() == 0 {
				return value.Int(0) // undefined, so never met
			}
			return value.Int(1).Quo(v.Rat())
		})
	case sop.If:
		then, err := b.oneGate(n.Args[1], n.Args[0], func(v value.Value) value.Rat { return truthRat(v.Truth()) })
		if err != nil || then == nil {
			return nil, err
		}
		other, err := b.oneGate(n.Args[2], n.Args[0], func(v value.Value) value.Rat { return truthRat(!v.Truth()) })
		if err != nil || other == nil {
			return nil, err
		}
		return append(then, other...), nil
	}
	return nil, nil
}

func truthRat(t bool) value.Rat {
	if t {
		return value.Int(1)
	}
	return value.Int(0)
}

func (b *builder) oneGate(x, y sop.ID, w func(value.Value) value.Rat) ([]gate, error) {
	ys := b.table.Set(y)
	if !b.table.Kinds(x).Numeric() || len(ys) > maxGates {
		return nil, nil
	}
	f, err := b.number(x)
	if err != nil {
		return nil, err
	}
	o, err := b.choice(y, uniform)
	if err != nil {
		return nil, err
	}
	xs := b.table.Set(x)
	g := gate{x: f, lo: xs[0].Rat(), hi: xs[len(xs)-1].Rat(), y: o}
	for _, v := range ys {
		g.w = append(g.w, w(v))
	}
	g.size = b.closing(&g)
	return []gate{g}, nil
}

// gateClass is the values of y's variable that share a weight.
type gateClass struct {
	members []int
	w       value.Rat
}

// classes groups the values of the variable by weight, weight 0 left out.
func (g *gate) classes() []gateClass {
	var classes []gateClass
	index := map[value.Key]int{}
	for i, at := range g.y.cells {
		if at == undefined || g.w[at].Sign() == 0 {
			continue
		}
		k := value.Number(value.KindFloat, g.w[at]).Key()
		c, ok := index[k]
		if !ok {
			c = len(classes)
			index[k] = c
			classes = append(classes, gateClass{w: g.w[at]})
		}
		classes[c].members = append(classes[c].members, i)
	}
	return classes
}

// closing returns B: a power of two, 1 at least, that is as large as the range
// of x and the errors that could open a neuron.
func (b *builder) closing(g *gate) value.Rat {
	span, size := g.hi.Sub(g.lo).Float64(), value.Int(1)
	for size.Float64() < span+b.gateError(g, size.Float64()) {
		size = size.Mul(value.Int(2))
	}
	return size
}

// gateError bounds the error of a neuron's input for a given B: its terms are
// those of x, a constant and the gate.
func (b *builder) gateError(g *gate, size float64) float64 {
	r := b.reach(g.x)
	r.size += math.Abs(g.lo.Float64()) + 2*size
	e := 0.0
	if !b.exactly(r) {
		e = r.brought + float64(r.terms+3)*unit*r.size + 2*b.coarse()*r.size
	}
	if g.y.v != none {
		e += 2 * size * b.v(g.y.v).L1
	}
	return e
}

func (m *mlp) gates(gates []gate) {
	to, scale := m.b.v(m.target).First, m.b.v(m.target).Scale
	one := value.Int(1)
	for _, g := range gates {
		for _, c := range g.classes() {
			in := m.b.indicator(g.y.v, c.members)
			label := fmt.Sprintf("%s: times %s", m.b.spell(g.y.v, c.members), c.w)
			x := g.x.plus(constant(g.lo.Add(g.size)), value.Int(-1)).plus(in, g.size)
			role := craft.Role{Kind: craft.Gate, At: g.lo, Factor: c.w}
			if g.y.v != none {
				role.Where = []craft.Where{{Variable: int(g.y.v), Values: c.members}}
			}
			i := m.neuron(label, role, x)
			m.out = append(m.out, craft.Entry{From: i, To: to, W: c.w.Quo(scale)})
			if c := c.w.Mul(g.lo); c.Sign() != 0 {
				role.Offset = true
				i := m.neuron(label+" (offset)", role, in.times(one))
				m.out = append(m.out, craft.Entry{From: i, To: to, W: c.Quo(scale)})
			}
		}
	}
}

// gateNoise bounds the error: one class of each gate is on, and what is left
// of the offsets of the others is the error of y.
func (b *builder) gateNoise(v *craft.Variable, gates []gate) {
	for _, g := range gates {
		top := 0.0
		for _, c := range g.classes() {
			top = max(top, math.Abs(c.w.Float64()))
		}
		lo, hi := math.Abs(g.lo.Float64()), math.Abs(g.hi.Float64())
		e := b.gateError(&g, g.size.Float64()) + 4*unit*(2*lo+hi) + 3*b.coarse()*(2*lo+hi)
		if g.y.v != none {
			e += lo * b.v(g.y.v).L1
		}
		v.Noise += top * e
	}
	v.L1 = v.Noise
}

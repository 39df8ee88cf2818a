package lower

import (
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// affine reads an s-op as a number where that needs no MLP of its own.
//
// A function f of one categorical variable x is the functional with weight
// f(v) on the direction x=v: at a one-hot x it takes the value f(x). For a
// variable in steps the weights are the differences of f. A numeric variable
// is its own direction. Sums, differences and multiples by
// constants of such functionals are functionals again, since reads are linear.
func (b *builder) affine(id sop.ID) (functional, bool, error) {
	if known, ok := b.memo.affine[id]; ok {
		return known.f, known.ok, nil
	}
	f, ok, err := b.readAffine(id)
	if err == nil {
		b.memo.affine[id] = form{f, ok}
	}
	return f, ok, err
}

func (b *builder) readAffine(id sop.ID) (functional, bool, error) {
	if !b.table.Kinds(id).Numeric() {
		return nil, false, nil
	}
	if x, ok := b.single(id); ok {
		return constant(x.Rat()), true, nil
	}
	if leaves := b.leaves(id); len(leaves) == 1 {
		v, err := b.variable(leaves[0])
		if err != nil {
			return nil, false, err
		}
		if b.v(v).Encoding != craft.Numeric {
			return b.oneVariable(id, leaves[0], v), true, nil
		}
		if id == leaves[0] {
			if f, ok := b.stepped[id]; ok {
				return f, true, nil
			}
			return b.self(v), true, nil
		}
	}
	return b.affineOp(b.graph.Node(id))
}

// oneVariable is the functional of a function of one categorical variable.
// Numbers far from 0 beside their distances are read as a constant, which sums
// and differences of such functions take up exactly, and what they have beyond it:
// float32 rounds by parts of what the weights are.
func (b *builder) oneVariable(id, leaf sop.ID, v varID) functional {
	t := b.tabulate(id, []sop.ID{leaf})
	w := t.weights(func(x value.Value) value.Rat { return x.Rat() })
	middle := distant(w)
	for i := range w {
		w[i] = w[i].Sub(middle)
	}
	return b.read(v, w).plus(constant(middle), value.Int(1))
}

// distant returns a number in the middle of some that lie together far from 0; 0
// for others.
func distant(w []value.Rat) value.Rat {
	const far = 1 << 10 // times their distance
	lo, hi := w[0], w[0]
	for _, x := range w {
		if x.Cmp(lo) < 0 {
			lo = x
		}
		if x.Cmp(hi) > 0 {
			hi = x
		}
	}
	width := hi.Sub(lo)
	if width.Sign() == 0 || lo.Sign() != hi.Sign() || lo.Abs().Cmp(width.Mul(value.Int(far))) < 0 {
		return value.Int(0)
	}
	return lo.Add(width.Quo(value.Int(2)).Floor())
}

// weights maps the results of a function of one variable to numbers. Where it
// is undefined the number before it stands, which costs least in steps.
func (f *function) weights(number func(value.Value) value.Rat) []value.Rat {
	w := make([]value.Rat, len(f.out))
	for i, at := range f.out {
		if at != undefined {
			w[i] = number(f.set[at])
		} else if i > 0 {
			w[i] = w[i-1]
		}
	}
	return w
}

func (b *builder) affineOp(n *sop.Node) (functional, bool, error) {
	switch n.Op {
	case sop.Add:
		return b.combine(n.Args[0], value.Int(1), n.Args[1], value.Int(1))
	case sop.Sub:
		return b.combine(n.Args[0], value.Int(1), n.Args[1], value.Int(-1))
	case sop.Neg:
		return b.scaled(n.Args[0], value.Int(-1))
	case sop.Indicator:
		if b.boolean(n.Args[0]) {
			return b.affine(n.Args[0])
		}
	case sop.Round:
		if integers(b.table.Set(n.Args[0])) {
			return b.affine(n.Args[0])
		}
	case sop.Mul:
		if c, ok := b.single(n.Args[1]); ok {
			return b.scaled(n.Args[0], c.Rat())
		}
		if c, ok := b.single(n.Args[0]); ok {
			return b.scaled(n.Args[1], c.Rat())
		}
	case sop.Div:
		if c, ok := b.single(n.Args[1]); ok && c.Rat().Sign() != 0 {
			return b.scaled(n.Args[0], value.Int(1).Quo(c.Rat()))
		}
	}
	return nil, false, nil
}

func (b *builder) scaled(id sop.ID, c value.Rat) (functional, bool, error) {
	f, ok, err := b.affine(id)
	if !ok || err != nil {
		return nil, false, err
	}
	return f.times(c), true, nil
}

func (b *builder) combine(x sop.ID, cx value.Rat, y sop.ID, cy value.Rat) (functional, bool, error) {
	f, ok, err := b.scaled(x, cx)
	if !ok || err != nil {
		return nil, false, err
	}
	g, ok, err := b.affine(y)
	if !ok || err != nil {
		return nil, false, err
	}
	return f.plus(g, cy), true, nil
}

// integers reports whether all values are integers.
func integers(set []value.Value) bool {
	for _, v := range set {
		if !v.IsNumber() || !v.Rat().IsInt() {
			return false
		}
	}
	return true
}

// boolean reports whether an s-op takes no values but 0 and 1.
func (b *builder) boolean(id sop.ID) bool {
	for _, v := range b.table.Set(id) {
		if !v.IsNumber() || !v.Rat().Equal(value.Int(0)) && !v.Rat().Equal(value.Int(1)) {
			return false
		}
	}
	return true
}

// truth reads the truthiness of an s-op as a functional of value 0 or 1.
func (b *builder) truth(id sop.ID) (functional, bool, error) {
	if b.boolean(id) {
		return b.affine(id)
	}
	leaves := b.leaves(id)
	if len(leaves) != 1 {
		return nil, false, nil
	}
	v, err := b.variable(leaves[0])
	if err != nil || b.v(v).Encoding == craft.Numeric {
		return nil, false, err
	}
	t := b.tabulate(id, leaves)
	return b.read(v, t.weights(func(x value.Value) value.Rat { return truthRat(x.Truth()) })), true, nil
}

// number reads an s-op as a number, computing it by an MLP where it must.
func (b *builder) number(id sop.ID) (functional, error) {
	f, ok, err := b.affine(id)
	if ok || err != nil {
		return f, err
	}
	if arg, ok := b.passedOn(id); ok {
		if _, err := b.number(arg); err != nil {
			return nil, err
		}
		if f, ok, err = b.affine(id); ok || err != nil {
			return f, err
		}
	}
	if f, ok, err = b.decoded(id); ok || err != nil {
		return f, err
	}
	b.force(id)
	if f, ok, err = b.affine(id); !ok && err == nil {
		err = b.errorf(id, "", "%s has values that are not numbers", b.graph.Describe(id))
	}
	return f, err
}

// passedOn returns the argument of an s-op that is the same number or a multiple
// of it: better that becomes a variable than a copy of it.
func (b *builder) passedOn(id sop.ID) (sop.ID, bool) {
	n := b.graph.Node(id)
	if b.isLeaf(id) {
		return 0, false
	}
	switch n.Op {
	case sop.Neg:
		return n.Args[0], true
	case sop.Indicator:
		return n.Args[0], b.boolean(n.Args[0])
	case sop.Round:
		return n.Args[0], integers(b.table.Set(n.Args[0]))
	case sop.Mul, sop.Div:
		arg, ok := b.onlyVariable(n)
		if !ok || arg == n.Args[1] && (n.Op == sop.Div || arg == n.Args[0]) {
			return 0, false
		}
		return arg, b.table.Kinds(arg).Numeric()
	}
	return 0, false
}

// decoded reads a function of one number from the steps of that number, where
// no MLP of its own computes it well.
func (b *builder) decoded(id sop.ID) (functional, bool, error) {
	leaf, ok, err := b.oneNumber(id)
	if !ok || err != nil {
		return nil, false, err
	}
	p, _, err := b.best(wanted{id: id, enc: craft.Numeric, set: b.table.Set(id)})
	if p != nil || err != nil {
		return nil, false, err
	}
	f, err := b.fromSteps(id, leaf)
	return f, err == nil, err
}

// fromSteps reads a function of a number from the number's steps: these are
// exact, and any function of them is linear.
func (b *builder) fromSteps(id, leaf sop.ID) (functional, error) {
	o, err := b.choice(leaf, uniform)
	if err != nil {
		return nil, err
	}
	t := b.tabulate(id, []sop.ID{leaf})
	return b.read(o.v, t.weights(func(x value.Value) value.Rat { return x.Rat() })), nil
}

// oneNumber returns the numeric variable that an s-op is a function of, if that
// is all it reads and the variable has few enough values for steps.
func (b *builder) oneNumber(id sop.ID) (sop.ID, bool, error) {
	leaves := b.leaves(id)
	if !b.table.Kinds(id).Numeric() || len(leaves) != 1 || len(b.table.Set(leaves[0])) > maxOneHot {
		return 0, false, nil
	}
	v, err := b.variable(leaves[0])
	return leaves[0], err == nil && b.v(v).Encoding == craft.Numeric, err
}

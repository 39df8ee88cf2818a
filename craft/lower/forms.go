package lower

import (
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// forms returns functionals of which the s-op may be a function: the affine
// form of what its operator compares, discretises or combines, and mixed radix
// numbers of its variables, of which any function is one.
func (b *builder) forms(id sop.ID, f *function) ([]functional, error) {
	var forms []functional
	add := func(s functional, ok bool, err error) error {
		if ok {
			forms = append(forms, s)
		}
		return err
	}
	err := add(b.itself(id))
	if n := b.graph.Node(id); err == nil && b.computedAnew(id) {
		switch n.Op {
		case sop.Compare:
			err = add(b.combine(n.Args[0], value.Int(1), n.Args[1], value.Int(-1)))
		case sop.And, sop.Or, sop.Not:
			err = add(b.literals(n, value.Int(1)))
		default:
			if arg, ok := b.onlyVariable(n); ok {
				err = add(b.affine(arg))
			}
		}
	}
	if err != nil {
		return nil, err
	}
	pairs, err := b.pairs(id)
	if err != nil {
		return nil, err
	}
	return slices.Concat(forms, pairs, b.radix(f)), nil
}

// itself is the affine form of the s-op's own value, read from what is below.
func (b *builder) itself(id sop.ID) (functional, bool, error) {
	n := b.graph.Node(id)
	if b.computedAnew(id) && b.isLeaf(id) {
		if !b.table.Kinds(id).Numeric() {
			return nil, false, nil
		}
		return b.affineOp(n)
	}
	return b.affine(id)
}

// onlyVariable returns the one argument of a node that is not constant; it may
// stand there more than once.
func (b *builder) onlyVariable(n *sop.Node) (sop.ID, bool) {
	var args []sop.ID
	for _, a := range n.Args {
		if _, ok := b.single(a); !ok && !slices.Contains(args, a) {
			args = append(args, a)
		}
	}
	if len(args) != 1 {
		return 0, false
	}
	return args[0], true
}

// literals returns the sum of the indicators that a boolean operator combines,
// each with the sign with which it occurs: conjunctions and disjunctions of
// literals are thresholds of it.
func (b *builder) literals(n *sop.Node, sign value.Rat) (functional, bool, error) {
	if n.Op == sop.Not {
		sign = sign.Neg()
	}
	sum := functional{}
	for _, a := range n.Args {
		f, ok, err := b.literal(a, sign)
		if !ok || err != nil {
			return nil, false, err
		}
		sum = sum.plus(f, value.Int(1))
	}
	return sum, true, nil
}

// literal is the signed truth of an s-op; where that is no functional, and the
// s-op is boolean code itself, the sum of what it combines.
func (b *builder) literal(id sop.ID, sign value.Rat) (functional, bool, error) {
	known, ok := b.memo.literals[id]
	if !ok {
		f, ok, err := b.readLiteral(id)
		if err != nil {
			return nil, false, err
		}
		known = form{f, ok}
		b.memo.literals[id] = known
	}
	if !known.ok {
		return nil, false, nil
	}
	return known.f.times(sign), true, nil
}

func (b *builder) readLiteral(id sop.ID) (functional, bool, error) {
	if f, ok, err := b.truth(id); ok || err != nil {
		return f, ok, err
	}
	n := b.graph.Node(id)
	if n.Op != sop.And && n.Op != sop.Or && n.Op != sop.Not || b.isLeaf(id) {
		return nil, false, nil
	}
	return b.literals(n, value.Int(1))
}

// pairs returns forms of which every function of the two arguments of an
// operator is a function, where both are read from affine forms: one is worth
// more than all that the other can add up to. A condition is read from what it
// compares. What the arguments are computed from need not be told apart.
func (b *builder) pairs(id sop.ID) ([]functional, error) {
	n := b.graph.Node(id)
	if !b.computedAnew(id) {
		return nil, nil
	}
	var args []spread
	for _, a := range n.Args {
		if _, ok := b.single(a); ok {
			continue
		}
		s, ok, err := b.spread(a)
		if !ok || err != nil {
			return nil, err
		}
		args = append(args, s)
	}
	if len(args) != 2 {
		return nil, nil
	}
	var forms []functional
	for i := range args {
		low, high := args[i], args[1-i]
		worth := powerAbove(low.hi.Sub(low.lo).Add(low.gap).Quo(high.gap))
		forms = append(forms, low.f.plus(high.f, worth), low.f.plus(high.f, worth.Neg()))
	}
	return forms, nil
}

// spread is an affine form with the range of its values and the least distance
// of two of them.
type spread struct {
	f           functional
	lo, hi, gap value.Rat
}

// spread reads an s-op by an affine form of which it is a function.
func (b *builder) spread(id sop.ID) (spread, bool, error) {
	f, ok, err := b.under(id)
	leaves := b.leaves(id)
	if !ok || err != nil || b.combinations(leaves) > maxTable {
		return spread{}, false, err
	}
	points := b.reached(f, leaves)
	if len(points) < 2 {
		return spread{}, false, nil
	}
	s := spread{f: f, lo: points[0].s, hi: points[len(points)-1].s}
	for i := 1; i < len(points); i++ {
		if gap := points[i].s.Sub(points[i-1].s); i == 1 || gap.Cmp(s.gap) < 0 {
			s.gap = gap
		}
	}
	return s, true, nil
}

// under returns an affine form that decides an s-op: its truth, itself, what it
// compares, or what decides its only argument that is not constant.
func (b *builder) under(id sop.ID) (functional, bool, error) {
	if f, ok, err := b.truth(id); ok || err != nil {
		return f, ok, err
	}
	if f, ok, err := b.affine(id); ok || err != nil {
		return f, ok, err
	}
	if b.isLeaf(id) {
		return nil, false, nil
	}
	n := b.graph.Node(id)
	if arg, ok := b.onlyVariable(n); ok {
		return b.under(arg)
	}
	if n.Op == sop.Compare {
		return b.combine(n.Args[0], value.Int(1), n.Args[1], value.Int(-1))
	}
	return nil, false, nil
}

// reached lists the values that a functional of some variables takes.
func (b *builder) reached(f functional, leaves []sop.ID) []point {
	t := &function{leaves: leaves}
	total := 1
	for _, l := range leaves {
		t.sets = append(t.sets, b.table.Set(l))
		t.vars = append(t.vars, b.native[l])
		total *= len(b.table.Set(l))
	}
	t.out = make([]int32, total)
	combo := make([]int, len(leaves))
	for cell := range total {
		if !b.table.Possible(leaves, combo) {
			t.out[cell] = undefined
		}
		t.advance(combo)
	}
	points, _ := b.points(t, f)
	return points
}

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
	return append(forms, b.radix(f)...), nil
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

package generate

import (
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// production is a way to make an s-op.
type production struct {
	weight  func(Mix) float64
	gives   kinds
	attends bool // it reads a selector
	simple  int  // operators that it takes where nothing is deep
	draw    func(b *builder, want kinds, size, depth int) (sop.ID, bool)
}

// least is how many operators an s-op of a depth takes if it is made so.
func (p production) least(depth int) int {
	if p.attends {
		return 2 * depth
	}
	return p.simple + 2*depth
}

var productions []production

func init() {
	productions = []production{
		{func(m Mix) float64 { return m.Arithmetic }, number, false, 1, (*builder).arithmetic},
		{func(m Mix) float64 { return m.Comparison }, truth, false, 1, (*builder).comparison},
		{func(m Mix) float64 { return m.Boolean }, truth | integer, false, 2, (*builder).boolean},
		{func(m Mix) float64 { return m.Conditional }, number | text, false, 2, (*builder).conditional},
		{func(m Mix) float64 { return m.Map }, integer | truth | text, false, 1, (*builder).table},
		{func(m Mix) float64 { return m.Aggregate }, anySOp, true, 2, (*builder).aggregate},
		{func(m Mix) float64 { return m.Width }, integer, true, 2, (*builder).width},
	}
}

// elementwise keeps a node that is computed from s-ops position by position.
func (b *builder) elementwise(id sop.ID, kind kinds) (sop.ID, bool) {
	f := fact{kind: kind}
	for _, a := range b.graph.Node(id).Args {
		f.depth = max(f.depth, b.facts[a].depth)
	}
	f.set = b.tabulate(b.graph.Node(id))
	return b.keep(id, f)
}

// tabulate returns the values of an elementwise node, where those of its arguments
// are known, and all combinations of them are possible and few.
func (b *builder) tabulate(n *sop.Node) []value.Value {
	combinations := [][]value.Value{nil}
	for _, a := range n.Args {
		var longer [][]value.Value
		for _, c := range combinations {
			for _, v := range b.valuesOf(a) {
				longer = append(longer, append(slices.Clip(c), v))
			}
		}
		if combinations = longer; len(longer) == 0 || len(longer) > 8*fewValues {
			return nil
		}
	}
	var set []value.Value
	for _, c := range combinations {
		v, err := n.Apply(c...)
		if err != nil {
			return nil
		}
		set = append(set, v)
	}
	return few(set)
}

// few returns a set without repetitions; nil where it is large.
func few(set []value.Value) []value.Value {
	if set = value.SortUnique(set); len(set) > fewValues {
		return nil
	}
	return set
}

// valuesOf returns the values that an s-op can have, nil where they are not known.
func (b *builder) valuesOf(id sop.ID) []value.Value {
	if n := b.graph.Node(id); n.Op == sop.Const {
		return []value.Value{n.Value}
	}
	return b.facts[id].set
}

// number draws a small one.
func (b *builder) number(least, most int64) value.Value {
	return value.IntOf(least + b.rng.Int64N(most-least+1))
}

func (b *builder) arithmetic(want kinds, size, depth int) (sop.ID, bool) {
	switch {
	case want&integer != 0 && b.chance(0.15):
		x, ok := b.sop(fraction, size-1, depth)
		if !ok {
			return 0, false
		}
		return b.elementwise(b.graph.Map(sop.Round, sop.Pos{}, x), integer)
	case want&fraction != 0 && (want == fraction || b.chance(0.2)):
		x, ok := b.sop(number, size-1, depth)
		if !ok {
			return 0, false
		}
		return b.elementwise(b.graph.Map(sop.Div, sop.Pos{}, x, b.constant(b.number(2, 4))), fraction)
	case b.chance(0.4):
		return b.withConstant(want, size, depth)
	}
	return b.withOther(want, size, depth)
}

// withConstant is arithmetic with one operand that is a constant.
func (b *builder) withConstant(want kinds, size, depth int) (sop.ID, bool) {
	x, ok := b.sop(want&number, size-1, depth)
	if !ok {
		return 0, false
	}
	op := pick(b, []sop.Op{sop.Add, sop.Sub, sop.Sub, sop.Mul, sop.Mod})
	c := b.number(1, 3)
	if op == sop.Mul || op == sop.Mod {
		c = b.number(2, 4)
	}
	args := []sop.ID{x, b.constant(c)}
	if op == sop.Sub && b.chance(0.3) {
		slices.Reverse(args)
	}
	return b.elementwise(b.graph.Map(op, sop.Pos{}, args...), b.facts[x].kind)
}

// withOther is arithmetic of two s-ops.
func (b *builder) withOther(want kinds, size, depth int) (sop.ID, bool) {
	args, ok := b.operands(want&number, size-1, depth)
	if !ok {
		return 0, false
	}
	op := pick(b, []sop.Op{sop.Add, sop.Add, sop.Sub, sop.Sub, sop.Mul})
	kind := integer
	if (b.facts[args[0]].kind|b.facts[args[1]].kind)&fraction != 0 {
		kind = fraction
	}
	return b.elementwise(b.graph.Map(op, sop.Pos{}, args...), kind)
}

// operands draws two s-ops, one of the given depth.
func (b *builder) operands(want kinds, size, depth int) ([]sop.ID, bool) {
	depths := b.depths(2, depth, size)
	sizes := b.split(size, 2*depths[0], 2*depths[1])
	x, ok := b.sop(want, sizes[0], depths[0])
	if !ok {
		return nil, false
	}
	y, ok := b.sop(b.alike(x)&(want|fraction), sizes[1], depths[1])
	return []sop.ID{x, y}, ok && x != y
}

// alike are the kinds of s-ops that one can be compared with.
func (b *builder) alike(id sop.ID) kinds {
	if kind := b.facts[id].kind; kind&number == 0 {
		return kind
	}
	return number
}

func (b *builder) comparison(_ kinds, size, depth int) (sop.ID, bool) {
	if b.chance(0.35) {
		args, ok := b.operands(number|text, size-1, depth)
		if !ok {
			return 0, false
		}
		return b.elementwise(b.graph.Compare(b.comparator(args[0]), args[0], args[1], sop.Pos{}), truth)
	}
	x, ok := b.sop(number|text, size-1, depth)
	if !ok {
		return 0, false
	}
	c, ok := b.occurring(x)
	if !ok {
		return 0, false
	}
	return b.elementwise(b.graph.Compare(b.comparator(x), x, b.constant(c), sop.Pos{}), truth)
}

// comparator draws how an s-op is compared: texts, and mostly tokens, by equality.
func (b *builder) comparator(x sop.ID) value.Cmp {
	if b.facts[x].kind == text || b.chance(0.3) {
		return value.EQ
	}
	return pick(b, []value.Cmp{value.LT, value.LE, value.GT, value.GE})
}

// occurring draws a value that an s-op has on the inputs of the draft, and that can
// be written.
func (b *builder) occurring(x sop.ID) (value.Value, bool) {
	v := pick(b, b.draft.sequences[x])
	if v.IsNumber() && !v.Rat().Add(v.Rat()).IsInt() {
		v = value.Number(value.KindFloat, value.Frac(1, 2))
	}
	return v, !v.IsNumber() || v.Rat().Sign() >= 0
}

func (b *builder) boolean(want kinds, size, depth int) (sop.ID, bool) {
	if want&truth == 0 || want&integer != 0 && b.chance(0.2) {
		x, ok := b.sop(truth, size-1, depth)
		if !ok {
			return 0, false
		}
		return b.elementwise(b.graph.Map(sop.Indicator, sop.Pos{}, x), integer)
	}
	if b.chance(0.2) {
		x, ok := b.sop(truth, size-1, depth)
		if !ok {
			return 0, false
		}
		return b.elementwise(b.graph.Map(sop.Not, sop.Pos{}, x), truth)
	}
	args, ok := b.operands(truth, size-1, depth)
	if !ok {
		return 0, false
	}
	return b.elementwise(b.graph.Map(pick(b, []sop.Op{sop.And, sop.Or}), sop.Pos{}, args...), truth)
}

func (b *builder) conditional(want kinds, size, depth int) (sop.ID, bool) {
	depths := b.depths(3, depth, size-1)
	sizes := b.split(size-1, 1+2*depths[0], 2*depths[1], 2*depths[2])
	test, ok := b.sop(truth, sizes[0], depths[0])
	if !ok {
		return 0, false
	}
	then, ok := b.sop(want, sizes[1], depths[1])
	if !ok {
		return 0, false
	}
	kind := b.facts[then].kind
	var other sop.ID
	if depths[2] == 0 && b.chance(0.5) {
		c, found := b.occurring(then)
		other, ok = b.constant(c), found
	} else {
		other, ok = b.sop(kind, sizes[2], depths[2])
	}
	if !ok || other == then {
		return 0, false
	}
	args := []sop.ID{test, then, other}
	if b.chance(0.3) {
		args[1], args[2] = other, then
	}
	return b.elementwise(b.graph.Map(sop.If, sop.Pos{}, args...), kind)
}

// table is an s-op that looks another up, one whose values are known.
func (b *builder) table(want kinds, size, depth int) (sop.ID, bool) {
	x, ok := b.sop(integer|text, size-1, depth)
	if !ok {
		return 0, false
	}
	keys := b.facts[x].set
	if len(keys) < 2 || len(keys) > mostKeys {
		return 0, false
	}
	if want&truth != 0 && (want == truth || b.chance(0.3)) {
		return b.membership(x, keys)
	}
	kind := integer
	if want&text != 0 && (want&integer == 0 || b.chance(0.5)) {
		kind = text
	}
	if want&kind == 0 {
		return 0, false
	}
	t := &sop.Table{Vals: make([]value.Value, len(keys))}
	for i, k := range keys {
		t.Dict = t.Dict || !value.Equal(k, value.IntOf(int64(i)))
		if kind == text {
			t.Vals[i] = value.Str(pick(b, []string{"x", "y", "z"}))
		} else {
			t.Vals[i] = b.number(0, 4)
		}
	}
	if t.Dict {
		t.Keys = keys
	}
	return b.elementwise(b.graph.Lookup(t, x, sop.Pos{}), kind)
}

// mostKeys is the size of the largest table.
const mostKeys = 12

// membership asks whether an s-op has one of several values.
func (b *builder) membership(x sop.ID, keys []value.Value) (sop.ID, bool) {
	if len(keys) < 3 {
		return 0, false
	}
	some := slices.Clone(keys)
	b.rng.Shuffle(len(some), func(i, k int) { some[i], some[k] = some[k], some[i] })
	some = value.SortUnique(some[:2+b.rng.IntN(len(some)-2)])
	if slices.ContainsFunc(some, func(v value.Value) bool { return v.IsNumber() && v.Rat().Sign() < 0 }) {
		return 0, false
	}
	return b.elementwise(b.graph.In(x, some, sop.Pos{}), truth)
}

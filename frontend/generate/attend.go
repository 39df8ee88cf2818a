package generate

import (
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

func (b *builder) width(_ kinds, size, depth int) (sop.ID, bool) {
	sel, ok := b.selector(size-1, depth-1)
	if !ok {
		return 0, false
	}
	f := fact{kind: integer, depth: 1 + b.facts[sel].depth}
	for i := range b.in.maxLen + 1 {
		f.set = append(f.set, value.IntOf(int64(i)))
	}
	f.set = few(f.set)
	return b.keep(b.graph.Width(sel, sop.Pos{}), f)
}

// aggregate draws a mean of numbers, or a value moved from one position.
func (b *builder) aggregate(want kinds, size, depth int) (sop.ID, bool) {
	depths := b.depths(2, depth-1, size-1)
	sizes := b.split(size-1, 1+2*depths[0], 2*depths[1])
	if want&fraction == 0 || want != fraction && b.chance(0.5) {
		return b.move(want, sizes, depths)
	}
	sel, ok := b.selector(sizes[0], depths[0])
	if !ok {
		return 0, false
	}
	// Means of means have values too close to be told apart.
	v, ok := b.averaged(sizes[1], depths[1])
	if !ok {
		return 0, false
	}
	var none *value.Value
	if b.chance(0.2) {
		d := b.number(0, 2)
		none = &d
	}
	return b.attended(b.graph.Aggregate(sel, v, none, sop.Pos{}), fact{kind: fraction})
}

// averaged draws an s-op to be averaged: integers, or where truth values hold.
func (b *builder) averaged(size, depth int) (sop.ID, bool) {
	if b.o.Mix.Boolean == 0 || b.chance(0.5) {
		return b.sop(integer, size, depth)
	}
	return b.again(func() (sop.ID, bool) {
		x, ok := b.sop(truth, size-1, depth)
		if !ok {
			return 0, false
		}
		return b.elementwise(b.graph.Map(sop.Indicator, sop.Pos{}, x), integer)
	})
}

// move draws an aggregate whose selector has one position in each row at most.
func (b *builder) move(want kinds, sizes, depths []int) (sop.ID, bool) {
	sel, ok := b.narrow(sizes[0], depths[0])
	if !ok {
		return 0, false
	}
	v, ok := b.sop(want, sizes[1], depths[1])
	if !ok {
		return 0, false
	}
	f := fact{kind: b.facts[v].kind, set: b.facts[v].set}
	var none *value.Value
	switch d := pick(b, b.draft.sequences[v]); {
	case f.kind == text && b.chance(0.4):
		d = value.Str("-")
		none = &d
	case f.kind == text || f.kind == truth:
		none = &d
	case f.kind == integer && b.chance(0.3):
		d = value.IntOf(-1)
		none = &d
	}
	if f.set != nil && none != nil {
		f.set = few(append([]value.Value{*none}, f.set...))
	} else if f.set != nil {
		f.set = few(append([]value.Value{value.IntOf(0)}, f.set...))
	}
	return b.attended(b.graph.Aggregate(sel, v, none, sop.Pos{}), f)
}

// attended keeps an aggregate.
func (b *builder) attended(id sop.ID, f fact) (sop.ID, bool) {
	args := b.graph.Node(id).Args
	f.depth = 1 + max(b.facts[args[0]].depth, b.facts[args[1]].depth)
	return b.keep(id, f)
}

// narrow draws a selector of one position: where the index equals an integer. It
// may be narrowed further.
func (b *builder) narrow(size, depth int) (sop.ID, bool) {
	m := b.o.Mix
	if m.Equal == 0 {
		return 0, false
	}
	return b.again(func() (sop.ID, bool) {
		if size >= 3+2*depth && b.chance(m.And/(m.And+m.Equal)) {
			return b.joined(b.graph.SelAnd, b.narrow, size, depth)
		}
		at, ok := b.sop(integer, size-1, depth)
		if !ok {
			return 0, false
		}
		index := b.graph.Indices(sop.Pos{})
		if at == index {
			return 0, false
		}
		return b.selected(b.graph.Select(index, at, value.EQ, sop.Pos{}))
	})
}

// selected keeps a selector.
func (b *builder) selected(id sop.ID) (sop.ID, bool) {
	f := fact{}
	for _, a := range b.graph.Node(id).Args {
		f.depth = max(f.depth, b.facts[a].depth)
	}
	return b.keep(id, f)
}

// selector draws one.
func (b *builder) selector(size, depth int) (sop.ID, bool) {
	return b.again(func() (sop.ID, bool) {
		if b.chance(shareOfShared) {
			if id, ok := b.shared(0, depth); ok {
				return id, true
			}
		}
		return b.combination(size, depth)
	})
}

// combination draws a selector by the weights of those that there is room for.
func (b *builder) combination(size, depth int) (sop.ID, bool) {
	m := b.o.Mix
	weights := []float64{m.Equal + m.Unequal + m.Order, m.Full, m.And, m.Or, m.Not}
	if depth > 0 {
		weights[1] = 0
	}
	if size < 3+2*depth {
		weights[2], weights[3] = 0, 0
	}
	if size < 2+2*depth {
		weights[4] = 0
	}
	switch b.weighed(weights) {
	case 0:
		return b.compared(size, depth)
	case 1:
		one := b.constant(value.IntOf(1))
		return b.selected(b.graph.Select(one, one, value.EQ, sop.Pos{}))
	case 2:
		return b.joined(b.graph.SelAnd, b.selector, size, depth)
	case 3:
		return b.joined(b.graph.SelOr, b.selector, size, depth)
	case 4:
		x, ok := b.selector(size-1, depth)
		if !ok {
			return 0, false
		}
		return b.selected(b.graph.SelNot(x, sop.Pos{}))
	}
	return 0, false
}

// joined draws a selector of two, the first of them as one says.
func (b *builder) joined(join func(x, y sop.ID, pos sop.Pos) sop.ID, first func(size, depth int) (sop.ID, bool), size, depth int) (sop.ID, bool) {
	depths := b.depths(2, depth, size-1)
	sizes := b.split(size-1, 1+2*depths[0], 1+2*depths[1])
	x, ok := first(sizes[0], depths[0])
	if !ok {
		return 0, false
	}
	y, ok := b.selector(sizes[1], depths[1])
	if !ok || x == y {
		return 0, false
	}
	return b.selected(join(x, y, sop.Pos{}))
}

// compared draws a comparison of keys with queries; often of one s-op with itself, and
// now and then with a constant.
func (b *builder) compared(size, depth int) (sop.ID, bool) {
	m := b.o.Mix
	cmp := [...]value.Cmp{value.EQ, value.NE, pick(b, []value.Cmp{value.LT, value.LE, value.GT, value.GE})}[b.weighed([]float64{m.Equal, m.Unequal, m.Order})]
	depths := b.depths(2, depth, size-1)
	sizes := b.split(size-1, 2*depths[0], 2*depths[1])
	key, ok := b.sop(anySOp, sizes[0], depths[0])
	if !ok {
		return 0, false
	}
	if kind := b.facts[key].kind; kind == truth && cmp > value.NE {
		return 0, false
	}
	query, ok := key, true
	switch draw := b.rng.Float64(); {
	case depths[0] != depth || draw > 0.6:
		query, ok = b.sop(b.alike(key), sizes[1], depths[1])
	case draw > 0.35:
		var c value.Value
		c, ok = b.occurring(key)
		query = b.constant(c)
	}
	if !ok {
		return 0, false
	}
	return b.selected(b.graph.Select(key, query, cmp, sop.Pos{}))
}

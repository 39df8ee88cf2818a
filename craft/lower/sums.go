package lower

import (
	"math"
	"math/big"
	"slices"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// maxHeads bounds the heads of one width.
const maxHeads = 64

// width counts the selected positions: the sum of ones.
func (b *builder) width(n *sop.Node) (varID, error) {
	return b.sum(n, n.Args[0], functional{craft.Real: value.Int(1)}, 1)
}

// total sums a number over the selected positions.
func (b *builder) total(n *sop.Node, t *values.Total) (varID, error) {
	f, err := b.number(t.Value)
	if err != nil {
		return none, err
	}
	lo, hi := span(b.table.Set(t.Value))
	return b.sum(n, t.Selector, f, max(math.Abs(lo), math.Abs(hi)))
}

// sum adds up a number of at most the given size over the selected positions
// by sum heads, one for each of a list of disjoint conjunctions whose union
// the selector is.
//
// In a sum head selected keys score 0, BOS scores an integer L, and the value
// is f at real positions and 0 at BOS. With M = e^L the head's output is
// s/(M+w) for the sum s over w selected keys, and M times it is s - sw/(M+w):
// off by at most |s| w/M, also for sums of heads, because their widths add up
// to N at most. As L is an integer the score is exact; M is rounded once, in
// the weight.
func (b *builder) sum(n *sop.Node, selector sop.ID, f functional, size float64) (varID, error) {
	sel := b.graph.Formula(selector)
	parts, err := b.disjoint(n, sel)
	if err != nil {
		return none, err
	}
	gap := smallestGap(b.table.Set(n.ID)).Float64()
	most := float64(b.table.Selector(selector).MaxWidth)
	summed := make([]functional, len(parts))
	leak, brought, seen := 0.0, 0.0, most
	for i, c := range parts {
		if parts[i], summed[i] = b.weighed(c, f); len(parts[i]) < len(c) {
			seen = float64(b.prog.MaxLen) // keys that add 0 have weight all the same
		}
		leak += b.leak(summed[i])
		brought = max(brought, b.noise(summed[i]))
	}
	l, m := unitOfSums(most, seen, max(size, 1)/gap, leak/gap)
	if b.coarse() > 0 {
		l, m = b.coarseUnit(most, seen, max(size, 1)/gap, leak/gap)
	}
	noise := most*seen*size/m.Float64() + leak*m.Float64() + most*brought
	if b.coarse() > 0 { // of the weights, of their sum, of the product with M, and of M
		noise += most * size * (3*b.coarse() + inexact(l, m))
	}

	target := b.newNumber(n.ID, b.name(n.ID), b.numbersOf(b.table.Set(n.ID)))
	v := b.v(target)
	to := craft.Entry{To: v.First, W: m.Quo(v.Scale)}
	uneven := 0.0
	for i, c := range parts {
		h := b.newHead(c, sumPenalty)
		h.bos(value.Int(l))
		h.column(craft.Direction{Variable: v.Name}, b.withBOS(summed[i], value.Int(0)), to)
		h.finish(n, craft.Sum, sel)
		uneven = max(uneven, h.uneven())
		noise += size * h.unselected()
	}
	// Relative errors of the weights: of the scores, of the sums in numerator
	// and denominator, of M, and of exp, which is taken to be within 2^-21. The
	// parts are disjoint, so that the widths of all rows add up to most.
	noise += most * size * (uneven + (seen+most/2+16)*unit)
	if noise > gap/2 {
		return none, b.tooNoisy(n.ID)
	}
	v.Noise = noise / v.Scale.Float64()
	v.L1 = v.Noise
	return target, nil
}

// weighed takes a table of keys alone from a conjunction where what is summed is
// a constant: keys that it does not select may as well add 0. The head then
// selects less and may be one with others.
func (b *builder) weighed(c conjunction, f functional) (conjunction, functional) {
	size, ok := f[craft.Real]
	if b.opts.MaterializeAll || !ok || len(f) != 1 {
		return c, f
	}
	for i, t := range c {
		if t.query != none || t.key == none {
			continue
		}
		var selected []int
		for k, row := range t.ok {
			if row[0] {
				selected = append(selected, k)
			}
		}
		g := b.indicator(t.key, selected).times(size)
		if b.leaky(g, size) {
			continue
		}
		return slices.Delete(slices.Clone(c), i, i+1), g
	}
	return c, f
}

// leaky reports whether what a functional leaves at BOS would take more than
// 1/64 from the distance of two sums: with the best M, e n^2/M for it and M for
// the leak, that is twice the root of their product.
func (b *builder) leaky(f functional, size value.Rat) bool {
	n := float64(b.prog.MaxLen)
	return 2*n*math.Sqrt(b.leak(f)/math.Abs(size.Float64())) > 1.0/64
}

// unitOfSums returns L and M = e^L for sums of up to most numbers of a size,
// among seen selected keys.
// A large M makes the head linear and enlarges what leaks at BOS; without a
// leak M is such that the head is linear to 1/256. Sizes are in gaps, the least
// distances of two sums.
func unitOfSums(most, seen, size, leak float64) (int64, value.Rat) {
	const linear, least = 256, 11 // small models lose nothing by the least L
	m := linear * most * seen * size
	if leak > 0 {
		m = min(m, math.Sqrt(most*seen*size/leak))
	}
	l := max(least, int64(math.Ceil(math.Log(m))))
	return l, exp(l)
}

// coarseUnit is unitOfSums where results are coarser than sums. M is a number of the
// type near e^L: of the L that leave weights above the least normal number, that
// with the least error.
func (b *builder) coarseUnit(most, seen, size, leak float64) (l int64, m value.Rat) {
	const least, last = 4, 40
	best := math.Inf(1)
	for n := int64(least); n <= last; n++ {
		a, x := b.opts.Arithmetic, exp(n)
		held := a.Round(x.Float64())
		if 2*held*a.Smallest > 1 || math.IsInf(held, 0) {
			break
		}
		w := value.FromFloat(held)
		if e := most*seen*size/held + leak*held + most*size*inexact(n, w); e < best {
			best, l, m = e, n, w
		}
	}
	return l, m
}

// inexact is how far M is from e^L, relative to it.
func inexact(l int64, m value.Rat) float64 {
	return math.Abs(m.Quo(exp(l)).Sub(value.Int(1)).Float64())
}

// leak bounds what a functional that should be 0 at BOS is there when norms
// have rounded what it reads. Directions that hold 0 stay exact, as stock
// realisations take the common error of a norm away.
func (b *builder) leak(f functional) float64 {
	sum := 0.0
	for i := range b.prog.Variables {
		v := &b.prog.Variables[i]
		for k, c := range v.AtBOS {
			if w, ok := f[v.First+k]; ok {
				sum += math.Abs(w.Mul(c).Float64())
			}
		}
	}
	if b.coarse() > 0 {
		return 2*unit*sum + b.noiseAtBOS(f, value.Int(0))
	}
	return 2 * unit * sum
}

// exp returns e^n to 100 bits, the same on every machine.
func exp(n int64) value.Rat {
	const bits = 200
	x := new(big.Float).SetPrec(bits).SetInt64(n)
	sum := new(big.Float).SetPrec(bits).SetInt64(1)
	term := new(big.Float).SetPrec(bits).SetInt64(1)
	for k := int64(1); term.MantExp(nil) > sum.MantExp(nil)-bits; k++ {
		term.Mul(term, x)
		term.Quo(term, new(big.Float).SetPrec(bits).SetInt64(k))
		sum.Add(sum, term)
	}
	r, _ := new(big.Float).SetPrec(100).Set(sum).Rat(nil)
	return value.FromBig(r)
}

// disjoint writes a selector as a disjoint union of conjunctions of tables.
func (b *builder) disjoint(n *sop.Node, sel sop.Formula) ([]conjunction, error) {
	var failed error
	single := func(f sop.Formula) bool {
		t, err := b.freeTable(f, uniform)
		if err != nil && failed == nil {
			failed = err
		}
		return t != nil
	}
	if tables, ok, err := b.free(sel, uniform); ok || err != nil {
		return b.parts([][]*table{tables}), err
	}
	sets, ok := disjointSets(sel, single)
	if failed != nil {
		return nil, failed
	}
	if !ok {
		return nil, b.tooManyHeads(n)
	}
	var all [][]*table
	for _, clauses := range sets {
		var tables []*table
		for _, f := range clauses {
			t, err := b.freeTable(f, uniform)
			if err != nil {
				return nil, err
			}
			tables = append(tables, t)
		}
		all = append(all, tables)
	}
	parts := b.parts(all)
	if len(parts) > maxHeads {
		return nil, b.tooManyHeads(n)
	}
	return parts, nil
}

// parts returns the conjunctions of some tables that can hold.
func (b *builder) parts(all [][]*table) []conjunction {
	var parts []conjunction
	for _, tables := range all {
		var c conjunction
		for _, t := range tables {
			c = c.merge(t)
		}
		if c, possible := b.simplify(c); possible {
			parts = append(parts, c)
		}
	}
	return parts
}

func (b *builder) tooManyHeads(n *sop.Node) error {
	return b.errorf(n.ID, "split the selector and add the widths of its parts",
		"the selector of %s is a union of more than %d disjoint conjunctions", b.graph.Describe(n.ID), maxHeads)
}

// disjointSets writes a formula as a disjoint union of conjunctions of formulas
// that are single tables, by A or B = A + (B and not A). It gives up past a
// bound.
func disjointSets(f sop.Formula, single func(sop.Formula) bool) ([][]sop.Formula, bool) {
	const most = 1024
	if single(f) {
		return [][]sop.Formula{{f}}, true
	}
	if f.Kind == sop.All {
		product := [][]sop.Formula{nil}
		for _, a := range f.Args {
			sets, ok := disjointSets(a, single)
			if !ok || len(sets)*len(product) > most {
				return nil, false
			}
			var next [][]sop.Formula
			for _, p := range product {
				for _, s := range sets {
					next = append(next, slices.Concat(p, s))
				}
			}
			product = next
		}
		return product, true
	}
	var union [][]sop.Formula
	groups := grouped(f.Args, single)
	for i, a := range groups {
		only := sop.Formula{Kind: sop.All, Args: []sop.Formula{a}}
		for _, earlier := range groups[:i] {
			only.Args = append(only.Args, earlier.Negate())
		}
		sets, ok := disjointSets(only, single)
		if !ok || len(union)+len(sets) > most {
			return nil, false
		}
		union = append(union, sets...)
	}
	return union, true
}

// grouped joins disjuncts that are single tables together.
func grouped(fs []sop.Formula, single func(sop.Formula) bool) []sop.Formula {
	var groups []sop.Formula
next:
	for _, f := range fs {
		for i, g := range groups {
			if both := or(g, f); single(both) {
				groups[i] = both
				continue next
			}
		}
		groups = append(groups, f)
	}
	return groups
}

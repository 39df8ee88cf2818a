package lower

import (
	"math"
	"slices"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// numericTolerance is the largest error of a numeric output, relative to the
// largest of its values, or absolute where that is below 1.
const numericTolerance = 1.8e-5

// unembed writes the logits of the output: one a label, or the number itself.
func (b *builder) unembed(id sop.ID, enc craft.Encoding) error {
	b.prog.Output = craft.Output{Encoding: enc, Name: b.graph.Label(id)}
	if enc == craft.Numeric {
		return b.unembedNumber(id)
	}
	b.prog.Output.Labels = b.table.Set(id)
	if asNumber, err := b.cheaperAsNumber(id); err != nil {
		return err
	} else if asNumber {
		b.forceNumber(id)
	}
	done, err := b.unembedSquares(id)
	if done || err != nil {
		return err
	}
	if done, err := b.unembedThreshold(id); done || err != nil {
		return err
	}
	if b.graph.Node(id).Op == sop.Aggregate {
		v, err := b.variable(id)
		if err != nil {
			return err
		}
		if b.v(v).Encoding == craft.Digits {
			b.unembedDigits(v)
			return nil
		}
	}
	if len(b.prog.Output.Labels) > maxLabels && !b.opts.MaterializeAll {
		if done, err := b.unembedTwoDigits(id); done || err != nil {
			return err
		}
	}
	return b.unembedChoice(id)
}

// cheaperAsNumber reports whether an MLP computes the output with no more neurons
// as a number, from which the logits can be read by squares, than as a choice.
func (b *builder) cheaperAsNumber(id sop.ID) (bool, error) {
	set := b.table.Set(id)
	if b.opts.Keeps(id) || !b.computedAnew(id) || !squared(set) {
		return false, nil
	}
	if _, ok, err := b.affine(id); ok || err != nil {
		return false, err
	}
	number, _, err := b.best(wanted{id: id, enc: craft.Numeric, set: set})
	if number == nil || err != nil {
		return false, err
	}
	choice, _, err := b.best(wanted{id: id, enc: craft.Categorical, set: set})
	if err != nil || choice != nil && choice.neurons < number.neurons {
		return false, err
	}
	var v craft.Variable
	v.Encoding = craft.Numeric
	number.noise(&v)
	return v.Noise < smallestGap(set).Float64()/16, nil
}

// maxLabels is the most integers that become labels and nothing else.
const maxLabels = 256

// outputEncodings says how the output may be held, the best way first:
// fractions as a number, strings as labels, integers as labels, or, where they
// are many, as a number.
func outputEncodings(t *values.Table, id sop.ID, opts Options) []craft.Encoding {
	set := t.Set(id)
	asked, ok := opts.Encode[id]
	switch {
	case ok:
		return []craft.Encoding{asked}
	case !t.Kinds(id).Numeric():
		return []craft.Encoding{craft.Categorical}
	case !integers(set):
		return []craft.Encoding{craft.Numeric}
	case len(set) > maxLabels:
		return []craft.Encoding{craft.Categorical, craft.Numeric}
	}
	return []craft.Encoding{craft.Categorical}
}

func (b *builder) unembedNumber(id sop.ID) error {
	if !b.table.Kinds(id).Numeric() {
		return b.errorf(id, "encode it as categorical", "%s has values that are not numbers", b.graph.Describe(id))
	}
	f, err := b.number(id)
	if err != nil {
		return err
	}
	lo, hi := span(b.table.Set(id))
	if allowed := numericTolerance * max(1, math.Abs(lo), math.Abs(hi)); b.noise(f) > allowed {
		if f, err = b.rounded(id, allowed); err != nil {
			return err
		}
		if b.noise(f) > allowed {
			return b.tooNoisy(id)
		}
	}
	b.prog.Unembed = craft.NewMap(f.entries(0))
	return nil
}

// rounded reads a number that takes its values exactly, or with the allowed
// error, whatever the error of what it is computed from.
func (b *builder) rounded(id sop.ID, allowed float64) (functional, error) {
	leaf, ok, err := b.oneNumber(id)
	if err != nil {
		return nil, err
	}
	if ok {
		return b.fromSteps(id, leaf)
	}
	f, ok, err := b.fromAllSteps(id)
	if err != nil || ok && b.noise(f) <= allowed {
		return f, err
	}
	clear(b.stepped)
	b.forget()
	v, err := b.compute(id, craft.Numeric)
	if err != nil {
		return nil, err
	}
	return b.self(v), nil
}

// fromAllSteps reads an affine form from the steps of its numbers, where it has
// few enough of them. A variable is read from what is below it.
func (b *builder) fromAllSteps(id sop.ID) (functional, bool, error) {
	read := func() (functional, bool, error) { return b.affine(id) }
	leaves := b.leaves(id)
	if n := b.graph.Node(id); b.isLeaf(id) && n.Op.Elementwise() && b.table.Total(id) == nil {
		read = func() (functional, bool, error) { return b.affineOp(n) }
		leaves = b.inputs(id)
	}
	if _, ok, err := read(); !ok || err != nil {
		return nil, false, err
	}
	for _, leaf := range leaves {
		v, err := b.variable(leaf)
		if err != nil {
			return nil, false, err
		}
		if b.v(v).Encoding != craft.Numeric || b.v(v).Noise == 0 {
			continue
		}
		if len(b.table.Set(leaf)) > maxOneHot {
			return nil, false, nil
		}
		f, err := b.fromSteps(leaf, leaf)
		if err != nil {
			return nil, false, nil // there are other ways
		}
		b.stepped[leaf] = f
	}
	b.forget()
	return read()
}

// unembedChoice gives each label the indicator of its value as logit.
func (b *builder) unembedChoice(id sop.ID) error {
	o, err := b.choice(id, loose)
	if err != nil {
		return err
	}
	members := make([][]int, len(o.set))
	for i, at := range o.cells {
		if at != undefined {
			members[at] = append(members[at], i)
		}
	}
	var es []craft.Entry
	for at, m := range members {
		es = append(es, b.indicator(o.v, m).entries(at)...)
	}
	b.prog.Unembed = craft.NewMap(es)
	return nil
}

// squared reports whether the logits of a set of numbers can be read from the
// number by squares.
func squared(set []value.Value) bool {
	// Gaps: squares up to 2^14 against margins of 1, which other runtimes keep
	// too if their sums are right to 1e-5.
	const most = 256
	if len(set) < 2 || !numbers(set) {
		return false
	}
	return set[len(set)-1].Rat().Sub(set[0].Rat()).Cmp(smallestGap(set).Mul(value.Int(most))) <= 0
}

// numbers reports whether a set has no strings.
func numbers(set []value.Value) bool {
	return !slices.ContainsFunc(set, value.Value.IsString)
}

// unembedThreshold reads a conjunction or disjunction of conditions from these,
// without an MLP after those that decide them: where the sum of the conditions
// that have to hold, less those that must not, is above a threshold, one label
// has the larger logit, else the other. It declines where an MLP can compute the
// output from what the conditions compare, or they do not decide it so.
func (b *builder) unembedThreshold(id sop.ID) (bool, error) {
	set := b.table.Set(id)
	if op := b.graph.Node(id).Op; op != sop.And && op != sop.Or || len(set) != 2 || b.opts.Keeps(id) || !b.computedAnew(id) {
		return false, nil
	}
	p, _, err := b.best(wanted{id: id, enc: craft.Categorical, set: set})
	if p != nil || err != nil || !b.forceArguments(id, b.boolean) {
		return false, err
	}
	s, ok, err := b.literals(b.graph.Node(id), value.Int(1))
	leaves := b.leaves(id)
	if !ok || err != nil || b.combinations(leaves) > maxTable {
		return false, err
	}
	for _, l := range leaves {
		if _, err := b.variable(l); err != nil {
			return false, err
		}
	}
	points, ok := b.points(b.tabulate(id, leaves), s)
	if !ok {
		return false, nil
	}
	at, jumps := 0, 0
	for i := 1; i < len(points); i++ {
		if points[i].out != points[i-1].out {
			at, jumps = i, jumps+1
		}
	}
	if jumps != 1 {
		return false, nil
	}
	lo, hi := points[at-1], points[at]
	gap := hi.s.Sub(lo.s)
	if b.noise(s) > gap.Float64()/8 {
		return false, nil
	}
	above := s.plus(constant(lo.s.Add(hi.s).Quo(value.Int(2))), value.Int(-1)).times(value.Int(2).Quo(gap))
	b.prog.Unembed = craft.NewMap(above.entries(int(hi.out)))
	return true, nil
}

// unembedSquares reads a number s without neurons: the logit of value k is
// 2ks - k^2 = s^2 - (s-k)^2, largest for the value nearest to s. Numbers are
// counted in gaps from the middle of the range, which keeps the squares small.
// It declines where the s-op is one-hot already, is no affine form, or spans
// too many gaps for the squares, or where the logits, whose terms may be far
// larger than their margins, would be rounded too much.
func (b *builder) unembedSquares(id sop.ID) (bool, error) {
	set := b.table.Set(id)
	if !squared(set) {
		return false, nil
	}
	if leaves := b.leaves(id); len(leaves) == 1 {
		v, err := b.variable(leaves[0])
		if err != nil || b.v(v).Encoding != craft.Numeric {
			return false, err
		}
	}
	f, ok, err := b.affine(id)
	if !ok || err != nil {
		return false, err
	}
	gap := smallestGap(set)
	lo, hi := set[0].Rat(), set[len(set)-1].Rat()
	middle := lo.Add(hi).Quo(value.Int(2))
	per := value.Int(1).Quo(gap)
	s := f.plus(constant(middle), value.Int(-1)).times(per)
	var es []craft.Entry
	rounding := 0.0
	for i, v := range set {
		k := v.Rat().Sub(middle).Mul(per)
		logit := s.times(k.Add(k)).plus(constant(k.Mul(k)), value.Int(-1))
		if r := b.reach(logit); !b.exactly(r) {
			rounding = max(rounding, b.rounding(r))
		}
		es = append(es, logit.entries(i)...)
	}
	// The logits of neighbours differ by 1 at least. An error of s, in gaps,
	// enters twice; the logits round on their own.
	if 2*rounding+2*b.noise(f)/gap.Float64() > 0.5 {
		return false, nil
	}
	b.prog.Unembed = craft.NewMap(es)
	return true, nil
}

package lower

import (
	"fmt"
	"math"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// leavesAsDigits reports whether the result of a move is the output and may be
// moved as the digits of its number among the labels: nothing but the logits
// reads it, and what is moved is exact.
func (b *builder) leavesAsDigits(n *sop.Node, src operand) bool {
	set := b.table.Set(n.ID)
	return n.ID == b.output && !b.opts.Keeps(n.ID) && b.prog.Output.Encoding == craft.Categorical &&
		len(set) > 2 && len(set) <= min(maxOneHot, b.shortBase()*b.shortBase()) && (src.v == none || b.v(src.v).L1 == 0)
}

// moveDigits copies the label of the one selected position, as the one or two
// digits of its number: label k of n is k mod base and k / base. A digit is a
// function of the one-hot source, so that reading it costs nothing, and the
// digits arrive unchanged for the reason that any move does. BOS carries those
// of the default.
func (b *builder) moveDigits(n *sop.Node, h *head, src operand) varID {
	set := b.table.Set(n.ID)
	index := indexOf(set)
	target := b.newDigits(n.ID, set)
	v := b.v(target)
	def, hasDefault := b.defaultOf(n, index)
	for k := range v.Size() {
		w := make([]value.Rat, len(src.cells))
		for i, at := range src.cells {
			if at != undefined {
				w[i] = digit(v, int(index[src.set[at].Key()]), k)
			}
		}
		atBOS := value.Int(0)
		if hasDefault {
			atBOS = digit(v, int(def), k)
		}
		v.AtBOS[k] = atBOS.Quo(v.Scale)
		f := b.withBOS(b.read(src.v, w), atBOS)
		h.column(b.prog.Residual[v.First+k], f, craft.Entry{To: v.First + k, W: value.Int(1).Quo(v.Scale)})
	}
	return target
}

// shortBase is the largest base of digits whose squares are small: logits that are
// such differ by 1.
func (b *builder) shortBase() int {
	if b.coarse() == 0 {
		return 128
	}
	return int(math.Sqrt(math.Ldexp(1, b.opts.Arithmetic.Bits-3)))
}

// newDigits adds a variable that is held by digits.
func (b *builder) newDigits(id sop.ID, set []value.Value) varID {
	base := len(set)
	if base > b.shortBase() {
		base = int(math.Ceil(math.Sqrt(float64(len(set)))))
	}
	v := craft.Variable{
		Name: b.unique(b.name(id)), SOp: id, First: len(b.prog.Residual), Encoding: craft.Digits,
		Values: set, Base: base, Scale: powerAbove(value.Int(int64(base - 1))),
	}
	for k := range v.Size() {
		b.prog.Residual = append(b.prog.Residual, craft.Direction{Variable: v.Name, Value: fmt.Sprintf("digit %d", k)})
	}
	v.AtBOS = make([]value.Rat, v.Size())
	b.prog.Variables = append(b.prog.Variables, v)
	return varID(len(b.prog.Variables) - 1)
}

func digit(v *craft.Variable, i, k int) value.Rat { return value.Int(int64(v.Digit(i, k))) }

// unembedDigits reads labels from their digits s: the logit of the label with
// digits d is Σ 2ds - d^2 = Σ s^2 - Σ (s-d)^2, largest for the label itself and
// at least 1 less for any other. Digits are counted from the middle of their
// range, which keeps the squares small.
func (b *builder) unembedDigits(id varID) {
	v := b.v(id)
	var es []craft.Entry
	for i := range v.Values {
		logit := functional{}
		for k := range v.Size() {
			s := functional{v.First + k: v.Scale}
			logit = logit.plus(nearest(s, int64(v.Digit(i, k)), int64(v.Base)), value.Int(1))
		}
		es = append(es, logit.entries(i)...)
	}
	b.prog.Unembed = craft.NewMap(es)
}

// unembedTwoDigits reads many labels from a number s, an affine form, by two
// digits of it: an MLP computes the high one, with two neurons for each of its
// values, and s less base times that is the low one. It declines where the
// labels are no numbers on a grid, or float32 does not tell them apart so.
func (b *builder) unembedTwoDigits(id sop.ID) (bool, error) {
	const (
		most = 1 << 14 // steps of the grid
		base = 128     // few high digits take few neurons, and the squares of low ones are small
	)
	set := b.table.Set(id)
	if len(set) < 2 || b.coarse() > 0 || b.opts.Keeps(id) || !numbers(set) {
		return false, nil
	}
	if leaves := b.leaves(id); len(leaves) == 1 {
		v, err := b.variable(leaves[0])
		if err != nil || b.v(v).Encoding != craft.Numeric {
			return false, err // one-hot already
		}
	}
	f, ok, err := b.affine(id)
	if !ok || err != nil {
		return false, err
	}
	gap, lo := smallestGap(set), set[0].Rat()
	steps := make([]int64, len(set)) // from the least value
	for i, v := range set {
		n, ok := v.Rat().Sub(lo).Quo(gap).Int64()
		if !ok || n > most {
			return false, nil
		}
		steps[i] = n
	}
	s := f.plus(constant(lo), value.Int(-1)).times(value.Int(1).Quo(gap))
	high := &function{node: id}
	var points []point
	for _, n := range steps {
		if h := n / base; len(high.set) == 0 || !high.set[len(high.set)-1].Rat().Equal(value.Int(h)) {
			high.set = append(high.set, value.IntOf(h))
		}
		points = append(points, point{value.Int(n), int32(len(high.set) - 1)})
	}
	p := b.jumpsAt(points, s, high.set)
	if p == nil {
		return false, nil
	}
	// As a number it takes one column, in steps it is more exact.
	for _, enc := range []craft.Encoding{craft.Numeric, craft.Categorical} {
		made := b.emit(id, b.name(id)+" high digit", enc, high, p)
		b.v(made).Part = "high digit"
		h := b.numberOf(made, high)
		low := s.plus(h, value.Int(-base))
		// A label that is off by d in a digit loses d^2, less 2d times the
		// digit's error.
		if max(b.noise(low), b.noise(h)) > 1.0/6 {
			continue
		}
		var es []craft.Entry
		for i, n := range steps {
			logit := nearest(h, n/base, base).plus(nearest(low, n%base, base), value.Int(1))
			es = append(es, logit.entries(i)...)
		}
		b.prog.Unembed = craft.NewMap(es)
		return true, nil
	}
	return false, nil
}

// numberOf reads a variable that was made for a function as a number.
func (b *builder) numberOf(v varID, f *function) functional {
	if b.v(v).Encoding == craft.Numeric {
		return b.self(v)
	}
	w := make([]value.Rat, len(f.set))
	for i, x := range f.set {
		w[i] = x.Rat()
	}
	return b.read(v, w)
}

// nearest is 2ds - d^2 for a number s and a digit d, both counted from the middle
// of the digits: s^2 less the square of their distance.
func nearest(s functional, digit, base int64) functional {
	middle := value.Frac(base-1, 2)
	d := value.Int(digit).Sub(middle)
	return s.plus(constant(middle), value.Int(-1)).times(d.Add(d)).plus(constant(d.Mul(d)), value.Int(-1))
}

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
		len(set) > 2 && len(set) <= maxOneHot && (src.v == none || b.v(src.v).L1 == 0)
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
	def, hasDefault := index[n.Value.Key()]
	hasDefault = hasDefault && b.table.Aggregate(n.ID).MayDefault
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

// newDigits adds a variable that is held by digits.
func (b *builder) newDigits(id sop.ID, set []value.Value) varID {
	const short = 128 // labels whose squares are small
	base := len(set)
	if base > short {
		base = int(math.Ceil(math.Sqrt(float64(len(set)))))
	}
	v := craft.Variable{
		Name: b.unique(b.name(id), craft.Digits), SOp: id, First: len(b.prog.Residual), Encoding: craft.Digits,
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
	middle := value.Frac(int64(v.Base-1), 2)
	var es []craft.Entry
	for i := range v.Values {
		logit := functional{}
		for k := range v.Size() {
			d := digit(v, i, k).Sub(middle)
			s := functional{v.First + k: v.Scale}.plus(constant(middle), value.Int(-1))
			logit = logit.plus(s.times(d.Add(d)).plus(constant(d.Mul(d)), value.Int(-1)), value.Int(1))
		}
		es = append(es, logit.entries(i)...)
	}
	b.prog.Unembed = craft.NewMap(es)
}

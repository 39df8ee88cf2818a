package lower

import (
	"math"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// mean averages a number over the selected positions.
//
// All selected keys score exactly 0 and the BOS key -C/2, so that the softmax
// is uniform over the selected keys, and all on BOS where there is none. BOS
// carries the default.
func (b *builder) mean(n *sop.Node) (varID, error) {
	sel := b.graph.Formula(n.Args[0])
	kind, noisy, p := craft.Mean, int64(meanPenalty), uniform
	if b.table.Aggregate(n.ID).Move {
		kind, noisy, p = craft.Move, b.exactPenalty(), loose
	}
	c, err := b.selector(n, sel, p)
	if err != nil {
		return none, err
	}
	f, err := b.number(n.Args[1])
	if err != nil {
		return none, err
	}
	def := value.Int(0)
	if b.table.Aggregate(n.ID).MayDefault && n.Value.IsNumber() {
		def = n.Value.Rat()
	}
	h := b.newHead(c, noisy)
	h.byDefault()
	target := b.newNumber(n.ID, b.name(n.ID), b.numbersOf(b.table.Set(n.ID)))
	v := b.v(target)
	v.AtBOS[0] = def.Quo(v.Scale)
	h.column(craft.Direction{Variable: v.Name}, b.withBOS(f, def), craft.Entry{To: v.First, W: value.Int(1).Quo(v.Scale)})

	lo, hi := span(b.table.Set(n.Args[1]))
	top := max(math.Abs(lo), math.Abs(hi), math.Abs(def.Float64()))
	v.Noise = max(b.noise(f), b.noiseAtBOS(f, def))
	if kind == craft.Mean {
		// Of a sum of w terms no larger than top/w each, in any order, the
		// roundings are w/2 units of top.
		w := float64(b.table.Selector(n.Args[0]).MaxWidth)
		v.Noise += (w/2+9)*unit*top + (h.uneven()+h.unselected())*max(hi-lo, 2*top)
		v.Noise += 2 * b.coarse() * top // of the weights, and of the result
	}
	v.Noise /= v.Scale.Float64()
	v.L1 = v.Noise
	if h.noise > float64(noisy)/8 {
		return none, b.tooNoisy(n.ID)
	}
	h.finish(n, kind, sel)
	return target, nil
}

// span returns the smallest and largest number of a set.
func span(set []value.Value) (lo, hi float64) {
	first := true
	for _, v := range set {
		if !v.IsNumber() {
			continue
		}
		x := v.Rat().Float64()
		if first {
			lo, hi, first = x, x, false
		}
		lo, hi = min(lo, x), max(hi, x)
	}
	return lo, hi
}

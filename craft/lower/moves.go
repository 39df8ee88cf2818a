package lower

import (
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// move copies the value of the one selected position, one-hot.
//
// The selected key scores 0, the BOS key -C/2 and all others at most -C, so
// that the softmax is the unit vector of the selected key, or of BOS where no
// key is selected: exactly, since exp(-C/2) is 0 in float32. BOS carries the
// code of the default.
func (b *builder) move(n *sop.Node) (varID, error) {
	sel := b.graph.Formula(n.Args[0])
	c, err := b.selector(n, sel, loose)
	if err != nil {
		return none, err
	}
	src, err := b.choice(n.Args[1], loose)
	if err != nil {
		return none, err
	}
	h := b.newHead(c, b.exactPenalty())
	h.byDefault()
	var target varID
	if b.leavesAsDigits(n, src) {
		target = b.moveDigits(n, h, src)
	} else {
		target = b.moveOneHot(n, h, src)
	}
	if h.noise > float64(b.exactPenalty())/8 {
		return none, b.tooNoisy(n.ID)
	}
	h.finish(n, craft.Move, sel)
	return target, nil
}

// moveOneHot gives each result a value dimension: the indicator of the source's
// values that become it.
func (b *builder) moveOneHot(n *sop.Node, h *head, src operand) varID {
	set := b.table.Set(n.ID)
	index := indexOf(set)
	reads := make([][]int, len(set)) // by result, the source's values
	for i, at := range src.cells {
		if at != undefined {
			to := index[src.set[at].Key()]
			reads[to] = append(reads[to], i)
		}
	}
	def, hasDefault := b.defaultOf(n, index)
	target := b.newVariable(n.ID, b.name(n.ID), craft.Categorical, set)
	v := b.v(target)
	for i, x := range set {
		atBOS := value.Int(0)
		if hasDefault && int32(i) == def {
			atBOS = value.Int(1)
		}
		v.AtBOS[i] = atBOS
		to := craft.Entry{To: v.First + i, W: value.Int(1)}
		h.column(craft.Direction{Variable: v.Name, Value: x.Repr()}, b.withBOS(b.indicator(src.v, reads[i]), atBOS), to)
	}
	if src.v != none {
		v.Noise, v.L1 = 2*b.v(src.v).Noise, 2*b.v(src.v).L1
	}
	return target
}

// defaultOf returns the number of the default among the results of a move, if a row
// can be empty.
func (b *builder) defaultOf(n *sop.Node, index map[value.Key]int32) (def int32, ok bool) {
	def, ok = index[n.Value.Key()]
	return def, ok && b.table.Aggregate(n.ID).MayDefault
}

func (b *builder) tooNoisy(id sop.ID) error {
	return b.errorf(id, "a shorter maximum length or a smaller vocabulary makes the errors smaller",
		"the %s errors of what %s reads could change its result", b.opts.Arithmetic, b.graph.Describe(id))
}

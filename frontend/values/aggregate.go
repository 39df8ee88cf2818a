package values

import (
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// aggregate decides between move and mean, and computes the set.
func (in *inference) aggregate(n *sop.Node) (*info, error) {
	sel, v := in.info[n.Args[0]].sel, in.info[n.Args[1]]
	facts := AggregateFacts{MayDefault: !sel.NonEmpty}
	averaged := v.kinds.Has(value.KindInt) || v.kinds.Has(value.KindFloat) || in.graph.Mixed() && v.kinds.Has(value.KindBool)
	switch {
	case sel.MaxWidth <= 1:
		facts.Move = true
	case in.samples.seemsNarrow(in.graph, n.Args[0]):
		facts.Move, facts.Assumed = true, true
	case !averaged:
		// Some row selects two values that cannot be averaged. The witness
		// search reports it; treating it as a move keeps the set small.
		facts.Move = true
		in.hazard(n.ID, "a row selects two values that cannot be averaged")
	}
	i, err := in.aggregated(n, sel, v, facts)
	if err != nil {
		return nil, err
	}
	i.agg = facts
	return i, nil
}

func (in *inference) aggregated(n *sop.Node, sel SelectorFacts, v *info, facts AggregateFacts) (*info, error) {
	set := append([]value.Value(nil), v.set...)
	kinds := v.kinds
	if !facts.Move {
		if !in.graph.Mixed() && v.kinds.Has(value.KindBool) || !v.kinds.Numeric() {
			in.hazard(n.ID, "a row may average values that are not all numbers")
		}
		means, ok := meansOf(v.set, sel.MaxWidth)
		if !ok {
			return nil, in.limit(n.ID, MaxSet+1, n.Args)
		}
		set = append(set, means...)
		kinds = kinds.with(value.KindFloat)
	}
	if facts.MayDefault {
		set = append(set, n.Value)
		kinds = kinds.with(n.Value.Kind())
	}
	return variable(n.ID, value.SortUnique(set), kinds), nil
}

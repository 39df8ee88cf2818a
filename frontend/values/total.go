package values

import (
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// Total says that a node is the sum of an s-op over the positions that each
// row of a selector selects. RASP has no sums; programs write a total as the
// mean times the number of the selected, and the product of these two is one
// exactly, also where nothing is selected.
type Total struct {
	Selector sop.ID
	Value    sop.ID
}

// total recognises the product of an aggregate and its selector's width, and
// the width as the inverse of a share. It returns nil where the node is
// neither, and infers what a total sums.
func (in *inference) total(n *sop.Node) (*info, error) {
	if n.Op == sop.Div {
		return in.inverseShare(n)
	}
	if n.Op != sop.Mul {
		return nil, nil
	}
	for k, a := range n.Args {
		agg := in.graph.Node(a)
		if agg.Op != sop.Aggregate || !agg.Value.IsNumber() || !in.isWidth(n.Args[1-k], agg.Args[0]) {
			continue
		}
		t := &Total{Selector: agg.Args[0], Value: agg.Args[1]}
		for _, part := range []sop.ID{t.Selector, t.Value} {
			if err := in.need(part); err != nil {
				return nil, err
			}
		}
		// Booleans are left alone: their mean is undefined.
		v := in.info[t.Value]
		if !v.kinds.Numeric() || v.kinds.Has(value.KindBool) {
			continue
		}
		sums, ok := sumsOf(v.set, in.info[t.Selector].sel.MaxWidth)
		if !ok {
			return nil, in.limit(n.ID, MaxSet+1, []sop.ID{t.Value})
		}
		i := variable(n.ID, value.SortUnique(sums), KindSet(0).with(value.KindInt).with(value.KindFloat))
		i.total = t
		return i, nil
	}
	return nil, nil
}

// inverseShare recognises 1/aggregate(sel, first), where first is 1 at the first
// position and 0 elsewhere, and every row of the selector selects the first
// position: the share of one position among w is 1/w, so that the node is the
// selector's width. This is how the paper that defines RASP counts behind a
// token that opens every input (Weiss et al. 2021, appendix on selector_width).
func (in *inference) inverseShare(n *sop.Node) (*info, error) {
	share := in.graph.Node(n.Args[1])
	if !in.isOne(n.Args[0]) || share.Op != sop.Aggregate {
		return nil, nil
	}
	for _, part := range []sop.ID{n.Args[0], share.Args[0], share.Args[1]} {
		if err := in.need(part); err != nil {
			return nil, err
		}
	}
	if !in.isFirst(share.Args[1]) || ternary(in.graph.Formula(share.Args[0]), in.atFirst) != yes {
		return nil, nil
	}
	var widths []value.Value
	for w := range in.info[share.Args[0]].sel.MaxWidth {
		widths = append(widths, value.Number(value.KindFloat, value.Int(int64(w+1))))
	}
	i := variable(n.ID, widths, KindSet(0).with(value.KindFloat))
	i.total = &Total{Selector: share.Args[0], Value: n.Args[0]}
	return i, nil
}

// isFirst reports whether an s-op is the number 1 at the first position and 0
// elsewhere.
func (in *inference) isFirst(id sop.ID) bool {
	i := in.info[id]
	if len(i.leaves) != 1 || !i.kinds.Numeric() || i.kinds.Has(value.KindBool) || !in.isIndices(i.leaves[0]) {
		return false
	}
	for at, cell := range i.cells {
		want := value.IntOf(0)
		if in.info[i.leaves[0]].set[at].Rat().Sign() == 0 {
			want = value.IntOf(1)
		}
		if cell == undefined || !value.Equal(i.set[cell], want) {
			return false
		}
	}
	return true
}

// isWidth reports whether an s-op is the width of a selector at each position:
// the width itself, or the position where the selector is "before here", or
// the position plus one where it is "up to here".
func (in *inference) isWidth(id, sel sop.ID) bool {
	n := in.graph.Node(id)
	if n.Op == sop.Width && n.Args[0] == sel {
		return true
	}
	f := in.graph.Formula(sel)
	if f.Kind != sop.Literal || f.Atom.Key != f.Atom.Query || !in.isIndices(f.Atom.Key) {
		return false
	}
	switch f.Atom.Cmp {
	case value.LT:
		return id == f.Atom.Key
	case value.LE:
		return n.Op == sop.Add && (n.Args[0] == f.Atom.Key && in.isOne(n.Args[1]) || n.Args[1] == f.Atom.Key && in.isOne(n.Args[0]))
	}
	return false
}

func (in *inference) isOne(id sop.ID) bool {
	n := in.graph.Node(id)
	return n.Op == sop.Const && value.Equal(n.Value, value.IntOf(1))
}

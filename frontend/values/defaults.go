package values

import (
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// NumberDefaults rewrites the means of a graph whose default is no number, such as
// None: a head that averages can only give numbers. Their default becomes a number
// below all means, which a table turns back. It returns the new graph and the new
// ids of the roots; changed is false where there is no such mean.
func NumberDefaults(t *Table, roots ...sop.ID) (g *sop.Graph, ids []sop.ID, changed bool) {
	g = t.graph.Like()
	moved := map[sop.ID]sop.ID{}
	for _, id := range t.graph.Reachable(roots...) {
		n := t.graph.Node(id)
		args := make([]sop.ID, len(n.Args))
		for i, a := range n.Args {
			args[i] = moved[a]
		}
		if t.unlikeMeans(n) {
			moved[id] = t.withNumber(g, n, args)
			changed = true
		} else {
			moved[id] = g.Copy(n, args)
		}
		for _, name := range t.graph.Names(id) {
			g.SetName(moved[id], name)
		}
	}
	for _, id := range roots {
		ids = append(ids, moved[id])
	}
	return g, ids, changed
}

// unlikeMeans reports whether a node is a mean of numbers whose default may occur and
// is none.
func (t *Table) unlikeMeans(n *sop.Node) bool {
	if n.Op != sop.Aggregate || !t.Has(n.ID) || n.Value.IsNumber() {
		return false
	}
	f := t.Aggregate(n.ID)
	return f.MayDefault && !f.Move && t.Kinds(n.Args[1]).Numeric() && len(t.Set(n.Args[1])) > 0
}

func (t *Table) withNumber(g *sop.Graph, n *sop.Node, args []sop.ID) sop.ID {
	set := t.Set(n.ID) // sorted, the numbers first
	below := value.Number(value.KindInt, set[0].Rat().Floor().Sub(value.Int(1)))
	back := &sop.Table{Dict: true, Keys: []value.Value{below}, Vals: []value.Value{n.Value}}
	for _, v := range set {
		if v.IsNumber() {
			back.Keys, back.Vals = append(back.Keys, v), append(back.Vals, v)
		}
	}
	return g.Lookup(back, g.Aggregate(args[0], args[1], &below, n.Pos), n.Pos)
}

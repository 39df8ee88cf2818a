package values

import (
	"fmt"
	"maps"
	"slices"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// Guard holds runs to the facts of a table. They are proved of runs on the inputs
// of the domain. Under an intervention a run may break them, and a model that was
// built on them is then not defined.
type Guard struct {
	table     *Table
	nodes     []sop.ID
	places    []sop.ID // among the nodes, positions and lengths
	looksBack bool
}

// Guard returns the guard of a table's facts.
func (t *Table) Guard() *Guard {
	g := &Guard{table: t, looksBack: t.LooksBack()}
	for _, id := range slices.Sorted(maps.Keys(t.info)) {
		if id == RawToken {
			continue
		}
		g.nodes = append(g.nodes, id)
		if t.isIndices(id) || t.isLength(id) {
			g.places = append(g.places, id)
		}
	}
	return g
}

// Breach is a fact that does not hold in a run.
type Breach struct {
	Node     sop.ID // an s-op or selector, or RawToken
	Position int    // -1 where it is the whole input
	Fact     string // what should hold there
}

// Breach returns the first fact that a run breaks: of the input, of positions and
// lengths, then in the order of the nodes; nil where all hold. The input is what tokens are read from.
func (g *Guard) Breach(input []value.Value, r *interp.Result) *Breach {
	if b := g.input(input); b != nil {
		return b
	}
	if b := g.situations(input, r); b != nil {
		return b
	}
	for _, id := range g.nodes {
		n := g.table.graph.Node(id)
		if n.Selector() {
			continue // its rows matter where they are read
		}
		if n.Op == sop.Aggregate || n.Op == sop.Width || g.table.Total(id) != nil {
			if b := g.gathers(n, r); b != nil {
				return b
			}
		}
		if b := g.sequence(id, r); b != nil {
			return b
		}
	}
	return nil
}

// input holds the tokens to the domain.
func (g *Guard) input(input []value.Value) *Breach {
	d := g.table.domain
	for i, v := range input {
		if !slices.ContainsFunc(d.Vocab, func(t value.Value) bool { return value.Equal(t, v) }) {
			return &Breach{RawToken, i, "the token is one of the vocabulary"}
		}
	}
	if !d.accepts(input) {
		return &Breach{RawToken, -1, "the input is one that the program is meant for"}
	}
	return nil
}

// sequence holds an s-op to its value set.
func (g *Guard) sequence(id sop.ID, r *interp.Result) *Breach {
	set := g.table.Set(id)
	for i, v := range r.Sequence(id) {
		if _, ok := slices.BinarySearchFunc(set, v, value.Compare); !ok || !g.table.Kinds(id).Has(v.Kind()) {
			return &Breach{id, i, "its value is one of " + spellSet(set)}
		}
	}
	return nil
}

// situations holds token, position and length at each position to what Possible
// knows of them.
func (g *Guard) situations(input []value.Value, r *interp.Result) *Breach {
	for i := range input {
		for _, first := range g.places {
			for _, second := range g.places {
				s := situation{token: &input[i]}
				g.table.observe(&s, first, r.Sequence(first)[i])
				g.table.observe(&s, second, r.Sequence(second)[i])
				if !g.table.meets(s) {
					return &Breach{first, i, "token, position and length are together on some input"}
				}
			}
			if i > 0 && g.overtakes(r.Sequence(first), i) && g.table.isIndices(first) {
				return &Breach{first, i, "no earlier position has a larger number: causal attention need not compare them"}
			}
		}
	}
	return nil
}

// overtakes reports whether attention looks back only and a number is smaller than
// the one in front of it.
func (g *Guard) overtakes(seq []value.Value, at int) bool {
	return (g.table.domain.Causal || g.looksBack) && value.Compare(seq[at], seq[at-1]) < 0
}

// gathers holds the rows of a selector to what is known where its s-op reads them,
// and a total to its sum.
func (g *Guard) gathers(n *sop.Node, r *interp.Result) *Breach {
	total := g.table.Total(n.ID)
	sel := n.Args[0]
	if total != nil {
		sel = total.Selector
	}
	facts, m := g.table.Selector(sel), r.Matrix(sel)
	most, why := facts.MaxWidth, fmt.Sprintf("at most %d positions are selected", facts.MaxWidth)
	if g.table.Aggregate(n.ID).Move && total == nil {
		most, why = min(most, 1), "at most one position is selected"
	}
	for q := range m.Size() {
		w := m.Width(q)
		switch {
		case w > most:
			return &Breach{n.ID, q, why}
		case facts.NonEmpty && w == 0:
			return &Breach{n.ID, q, "some position is selected"}
		case g.looksBack && last(m, q) > q:
			return &Breach{n.ID, q, "no later position is selected"}
		case total != nil && !r.Patched(n.ID, q) && !r.Sequence(n.ID)[q].Rat().Equal(sum(m, q, r.Sequence(total.Value))):
			return &Breach{n.ID, q, "it is the sum over the selected positions"}
		}
	}
	return nil
}

// last is the last key that a row selects; -1 where there is none.
func last(m *interp.Matrix, query int) int {
	key := -1
	for k := range m.Keys(query) {
		key = k
	}
	return key
}

func sum(m *interp.Matrix, query int, of []value.Value) value.Rat {
	var s value.Rat
	for k := range m.Keys(query) {
		s = s.Add(of[k].Rat())
	}
	return s
}

// spellSet lists the first values of a set, and says how many there are where that is
// not seen.
func spellSet(set []value.Value) string {
	text := value.List(set)
	if len(set) > value.MostListed {
		text += fmt.Sprintf(" (%d values)", len(set))
	}
	return text
}

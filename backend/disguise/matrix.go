package disguise

import (
	"cmp"
	"slices"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/backend/layout"
)

// sorted puts entries in the order that a matrix keeps them in.
func sorted(entries []decoder.Entry) []decoder.Entry {
	slices.SortFunc(entries, func(a, b decoder.Entry) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Col, b.Col))
	})
	return entries
}

// moved returns a matrix whose rows and columns have other numbers; nil leaves
// them as they are.
func moved(m decoder.Matrix, rows, cols []int) decoder.Matrix {
	out := decoder.Matrix{Rows: m.Rows, Cols: m.Cols, Entries: make([]decoder.Entry, len(m.Entries))}
	for i, e := range m.Entries {
		if rows != nil {
			e.Row = rows[e.Row]
		}
		if cols != nil {
			e.Col = cols[e.Col]
		}
		out.Entries[i] = e
	}
	sorted(out.Entries)
	return out
}

// copied returns a layout whose places, and the list of whose layers, can be
// changed without a change of the original.
func copied(l *layout.Layout) *layout.Layout {
	out := *l
	out.Columns, out.Heads = slices.Clone(l.Columns), slices.Clone(l.Heads)
	out.Neurons, out.Cleared = slices.Clone(l.Neurons), slices.Clone(l.Cleared)
	m := *l.Model
	m.Layers = slices.Clone(m.Layers)
	for i := range m.Layers {
		m.Layers[i].Heads = slices.Clone(m.Layers[i].Heads)
	}
	out.Model = &m
	return &out
}

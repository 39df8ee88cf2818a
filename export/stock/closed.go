package stock

import (
	"cmp"
	"slices"

	"github.com/raspc/raspc/backend/decoder"
)

// Closed returns the decoder, trimmed, with two columns more: the compensation, which
// holds minus the sum of the others, and the reference, which holds 0 and is read
// with weights for which those of each reader sum to 0. Whatever is subtracted from all
// columns alike, nothing in the decoder changes. See Frame.
func Closed(m *decoder.Model) *decoder.Model {
	m = Trimmed(m)
	at := m.Config.DModel
	out := Resized(m, at+extraColumns)
	written := func(w decoder.Matrix) decoder.Matrix {
		minus := compensation(w)
		for i := range minus.Entries {
			minus.Entries[i].Col = at
		}
		return joined(w, minus)
	}
	read := func(r decoder.Matrix) decoder.Matrix {
		minus := reference(r)
		for i := range minus.Entries {
			minus.Entries[i].Row = at + 1
		}
		return joined(r, minus)
	}
	out.Embed, out.Position, out.Unembed = written(out.Embed), written(out.Position), read(out.Unembed)
	for i, l := range out.Layers {
		for k, h := range l.Heads {
			l.Heads[k] = decoder.Head{Q: read(h.Q), K: read(h.K), V: read(h.V), O: written(h.O)}
		}
		out.Layers[i] = decoder.Layer{Heads: l.Heads, In: read(l.In), Out: written(l.Out), OutBias: written(l.OutBias)}
	}
	return out
}

// joined adds the entries of one matrix to those of another.
func joined(m, more decoder.Matrix) decoder.Matrix {
	m.Entries = slices.Concat(m.Entries, more.Entries)
	slices.SortFunc(m.Entries, func(a, b decoder.Entry) int { return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Col, b.Col)) })
	return m
}

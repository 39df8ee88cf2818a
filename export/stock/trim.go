package stock

import "github.com/raspc/raspc/backend/decoder"

// Trimmed returns the decoder without the columns of padding behind its last
// one in use, which have room for the extra columns.
func Trimmed(m *decoder.Model) *decoder.Model { return Resized(m, usedColumns(m)) }

// Resized returns the decoder with a stream of another width, which has at least the
// columns that are in use.
func Resized(m *decoder.Model, width int) *decoder.Model {
	written := func(t decoder.Matrix) decoder.Matrix { t.Cols = width; return t }
	read := func(t decoder.Matrix) decoder.Matrix { t.Rows = width; return t }
	out := *m
	out.Config.DModel = width
	out.Embed, out.Position, out.Unembed = written(m.Embed), written(m.Position), read(m.Unembed)
	out.Layers = make([]decoder.Layer, len(m.Layers))
	for i, l := range m.Layers {
		heads := make([]decoder.Head, len(l.Heads))
		for k, h := range l.Heads {
			heads[k] = decoder.Head{Q: read(h.Q), K: read(h.K), V: read(h.V), O: written(h.O)}
		}
		out.Layers[i] = decoder.Layer{Heads: heads, In: read(l.In), Out: written(l.Out), OutBias: written(l.OutBias)}
	}
	return &out
}

// usedColumns returns how many columns of the stream there are up to the last
// that anything writes or reads; at least 1.
func usedColumns(m *decoder.Model) int {
	used := 1
	written := func(t decoder.Matrix) {
		for _, e := range t.Entries {
			used = max(used, e.Col+1)
		}
	}
	read := func(t decoder.Matrix) {
		for _, e := range t.Entries {
			used = max(used, e.Row+1)
		}
	}
	written(m.Embed)
	written(m.Position)
	read(m.Unembed)
	for _, l := range m.Layers {
		for _, h := range l.Heads {
			read(h.Q)
			read(h.K)
			read(h.V)
			written(h.O)
		}
		read(l.In)
		written(l.Out)
		written(l.OutBias)
	}
	return used
}

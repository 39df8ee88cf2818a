package disguise

import (
	"math/rand/v2"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/backend/layout"
)

// stream tells the random numbers of the transformations apart, so that one
// seed may serve them all.
type stream uint64

const (
	ofPermute stream = iota + 1
	ofNoise
	ofRotate
)

// random returns the random numbers of a transformation.
func random(seed uint32, s stream) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), uint64(s))) }

// Permute puts the columns of the residual stream, the heads of each layer and
// the neurons of each layer in a random order, padding among them.
func Permute(l *layout.Layout, seed uint32) *layout.Layout {
	out, rng := copied(l), random(seed, ofPermute)
	m, c := out.Model, l.Model.Config
	cols := rng.Perm(c.DModel)
	heads, neurons := make([][]int, c.Layers), make([][]int, c.Layers)
	m.Embed, m.Position, m.Unembed = moved(m.Embed, nil, cols), moved(m.Position, nil, cols), moved(m.Unembed, cols, nil)
	for i, layer := range m.Layers {
		heads[i], neurons[i] = rng.Perm(c.Heads), rng.Perm(c.DMLP)
		m.Layers[i] = permuted(layer, cols, heads[i], neurons[i])
	}
	for i, col := range l.Columns {
		if col >= 0 {
			out.Columns[i] = cols[col]
		}
	}
	for i := range out.Heads {
		h := &out.Heads[i]
		h.Index = heads[h.Layer][h.Index]
	}
	for i := range out.Neurons {
		n := &out.Neurons[i]
		n.Index = neurons[n.Layer][n.Index]
	}
	for i := range out.Cleared {
		n := &out.Cleared[i]
		n.Index = neurons[n.Layer][n.Index]
	}
	return out
}

// permuted returns a layer with new numbers for columns, heads and neurons.
func permuted(l decoder.Layer, cols, heads, neurons []int) decoder.Layer {
	out := decoder.Layer{
		Heads: make([]decoder.Head, len(l.Heads)),
		In:    moved(l.In, cols, neurons), Out: moved(l.Out, neurons, cols), OutBias: moved(l.OutBias, nil, cols),
	}
	for i, h := range l.Heads {
		out.Heads[heads[i]] = decoder.Head{
			Q: moved(h.Q, cols, nil), K: moved(h.K, cols, nil), V: moved(h.V, cols, nil), O: moved(h.O, nil, cols),
		}
	}
	return out
}

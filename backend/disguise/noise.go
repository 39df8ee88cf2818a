package disguise

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/backend/layout"
	"github.com/raspc/raspc/craft"
)

// MostNoise is the largest standard deviation of noise. Columns of larger numbers
// would cost the program's own columns precision, by the norms of stock
// architectures.
const MostNoise = 1

// LeastNoise is the smallest one: float32 can hold its products.
const LeastNoise = 1.0 / (1 << 20)

// leastNoise is the smallest standard deviation of weights of a type, most of which
// should not be 0.
func leastNoise(a craft.Arithmetic) float64 { return max(LeastNoise, 16*a.Smallest) }

// ErrNoRoom reports a model without a column to put noise in.
var ErrNoRoom = errors.New("every column of the model is in use")

// Noise gives what is padding random weights, with mean 0 and standard
// deviation sigma: heads and neurons of padding read every column of the
// residual stream, and write to the unused ones, as embeddings, positions and
// output biases do. Nothing of the program reads those, so that it computes the
// same.
//
// What the heads, or the neurons, of one layer can add to a column is kept
// below 1/2 by writing it with weights that are smaller by a power of two:
// else it would grow from layer to layer. Weights are numbers of the type that files
// have. The error is ErrNoRoom, or that sigma is none.
func Noise(l *layout.Layout, a craft.Arithmetic, sigma float64, seed uint32) (*layout.Layout, error) {
	if least := leastNoise(a); !(sigma >= least && sigma <= MostNoise) {
		return nil, fmt.Errorf("a standard deviation of %g is not from %.3g to %d", sigma, least, MostNoise)
	}
	n := newNoise(l, a, sigma, seed)
	if len(n.columns) == 0 {
		return nil, ErrNoRoom
	}
	out := copied(l)
	m, c := out.Model, l.Model.Config
	m.Embed, m.Position = n.into(m.Embed, all(c.Vocab), n.columns, 1), n.into(m.Position, all(c.Positions), n.columns, 1)
	n.grow(2 * n.most())
	for i := range m.Layers {
		layer := &m.Layers[i]
		if n.heads(layer, i) {
			n.grow(half)
		}
		n.neurons(layer, i)
		layer.OutBias = n.into(layer.OutBias, all(1), n.columns, 1)
		n.grow(half + n.most())
	}
	return out, nil
}

// half bounds what one part of a layer adds to a column.
const half = 0.5

// noise draws random weights.
type noise struct {
	rng     *rand.Rand
	typ     craft.Arithmetic
	sigma   float64
	grid    float64 // weights are multiples of it, so that few are rounded when they are added up
	config  decoder.Config
	columns []int     // unused
	size    []float64 // of what each column may hold
	useful  [2]map[[2]int]bool
}

// The places of useful.
const (
	usefulHeads = iota
	usefulNeurons
)

func newNoise(l *layout.Layout, a craft.Arithmetic, sigma float64, seed uint32) *noise {
	n := &noise{rng: random(seed, ofNoise), typ: a, sigma: sigma, config: l.Model.Config, size: make([]float64, l.Model.Config.DModel)}
	_, exponent := math.Frexp(sigma)
	n.grid = math.Ldexp(1, exponent-8)
	used := make([]bool, len(n.size))
	for _, col := range l.Columns {
		if col >= 0 {
			used[col], n.size[col] = true, 1 // no code is much larger
		}
	}
	for col, u := range used {
		if !u {
			n.columns = append(n.columns, col)
		}
	}
	n.useful = usefulOf(l)
	return n
}

// usefulOf returns the heads and the neurons that are not padding, by layer and
// place.
func usefulOf(l *layout.Layout) (useful [2]map[[2]int]bool) {
	useful = [2]map[[2]int]bool{{}, {}}
	for _, h := range l.Heads {
		useful[usefulHeads][[2]int{h.Layer, h.Index}] = true
	}
	for _, p := range l.Neurons {
		useful[usefulNeurons][[2]int{p.Layer, p.Index}] = true
	}
	for _, p := range l.Cleared {
		useful[usefulNeurons][[2]int{p.Layer, p.Index}] = true
	}
	return useful
}

// padding lists the heads or neurons of a layer that compute nothing.
func (n *noise) padding(kind, layer, count int) []int {
	var free []int
	for i := range count {
		if !n.useful[kind][[2]int{layer, i}] {
			free = append(free, i)
		}
	}
	return free
}

// deviations is how many standard deviations the largest weight is from 0.
const deviations = 6

// most bounds a weight.
func (n *noise) most() float64 { return deviations * n.sigma }

// weight draws a weight, times a power of two: a sum of twelve uniform numbers, which
// is nearly normal, and unlike a normal one the same on every machine. It is a multiple
// of the grid and of the least normal number, so that sums of weights are normal, too.
func (n *noise) weight(scale float64) float32 {
	const steps = 1 << 8
	sum := -deviations * (steps - 1)
	for range 2 * deviations {
		sum += int(n.rng.Uint32() >> 24)
	}
	grid := max(float64(scale*n.grid), n.typ.Smallest)
	return float32(n.typ.Round(math.RoundToEven(float64(float64(n.sigma*float64(sum))/steps*scale)/grid) * grid))
}

// into puts weights, times a power of two, where rows and columns meet. Nothing
// stands there.
func (n *noise) into(m decoder.Matrix, rows, cols []int, scale float64) decoder.Matrix {
	m.Entries = append([]decoder.Entry{}, m.Entries...)
	for _, row := range rows {
		for _, col := range cols {
			if w := n.weight(scale); w != 0 {
				m.Entries = append(m.Entries, decoder.Entry{Row: row, Col: col, W: w})
			}
		}
	}
	sorted(m.Entries)
	return m
}

// grow notes that more is added to the unused columns.
func (n *noise) grow(by float64) {
	for _, col := range n.columns {
		n.size[col] += by
	}
}

// heads fills the heads of padding of a layer, if there are any.
func (n *noise) heads(layer *decoder.Layer, number int) bool {
	free := n.padding(usefulHeads, number, n.config.Heads)
	stream, inside := all(n.config.DModel), all(n.config.DHead)
	for _, i := range free {
		h := &layer.Heads[i]
		h.Q, h.K, h.V = n.into(h.Q, stream, inside, 1), n.into(h.K, stream, inside, 1), n.into(h.V, stream, inside, 1)
		h.O = n.into(h.O, inside, n.columns, n.shrunk(h.V, len(free)*len(inside)))
	}
	return len(free) > 0
}

// neurons fills the neurons of padding of a layer.
func (n *noise) neurons(layer *decoder.Layer, number int) {
	free := n.padding(usefulNeurons, number, n.config.DMLP)
	layer.In = n.into(layer.In, all(n.config.DModel), free, 1)
	layer.Out = n.into(layer.Out, free, n.columns, n.shrunk(only(layer.In, free), len(free)))
}

// shrunk returns the power of two, at most 1, by which what is read has to be
// written so that so many of them add less than a half.
func (n *noise) shrunk(in decoder.Matrix, count int) float64 {
	sums := make([]float64, in.Cols)
	largest := 0.0
	for _, e := range in.Entries {
		sums[e.Col] += math.Abs(float64(e.W)) * n.size[e.Row] // sums of few bits, and exact
		largest = max(largest, sums[e.Col])
	}
	scale := 1.0
	for float64(float64(scale*largest)*n.most())*float64(count) > half {
		scale /= 2
	}
	return scale
}

// only returns the part of a matrix that makes some columns.
func only(m decoder.Matrix, cols []int) decoder.Matrix {
	wanted := make([]bool, m.Cols)
	for _, col := range cols {
		wanted[col] = true
	}
	out := decoder.Matrix{Rows: m.Rows, Cols: m.Cols}
	for _, e := range m.Entries {
		if wanted[e.Col] {
			out.Entries = append(out.Entries, e)
		}
	}
	return out
}

// all is 0 to n-1.
func all(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

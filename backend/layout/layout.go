// Package layout places a scheduled craft program in a decoder: residual
// directions in columns, heads in layers and slots, neurons in rows of one MLP
// a layer, all padded to the sizes of the widest layer.
package layout

import (
	"fmt"
	"slices"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/backend/schedule"
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/value"
)

// Layout is a decoder and where each piece of the craft program sits in it.
type Layout struct {
	Model *decoder.Model
	// Columns has the column of each residual direction, -1 where nothing reads
	// it.
	Columns []int
	Heads   []HeadPlace
	Neurons []NeuronPlace
	Cleared []Clearing // none unless columns are reused
	// Plain is the model before it was made harder to read, with the same places:
	// without noise in what is padding, in the basis of the columns. It is nil where
	// that is the model itself.
	Plain *decoder.Model
	// Rotation has the direction of each column in the model's stream, as a row;
	// nil where that is the column itself.
	Rotation [][]float64
	// Blur has, for each variable, an estimate of what that adds to the errors of its
	// columns.
	Blur []float64
}

// Traced returns the model in which columns are where the layout has them, and
// what is padding computes nothing.
func (l *Layout) Traced() *decoder.Model {
	if l.Plain != nil {
		return l.Plain
	}
	return l.Model
}

// HeadPlace is the slot of one head.
type HeadPlace struct {
	Layer, Index int
	Part         int // in the program's parts
}

// NeuronPlace is the place of one neuron.
type NeuronPlace struct {
	Layer, Index int
	Part, Neuron int
}

// Padding is the least size that a model is to have. What is padding holds and
// computes nothing.
type Padding struct {
	Model int // columns of the residual stream
	Heads int // in each layer
	MLP   int // neurons in each layer
}

// Options are the choices of a layout. The zero value is the default.
type Options struct {
	Pad Padding
	// Reuse gives directions the columns of others that nothing reads any
	// more, at the cost of the neurons that clear them.
	Reuse bool
}

// Make lays the program out.
func Make(p *craft.Program, s *schedule.Schedule, o Options) *Layout {
	l := &Layout{}
	l.columns(p)
	if o.Reuse {
		l.reuse(p, s)
	}
	l.place(p, s)
	c := l.config(p, s, o.Pad)
	m := &decoder.Model{
		Config:   c,
		Embed:    matrix(l.written(p.Embed), c.Vocab, c.DModel),
		Position: matrix(l.written(p.Position), c.Positions, c.DModel),
		Unembed:  matrix(l.read(p.Unembed), c.DModel, c.Outputs),
	}
	for layer := range s.Layers {
		m.Layers = append(m.Layers, l.layer(p, s, c, layer))
	}
	l.Model = m
	return l
}

// columns gives the directions that are read their columns, in their order.
func (l *Layout) columns(p *craft.Program) {
	l.Columns = make([]int, len(p.Residual))
	next := 0
	for i, read := range p.Read() {
		l.Columns[i] = -1
		if read {
			l.Columns[i] = next
			next++
		}
	}
}

// width is the number of columns; a model without any gets one that is empty.
func (l *Layout) width() int { return max(1, slices.Max(l.Columns)+1) }

// read moves a map that reads the residual stream to the columns.
func (l *Layout) read(m craft.Map) craft.Map {
	moved := make([]craft.Entry, len(m))
	for i, e := range m {
		moved[i] = craft.Entry{From: l.Columns[e.From], To: e.To, W: e.W}
	}
	return craft.NewMap(moved)
}

// written moves a map that writes to the residual stream to the columns. What
// nothing reads is not written.
func (l *Layout) written(m craft.Map) craft.Map {
	moved := make([]craft.Entry, 0, len(m))
	for _, e := range m {
		if col := l.Columns[e.To]; col >= 0 {
			moved = append(moved, craft.Entry{From: e.From, To: col, W: e.W})
		}
	}
	return craft.NewMap(moved)
}

// place gives heads and neurons their slots, in the order of the program.
func (l *Layout) place(p *craft.Program, s *schedule.Schedule) {
	heads, neurons := make([]int, s.Layers), make([]int, s.Layers)
	for i, part := range p.Parts {
		layer := s.Layer[i]
		if part.Head != nil {
			l.Heads = append(l.Heads, HeadPlace{layer, heads[layer], i})
			heads[layer]++
			continue
		}
		for n := range part.MLP.Hidden {
			l.Neurons = append(l.Neurons, NeuronPlace{layer, neurons[layer], i, n})
			neurons[layer]++
		}
	}
	for i := range l.Cleared {
		c := &l.Cleared[i]
		c.Index = neurons[c.Layer]
		neurons[c.Layer]++
	}
}

func (l *Layout) config(p *craft.Program, s *schedule.Schedule, pad Padding) decoder.Config {
	c := decoder.Config{
		Layers: s.Layers, DModel: max(l.width(), pad.Model),
		Vocab: len(p.Vocab) + 2, BOS: len(p.Vocab), PAD: len(p.Vocab) + 1,
		Positions: p.MaxLen + 1, Outputs: p.Outputs(), Causal: p.Causal, Sums: p.Sums,
	}
	for _, h := range l.Heads {
		head := p.Parts[h.Part].Head
		c.Heads = max(c.Heads, h.Index+1)
		c.DHead = max(c.DHead, len(head.Score), len(head.Value))
	}
	for _, n := range l.Neurons {
		c.DMLP = max(c.DMLP, n.Index+1)
	}
	for _, n := range l.Cleared {
		c.DMLP = max(c.DMLP, n.Index+1)
	}
	if c.Layers > 0 {
		c.Heads, c.DMLP = max(c.Heads, pad.Heads), max(c.DMLP, pad.MLP)
	}
	if c.Heads > 0 {
		c.DHead = max(c.DHead, 1) // where all heads are padding
	}
	return c
}

func (l *Layout) layer(p *craft.Program, s *schedule.Schedule, c decoder.Config, layer int) decoder.Layer {
	out := decoder.Layer{Heads: make([]decoder.Head, c.Heads)}
	for i := range out.Heads {
		out.Heads[i] = l.head(&craft.Head{}, c)
	}
	for _, h := range l.Heads {
		if h.Layer == layer {
			out.Heads[h.Index] = l.head(p.Parts[h.Part].Head, c)
		}
	}
	var in, back, bias []craft.Entry
	first := 0 // place of the first neuron of the next MLP
	for i, part := range p.Parts {
		if part.MLP == nil || s.Layer[i] != layer {
			continue
		}
		in = append(in, shift(l.read(part.MLP.In), 0, first)...)
		back = append(back, shift(l.written(part.MLP.Out), first, 0)...)
		bias = append(bias, l.written(part.MLP.Bias)...)
		first += len(part.MLP.Hidden)
	}
	for _, n := range l.Cleared {
		if n.Layer != layer {
			continue
		}
		sign := value.Int(1)
		if n.Negative {
			sign = sign.Neg()
		}
		in = append(in, craft.Entry{From: l.Columns[n.Direction], To: n.Index, W: sign})
		back = append(back, craft.Entry{From: n.Index, To: l.Columns[n.Direction], W: sign.Neg()})
	}
	out.In = matrix(craft.NewMap(in), c.DModel, c.DMLP)
	out.Out = matrix(craft.NewMap(back), c.DMLP, c.DModel)
	out.OutBias = matrix(craft.NewMap(bias), 1, c.DModel)
	return out
}

func (l *Layout) head(h *craft.Head, c decoder.Config) decoder.Head {
	return decoder.Head{
		Q: matrix(l.read(h.Q), c.DModel, c.DHead), K: matrix(l.read(h.K), c.DModel, c.DHead),
		V: matrix(l.read(h.V), c.DModel, c.DHead), O: matrix(l.written(h.O), c.DHead, c.DModel),
	}
}

// shift moves a map to other rows and columns.
func shift(m craft.Map, from, to int) []craft.Entry {
	moved := make([]craft.Entry, len(m))
	for i, e := range m {
		moved[i] = craft.Entry{From: e.From + from, To: e.To + to, W: e.W}
	}
	return moved
}

// matrix rounds each weight once.
func matrix(m craft.Map, rows, cols int) decoder.Matrix {
	out := decoder.Matrix{Rows: rows, Cols: cols, Entries: make([]decoder.Entry, len(m))}
	for i, e := range m {
		out.Entries[i] = decoder.Entry{Row: e.From, Col: e.To, W: e.W.Float32()}
	}
	return out
}

// Check verifies the decoder, and that every piece of the program has a place
// of its own.
func Check(p *craft.Program, l *Layout) error {
	if err := decoder.Check(l.Model); err != nil {
		return err
	}
	taken := map[[3]int]bool{}
	want := 0
	for _, part := range p.Parts {
		if part.Head != nil {
			want++
		} else {
			want += len(part.MLP.Hidden)
		}
	}
	want += len(l.Cleared)
	for _, h := range l.Heads {
		taken[[3]int{0, h.Layer, h.Index}] = true
	}
	for _, n := range l.Neurons {
		taken[[3]int{1, n.Layer, n.Index}] = true
	}
	for _, n := range l.Cleared {
		taken[[3]int{1, n.Layer, n.Index}] = true
	}
	if len(taken) != want {
		return fmt.Errorf("%d heads and neurons have %d places", want, len(taken))
	}
	return nil
}

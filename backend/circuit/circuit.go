// Package circuit finds which parts of a decoder read what others write: the
// edges of its causal graph, from the weights alone.
//
// A part writes a column of the residual stream where its output matrix has an
// entry there, or its bias; it reads a column where its input matrix has one.
// The stream only adds up, so an edge runs from each part to each later one
// that reads a column which it writes. What a column means is the business of
// labels; of a column that is used again there are several, one after another.
package circuit

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/raspc/raspc/backend/decoder"
)

// Label is a meaning of a column.
type Label struct {
	Column int
	// Variable numbers the quantity that the label is of: the labels of a
	// variable are those of its columns.
	Variable int
	// Cleared is the layer whose MLP takes it out of the column, for the next
	// label of the same column; -1 where it stays.
	Cleared int
}

// Clearing is a neuron that takes a label out of its column.
type Clearing struct {
	Layer, Neuron int
	Label         int
}

// Edge is a way from one component to the input of a later one, through the
// columns that the one writes and the other reads.
type Edge struct {
	From Component
	To   Port
	// Variables are what the reader reads of what the writer writes, increasing.
	Variables []int
	// Cancelled are variables that the writer writes, or clears, into columns
	// which have another label by the time of the reader: what arrives on this
	// edge sums to 0 with what arrives on others.
	Cancelled []int
}

// Circuit says who writes and reads what. It is immutable.
type Circuit struct {
	Labels []Label
	// Writers and Readers are those of each label, in the order of the stream.
	Writers [][]Component
	Readers [][]Port
	// Edges are sorted by their ends, in the order of the stream.
	Edges []Edge
	// Flows say through which inputs variables go into others, sorted.
	Flows []Flow
	// Neurons are those that are no padding, by layer and index.
	Neurons []Neuron
}

// Neuron is one neuron with the variables that it reads and writes, increasing.
type Neuron struct {
	Layer, Index  int
	Reads, Writes []int
}

// Flow is a variable that is read where another is written; To is -1 for the
// logits.
type Flow struct {
	From, To int
	Through  Port
}

// tracer collects a circuit.
type tracer struct {
	model  *decoder.Model
	labels []Label
	at     [][]int           // labels of each column, in the order of time
	clears map[[2]int]int    // label by layer and neuron
	writes map[Component]set // columns
	reads  map[Port]set
	flows  map[Flow]bool
	*Circuit
}

// Trace finds the circuit of a model that decoder.Check accepts. The labels of
// one column follow each other in time. It is an error if a column that is
// written or read has no label.
func Trace(m *decoder.Model, labels []Label, clearings []Clearing) (*Circuit, error) {
	t := &tracer{
		model: m, labels: labels, at: make([][]int, m.Config.DModel), clears: map[[2]int]int{},
		writes: map[Component]set{}, reads: map[Port]set{}, flows: map[Flow]bool{},
		Circuit: &Circuit{Labels: labels, Writers: make([][]Component, len(labels)), Readers: make([][]Port, len(labels))},
	}
	for i, l := range labels {
		if l.Column < 0 || l.Column >= m.Config.DModel {
			return nil, fmt.Errorf("label %d is in column %d of %d", i, l.Column, m.Config.DModel)
		}
		t.at[l.Column] = append(t.at[l.Column], i)
	}
	for _, c := range clearings {
		t.clears[[2]int{c.Layer, c.Neuron}] = c.Label
	}
	for col, ls := range t.at {
		slices.SortStableFunc(ls, func(a, b int) int { return cmp.Compare(t.end(a), t.end(b)) })
		for k, l := range ls {
			if k+1 < len(ls) && labels[l].Cleared < 0 {
				return nil, fmt.Errorf("column %d has another label, but the first is not cleared", col)
			}
		}
	}
	if err := t.trace(); err != nil {
		return nil, err
	}
	t.join()
	return t.Circuit, nil
}

// end is the time at which a label is cleared.
func (t *tracer) end(label int) int {
	if layer := t.labels[label].Cleared; layer >= 0 {
		return Component{Kind: MLP, Layer: layer}.time()
	}
	return Logits.time()
}

// labelAt is the label that a column has for whoever reads it at a time; of
// writers, only neurons that clear write the label that ends then.
func (t *tracer) labelAt(col, time int, write bool) int {
	for _, l := range t.at[col] {
		if end := t.end(l); time < end || time == end && (!write || end == Logits.time()) {
			return l
		}
	}
	return -1
}

// Reads returns the columns that a port reads, and the variables that it finds
// there, both increasing.
func (c *Circuit) Reads(p Port) (columns, variables []int) {
	return c.of(func(label int) bool { return slices.Contains(c.Readers[label], p) })
}

// Writes returns the columns that a component writes, and the variables that it
// writes or clears there, both increasing.
func (c *Circuit) Writes(from Component) (columns, variables []int) {
	return c.of(func(label int) bool { return slices.Contains(c.Writers[label], from) })
}

func (c *Circuit) of(has func(label int) bool) (columns, variables []int) {
	cols, vars := set{}, set{}
	for i, l := range c.Labels {
		if has(i) {
			cols[l.Column], vars[l.Variable] = true, true
		}
	}
	return cols.sorted(), vars.sorted()
}

package circuit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/raspc/raspc/backend/decoder"
)

// set is a set of columns or labels.
type set map[int]bool

func (s set) sorted() []int {
	all := make([]int, 0, len(s))
	for i := range s {
		all = append(all, i)
	}
	slices.Sort(all)
	return all
}

// trace walks all matrices.
func (t *tracer) trace() error {
	m := t.model
	written := func(c Component, x decoder.Matrix) error {
		for _, e := range x.Entries {
			if err := t.write(c, e.Col, t.labelAt(e.Col, c.time(), true)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := written(Component{Kind: Embed}, m.Embed); err != nil {
		return err
	}
	if err := written(Component{Kind: Position}, m.Position); err != nil {
		return err
	}
	for l, layer := range m.Layers {
		for h, head := range layer.Heads {
			c := Component{Head, l, h}
			if err := t.head(c, head); err != nil {
				return err
			}
			if err := written(c, head.O); err != nil {
				return err
			}
		}
		mlp := Component{Kind: MLP, Layer: l}
		if err := t.mlp(mlp, layer); err != nil {
			return err
		}
		if err := written(mlp, layer.OutBias); err != nil {
			return err
		}
	}
	for _, e := range m.Unembed.Entries {
		l, err := t.read(Port{Component: Logits}, e.Row)
		if err != nil {
			return err
		}
		t.flow(set{t.labels[l].Variable: true}, set{-1: true}, Port{Component: Logits})
	}
	return nil
}

// write notes that a component writes a column.
func (t *tracer) write(c Component, col, label int) error {
	if label < 0 {
		return fmt.Errorf("%s writes column %d, which has no label", c, col)
	}
	if t.writes[c] == nil {
		t.writes[c] = set{}
	}
	t.writes[c][col] = true
	if !slices.Contains(t.Writers[label], c) {
		t.Writers[label] = append(t.Writers[label], c)
	}
	return nil
}

// read notes that a component reads a column, and returns the label.
func (t *tracer) read(p Port, col int) (int, error) {
	label := t.labelAt(col, p.time(), false)
	if label < 0 {
		return label, fmt.Errorf("%s reads column %d, which has no label", p, col)
	}
	if t.reads[p] == nil {
		t.reads[p] = set{}
	}
	t.reads[p][col] = true
	if !slices.Contains(t.Readers[label], p) {
		t.Readers[label] = append(t.Readers[label], p)
	}
	return label, nil
}

// head traces what a head reads, and what becomes what in it: scores go into
// all that it writes, values into what their dimension is written to.
func (t *tracer) head(c Component, h decoder.Head) error {
	all, by := set{}, map[int]set{}
	for _, e := range h.O.Entries {
		if l := t.labelAt(e.Col, c.time(), true); l >= 0 { // else written fails
			all[t.labels[l].Variable] = true
			add(by, e.Row, t.labels[l].Variable)
		}
	}
	for _, side := range []struct {
		input Input
		m     decoder.Matrix
	}{{Query, h.Q}, {Key, h.K}, {Value, h.V}} {
		p, into := Port{c, side.input}, map[int]set{}
		for _, e := range side.m.Entries {
			l, err := t.read(p, e.Row)
			if err != nil {
				return err
			}
			add(into, e.Col, t.labels[l].Variable)
		}
		for d, from := range into {
			to := all
			if side.input == Value {
				to = by[d]
			}
			t.flow(from, to, p)
		}
	}
	return nil
}

// mlp traces the neurons of a layer.
func (t *tracer) mlp(c Component, layer decoder.Layer) error {
	p, reads, writes := Port{Component: c}, map[int]set{}, map[int]set{}
	for _, e := range layer.In.Entries {
		l, err := t.read(p, e.Row)
		if err != nil {
			return err
		}
		add(reads, e.Col, t.labels[l].Variable)
	}
	for _, e := range layer.Out.Entries {
		l, clears := t.clears[[2]int{c.Layer, e.Row}]
		if !clears {
			l = t.labelAt(e.Col, c.time(), true)
		}
		if err := t.write(c, e.Col, l); err != nil {
			return err
		}
		add(writes, e.Row, t.labels[l].Variable)
	}
	for i := range layer.In.Cols {
		if len(reads[i])+len(writes[i]) == 0 {
			continue
		}
		t.Neurons = append(t.Neurons, Neuron{c.Layer, i, reads[i].sorted(), writes[i].sorted()})
		if _, clears := t.clears[[2]int{c.Layer, i}]; !clears {
			t.flow(reads[i], writes[i], p)
		}
	}
	return nil
}

// add adds an element to one of some sets.
func add(sets map[int]set, at, x int) {
	if sets[at] == nil {
		sets[at] = set{}
	}
	sets[at][x] = true
}

// flow notes that variables go into others.
func (t *tracer) flow(from, to set, through Port) {
	for f := range from {
		for o := range to {
			t.flows[Flow{f, o, through}] = true
		}
	}
}

// join makes edges of what is written and read, and sorts what was found.
func (t *tracer) join() {
	for _, p := range slices.SortedFunc(maps.Keys(t.reads), comparePorts) {
		for _, c := range slices.SortedFunc(maps.Keys(t.writes), compareComponents) {
			if e, ok := t.edge(c, p); ok {
				t.Edges = append(t.Edges, e)
			}
		}
	}
	slices.SortStableFunc(t.Edges, func(a, b Edge) int { return compareComponents(a.From, b.From) })
	t.Flows = slices.SortedFunc(maps.Keys(t.flows), func(a, b Flow) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(uint(a.To), uint(b.To)), comparePorts(a.Through, b.Through))
	})
	for l := range t.labels {
		slices.SortFunc(t.Writers[l], compareComponents)
		slices.SortFunc(t.Readers[l], comparePorts)
	}
}

// edge is what a component writes and a port reads later.
func (t *tracer) edge(c Component, p Port) (Edge, bool) {
	if c.time() >= p.time() {
		return Edge{}, false
	}
	live, cancelled := set{}, set{}
	for col := range t.reads[p] {
		if !t.writes[c][col] {
			continue
		}
		read := t.labelAt(col, p.time(), false)
		for _, l := range t.at[col] {
			switch {
			case !slices.Contains(t.Writers[l], c):
			case l == read:
				live[t.labels[l].Variable] = true
			default:
				cancelled[t.labels[l].Variable] = true
			}
		}
	}
	return Edge{c, p, live.sorted(), cancelled.sorted()}, len(live)+len(cancelled) > 0
}

func compareComponents(a, b Component) int {
	return cmp.Or(cmp.Compare(a.time(), b.time()), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Index, b.Index))
}

func comparePorts(a, b Port) int {
	return cmp.Or(compareComponents(a.Component, b.Component), cmp.Compare(a.Input, b.Input))
}

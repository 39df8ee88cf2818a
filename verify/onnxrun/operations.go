package onnxrun

import (
	"maps"
	"slices"
)

// Operation is one operation of a model's graph, for those who read the graph
// instead of running it.
type Operation struct {
	Op              string
	Inputs, Outputs []string // an input that is left out is ""
	Attributes      map[string]any
}

// Operations returns the operations in an order in which they can be executed.
func (m *Model) Operations() []Operation {
	names := map[int64]string{-1: ""}
	for name, id := range m.program.names {
		names[id] = name
	}
	named := func(ids []int64) []string {
		out := make([]string, len(ids))
		for i, id := range ids {
			out[i] = names[id]
		}
		return out
	}
	ops := make([]Operation, len(m.program.steps))
	for i, s := range m.program.steps {
		ops[i] = Operation{s.op, named(s.inputs), named(s.outputs), maps.Clone(s.given)}
	}
	return ops
}

// Constant is a tensor that the file holds.
type Constant struct {
	Shape []int
	// One of these holds the elements, row by row. Floats are float32 unless
	// Double is set, and Ints int64 unless Int32 is. The caller must not change
	// them.
	Floats []float64
	Ints   []int64
	Bools  []bool
	Double bool
	Int32  bool
}

// Constant returns an initializer by its name.
func (m *Model) Constant(name string) (Constant, bool) {
	id, ok := m.program.names[name]
	if !ok || m.program.constants[id] == nil {
		return Constant{}, false
	}
	v := m.program.constants[id]
	return Constant{slices.Clone(v.shape), v.f, v.i, v.b, v.kind == float64Kind, v.kind == int32Kind}, true
}

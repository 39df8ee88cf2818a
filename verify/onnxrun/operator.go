package onnxrun

import (
	"fmt"
	"maps"
	"slices"

	"github.com/raspc/raspc/verify/fault"
)

// kernel computes the outputs of one operation. Inputs that the graph omits
// are nil. A kernel must not change its inputs, but may return their elements
// under another shape.
type kernel func(b *budget, in []*value) ([]*value, error)

// operator is one ONNX operation: how many inputs and outputs it has, and how
// its attributes become a kernel.
type operator struct {
	minIn, maxIn int
	maxOut       int
	make         func(a *attributes) (kernel, error)
}

// manyInputs is maxIn of an operation with any number of inputs.
const manyInputs = 1 << 16

// operators returns all operations that can be run.
func operators() map[string]operator {
	all := make(map[string]operator)
	for _, group := range []map[string]operator{
		elementwiseOperators(), comparisonOperators(), shapeOperators(),
		indexOperators(), linearOperators(), normOperators(),
	} {
		maps.Copy(all, group)
	}
	return all
}

// plain makes an operator without attributes and with one output.
func plain(inputs int, f func(b *budget, in []*value) (*value, error)) operator {
	return operator{inputs, inputs, 1, func(*attributes) (kernel, error) { return one(f), nil }}
}

// one turns a function with a single result into a kernel.
func one(f func(b *budget, in []*value) (*value, error)) kernel {
	return func(b *budget, in []*value) ([]*value, error) {
		v, err := f(b, in)
		if err != nil {
			return nil, err
		}
		return []*value{v}, nil
	}
}

// attributes reads the attributes of a node. The first error sticks, and an
// attribute that nobody asks for is an error: it would change the meaning of
// the operation in a way that is not known here.
type attributes struct {
	values  map[string]any
	opset   int64
	outputs int // outputs of the node
	read    []string
	err     error
}

// get returns an attribute of type T, or other if it is absent.
func get[T any](a *attributes, name string, other T) T {
	a.read = append(a.read, name)
	v, ok := a.values[name]
	if !ok {
		return other
	}
	t, ok := v.(T)
	if !ok && a.err == nil {
		a.err = fault.New(fault.WrongType, "attribute %s is a %T, not a %T", name, v, other)
	}
	return t
}

// has reports whether an attribute is given.
func (a *attributes) has(name string) bool {
	_, ok := a.values[name]
	return ok
}

// check reports attributes that were not read.
func (a *attributes) check() error {
	for _, name := range slices.Sorted(maps.Keys(a.values)) {
		if !slices.Contains(a.read, name) {
			return fault.New(fault.Unsupported, "attribute %q is not supported", name)
		}
	}
	return nil
}

// kernel makes the kernel of an operation for a node with these attributes.
func (o operator) kernel(inputs int, a *attributes) (kernel, error) {
	if inputs < o.minIn || inputs > o.maxIn {
		return nil, fault.New(fault.Unsupported, "%d inputs, want %d to %d", inputs, o.minIn, o.maxIn)
	}
	if a.outputs < 1 || a.outputs > o.maxOut {
		return nil, fault.New(fault.Unsupported, "%d outputs, want 1 to %d", a.outputs, o.maxOut)
	}
	k, err := o.make(a)
	if a.err != nil {
		return nil, a.err // before an error that only follows from it
	}
	if err == nil {
		err = a.check()
	}
	if err != nil {
		return nil, err
	}
	return func(b *budget, in []*value) ([]*value, error) {
		for i := range o.minIn {
			if in[i] == nil {
				return nil, fmt.Errorf("input %d is missing", i)
			}
		}
		return k(b, in)
	}, nil
}

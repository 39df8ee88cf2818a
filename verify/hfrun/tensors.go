package hfrun

import (
	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/network"
)

// Tensors are the float32 weights of a folder, by name.
type Tensors struct{ all *tensors }

// OpenTensors opens the weights of a folder, which Open has found to be a model's.
func OpenTensors(dir string) (*Tensors, error) {
	all, err := openTensors(dir)
	if err != nil {
		return nil, err
	}
	return &Tensors{all}, nil
}

// Values returns the elements of a tensor of the given shape, row by row.
func (t *Tensors) Values(name string, shape ...int) ([]float32, error) {
	from, ok := t.all.in[name]
	if !ok {
		return nil, fault.In(t.all.start, fault.New(fault.Missing, "tensor %q is missing", name))
	}
	values, err := from.Values(name, stored(network.Float32), shape...)
	return values, fault.In(from.name, err)
}

// Still reports whether positions turn no query or key by more than float32 loses of it.
func (m *Model) Still() bool {
	l, ok := m.net.(*llama)
	return !ok || l.rotary.angle(min(m.sizes.positions, mostPositions)) <= stillAngle
}

package tensor

import "fmt"

// Named is a tensor of a file of weights.
type Named struct {
	Name   string
	Source Source
}

// List collects the tensors of a file, all of one element type. The first error of
// making one stays.
type List struct {
	as  DType
	all []Named
	err error
}

// NewList returns an empty list of tensors of the element type.
func NewList(as DType) *List { return &List{as: as} }

// Tensors returns the tensors in the order in which they were added, or the first
// error, with the name of the tensor.
func (l *List) Tensors() ([]Named, error) { return l.all, l.err }

// Matrix adds blocks at their places in a rows x cols matrix of zeros.
func (l *List) Matrix(name string, rows, cols int, blocks ...Block) {
	src, err := Place(rows, cols, blocks...)
	l.add(name, src, err)
}

// Vector adds blocks of one row as a vector of n values.
func (l *List) Vector(name string, n int, blocks ...Block) {
	l.shaped(name, 1, n, []int{n}, blocks)
}

// Stack adds a tensor of n matrices, rows x cols each. Blocks have their places in the
// matrix of n·rows rows in which these stand below each other.
func (l *List) Stack(name string, n, rows, cols int, blocks ...Block) {
	l.shaped(name, n*rows, cols, []int{n, rows, cols}, blocks)
}

// Constant adds a tensor of equal values.
func (l *List) Constant(name string, v float32, shape ...int) {
	src, err := Fill(v, shape...)
	l.add(name, src, err)
}

// shaped adds a matrix with other dimensions.
func (l *List) shaped(name string, rows, cols int, shape []int, blocks []Block) {
	src, err := Place(rows, cols, blocks...)
	if err == nil {
		src, err = Reshape(src, shape...)
	}
	l.add(name, src, err)
}

// add adds a tensor, or keeps the error of making it.
func (l *List) add(name string, src Source, err error) {
	if err == nil {
		src, err = As(src, l.as)
	}
	if l.err == nil && err != nil {
		l.err = fmt.Errorf("%s: %w", name, err)
	}
	l.all = append(l.all, Named{name, src})
}

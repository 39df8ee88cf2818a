package onnxrun

import (
	"math"

	"github.com/raspc/raspc/verify/fault"
)

// Limits bound what a model file can make this package allocate and compute.
type Limits struct {
	// FileBytes is the largest model file that is read.
	FileBytes int64
	// Fields is the largest number of protobuf fields in it, which bounds the
	// memory of the decoded message.
	Fields int64
	// Elements is the largest number of tensor elements, of 8 bytes each, that
	// exist at a time within a Run, and of numbers in lists of the model file. What
	// initializers take is bounded by the size of their files: twice that of their
	// bytes for float32.
	Elements int64
	// Work is the largest number of scalar operations of one Run.
	Work int64
}

// DefaultLimits suit models of any number of weights: at most 2 GiB each for the
// model file and the values of a Run.
func DefaultLimits() Limits {
	return Limits{
		FileBytes: 1 << 31,
		Fields:    1 << 20,
		Elements:  1 << 28,
		Work:      1 << 40,
	}
}

// maxInitializers keeps the number of bytes of all initializers within int64.
const maxInitializers = math.MaxInt64 / 8

// budget counts tensor elements and scalar operations against the limits.
type budget struct {
	elements, work int64 // what is left
}

// newBudget returns a full budget.
func newBudget(l Limits) *budget {
	return &budget{elements: l.Elements, work: l.Work}
}

// take reserves n elements.
func (b *budget) take(n int64) error {
	if n > b.elements {
		return fault.New(fault.TooLarge, "a tensor of %d elements exceeds the limit (%d left)", n, b.elements)
	}
	b.elements -= n
	return nil
}

// release gives n elements back.
func (b *budget) release(n int64) { b.elements += n }

// spend accounts for n scalar operations.
func (b *budget) spend(n int64) error {
	if n > b.work {
		return fault.New(fault.TooLarge, "%d scalar operations exceed the limit (%d left)", n, b.work)
	}
	b.work -= n
	return nil
}

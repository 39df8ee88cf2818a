package tensor_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/tensor"
)

// TestList adds one tensor of each kind: names stay in order, shapes and the element
// type are those that were asked for.
func TestList(t *testing.T) {
	one := tensor.Block{M: decoder.Matrix{Rows: 1, Cols: 1, Entries: []decoder.Entry{{W: 1}}}}
	l := tensor.NewList(tensor.BFloat16)
	l.Matrix("m", 2, 3, one)
	l.Vector("v", 4, one)
	l.Stack("s", 2, 3, 4, one)
	l.Constant("c", 1, 5)
	all, err := l.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		name  string
		shape []int
	}{{"m", []int{2, 3}}, {"v", []int{4}}, {"s", []int{2, 3, 4}}, {"c", []int{5}}}
	for i, w := range want {
		if got := all[i]; got.Name != w.name || !slices.Equal(got.Source.Shape(), w.shape) || got.Source.DType() != tensor.BFloat16 {
			t.Errorf("%s is %v of %v", got.Name, got.Source.Shape(), got.Source.DType())
		}
	}
}

// TestListKeepsTheFirstError has two tensors that cannot be made.
func TestListKeepsTheFirstError(t *testing.T) {
	l := tensor.NewList(tensor.Float32)
	l.Constant("good", 0, 1)
	l.Constant("first", 0, -1)
	l.Constant("second", 0, -1)
	if _, err := l.Tensors(); err == nil || !strings.HasPrefix(err.Error(), "first: ") {
		t.Errorf("the error is %v", err)
	}
}

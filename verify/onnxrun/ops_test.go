package onnxrun

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The constructors of test tensors. The last argument is the elements.

func floats(shape []int, f ...float64) *value { return &value{kind: float32Kind, shape: shape, f: f} }
func ints(shape []int, i ...int64) *value     { return &value{kind: int64Kind, shape: shape, i: i} }
func bools(shape []int, b ...bool) *value     { return &value{kind: boolKind, shape: shape, b: b} }
func narrow(i ...int64) *value                { return &value{kind: int32Kind, shape: []int{len(i)}, i: i} }
func vector(i ...int64) *value                { return ints([]int{len(i)}, i...) }
func scalar(i int64) *value                   { return ints([]int{}, i) }

type dims = []int

// attrs are attributes as onnx-go delivers them.
type attrs = map[string]any

// apply runs one operation.
func apply(op string, opset int64, a attrs, outputs int, in ...*value) ([]*value, error) {
	k, err := operators()[op].kernel(len(in), &attributes{values: a, opset: opset, outputs: outputs})
	if err != nil {
		return nil, err
	}
	return k(newBudget(Limits{Elements: 1000, Work: 10_000}), in)
}

// sameValue compares tensors; empty and nil slices are the same.
var sameValue = cmp.Options{cmp.AllowUnexported(value{}), cmpopts.EquateEmpty(), cmpopts.EquateNaNs()}

func TestOperations(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	third := float64(float32(1) / 3)
	tests := []struct {
		name string
		op   string
		a    attrs
		in   []*value
		want *value
	}{
		{"sum", "Add", nil, []*value{floats(dims{2}, 1, 2), floats(dims{2}, 3, 4)}, floats(dims{2}, 4, 6)},
		{"rounded", "Add", nil, []*value{floats(dims{1}, 1<<24), floats(dims{1}, 1)}, floats(dims{1}, 1<<24)},
		{"not rounded", "Add", nil, []*value{{kind: float64Kind, shape: dims{1}, f: []float64{1 << 24}}, {kind: float64Kind, shape: dims{}, f: []float64{1}}}, &value{kind: float64Kind, shape: dims{1}, f: []float64{1<<24 + 1}}},
		{"overflow", "Add", nil, []*value{floats(dims{1}, math.MaxFloat32), floats(dims{1}, math.MaxFloat32)}, floats(dims{1}, inf)},
		{"column and row", "Sub", nil, []*value{ints(dims{2, 1}, 1, 2), vector(10, 20, 30)}, ints(dims{2, 3}, -9, -19, -29, -8, -18, -28)},
		{"middle axis", "Mul", nil, []*value{ints(dims{2, 1, 2}, 1, 2, 3, 4), ints(dims{2, 1}, 1, 10)}, ints(dims{2, 2, 2}, 1, 2, 10, 20, 3, 4, 30, 40)},
		{"empty", "Mul", nil, []*value{ints(dims{0, 1}), vector(1, 2)}, ints(dims{0, 2})},
		{"quotient", "Div", nil, []*value{ints(dims{2}, 7, -7), scalar(2)}, vector(3, -3)},
		{"by zero", "Div", nil, []*value{floats(dims{2}, 1, 0), floats(dims{}, 0)}, floats(dims{2}, inf, nan)},
		{"absolute", "Abs", nil, []*value{floats(dims{2}, -1, 2)}, floats(dims{2}, 1, 2)},
		{"exponential", "Exp", nil, []*value{floats(dims{2}, 0, -200)}, floats(dims{2}, 1, 0)},
		{"negative", "Neg", nil, []*value{floats(dims{2}, -1, 2)}, floats(dims{2}, 1, -2)},
		{"ramp", "Relu", nil, []*value{floats(dims{3}, -1, 2, nan)}, floats(dims{3}, 0, 2, nan)},
		{"root", "Sqrt", nil, []*value{floats(dims{2}, 4, -1)}, floats(dims{2}, 2, nan)},
		{"tangent", "Tanh", nil, []*value{floats(dims{2}, 0, 99)}, floats(dims{2}, 0, 1)},
		{"identity", "Identity", nil, []*value{bools(dims{1}, true)}, bools(dims{1}, true)},
		{"to bool", "Cast", attrs{"to": int64(9)}, []*value{vector(0, 1, -2)}, bools(dims{3}, false, true, true)},
		{"to int", "Cast", attrs{"to": int64(7)}, []*value{floats(dims{2}, -1.9, 2.9)}, vector(-1, 2)},
		{"to float", "Cast", attrs{"to": int64(1)}, []*value{bools(dims{2}, true, false)}, floats(dims{2}, 1, 0)},
		{"to narrow", "Cast", attrs{"to": int64(6)}, []*value{vector(-1, 1<<32+5, 1<<31)}, narrow(-1, 5, -1<<31)},
		{"from narrow", "Cast", attrs{"to": int64(7)}, []*value{narrow(-1, 5)}, vector(-1, 5)},
		{"narrow to bool", "Cast", attrs{"to": int64(9)}, []*value{narrow(0, 2)}, bools(dims{2}, false, true)},
		{"bool to narrow", "Cast", attrs{"to": int64(6)}, []*value{bools(dims{2}, true, false)}, narrow(1, 0)},
		{"narrow overflow", "Add", nil, []*value{narrow(1<<31 - 1), narrow(1)}, narrow(-1 << 31)},
		{"narrow order", "Less", nil, []*value{narrow(-1, 3), narrow(0, 3)}, bools(dims{2}, true, false)},
		{"narrow indices", "Gather", nil, []*value{vector(7, 8, 9), narrow(2, 0)}, vector(9, 7)},
		{"to less", "Cast", attrs{"to": int64(1)}, []*value{vector(1<<24 + 1)}, floats(dims{1}, 1<<24)},
		{"choice", "Where", nil, []*value{bools(dims{2, 1}, true, false), floats(dims{2}, 1, 2), floats(dims{}, -1)}, floats(dims{2, 2}, 1, 2, -1, -1)},

		{"less", "Less", nil, []*value{vector(1, 2, 3), scalar(2)}, bools(dims{3}, true, false, false)},
		{"at most", "LessOrEqual", nil, []*value{vector(1, 2, 3), scalar(2)}, bools(dims{3}, true, true, false)},
		{"greater", "Greater", nil, []*value{floats(dims{2}, 1, nan), floats(dims{}, 0)}, bools(dims{2}, true, false)},
		{"at least", "GreaterOrEqual", nil, []*value{vector(1, 2, 3), scalar(2)}, bools(dims{3}, false, true, true)},
		{"equal", "Equal", nil, []*value{vector(1, 2), vector(1, 3)}, bools(dims{2}, true, false)},
		{"equal truth", "Equal", nil, []*value{bools(dims{2}, true, false), bools(dims{}, false)}, bools(dims{2}, false, true)},
		{"and", "And", nil, []*value{bools(dims{2}, true, true), bools(dims{2}, true, false)}, bools(dims{2}, true, false)},
		{"or", "Or", nil, []*value{bools(dims{2}, false, true), bools(dims{2}, false, false)}, bools(dims{2}, false, true)},
		{"xor", "Xor", nil, []*value{bools(dims{2}, true, true), bools(dims{2}, true, false)}, bools(dims{2}, false, true)},
		{"not", "Not", nil, []*value{bools(dims{2}, true, false)}, bools(dims{2}, false, true)},

		{"shape", "Shape", nil, []*value{floats(dims{2, 0})}, vector(2, 0)},
		{"part of shape", "Shape", attrs{"start": int64(-2), "end": int64(-1)}, []*value{floats(dims{2, 0, 3})}, vector(0)},
		{"reshape", "Reshape", nil, []*value{vector(1, 2, 3, 4), vector(2, -1)}, ints(dims{2, 2}, 1, 2, 3, 4)},
		{"keep", "Reshape", nil, []*value{ints(dims{2, 2}, 1, 2, 3, 4), vector(0, 1, 2)}, ints(dims{2, 1, 2}, 1, 2, 3, 4)},
		{"really 0", "Reshape", attrs{"allowzero": int64(1)}, []*value{ints(dims{0, 2}), vector(0, 5)}, ints(dims{0, 5})},
		{"transpose", "Transpose", nil, []*value{ints(dims{2, 3}, 1, 2, 3, 4, 5, 6)}, ints(dims{3, 2}, 1, 4, 2, 5, 3, 6)},
		{"permute", "Transpose", attrs{"perm": []int64{1, 0, 2}}, []*value{ints(dims{2, 2, 1}, 1, 2, 3, 4)}, ints(dims{2, 2, 1}, 1, 3, 2, 4)},
		{"squeeze", "Squeeze", nil, []*value{ints(dims{1, 2, 1}, 1, 2)}, vector(1, 2)},
		{"squeeze one", "Squeeze", nil, []*value{ints(dims{1, 2, 1}, 1, 2), vector(-1)}, ints(dims{1, 2}, 1, 2)},
		{"unsqueeze", "Unsqueeze", nil, []*value{vector(1, 2), vector(0, -1)}, ints(dims{1, 2, 1}, 1, 2)},
		{"expand", "Expand", nil, []*value{ints(dims{2, 1}, 1, 2), vector(1, 2)}, ints(dims{2, 2}, 1, 1, 2, 2)},
		{"concat", "Concat", attrs{"axis": int64(-1)}, []*value{ints(dims{2, 1}, 1, 2), ints(dims{2, 2}, 3, 4, 5, 6)}, ints(dims{2, 3}, 1, 3, 4, 2, 5, 6)},

		{"gather", "Gather", nil, []*value{ints(dims{2, 2}, 1, 2, 3, 4), ints(dims{1, 3}, 1, 0, -1)}, ints(dims{1, 3, 2}, 3, 4, 1, 2, 3, 4)},
		{"gather columns", "Gather", attrs{"axis": int64(1)}, []*value{ints(dims{2, 2}, 1, 2, 3, 4), scalar(1)}, vector(2, 4)},
		{"range", "Range", nil, []*value{scalar(1), scalar(6), scalar(2)}, vector(1, 3, 5)},
		{"range down", "Range", nil, []*value{scalar(1), scalar(-2), scalar(-1)}, vector(1, 0, -1)},
		{"no range", "Range", nil, []*value{scalar(1), scalar(1), scalar(1)}, vector()},
		{"wide range", "Range", nil, []*value{scalar(math.MinInt64), scalar(math.MaxInt64), scalar(1 << 62)}, vector(math.MinInt64, -1<<62, 0, 1<<62)},
		{"slice", "Slice", nil, []*value{vector(0, 1, 2, 3), vector(1), vector(-1)}, vector(1, 2)},
		{"slice back", "Slice", nil, []*value{vector(0, 1, 2, 3), vector(-1), vector(math.MinInt64), vector(0), vector(-2)}, vector(3, 1)},
		{"slice column", "Slice", nil, []*value{ints(dims{2, 2}, 1, 2, 3, 4), vector(1), vector(99), vector(-1)}, ints(dims{2, 1}, 2, 4)},
		{"slice nothing", "Slice", nil, []*value{vector(1, 2), vector(2), vector(1), nil, vector(math.MaxInt64)}, vector()},

		{"matrices", "MatMul", nil, []*value{floats(dims{2, 2}, 1, 2, 3, 4), floats(dims{2, 1}, 5, 6)}, floats(dims{2, 1}, 17, 39)},
		{"row", "MatMul", nil, []*value{floats(dims{2}, 1, 2), floats(dims{2, 2}, 1, 2, 3, 4)}, floats(dims{2}, 7, 10)},
		{"column", "MatMul", nil, []*value{floats(dims{2, 2}, 1, 2, 3, 4), floats(dims{2}, 1, 2)}, floats(dims{2}, 5, 11)},
		{"inner", "MatMul", nil, []*value{floats(dims{2}, 1, 2), floats(dims{2}, 3, 4)}, floats(dims{}, 11)},
		{"batches", "MatMul", nil, []*value{floats(dims{2, 1, 1}, 1, 2), floats(dims{1, 1, 2}, 3, 4)}, floats(dims{2, 1, 2}, 3, 4, 6, 8)},
		{"crossed batches", "MatMul", nil, []*value{floats(dims{2, 1, 1, 1}, 1, 2), floats(dims{2, 1, 1}, 3, 4)}, floats(dims{2, 2, 1, 1}, 3, 4, 6, 8)},
		{"nothing to add", "MatMul", nil, []*value{floats(dims{1, 0}), floats(dims{0, 1})}, floats(dims{1, 1}, 0)},
		{"infinite weight", "MatMul", nil, []*value{floats(dims{1, 2}, 0, 1), floats(dims{2, 1}, inf, 1)}, floats(dims{1, 1}, nan)},
		{"affine", "Gemm", attrs{"alpha": float32(2), "beta": float32(3), "transB": int64(1)}, []*value{floats(dims{1, 2}, 1, 2), floats(dims{1, 2}, 3, 4), floats(dims{1}, 1)}, floats(dims{1, 1}, 25)},
		{"transposed", "Gemm", attrs{"transA": int64(1)}, []*value{floats(dims{2, 1}, 1, 2), floats(dims{2, 1}, 3, 4)}, floats(dims{1, 1}, 11)},

		{"softmax", "Softmax", nil, []*value{floats(dims{2, 3}, 0, 0, 0, 9, -math.MaxFloat32, 9)}, floats(dims{2, 3}, third, third, third, .5, 0, .5)},
		{"softmax of columns", "Softmax", attrs{"axis": int64(0)}, []*value{floats(dims{2, 2}, 0, 0, 0, -200)}, floats(dims{2, 2}, .5, 1, .5, 0)},
		{"softmax of NaN", "Softmax", nil, []*value{floats(dims{2}, nan, 0)}, floats(dims{2}, nan, nan)},
		{"norm", "LayerNormalization", attrs{"epsilon": float32(0)}, []*value{floats(dims{1, 2}, 1, 3), floats(dims{2}, 1, 2), floats(dims{2}, 5, 5)}, floats(dims{1, 2}, 4, 7)},
		{"norm without bias", "LayerNormalization", attrs{"axis": int64(0), "epsilon": float32(0)}, []*value{floats(dims{2}, 1, 3), floats(dims{2}, 1, 2)}, floats(dims{2}, -1, 2)},
		{"mean", "ReduceMean", attrs{"axes": []int64{0}}, []*value{floats(dims{2, 2}, 1, 2, 3, 4)}, floats(dims{1, 2}, 2, 3)},
		{"sum of all", "ReduceSum", attrs{"keepdims": int64(0)}, []*value{floats(dims{2, 2}, 1, 2, 3, 4)}, floats(dims{}, 10)},
		{"sum of rows", "ReduceSum", nil, []*value{floats(dims{2, 2}, 1, 2, 3, 4), vector(-1)}, floats(dims{2, 1}, 3, 7)},
		{"sum of none", "ReduceSum", attrs{"noop_with_empty_axes": int64(1)}, []*value{floats(dims{2}, 1, 2)}, floats(dims{2}, 1, 2)},
	}
	for _, test := range tests {
		t.Run(test.op+" "+test.name, func(t *testing.T) {
			got, err := apply(test.op, 17, test.a, 1, test.in...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got[0], sameValue); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	data := ints(dims{2, 3}, 1, 2, 3, 4, 5, 6)
	along := attrs{"axis": int64(1)}
	for name, in := range map[string][]*value{
		"sizes":  {data, vector(2, 1)},
		"evenly": {data}, // the last part is smaller
	} {
		got, err := apply("Split", 18, along, 2, in...)
		if err != nil {
			t.Fatal(err)
		}
		want := []*value{ints(dims{2, 2}, 1, 2, 4, 5), ints(dims{2, 1}, 3, 6)}
		if diff := cmp.Diff(want, got, sameValue); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// The axes of ReduceMean became an input in opset 18.
func TestReduceMeanByOpset(t *testing.T) {
	x := floats(dims{2, 2}, 1, 2, 3, 4)
	if _, err := apply("ReduceMean", 17, nil, 1, x, vector(0)); err == nil {
		t.Error("opset 17 took axes as an input")
	}
	if _, err := apply("ReduceMean", 18, attrs{"axes": []int64{0}}, 1, x); err == nil {
		t.Error("opset 18 took axes as an attribute")
	}
	got, err := apply("ReduceMean", 18, nil, 1, x, vector(0))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(floats(dims{1, 2}, 2, 3), got[0], sameValue); diff != "" {
		t.Error(diff)
	}
}

func TestOperationErrors(t *testing.T) {
	pair := floats(dims{2}, 1, 2)
	triple := floats(dims{3}, 1, 2, 3)
	number := floats(dims{}, 1)
	tests := []struct {
		op   string
		a    attrs
		in   []*value
		want string
	}{
		{"Add", nil, []*value{pair}, "1 inputs"},
		{"Add", nil, []*value{pair, nil}, "input 1 is missing"},
		{"Add", nil, []*value{pair, triple}, "do not broadcast"},
		{"Add", nil, []*value{pair, vector(1)}, "float32 and int64"},
		{"Add", nil, []*value{bools(dims{1}, true), bools(dims{1}, true)}, "arithmetic on bool"},
		{"Add", attrs{"axis": int64(0)}, []*value{pair, pair}, `attribute "axis"`},
		{"Add", nil, []*value{floats(dims{500, 1}, make([]float64, 500)...), triple}, "limit"},
		{"Div", nil, []*value{vector(1), vector(0)}, "division by zero"},
		{"Relu", nil, []*value{vector(1)}, "int64 elements"},
		{"Cast", attrs{"to": int64(8)}, []*value{pair}, "STRING is not supported"},
		{"Cast", attrs{"to": int64(1 << 40)}, []*value{pair}, "not supported"},
		{"Cast", attrs{"to": float32(1)}, []*value{pair}, "attribute to is a float32"},
		{"Cast", attrs{"to": int64(7)}, []*value{floats(dims{1}, math.NaN())}, "does not fit"},
		{"Cast", attrs{"to": int64(6)}, []*value{floats(dims{1}, 1<<31)}, "does not fit int32"},
		{"Add", nil, []*value{narrow(1), vector(1)}, "operands are int32 and int64"},
		{"Reshape", nil, []*value{vector(1), narrow(1)}, "want a vector of int64"},
		{"Range", nil, []*value{scalar(0), narrow(5), scalar(1)}, "argument 1"},
		{"Where", nil, []*value{pair, pair, pair}, "not bool"},
		{"Where", nil, []*value{bools(dims{1}, true), pair, vector(1)}, "float32 and int64"},
		{"Less", nil, []*value{bools(dims{}, true), bools(dims{}, true)}, "no order"},
		{"And", nil, []*value{pair, pair}, "want bool"},
		{"Not", nil, []*value{pair}, "want bool"},
		{"Reshape", nil, []*value{pair, vector(3)}, "does not hold"},
		{"Reshape", nil, []*value{pair, vector(-1, -1)}, "shape"},
		{"Reshape", nil, []*value{pair, vector(-1, 3)}, "does not divide"},
		{"Reshape", nil, []*value{pair, vector(-1, 1<<31, 1<<31, 1<<31)}, "shape"},
		{"Reshape", nil, []*value{pair, vector(2, 1, 1, 1, 1, 1, 1, 1, 1)}, "dimensions"},
		{"Reshape", nil, []*value{pair, vector(2, 0)}, "keeps dimension 1"},
		{"Reshape", nil, []*value{pair, pair}, "vector of int64"},
		{"Transpose", attrs{"perm": []int64{0, 0}}, []*value{floats(dims{1, 1}, 1)}, "twice"},
		{"Transpose", attrs{"perm": []int64{0}}, []*value{floats(dims{1, 1}, 1)}, "permutation"},
		{"Transpose", attrs{"perm": []int64{5}}, []*value{pair}, "out of range"},
		{"Squeeze", nil, []*value{pair, vector(0)}, "is not 1"},
		{"Unsqueeze", nil, []*value{pair, vector(0, 1, 2, 3, 4, 5, 6, 7)}, "dimensions"},
		{"Expand", nil, []*value{pair, vector(-1)}, "shape"},
		{"Expand", nil, []*value{number, vector(1<<30, 1<<30, 1<<30)}, "limit"},
		{"Expand", nil, []*value{number, vector(1, 1, 1, 1, 1, 1, 1, 1, 1)}, "dimensions"},
		{"Concat", nil, []*value{pair}, "no axis"},
		{"Concat", attrs{"axis": int64(0)}, []*value{pair, nil}, "missing"},
		{"Concat", attrs{"axis": int64(0)}, []*value{pair, floats(dims{1, 1}, 1)}, "shapes"},
		{"Concat", attrs{"axis": int64(0)}, []*value{floats(dims{1, 1}, 1), floats(dims{1, 2}, 1, 2)}, "differ"},
		{"Gather", nil, []*value{pair, vector(2)}, "index 2 is out of range"},
		{"Gather", nil, []*value{pair, vector(-3)}, "index -3 is out of range"},
		{"Gather", nil, []*value{number, vector(0)}, "out of range"},
		{"Gather", nil, []*value{pair, pair}, "not integers"},
		{"Range", nil, []*value{scalar(0), scalar(5), scalar(0)}, "delta is 0"},
		{"Range", nil, []*value{scalar(0), scalar(math.MaxInt64), scalar(1)}, "limit"},
		{"Range", nil, []*value{scalar(0), vector(1, 2), scalar(1)}, "argument 1"},
		{"Slice", nil, []*value{pair, vector(0), vector(1, 2)}, "1 starts, 2 ends"},
		{"Slice", nil, []*value{pair, vector(0), vector(1), vector(1)}, "out of range"},
		{"Slice", nil, []*value{pair, vector(0), vector(1), vector(0), vector(0)}, "step 0"},
		{"Split", nil, []*value{pair, vector(3)}, "sizes"},
		{"Split", nil, []*value{pair, vector(1)}, "sizes"},
		{"Split", attrs{"num_outputs": int64(2)}, []*value{pair}, "num_outputs"},
		{"MatMul", nil, []*value{pair, number}, "scalar"},
		{"MatMul", nil, []*value{pair, triple}, "do not multiply"},
		{"MatMul", nil, []*value{vector(1), vector(1)}, "int64 elements"},
		{"MatMul", nil, []*value{floats(dims{300, 1}, make([]float64, 300)...), floats(dims{1, 300}, make([]float64, 300)...)}, "limit"},
		{"MatMul", nil, []*value{floats(dims{30, 20}, make([]float64, 600)...), floats(dims{20, 30}, make([]float64, 600)...)}, "operations"},
		{"Gemm", nil, []*value{pair, pair}, "not a matrix"},
		{"Gemm", nil, []*value{floats(dims{1, 1}, 1), floats(dims{1, 1}, 1), pair}, "does not broadcast"},
		{"Softmax", attrs{"axis": int64(1)}, []*value{pair}, "out of range"},
		{"Softmax", nil, []*value{number}, "out of range"},
		{"LayerNormalization", nil, []*value{pair, triple}, "parameters"},
		{"LayerNormalization", attrs{"stash_type": int64(11)}, []*value{pair, pair}, "stash_type"},
		{"ReduceSum", nil, []*value{vector(1)}, "int64 elements"},
		{"ReduceSum", nil, []*value{pair, vector(0, 0)}, "twice"},
	}
	for _, test := range tests {
		_, err := apply(test.op, 17, test.a, 1, test.in...)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %v: error %v, want %q", test.op, test.a, err, test.want)
		}
	}
	if _, err := apply("Relu", 17, nil, 2, pair); err == nil {
		t.Error("Relu with two outputs")
	}
}

package onnxrun

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawValue draws a small tensor, empty ones included.
func drawValue(t *rapid.T) *value {
	shape := rapid.SliceOfN(rapid.IntRange(0, 3), 0, 4).Draw(t, "shape")
	v, err := newBudget(Limits{Elements: 1000, Work: 1000}).newValue(rapid.SampledFrom([]kind{float32Kind, float64Kind, int64Kind, boolKind}).Draw(t, "kind"), shape)
	if err != nil {
		t.Fatal(err)
	}
	number := rapid.OneOf(rapid.Int64Range(-3, 3), rapid.Int64())
	for i := range v.i {
		v.i[i] = number.Draw(t, "int")
	}
	for i := range v.f {
		v.f[i] = rapid.Float64().Draw(t, "float")
	}
	for i := range v.b {
		v.b[i] = rapid.Bool().Draw(t, "bool")
	}
	return v.round()
}

// drawAttributes draws some of the attributes that operations read.
func drawAttributes(t *rapid.T) attrs {
	a := attrs{}
	number := rapid.OneOf(rapid.Int64Range(-2, 4), rapid.Int64())
	for _, name := range []string{"axis", "to", "start", "end", "keepdims", "transA", "transB", "allowzero", "num_outputs", "noop_with_empty_axes"} {
		if rapid.IntRange(0, 7).Draw(t, name) == 0 {
			a[name] = number.Draw(t, name)
		}
	}
	for _, name := range []string{"perm", "axes"} {
		if rapid.IntRange(0, 7).Draw(t, name) == 0 {
			a[name] = rapid.SliceOfN(number, 0, 4).Draw(t, name)
		}
	}
	return a
}

// Whatever an operation is given, the answer is tensors whose shape and
// elements agree, or an error, and what it takes from the budget is what it
// returns.
func TestOperationsHold(t *testing.T) {
	all := operators()
	ran := 0
	for _, name := range slices.Sorted(maps.Keys(all)) {
		results := 0
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			if checkRandom(t, all[name]) {
				results++
			}
		}))
		if results > 0 {
			ran++
		}
	}
	// Few random inputs suit the choosiest operations; most must have run.
	if ran < len(all)*2/3 {
		t.Errorf("only %d of %d operations had a result", ran, len(all))
	}
}

// checkRandom runs an operation on drawn inputs and reports whether it had a
// result.
func checkRandom(t *rapid.T, op operator) bool {
	in := make([]*value, rapid.IntRange(op.minIn, min(op.maxIn, op.minIn+2)).Draw(t, "inputs"))
	for i := range in {
		switch rapid.IntRange(0, 9).Draw(t, "sort") {
		case 0: // left out
		case 1, 2, 3:
			in[i] = in[0]
		}
		if in[i] == nil && i < op.minIn {
			in[i] = drawValue(t)
		}
	}
	outputs := rapid.IntRange(1, min(3, op.maxOut)).Draw(t, "outputs")
	opset := rapid.Int64Range(minOpset, maxOpset).Draw(t, "opset")
	k, err := op.kernel(len(in), &attributes{values: keep(op, drawAttributes(t)), opset: opset, outputs: outputs})
	if err != nil {
		return false
	}
	const elements = 5000
	left := newBudget(Limits{Elements: elements, Work: 50_000})
	out, err := k(left, in)
	if err != nil {
		return false
	}
	if len(out) != outputs {
		t.Fatalf("%d outputs, want %d", len(out), outputs)
	}
	total := int64(0)
	for _, v := range out {
		if n, err := count(v.shape, elements); err != nil || n != v.size() {
			t.Fatalf("%d elements for shape %v", v.size(), v.shape)
		}
		total += int64(v.size())
	}
	if left.elements != elements-total {
		t.Fatalf("%d elements of budget for %d", elements-left.elements, total)
	}
	return true
}

// keep returns the attributes that the operation reads, since one that it
// does not read is refused before anything runs.
func keep(op operator, drawn attrs) attrs {
	probe := &attributes{values: attrs{"axis": int64(0), "to": int64(1)}, opset: minOpset, outputs: 1}
	if _, err := op.make(probe); err != nil {
		return drawn
	}
	kept := attrs{}
	for _, name := range probe.read {
		if v, ok := drawn[name]; ok {
			kept[name] = v
		}
	}
	return kept
}

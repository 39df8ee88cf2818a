package verify_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify"
	"github.com/raspc/raspc/verify/hfrun"
	"github.com/raspc/raspc/verify/onnxrun"
)

// damaged are the values that replace a weight.
var damaged = map[string]func(w float32) float32{
	"zeroed":  func(float32) float32 { return 0 },
	"negated": func(w float32) float32 { return -w },
}

// floats finds the float tensors of an ONNX model; the bytes are the model's
// own.
func floats(t testing.TB, model *onnxpb.ModelProto) map[string][]byte {
	t.Helper()
	tensors := map[string][]byte{}
	for _, init := range model.Graph.Initializer {
		if init.GetDataType() == int32(onnxpb.TensorProto_FLOAT) {
			tensors[init.GetName()] = init.RawData
		}
	}
	if len(tensors) == 0 {
		t.Fatal("no weights")
	}
	return tensors
}

// scaleONNX multiplies one tensor of an ONNX file.
func scaleONNX(t testing.TB, path, name string, by float32) {
	t.Helper()
	var model onnxpb.ModelProto
	if err := proto.Unmarshal(get(t, path), &model); err != nil {
		t.Fatal(err)
	}
	raw, ok := floats(t, &model)[name]
	if !ok {
		t.Fatalf("no tensor %s", name)
	}
	for i := 0; i < len(raw); i += 4 {
		set(raw[i:], at(raw[i:])*by)
	}
	data, err := proto.Marshal(&model)
	if err != nil {
		t.Fatal(err)
	}
	put(t, path, data)
}

func at(raw []byte) float32     { return math.Float32frombits(binary.LittleEndian.Uint32(raw)) }
func set(raw []byte, w float32) { binary.LittleEndian.PutUint32(raw, math.Float32bits(w)) }

// weight is one weight of a file, in place.
type weight struct {
	name string
	raw  []byte // its four bytes
}

// weights lists the weights of named tensors that are not zero.
func weights(tensors map[string][]byte) []weight {
	var all []weight
	for name, raw := range tensors {
		for i := 0; i < len(raw); i += 4 {
			if at(raw[i:]) != 0 {
				all = append(all, weight{fmt.Sprintf("%s[%d]", name, i/4), raw[i : i+4]})
			}
		}
	}
	return all
}

// TestDamage changes each single weight of both files in turn. Whatever gives
// another output on some input is reported as different; what changes nothing
// is still equivalent. What a change does is seen by running all inputs
// directly, one by one and with padding, and comparing them with the oracle,
// without the plan, the batches or the judgement of a verification.
func TestDamage(t *testing.T) {
	for name, text := range map[string]string{"labels": reverse, "numbers": share, "booleans": most} {
		t.Run(name, func(t *testing.T) {
			dir := export(t, text)
			c := newCensus(t, dir, text)
			t.Run("onnx", func(t *testing.T) { c.onnx(t, dir) })
			t.Run("safetensors", func(t *testing.T) { c.safetensors(t, dir) })
			if c.different == 0 || c.harmless == 0 {
				t.Errorf("%d changes matter, %d do not", c.different, c.harmless)
			}
		})
	}
}

// census tries damages of one program's files.
type census struct {
	man                 *manifest.Manifest
	oracle              *interp.Evaluator
	program             *resolve.Program
	inputs              [][]int
	different, harmless int
}

func newCensus(t *testing.T, dir, text string) *census {
	man, err := manifest.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	p, list := resolve.Run(diag.NewSource("test.rasp", text), resolve.Options{})
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	c := &census{man: man, program: p, oracle: interp.New(p.Graph, p.Settings.Causal.Value, p.Output.ID)}
	for n := 1; n <= man.Options.MaxLen; n++ {
		for k := range 1 << n {
			ids := make([]int, n)
			for i := range ids {
				ids[i] = k >> i & 1
			}
			c.inputs = append(c.inputs, ids)
		}
	}
	return c
}

func (c *census) onnx(t *testing.T, dir string) {
	path := filepath.Join(dir, "model.onnx")
	original := get(t, path)
	defer put(t, path, original)
	var model onnxpb.ModelProto
	if err := proto.Unmarshal(original, &model); err != nil {
		t.Fatal(err)
	}
	for _, w := range weights(floats(t, &model)) {
		c.try(t, dir, "onnx", w, func() verify.Runner {
			data, err := proto.Marshal(&model)
			if err != nil {
				t.Fatal(err)
			}
			put(t, path, data)
			m, err := onnxrun.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			return m
		})
	}
}

func (c *census) safetensors(t *testing.T, dir string) {
	path := filepath.Join(dir, "model.safetensors")
	original := get(t, path)
	defer put(t, path, original)
	data := slices.Clone(original)
	for _, w := range weights(sections(t, data)) {
		c.try(t, dir, "safetensors", w, func() verify.Runner {
			put(t, path, data)
			m, err := hfrun.Open(dir)
			if err != nil {
				return nil // some changes make no stock model at all
			}
			return m
		})
	}
}

// sections finds the tensors of a safetensors file by its header.
func sections(t testing.TB, data []byte) map[string][]byte {
	size := binary.LittleEndian.Uint64(data)
	var header map[string]json.RawMessage
	if err := json.Unmarshal(data[8:8+size], &header); err != nil {
		t.Fatal(err)
	}
	body, tensors := data[8+size:], map[string][]byte{}
	for name, raw := range header {
		var info struct {
			Dtype   string `json:"dtype"`
			Offsets [2]int `json:"data_offsets"`
		}
		if json.Unmarshal(raw, &info) == nil && (info.Dtype == "F32" || info.Dtype == "BOOL") {
			tensors[name] = body[info.Offsets[0]:info.Offsets[1]]
		}
	}
	return tensors
}

// try changes one weight, compares the verdict with what is seen, and puts the
// weight back.
func (c *census) try(t *testing.T, dir, format string, w weight, write func() verify.Runner) {
	t.Helper()
	old := at(w.raw)
	for how, change := range damaged {
		set(w.raw, change(old))
		run := write()
		r, err := verify.Folder(t.Context(), dir, verify.Options{Formats: []string{format}})
		switch {
		case run == nil:
			if err == nil {
				t.Errorf("%s %s: not a stock model, and the verdict is %s", w.name, how, r.Result)
			}
		case err != nil:
			// An overflow on some input: never equivalent.
			if c.worst(t, run) < 1 {
				t.Errorf("%s %s: %v", w.name, how, err)
			}
		default:
			c.compare(t, w.name+" "+how, c.worst(t, run), r.Result)
		}
		set(w.raw, old)
	}
}

// compare holds a verdict to the worst deviation: more than 1 is a wrong
// output. What lies next to the limit may be called either way.
func (c *census) compare(t *testing.T, what string, worst float64, got verify.Result) {
	t.Helper()
	switch {
	case worst > 1.01:
		c.different++
		if got != verify.Different {
			t.Errorf("%s: outputs change, and the verdict is %s", what, got)
		}
	case worst < 0.99:
		c.harmless++
		if got != verify.Equivalent {
			t.Errorf("%s: no output changes, and the verdict is %s", what, got)
		}
	}
}

// worst runs all inputs and returns how far the worst output is off: for
// numbers in tolerances; for labels 0 or 2, and 1 where the label is right by
// next to nothing.
func (c *census) worst(t *testing.T, run verify.Runner) float64 {
	worst := 0.0
	longest := c.man.Options.MaxLen
	for _, ids := range c.inputs {
		in := make([]value.Value, len(ids))
		for i, id := range ids {
			in[i] = c.program.Settings.Alphabet()[id]
		}
		want, err := c.oracle.Run(in)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{len(ids), longest} {
			row, mask := []int64{int64(c.man.Tokens.BOS)}, []int64{1}
			for i := range size {
				if i < len(ids) {
					row, mask = append(row, int64(ids[i])), append(mask, 1)
				} else {
					row, mask = append(row, int64(c.man.Tokens.PAD)), append(mask, 0)
				}
			}
			logits, err := run.Run([][]int64{row}, [][]int64{mask})
			if err != nil {
				return 2
			}
			for i, w := range want.Sequence(c.program.Output.ID) {
				worst = max(worst, c.off(logits[0][i+1], w))
			}
		}
	}
	return worst
}

func (c *census) off(row []float32, want value.Value) float64 {
	for _, l := range row {
		if math.IsNaN(float64(l)) || math.IsInf(float64(l), 0) {
			return 2
		}
	}
	if c.man.Output.Kind == manifest.Numeric {
		w := want.Rat().Float64()
		return math.Abs(float64(row[0])-w) / (verify.DefaultTolerance * max(1, math.Abs(w)))
	}
	size, best, second := 0.0, math.Inf(-1), math.Inf(-1)
	right := false
	for k, l := range row {
		x := float64(l)
		size = max(size, math.Abs(x))
		if x > best {
			v, err := c.man.Output.Labels[k].Value()
			best, second, right = x, best, err == nil && value.Equal(v, want)
		} else {
			second = max(second, x)
		}
	}
	switch {
	case best-second < 2e-5*max(1, size):
		return 1
	case right:
		return 0
	}
	return 2
}

package raspc_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/hfrun"
)

// stockFile is a safetensors file whose tensors can be changed.
type stockFile struct {
	data   []byte
	header map[string]struct {
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	body int
}

func readStock(t testing.TB, path string) *stockFile {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := &stockFile{data: data, body: 8 + int(binary.LittleEndian.Uint64(data))}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data[8:f.body], &raw); err != nil {
		t.Fatal(err)
	}
	delete(raw, "__metadata__")
	text, _ := json.Marshal(raw)
	if err := json.Unmarshal(text, &f.header); err != nil {
		t.Fatal(err)
	}
	return f
}

// bytes are those of a tensor.
func (f *stockFile) bytes(name string) []byte {
	at, ok := f.header[name]
	if !ok {
		panic("no tensor " + name)
	}
	return f.data[f.body+at.Offsets[0] : f.body+at.Offsets[1]]
}

func (f *stockFile) get(name string, i int) float32 {
	return math.Float32frombits(binary.LittleEndian.Uint32(f.bytes(name)[4*i:]))
}

func (f *stockFile) set(name string, i int, w float32) {
	binary.LittleEndian.PutUint32(f.bytes(name)[4*i:], math.Float32bits(w))
}

// graftFolder is a graft on the disk, read again.
type graftFolder struct {
	dir             string
	man             *manifest.Manifest
	config          []byte
	weights, frozen *stockFile
	program         *raspc.Program
}

// planted compiles a program and grafts it.
func planted(t testing.TB, text string, o raspc.GraftOptions) *graftFolder {
	t.Helper()
	m, err := raspc.Compile("program.rasp", text, raspc.Options{Causal: "on"})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := m.Graft(t.Context(), dir, o); err != nil {
		t.Fatal(err)
	}
	return opened(t, dir, text)
}

func opened(t testing.TB, dir, text string) *graftFolder {
	t.Helper()
	man, err := manifest.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	program, err := raspc.Parse("program.rasp", text, raspc.Options{Causal: "on"})
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	return &graftFolder{dir, man, config, readStock(t, filepath.Join(dir, "model.safetensors")), readStock(t, filepath.Join(dir, "frozen.safetensors")), program}
}

// trained changes every weight that is not frozen.
func (g *graftFolder) trained(change func(name string, w float32) float32) {
	for name, at := range g.weights.header {
		mask := g.frozen.bytes(name)
		for i := range (at.Offsets[1] - at.Offsets[0]) / 4 {
			if mask[i] == 0 {
				g.weights.set(name, i, change(name, g.weights.get(name, i)))
			}
		}
	}
}

// columns returns what the columns with labels hold at the end, at each token of each
// input: the head is made to read them, which it may.
func (g *graftFolder) columns(t testing.TB, inputs [][]value.Value) [][][]float64 {
	t.Helper()
	head, outputs := "classifier", len(g.man.Columns)
	if g.man.Host.Arch == "llama" {
		head = "score"
	}
	for out := range outputs {
		for c := range g.man.Host.DModel {
			w := float32(0)
			if c == g.man.Columns[out].Index {
				w = 1
			} else if g.man.Host.Reference != nil && c == *g.man.Host.Reference {
				w = -1
			}
			g.weights.set(head+".weight", out*g.man.Host.DModel+c, w)
		}
		g.weights.set(head+".bias", out, 0)
	}
	model, err := hfrun.Parse(g.config, g.weights.data)
	if err != nil {
		t.Fatal(err)
	}
	all := make([][][]float64, len(inputs))
	for _, batch := range byLength(inputs) {
		var ids, mask [][]int64
		for _, i := range batch {
			row := g.ids(inputs[i])
			ids, mask = append(ids, row), append(mask, slices.Repeat([]int64{1}, len(row)))
		}
		logits, err := model.Run(ids, mask)
		if err != nil {
			t.Fatal(err)
		}
		for k, i := range batch {
			for _, row := range logits[k][1:] {
				held := make([]float64, outputs)
				for c := range held {
					held[c] = float64(row[c])
				}
				all[i] = append(all[i], held)
			}
		}
	}
	return all
}

// byLength groups inputs.
func byLength(inputs [][]value.Value) [][]int {
	var groups [][]int
	at := map[int]int{}
	for i, in := range inputs {
		k, ok := at[len(in)]
		if !ok {
			k = len(groups)
			at[len(in)], groups = k, append(groups, nil)
		}
		groups[k] = append(groups[k], i)
	}
	return groups
}

// ids are those of an input in the host, BOS in front.
func (g *graftFolder) ids(in []value.Value) []int64 {
	tokens := g.man.Host.Tokens
	ids := []int64{int64(tokens[len(tokens)-2])}
	for _, v := range in {
		at := slices.Index(g.man.Tokens.Vocab, v.Display())
		ids = append(ids, int64(tokens[at]))
	}
	return ids
}

// code is what a column holds for a value of its variable.
func code(c manifest.Column, v manifest.Variable, x value.Value) float64 {
	if v.Encoding == "numeric" {
		return x.Rat().Float64() / v.Scale
	}
	at := slices.IndexFunc(v.Values, func(a manifest.Atom) bool { return a.Text == x.Display() })
	switch {
	case v.Encoding == "digits" && *c.Digit == 0:
		return float64(at%v.Base) / v.Scale
	case v.Encoding == "digits":
		return float64(at/v.Base) / v.Scale
	case c.On.Has(at):
		return 1
	}
	return 0
}

// agrees holds the columns of all s-ops with a name to the interpreter, on inputs, and
// returns how many numbers it compared.
func (g *graftFolder) agrees(t testing.TB, inputs [][]value.Value) (compared int) {
	t.Helper()
	held := g.columns(t, inputs)
	for i, in := range inputs {
		trace, err := g.program.Trace(in)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range trace {
			for k, c := range g.man.Columns {
				v := g.variable(c, o.Name)
				if v == nil || o.Output == nil {
					continue
				}
				for pos, x := range o.Output {
					want, got := code(c, *v, x), held[i][pos][k]
					if scale := max(1, v.Scale); math.Abs(got-want) > v.Error/scale+v.Gap/scale/64 {
						t.Fatalf("input %v: %s at %d, column %d holds %g, not %g", in, o.Name, pos, c.Index, got, want)
					}
					compared++
				}
			}
		}
	}
	return compared
}

// variable returns the variable of an s-op's name that a column belongs to.
func (g *graftFolder) variable(c manifest.Column, name string) *manifest.Variable {
	for i, v := range g.man.Variables {
		if v.Name != c.Variable || v.Copy != c.Copy || v.Part != "" {
			continue
		}
		for _, s := range g.man.SOps {
			if s.Name == v.SOp && s.Name == name {
				return &g.man.Variables[i]
			}
		}
	}
	return nil
}

// allInputs lists the inputs of a program up to a length.
func (g *graftFolder) allInputs(t testing.TB, longest int) [][]value.Value {
	t.Helper()
	var vocab []value.Value
	for _, a := range g.man.Options.Vocab {
		v, err := a.Value()
		if err != nil {
			t.Fatal(err)
		}
		vocab = append(vocab, v)
	}
	all, last := [][]value.Value(nil), [][]value.Value{nil}
	for range longest {
		var next [][]value.Value
		for _, in := range last {
			for _, v := range vocab {
				next = append(next, append(slices.Clone(in), v))
			}
		}
		all, last = append(all, next...), next
	}
	return all
}

var graftPrograms = map[string]string{
	"hist":   "#: vocab = \"abc\"\n#: max_len = 5\nhist = selector_width(select(tokens, tokens, ==));",
	"choice": "#: vocab = \"abc\"\n#: max_len = 5\nup = tokens if tokens == \"a\" else \"x\";\nlast = aggregate(select(indices, indices - 1, ==), up, \"y\");\nanswer = last == \"x\" and tokens == \"b\";",
	"means":  "#: tokens = int\n#: vocab = 0..2\n#: max_len = 4\nm = aggregate(select(True, True, ==), tokens_int);\nbig = m > 1;\nh = selector_width(select(big, True, ==));\nanswer = h + 2 * indices;",
}

// enlarged is a weight of a host whose stream holds numbers up to about 10^7.
func enlarged(name string, w float32) float32 {
	switch {
	case strings.Contains(name, ".wte.") || strings.Contains(name, ".wpe.") || strings.Contains(name, ".embed_tokens."):
		return 100 * w
	case strings.HasPrefix(name, "model."): // a Llama multiplies what its neurons read
		return 2 * w
	}
	return 16 * w
}

// TestGraft holds what the columns of s-ops hold to the interpreter, in hosts with
// many weights: as they begin, and changed wherever the mask allows.
func TestGraft(t *testing.T) {
	changes := map[string]func(*rand.Rand) func(string, float32) float32{
		"as it begins": nil,
		"huge":         func(*rand.Rand) func(string, float32) float32 { return enlarged },
		"other": func(r *rand.Rand) func(string, float32) float32 {
			return func(string, float32) float32 { return float32(r.NormFloat64() / 16) }
		},
	}
	for name, text := range graftPrograms {
		for _, arch := range raspc.GraftArchitectures() {
			for change, of := range changes {
				t.Run(strings.Join([]string{name, arch, change}, "/"), func(t *testing.T) {
					t.Parallel()
					for seed := range 2 {
						g := planted(t, text, raspc.GraftOptions{
							Arch: arch, DModel: 48, Layers: 5, Heads: 4, DMLP: 24, At: seed, Seed: uint64(seed), Labels: fmt.Sprintf("0..%d", 40),
						})
						if of != nil {
							g.trained(of(rand.New(rand.NewPCG(uint64(seed), 1))))
						}
						if g.agrees(t, g.allInputs(t, 4)) == 0 {
							t.Error("nothing was compared")
						}
					}
				})
			}
		}
	}
}

// TestGraftMask holds the mask to what the program's part needs, and to no more: its heads
// and neurons, what would write into its columns, and norms.
func TestGraftMask(t *testing.T) {
	for _, arch := range raspc.GraftArchitectures() {
		g := planted(t, graftPrograms["choice"], raspc.GraftOptions{Arch: arch, DModel: 48, Layers: 4, Heads: 4, DMLP: 24, At: 1, Labels: "0..3"})
		h := g.man.Host
		stream := func(c int) bool {
			return h.Columns.Has(c) || h.Compensation != nil && (c == *h.Compensation || c == *h.Reference)
		}
		part := func(runs []manifest.Runs, layer, n int) bool {
			k := slices.Index(h.LayersAt, layer)
			return k >= 0 && runs[k].Has(n)
		}
		head := func(layer, dim int) bool { return part(h.HeadsAt, layer, dim%48/12) }
		neuron := func(layer, n int) bool { return part(h.NeuronsAt, layer, n) }
		counted := -1 // a Llama's count, which the host does not read
		if arch == "llama" {
			counted = h.Columns[1]
		}
		for name, at := range g.weights.header {
			layer := -1
			for i := range h.Layers {
				if strings.Contains(name, fmt.Sprintf(".%d.", i)) {
					layer = i
				}
			}
			mask, cols := g.frozen.bytes(name), at.Shape[len(at.Shape)-1]
			for i, frozen := range mask {
				r, c := i/cols, i%cols
				var want bool
				switch {
				case strings.Contains(name, "norm") || strings.Contains(name, "ln_"):
					want = true
				case strings.HasSuffix(name, "wte.weight"), strings.HasSuffix(name, "wpe.weight"), strings.HasSuffix(name, "embed_tokens.weight"),
					strings.HasSuffix(name, "c_proj.bias"), strings.HasSuffix(name, "down_proj.bias"):
					want = stream(c)
				case strings.Contains(name, "c_attn"):
					want = head(layer, c)
				case strings.HasSuffix(name, "attn.c_proj.weight"):
					want = head(layer, r) || stream(c)
				case strings.Contains(name, "c_fc"):
					want = neuron(layer, c)
				case strings.HasSuffix(name, "mlp.c_proj.weight"):
					want = neuron(layer, r) || stream(c)
				case strings.HasSuffix(name, "o_proj.weight"):
					want = stream(r) || head(layer, c)
				case strings.Contains(name, "self_attn"):
					want = head(layer, r) || c == counted
				case strings.HasSuffix(name, "down_proj.weight"):
					want = stream(r) || neuron(layer, c)
				case strings.HasSuffix(name, "_proj.bias"):
					want = neuron(layer, c)
				case strings.Contains(name, "mlp."):
					want = neuron(layer, r) || c == counted
				case strings.HasSuffix(name, "score.weight"):
					want = c == counted
				}
				if want != (frozen == 1) {
					t.Fatalf("%s: %s at %d, %d: the mask is %d", arch, name, r, c, frozen)
				}
			}
		}
	}
}

// TestGraftRefuses names what is wrong with a host, every size that is too small.
func TestGraftRefuses(t *testing.T) {
	m, err := raspc.Compile("program.rasp", graftPrograms["means"], raspc.Options{Causal: "on"})
	if err != nil {
		t.Fatal(err)
	}
	good := raspc.GraftOptions{Arch: "gpt2", DModel: 48, Layers: 4, Heads: 4, DMLP: 24}
	for _, c := range []struct {
		change func(o *raspc.GraftOptions)
		want   string
	}{
		{func(o *raspc.GraftOptions) { o.DModel, o.Layers, o.Heads, o.DMLP, o.MaxLen = 8, 1, 8, 1, 2 },
			"--d-model is 8, at least 13 is needed; --layers is 1, at least 2 is needed; --d-mlp is 1, at least 2 is needed; --positions is 2, at least 4 is needed"},
		{func(o *raspc.GraftOptions) { o.At = 3 }, "--layers, with --at 3, is 4, at least 5 is needed"},
		{func(o *raspc.GraftOptions) { o.Heads = 5 }, "--d-model 48 does not divide into --heads 5"},
		{func(o *raspc.GraftOptions) { o.Arch, o.DModel, o.Heads = "llama", 45, 5 }, "--d-model 45 and --heads 5: heads of 9 columns, whose halves a llama could not turn"},
		{func(o *raspc.GraftOptions) { o.Arch = "bert" }, `the architecture "bert" is none of gpt2, llama`},
		{func(o *raspc.GraftOptions) { o.Vocab = "0..1" }, "the host has no tokens 2, which the program has"},
		{func(o *raspc.GraftOptions) { o.Vocab = "9..1" }, "a range goes from a smaller integer"},
		{func(o *raspc.GraftOptions) { o.Labels = "[" }, ""},
		{func(o *raspc.GraftOptions) { o.Task = "other" }, `the task "other" is none of token-classification, causal-lm`},
		{func(o *raspc.GraftOptions) { o.Task, o.Labels = raspc.TaskCausalLM, "0..3" }, "a language model has no labels"},
		{func(o *raspc.GraftOptions) { o.License = "mine" }, "mine"},
		{func(o *raspc.GraftOptions) { o.MaxBytes = 1000 }, "the files would take 0.0 GB: 4 layers of width 48"},
		{func(o *raspc.GraftOptions) { o.Into = "testdata/none" }, "testdata/none"},
	} {
		o, dir := good, filepath.Join(t.TempDir(), "new")
		c.change(&o)
		if _, err := m.Graft(t.Context(), dir, o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", o, err)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%+v: something was written", o)
		}
	}
	if m, err = raspc.Compile("program.rasp", graftPrograms["hist"], raspc.Options{Causal: "on"}); err != nil {
		t.Fatal(err)
	}
	narrow := raspc.GraftOptions{Arch: "gpt2", DModel: 12, Layers: 1, Heads: 6, DMLP: 1}
	if _, err := m.Graft(t.Context(), filepath.Join(t.TempDir(), "new"), narrow); err == nil || !strings.Contains(err.Error(), "the size of a head, with --d-model 12 and --heads 6, is 2, at least 4 is needed") {
		t.Errorf("%+v: %v", narrow, err)
	}
	for want, opts := range map[string]raspc.Options{
		"selectors that look ahead": {},
		"cannot be put into a host": {Causal: "on", Disguise: raspc.Disguise{Rotate: 1}},
		"needs no padding":          {Causal: "on", PadHeads: 4},
		"the output is 0 on every":  {Causal: "on", Output: "same"},
	} {
		m, err := raspc.Compile("program.rasp", graftPrograms["means"]+"\nsame = 0 * m;\nlast = answer;", opts)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Graft(t.Context(), filepath.Join(t.TempDir(), "new"), good); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

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
	for i, in := range inputs {
		ids, mask := g.ids(in)
		logits, err := model.Run([][]int64{ids}, [][]int64{mask})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range logits[0][1:] {
			held := make([]float64, outputs)
			for c := range held {
				held[c] = float64(row[c])
			}
			all[i] = append(all[i], held)
		}
	}
	return all
}

// ids are those of an input in the host, BOS in front.
func (g *graftFolder) ids(in []value.Value) (ids, mask []int64) {
	tokens := g.man.Host.Tokens
	ids, mask = []int64{int64(tokens[len(tokens)-2])}, []int64{1}
	for _, v := range in {
		at := slices.IndexFunc(g.man.Tokens.Vocab, func(s string) bool { return s == v.Display() })
		ids, mask = append(ids, int64(tokens[at])), append(mask, 1)
	}
	return ids, mask
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
		if v.Name != c.Variable || v.Copy != c.Copy {
			continue
		}
		for _, s := range g.man.SOps {
			if s.Name == v.SOp && (s.Name == name || slices.Contains(s.Names, name)) {
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

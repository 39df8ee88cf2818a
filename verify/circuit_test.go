package verify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify"
	"github.com/raspc/raspc/verify/hfrun"
)

// Programs that look back, of no layer, of one and of more, whose outputs are tokens, numbers and
// truth values.
const (
	same   = "#: vocab = \"ab\"\n#: max_len = 3\nx = tokens;\n"
	before = "#: vocab = \"abc\"\n#: max_len = 4\nx = aggregate(select(indices, indices - 1, ==), tokens, \"c\");\n"
	part   = "#: vocab = \"ab\"\n#: max_len = 5\nx = aggregate(select(indices, indices, <=), indicator(tokens == \"a\"));\n"
	count  = "#: vocab = \"ab\"\n#: max_len = 5\nx = selector_width(select(tokens, tokens, ==));\n"
	dyck   = `#: vocab = "()"
#: max_len = 5
so_far = select(indices, indices, <=);
balance = (indices + 1) * (aggregate(so_far, indicator(tokens == "(")) - aggregate(so_far, indicator(tokens == ")")));
x = aggregate(so_far, indicator(balance < 0)) > 0;
`
)

// small is a host that is quickly looked at.
func small(arch string, seed uint64) raspc.GraftOptions {
	return raspc.GraftOptions{Arch: arch, DModel: 48, Layers: 3, Heads: 4, DMLP: 32, Seed: seed}
}

// graft puts a program into a host, in a new folder.
func graft(t testing.TB, text string, o raspc.GraftOptions) string {
	t.Helper()
	m, err := raspc.Compile("test.rasp", text, raspc.Options{Causal: "on"})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "host")
	if _, err := m.Graft(context.Background(), dir, o); err != nil {
		t.Fatal(err)
	}
	return dir
}

// circuit verifies a host, on every input.
func circuit(t testing.TB, dir string) *verify.Report {
	t.Helper()
	r, err := verify.Folder(context.Background(), dir, verify.Options{Circuit: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// proved wants a proof that the runs agree with.
func proved(t testing.TB, r *verify.Report) {
	t.Helper()
	f := r.Certificate.Files[0]
	if r.Result != verify.Equivalent || !f.Proved {
		t.Fatalf("%s: %s, difference %+v", r.Result, f.Reason, r.FirstDifference)
	}
	bound := 0.0
	for _, s := range f.SOps {
		bound = max(bound, s.Error)
	}
	if off := *r.Files[0].MaxAbsError; off > bound {
		t.Errorf("columns are off by %g on some input, by the proof they are by %g at most", off, bound)
	}
}

// weightsOf reads the weights of a folder, which store writes back, and what is frozen of
// them.
func weightsOf(t testing.TB, dir string) (all, frozen map[string][]byte, store func()) {
	t.Helper()
	path := filepath.Join(dir, hfrun.WeightsFile)
	data := get(t, path)
	return sections(t, data), sections(t, get(t, filepath.Join(dir, "frozen.safetensors"))), func() { put(t, path, data) }
}

// moveMean adds a number to what a GPT-2's positions hold in each column of the host.
func moveMean(t *testing.T, dir string, by float32) {
	t.Helper()
	all, frozen, store := weightsOf(t, dir)
	raw, mask := all["transformer.wpe.weight"], frozen["transformer.wpe.weight"]
	for i := range len(raw) / 4 {
		if mask[i] == 0 {
			set(raw[4*i:], at(raw[4*i:])+by)
		}
	}
	store()
}

// TestCircuits proves programs in hosts of all shapes.
func TestCircuits(t *testing.T) {
	programs := []string{same, before, part, count, dyck}
	for i, o := range []raspc.GraftOptions{
		small("gpt2", 1), small("llama", 2),
		{Arch: "gpt2", DModel: 64, Layers: 2, Heads: 2, DMLP: 64, Seed: 3, MaxLen: 12},
		{Arch: "llama", DModel: 64, Layers: 4, Heads: 2, DMLP: 40, Seed: 4, At: 1},
		{Arch: "gpt2", DModel: 96, Layers: 6, Heads: 6, DMLP: 50, Seed: 5, At: 2, Vocab: "\"xab()cy\""},
		{Arch: "gpt2", DModel: 48, Layers: 4, Heads: 4, DMLP: 48, Seed: 6, At: 1, Task: raspc.TaskCausalLM},
	} {
		for k, text := range programs {
			t.Run(fmt.Sprint(i, k), func(t *testing.T) { proved(t, circuit(t, graft(t, text, o))) })
		}
	}
}

// TestOutputTwice has a number that is held inexactly, and exactly for who reads it.
func TestOutputTwice(t *testing.T) {
	const text = "#: vocab = \"abc\"\n#: max_len = 6\n#: encode x = numerical\nx = 2 * selector_width(select(tokens, tokens, ==));\n"
	for _, arch := range []string{"gpt2", "llama"} {
		r := circuit(t, graft(t, text, small(arch, 1)))
		proved(t, r)
		if off := *r.Certificate.Files[0].WorstError; off > verify.CertificateTolerance {
			t.Errorf("%s: the output may be off by %g", arch, off)
		}
	}
}

// TestTrained changes all weights of hosts that are free to be trained: the circuits stay
// proved.
func TestTrained(t *testing.T) {
	for seed := range uint64(8) {
		arch, text := []string{"gpt2", "llama"}[seed%2], []string{before, part, count, dyck}[seed/2]
		dir := graft(t, text, small(arch, seed))
		all, frozen, store := weightsOf(t, dir)
		rng := rand.New(rand.NewPCG(seed, 7))
		for name, raw := range all {
			for i := range len(raw) / 4 {
				if frozen[name][i] == 0 {
					set(raw[4*i:], at(raw[4*i:])+float32(0.03*rng.NormFloat64()))
				}
			}
		}
		store()
		proved(t, circuit(t, dir))
	}
}

// TestFrozen changes weights that are frozen: what is proved holds on every input.
func TestFrozen(t *testing.T) {
	const mutants = 12
	wrong, open, right := 0, 0, 0
	for k, text := range []string{before, count, dyck} {
		for _, arch := range []string{"gpt2", "llama"} {
			dir := graft(t, text, small(arch, 9))
			rng := rand.New(rand.NewPCG(uint64(k), 11))
			for range mutants {
				all, frozen, store := weightsOf(t, dir)
				what, undo := mutate(rng, all, frozen)
				store()
				r, err := verify.Folder(context.Background(), dir, verify.Options{Circuit: true})
				undo()
				store()
				if err != nil {
					open++ // as an activation that overflows
					continue
				}
				holds := r.Certificate.Files[0].Proved
				switch {
				case holds && r.FirstDifference != nil:
					t.Errorf("%s: proved, and %s", what, r.FirstDifference.Departure)
				case r.FirstDifference != nil:
					wrong++
				case holds:
					right++
				default:
					open++
				}
			}
		}
	}
	if t.Logf("%d mutants differ, %d are undecided, %d proved", wrong, open, right); wrong == 0 || right == 0 {
		t.Error("the mutants say nothing")
	}
}

// mutate changes one frozen weight: one of the circuit's most of the time, else one of a norm
// or a 0.
func mutate(rng *rand.Rand, all, frozen map[string][]byte) (what string, undo func()) {
	const circuits, norms, zeros = 0, 1, 2
	type place struct {
		name string
		i    int
	}
	kinds := make([][]place, 3)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for i := range len(all[name]) / 4 {
			kind := circuits
			switch {
			case frozen[name][i] == 0:
				continue
			case at(all[name][4*i:]) == 0:
				kind = zeros
			case strings.Contains(name, "ln_") || strings.Contains(name, "norm"):
				kind = norms
			}
			kinds[kind] = append(kinds[kind], place{name, i})
		}
	}
	kind := kinds[[]int{circuits, circuits, circuits, circuits, circuits, circuits, norms, zeros}[rng.IntN(8)]]
	p := kind[rng.IntN(len(kind))]
	raw := all[p.name][4*p.i:]
	old := at(raw)
	next := []float32{0, -old, old / 2, old * 2, old + 1, old + 1e-3, old * 1.001}[rng.IntN(7)]
	set(raw, next)
	return fmt.Sprintf("%s[%d] %g becomes %g", p.name, p.i, old, next), func() { set(raw, old) }
}

// TestNotApart has weights by which a circuit and its host are not apart, each of which
// the reason names.
func TestNotApart(t *testing.T) {
	for _, c := range []struct {
		arch, tensor string
		cols         int // of the tensor
		row, col     int
		why          string
	}{
		{"gpt2", "transformer.h.0.attn.c_attn.weight", 144, 47, 0, "the circuit reads"},
		{"gpt2", "transformer.h.0.attn.c_attn.weight", 144, 47, 48 + 1, "the circuit reads"},
		{"gpt2", "transformer.h.0.attn.c_attn.weight", 144, 47, 96 + 2, "the circuit reads"},
		{"gpt2", "transformer.h.0.attn.c_proj.weight", 48, 47, 1, "the host writes"},
		{"gpt2", "transformer.h.0.attn.c_proj.weight", 48, 1, 47, "the circuit writes"},
		{"gpt2", "transformer.h.0.mlp.c_fc.weight", 32, 47, 1, "the circuit reads"},
		{"gpt2", "transformer.h.2.mlp.c_proj.weight", 48, 31, 1, "the host writes"},
		{"gpt2", "transformer.h.0.mlp.c_proj.weight", 48, 1, 47, "the circuit writes"},
		{"llama", "model.layers.0.self_attn.q_proj.weight", 48, 1, 47, "the circuit reads"},
		{"llama", "model.layers.0.self_attn.k_proj.weight", 48, 1, 47, "the circuit reads"},
		{"llama", "model.layers.0.self_attn.v_proj.weight", 48, 1, 47, "the circuit reads"},
		{"llama", "model.layers.0.self_attn.o_proj.weight", 48, 1, 47, "the host writes"},
		{"llama", "model.layers.0.self_attn.o_proj.weight", 48, 47, 1, "the circuit writes"},
		{"llama", "model.layers.0.mlp.gate_proj.weight", 48, 1, 47, "the circuit reads"},
		{"llama", "model.layers.0.mlp.up_proj.weight", 48, 1, 1, "is multiplied"},
		{"llama", "model.layers.2.mlp.down_proj.weight", 32, 1, 31, "the host writes"},
		{"llama", "model.layers.0.mlp.down_proj.weight", 32, 47, 1, "the circuit writes"},
	} {
		dir := graft(t, dyck, small(c.arch, 1))
		all, _, store := weightsOf(t, dir)
		set(all[c.tensor][4*(c.row*c.cols+c.col):], 0x1p-10)
		store()
		r := circuit(t, dir)
		want := fmt.Sprintf("%s[%d %d] is 0.0009765625: ", c.tensor, c.row, c.col)
		if f := r.Certificate.Files[0]; f.Proved || !strings.Contains(f.Reason, want) || !strings.Contains(f.Reason, c.why) {
			t.Errorf("%s[%d %d]: proved %v: %q", c.tensor, c.row, c.col, f.Proved, f.Reason)
		}
	}
}

// TestHugeHost has hosts that are too large for any bound, or drive the mean too far.
func TestHugeHost(t *testing.T) {
	for _, c := range []struct {
		arch, tensor string
		by           float32
		want         string
		but          int // columns, of 144, from this one on
	}{
		{"gpt2", "transformer.wte.weight", 1e14, "columns may be", 144},
		{"gpt2", "transformer.h.0.attn.c_attn.weight", 1e18, "scores of the host", 96},
		{"llama", "model.embed_tokens.weight", 1e4, "columns may be", 144},
		{"llama", "model.layers.0.mlp.down_proj.weight", 1e9, "weight decay", 144},
	} {
		dir := graft(t, dyck, small(c.arch, 1))
		all, frozen, store := weightsOf(t, dir)
		raw := all[c.tensor]
		for i := range len(raw) / 4 {
			if frozen[c.tensor][i] == 0 && i%144 < c.but {
				set(raw[4*i:], at(raw[4*i:])*c.by)
			}
		}
		store()
		r, err := verify.Folder(context.Background(), dir, verify.Options{Circuit: true})
		if err != nil {
			t.Errorf("%s times %g: %v", c.tensor, c.by, err)
			continue
		}
		if f := r.Certificate.Files[0]; f.Proved || !strings.Contains(f.Reason, c.want) {
			t.Errorf("%s times %g: proved %v: %q", c.tensor, c.by, f.Proved, f.Reason)
		}
	}
}

// TestUncentred moves the mean of all columns: that costs precision, not the proof.
func TestUncentred(t *testing.T) {
	dir := graft(t, dyck, small("gpt2", 1))
	errors := func() (worst float64) {
		r := circuit(t, dir)
		proved(t, r)
		for _, s := range r.Certificate.Files[0].SOps {
			worst = max(worst, s.Error)
		}
		return worst
	}
	before := errors()
	moveMean(t, dir, 1)
	if after := errors(); !(after > before) {
		t.Errorf("the largest error is %g where the mean is 0, and %g where it is not", before, after)
	}
}

// TestDifferentCircuit has a circuit of another program.
func TestDifferentCircuit(t *testing.T) {
	dir := graft(t, count, small("gpt2", 1))
	other := strings.Replace(count, "selector_width(select(tokens, tokens, ==))", "selector_width(select(tokens, tokens, ==)) + 1", 1)
	r, err := verify.Folder(context.Background(), dir, verify.Options{Circuit: true, Program: &verify.Program{Name: "other.rasp", Text: other + "#: causal = on\n"}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Result != verify.Different || r.Certificate.Files[0].Proved || r.FirstDifference.Departure == nil || !r.FirstDifference.Stream {
		t.Errorf("%s: %+v", r.Result, r.FirstDifference)
	}
	var text, js, junit bytes.Buffer
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteJSON(&js); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteJUnit(&junit, "suite"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"the columns of the circuit hold something else", "first departs in", "different: the circuit in model.safetensors"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in %s", want, &text)
		}
	}
	if !json.Valid(js.Bytes()) || !strings.Contains(js.String(), `"stream":true`) {
		t.Errorf("not as it should be: %s", &js)
	}
	if !strings.Contains(junit.String(), `failures="1"`) || !strings.Contains(junit.String(), "the residual stream holds") {
		t.Errorf("not as it should be: %s", &junit)
	}
}

// TestCircuitLies has descriptions of circuits that are wrong: an error, or no proof.
func TestCircuitLies(t *testing.T) {
	type lie struct {
		what   string
		change func(m *manifest.Manifest)
		says   string // a part of the error, or of the reason for which there is no proof
	}
	one := func(n int) *int { return &n }
	for _, arch := range []string{"gpt2", "llama"} {
		dir := graft(t, dyck, small(arch, 1))
		original := get(t, filepath.Join(dir, manifest.FileName))
		for _, l := range []lie{
			{"no columns", func(m *manifest.Manifest) { m.Host.Columns, m.Host.Compensation, m.Host.Reference = nil, nil, nil }, "no columns"},
			{"a column that is not there", func(m *manifest.Manifest) { m.Host.Columns = append(m.Host.Columns, 48, 48) }, "columns: the run"},
			{"half a run", func(m *manifest.Manifest) { m.Host.Columns = append(m.Host.Columns, 47) }, "without an end"},
			{"columns twice", func(m *manifest.Manifest) { m.Host.Columns = append(m.Host.Columns, 0, 1) }, "columns: the run"},
			{"a negative column", func(m *manifest.Manifest) { m.Host.Columns[0] = -1 }, "columns: the run"},
			{"a huge run", func(m *manifest.Manifest) { m.Host.Columns[1] = math.MaxInt }, "columns: the run"},
			{"a compensation among the columns", func(m *manifest.Manifest) { m.Host.Compensation = one(0) }, "stands twice"},
			{"a reference that is not there", func(m *manifest.Manifest) { m.Host.Reference = one(-7) }, "stands twice"},
			{"another width", func(m *manifest.Manifest) { m.Host.DModel++ }, "the file has"},
			{"another depth", func(m *manifest.Manifest) { m.Host.Layers++ }, "the file has"},
			{"another architecture", func(m *manifest.Manifest) { m.Host.Arch = "bert" }, "a host is a gpt2 or a llama"},
			{"a layer that is not there", func(m *manifest.Manifest) { m.Host.LayersAt[1] = 3 }, "layer 3 of 3"},
			{"a layer twice", func(m *manifest.Manifest) { m.Host.LayersAt[1] = m.Host.LayersAt[0] }, "stands behind layer 0"},
			{"a negative layer", func(m *manifest.Manifest) { m.Host.LayersAt[0] = -1 }, "layer -1"},
			{"too few heads", func(m *manifest.Manifest) { m.Host.HeadsAt = m.Host.HeadsAt[:1] }, "heads in 1"},
			{"too few neurons", func(m *manifest.Manifest) { m.Host.NeuronsAt = nil }, "neurons in 0"},
			{"a head that is not there", func(m *manifest.Manifest) { m.Host.HeadsAt[0] = manifest.Runs{4, 4} }, "the heads of layer 0"},
			{"neurons that are not there", func(m *manifest.Manifest) { m.Host.NeuronsAt[0] = manifest.Runs{0, 32} }, "the neurons of layer 0"},
			{"no tokens", func(m *manifest.Manifest) { m.Host.Tokens = nil }, "0 token ids"},
			{"a token that is not there", func(m *manifest.Manifest) { m.Host.Tokens[0] = 99 }, "the token id 99"},
			{"a token twice", func(m *manifest.Manifest) { m.Host.Tokens[0] = m.Host.Tokens[1] }, "stands twice"},
			{"a negative token", func(m *manifest.Manifest) { m.Host.Tokens[3] = -1 }, "the token id -1"},
			{"another number of heads", func(m *manifest.Manifest) { m.Host.Heads++ }, "5 heads and 32 neurons in a layer, the file has 4 and 32"},
			{"another number of neurons", func(m *manifest.Manifest) { m.Host.DMLP-- }, "4 heads and 31 neurons in a layer"},
			{"a file of another architecture", func(m *manifest.Manifest) { m.Files[0].Arch = "bert" }, `is the file of a "bert"`},
			{"another format", func(m *manifest.Manifest) { m.Files[0].Format = "onnx" }, "hosts are Hugging Face folders"},
			{"another file", func(m *manifest.Manifest) { m.Files[0].Name = "other.safetensors" }, "the weights of a folder are in"},

			{"a spelling too many", func(m *manifest.Manifest) { m.Tokens.Vocab = append(m.Tokens.Vocab, "!") }, "2 tokens with 3 spellings"},
			{"tokens in another order", func(m *manifest.Manifest) { swap(m.Host.Tokens, 0, 1) }, "does not have the id"},
			{"fewer columns", func(m *manifest.Manifest) {
				m.Host.Columns = m.Host.Columns[:0:0]
				m.Host.Columns = append(m.Host.Columns, 0, 3)
			}, ""},
			{"heads of the host", func(m *manifest.Manifest) { m.Host.HeadsAt[0] = manifest.Runs{0, 3} }, ""},
			{"other heads", func(m *manifest.Manifest) { m.Host.HeadsAt[0] = manifest.Runs{3, 3} }, ""},
			{"no neurons", func(m *manifest.Manifest) { m.Host.NeuronsAt[0] = nil }, ""},
			{"no variables", func(m *manifest.Manifest) { m.Variables = nil }, ""},
			{"another variable's columns", func(m *manifest.Manifest) {
				for i := range m.Columns {
					m.Columns[i].Index = m.Columns[(i+1)%len(m.Columns)].Index
				}
			}, ""},
			{"columns of the host", func(m *manifest.Manifest) {
				for i := range m.Columns {
					m.Columns[i].Index = 47
				}
			}, ""},
			{"columns that hold nothing", func(m *manifest.Manifest) {
				for i := range m.Columns {
					m.Columns[i].On = nil
				}
				for i := range m.Variables {
					m.Variables[i].Encoding = "marks"
				}
			}, ""},
			{"labels of other values", func(m *manifest.Manifest) {
				for i := range m.Columns {
					m.Columns[i].On = manifest.Runs{0, 1}
				}
			}, ""},
			{"no columns of the output", func(m *manifest.Manifest) { m.Output.Reads = nil }, "output.reads is missing"},
			{"a column of the host for the output's", func(m *manifest.Manifest) { m.Output.Reads.Columns[1] = 47 }, "output.reads names the columns 1, 47, its variables stand in 1, 7"},
			{"a column of the output less", func(m *manifest.Manifest) { m.Output.Reads.Columns = m.Output.Reads.Columns[:1] }, "names the columns 1, its variables"},
			{"an output of another s-op", func(m *manifest.Manifest) {
				m.Output.Reads = &manifest.Port{Variables: []string{"tokens"}, Columns: []int{2, 3}}
			}, `output.reads: the variable "tokens"`},
			{"an output of a variable that is not there", func(m *manifest.Manifest) { m.Output.Reads.Variables[1] = "y" }, `output.reads: the variable "y"`},
			{"an output of constants alone", func(m *manifest.Manifest) {
				m.Output.Reads = &manifest.Port{Variables: []string{"real"}, Columns: []int{1}}
			}, "no variable that holds the output"},
			{"a constant in a column of the host", func(m *manifest.Manifest) { m.Columns[0].Index = 47 }, "column 47 is to hold bos, 0 at every token and 1 at BOS"},
			{"a constant in the column of an s-op", func(m *manifest.Manifest) { m.Columns[0].Index = 7 }, "column 7 is to hold bos"},
			{"constants in each other's columns", func(m *manifest.Manifest) {
				m.Columns[0].Index, m.Columns[1].Index, m.Output.Reads.Columns[0] = 1, 0, 0
			}, "column 1 is to hold bos"},
			{"an input in the place of a constant", func(m *manifest.Manifest) { m.Columns[0].Index = 2 }, "column 2 is to hold bos"},
			{"negative sizes", func(m *manifest.Manifest) { m.Model.Layers = -1 << 40 }, ""},
		} {
			t.Run(arch+" "+l.what, func(t *testing.T) {
				put(t, filepath.Join(dir, manifest.FileName), original)
				rewrite(t, dir, l.change)
				r, err := verify.Folder(context.Background(), dir, verify.Options{Circuit: true, Budget: 50})
				switch {
				case err != nil && (l.says == "" || !strings.Contains(err.Error(), l.says)):
					t.Errorf("the error %v", err)
				case err == nil && r.Result == verify.Equivalent && l.what != "negative sizes":
					t.Errorf("%s: %+v", r.Result, r.Certificate.Files[0])
				case err == nil && !strings.Contains(r.Certificate.Files[0].Reason, l.says):
					t.Errorf("%s: %s", r.Result, r.Certificate.Files[0].Reason)
				}
			})
		}
	}
}

// TestAdvice says what would help against a host where one is in the way, and nowhere
// else.
func TestAdvice(t *testing.T) {
	const advice = "smaller weights would help"
	dir := graft(t, dyck, small("gpt2", 1))
	reason := func(o verify.Options) string {
		o.Circuit = true
		r, err := verify.Folder(context.Background(), dir, o)
		if err != nil {
			t.Fatal(err)
		}
		return r.Certificate.Files[0].Reason
	}
	if text := reason(verify.Options{CertifyTimeout: 1}); text == "" || strings.Contains(text, advice) {
		t.Errorf("no time: %q", text)
	}
	moveMean(t, dir, 1e6)
	if text := reason(verify.Options{}); !strings.Contains(text, advice) {
		t.Errorf("a mean that is moved: %q", text)
	}
	dir = graft(t, part, small("gpt2", 1))
	if text := reason(verify.Options{Tolerance: 1e-12}); !strings.Contains(text, "the tolerance is 1e-12") || strings.Contains(text, advice) {
		t.Errorf("a tolerance below the errors of any softmax: %q", text)
	}
}

// TestReference has a column that is said to hold 0 always, and holds something.
func TestReference(t *testing.T) {
	dir := graft(t, dyck, small("gpt2", 1))
	rewrite(t, dir, func(m *manifest.Manifest) {
		m.Host.Reference, m.Host.Compensation = m.Host.Compensation, m.Host.Reference
	})
	r := circuit(t, dir)
	if f := r.Certificate.Files[0]; f.Proved || !strings.Contains(f.Reason, "the reference, column 8, does not always hold 0") {
		t.Errorf("proved %v: %q", f.Proved, f.Reason)
	}
}

// TestWhole wants circuits to be asked for where there is one, and nowhere else.
func TestWhole(t *testing.T) {
	hosted, alone := graft(t, count, small("gpt2", 1)), export(t, count)
	if _, err := verify.Folder(context.Background(), hosted, verify.Options{}); err != verify.ErrHosted {
		t.Errorf("the error %v", err)
	}
	if _, err := verify.Folder(context.Background(), alone, verify.Options{Circuit: true}); err != verify.ErrNotHosted {
		t.Errorf("the error %v", err)
	}
	if _, err := verify.OpenModel(hosted, ""); err == nil {
		t.Error("a host was opened as a model of its program")
	}
}

package manifest_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/fixtures/bad"
	"github.com/raspc/raspc/frontend/sop/soptest"
	"github.com/raspc/raspc/frontend/value"
)

// sample is a manifest with every field set.
func sample() *manifest.Manifest {
	vocab := []value.Value{value.Str("a"), value.Str("<b>"), value.Str("é\n")}
	bos, eos := manifest.AtomOf(vocab[0]), 2
	digit, at, factor := 1, 0.75, -0.5
	port := &manifest.Port{Variables: []string{"x"}, Columns: []int{1}}
	m := &manifest.Manifest{
		Schema: manifest.Version, Raspc: "1.2.3",
		Program: manifest.Program{Name: "p.rasp", Source: "load \"lib\"; x = tokens;", Loaded: map[string]string{"lib.rasp": "y = 1;", "b.rasp": ""}},
		Options: manifest.Options{
			Tokens: "str", Vocab: manifest.AtomsOf(vocab), MaxLen: 7, Causal: true, Output: "x", BOS: &bos,
			Inputs: "[ab]*", Opt: 1, Overrides: []string{"vocab = [1]"},
			Disguise: &manifest.Disguise{Permute: 1, Noise: 0.25, NoiseSeed: 2, Rotate: 3, Duplicate: []manifest.Duplicate{{SOp: "x", Copies: 2, Mean: true}}},
		},
		Tokens: manifest.Tokens{Vocab: []string{"a", "<b>", "é\n"}, BOS: 3, PAD: 4},
		Output: manifest.Output{Kind: manifest.Categorical, Labels: manifest.AtomsOf([]value.Value{
			value.Bool(true), value.IntOf(-3), value.Number(value.KindFloat, value.Frac(1, 3)), value.Str(""),
		}), Task: manifest.CausalLM, EOS: &eos, Reads: port},
		Model:    manifest.Sizes{Attention: "full", Layers: 1, Heads: 2, DModel: 3, DHead: 4, DMLP: 5, Params: 6, NonZero: 7, UsefulHeads: 8, UsefulNeurons: 9},
		Values:   map[string]int{"x": 4, "a": 1},
		Rotation: [][]float64{{0, 1, 0}, {1, 0, 0}, {0, 0, 1}},
		Columns: []manifest.Column{{
			Index: 1, Variable: "x", Value: "1", Written: "layer 0 mlp", Cleared: "layer 1 mlp", Writers: []string{"m0"}, Readers: []string{"a1.h0<q>", "logits"},
			On: manifest.Runs{1, 3, 7, 7}, Digit: &digit, AtBOS: 0.5,
		}},
		Variables: []manifest.Variable{{
			Name: "x", Encoding: "digits", Columns: 1, Error: 1e-9, Gap: 0.25, Line: 3, Expr: "a + b", SOp: "x", Part: "high digit", Scale: 8, Base: 7,
			Values: manifest.AtomsOf(vocab), Fixed: true,
		}},
		Heads: []manifest.Head{{
			Layer: 1, Index: 2, SOp: "x", Kind: "move", Selector: "a == b", ID: "a1.h2", Query: port, Key: port, Value: port, Output: port, ScoreDims: 4, ValueDims: 1,
		}},
		Neurons: []manifest.Neuron{{
			Layer: 1, Index: 2, SOp: "x", Role: "> 1", ID: "m1.n2", Kind: "gate", Reads: []string{"y"}, Writes: []string{"x"}, At: &at, Below: true, Saturates: true,
			Offset: true, Factor: &factor, Where: []manifest.Where{{Variable: "y", On: manifest.Runs{0, 2}}},
		}},
		Assumptions: []manifest.Assumption{{SOp: "x", Claim: "every row"}},
		SOps: []manifest.SOp{{
			Name: "x", Names: []string{"w", "x"}, Expr: "a + b", Line: 3, Size: 4, Variables: []string{"x"}, Columns: []int{1}, Heads: []string{"a1.h2"},
			Neurons: map[string]manifest.Runs{"m0": {0, 3}},
		}},
		Edges: []manifest.Edge{{From: "embed", To: "a1.h2<k>", Variables: []string{"x"}, Cancelled: []string{"y"}, Fixed: true}},
		Flows: []manifest.Flow{{From: "y", To: "x", Through: []string{"m0"}}},
		Files: []manifest.File{{Name: "model.onnx", Format: "onnx"}, {Name: "model.safetensors", Format: "safetensors", Arch: "gpt2"}, {Name: "transformerlens/model.safetensors", Format: "transformerlens"}},
	}
	m.Program.SHA256 = m.Program.Hash()
	return m
}

func encode(t testing.TB, m *manifest.Manifest) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	want := sample()
	data := encode(t, want)
	got, err := manifest.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if again := encode(t, got); !bytes.Equal(data, again) {
		t.Error("encoded differently the second time")
	}
	if !bytes.Contains(data, []byte(`"<b>"`)) || !bytes.Contains(data, []byte(`"exact": "1/3"`)) {
		t.Errorf("not readable:\n%s", data)
	}
}

// TestAtoms brings every value back, of its kind.
func TestAtoms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := soptest.Atom().Draw(t, "value")
		got, err := manifest.AtomOf(want).Value()
		if err != nil || !value.Identical(got, want) {
			t.Fatalf("got %s %s, %v", got.Kind(), got.Repr(), err)
		}
	})
	for _, a := range []manifest.Atom{
		{Kind: "int", Exact: "1/2"}, {Kind: "int", Exact: "x"}, {Kind: "int"}, {Kind: "bool", Exact: "2"}, {Kind: "float", Exact: "nan"},
		{Kind: "float", Exact: "1e9"}, {Kind: "float", Exact: "1/0"}, {Kind: "complex", Exact: "1"}, {Exact: "1"},
	} {
		if v, err := a.Value(); err == nil {
			t.Errorf("%+v is %s", a, v.Repr())
		}
	}
}

// TestHash covers the source and every loaded file with its name.
func TestHash(t *testing.T) {
	base := sample().Program
	seen := map[string]string{base.Hash(): "the original"}
	for name, change := range map[string]func(p *manifest.Program){
		"source":       func(p *manifest.Program) { p.Source += " " },
		"loaded text":  func(p *manifest.Program) { p.Loaded["lib.rasp"] = "y = 2;" },
		"loaded name":  func(p *manifest.Program) { p.Loaded["lob.rasp"] = p.Loaded["lib.rasp"]; delete(p.Loaded, "lib.rasp") },
		"file dropped": func(p *manifest.Program) { delete(p.Loaded, "b.rasp") },
	} {
		p := sample().Program
		change(&p)
		if other, ok := seen[p.Hash()]; ok {
			t.Errorf("%s has the hash of %s", name, other)
		}
		seen[p.Hash()] = name
	}
}

// TestChecks changes one thing at a time and expects an error that names it.
func TestChecks(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(m *manifest.Manifest)
		want   string
	}{
		"schema":                  {func(m *manifest.Manifest) { m.Schema++ }, "version 2"},
		"source":                  {func(m *manifest.Manifest) { m.Program.Source += "#" }, "hash"},
		"hash":                    {func(m *manifest.Manifest) { m.Program.SHA256 = strings.ToUpper(m.Program.SHA256) }, "hash"},
		"loaded file":             {func(m *manifest.Manifest) { m.Program.Loaded["lib.rasp"] = "" }, "hash"},
		"no tokens":               {func(m *manifest.Manifest) { m.Options.Vocab, m.Tokens.Vocab = nil, nil }, "0 tokens"},
		"a spelling less":         {func(m *manifest.Manifest) { m.Tokens.Vocab = m.Tokens.Vocab[1:] }, "3 tokens with 2"},
		"length 0":                {func(m *manifest.Manifest) { m.Options.MaxLen = 0 }, "length"},
		"length beyond all":       {func(m *manifest.Manifest) { m.Options.MaxLen = 1<<16 + 1 }, "length"},
		"negative length":         {func(m *manifest.Manifest) { m.Options.MaxLen = -1 }, "length"},
		"BOS is a token":          {func(m *manifest.Manifest) { m.Tokens.BOS = 2 }, "BOS"},
		"PAD is a token":          {func(m *manifest.Manifest) { m.Tokens.PAD = 0 }, "PAD"},
		"BOS is PAD":              {func(m *manifest.Manifest) { m.Tokens.PAD = m.Tokens.BOS }, "PAD"},
		"BOS beyond the ids":      {func(m *manifest.Manifest) { m.Tokens.BOS = 5 }, "BOS"},
		"PAD is negative":         {func(m *manifest.Manifest) { m.Tokens.PAD = -1 }, "PAD"},
		"output kind":             {func(m *manifest.Manifest) { m.Output.Kind = "ordinal" }, "ordinal"},
		"no labels":               {func(m *manifest.Manifest) { m.Output.Labels = nil }, "labels"},
		"a number with labels":    {func(m *manifest.Manifest) { m.Output.Kind = manifest.Numeric }, "labels"},
		"a label that is none":    {func(m *manifest.Manifest) { m.Output.Labels[1].Exact = "1/2" }, "int"},
		"a label of unknown kind": {func(m *manifest.Manifest) { m.Output.Labels[1].Kind = "" }, "kind"},
		"a token that is none":    {func(m *manifest.Manifest) { m.Options.Vocab[0].Kind = "list" }, "kind"},
		"a file above":            {func(m *manifest.Manifest) { m.Files[0].Name = "../model.onnx" }, "folder"},
		"a file below":            {func(m *manifest.Manifest) { m.Files[0].Name = "a/model.onnx" }, "folder"},
		"a file below its format": {func(m *manifest.Manifest) { m.Files[0].Name = "onnx/a/model.onnx" }, "folder"},
		"a file above its format": {func(m *manifest.Manifest) { m.Files[0].Name = "onnx/../../model.onnx" }, "folder"},
		"a format above":          {func(m *manifest.Manifest) { m.Files[0] = manifest.File{Name: "../model.onnx", Format: ".."} }, "folder"},
		"the format's folder":     {func(m *manifest.Manifest) { m.Files[0].Name = "onnx/" }, "folder"},
		"a file at the root":      {func(m *manifest.Manifest) { m.Files[0].Name = "/etc/passwd" }, "folder"},
		"the folder above":        {func(m *manifest.Manifest) { m.Files[0].Name = ".." }, "folder"},
		"the folder":              {func(m *manifest.Manifest) { m.Files[0].Name = "." }, "folder"},
		"a rotation too narrow":   {func(m *manifest.Manifest) { m.Rotation = m.Rotation[:2] }, "rotation"},
		"a rotation too wide":     {func(m *manifest.Manifest) { m.Model.DModel = 2 }, "rotation"},
		"a rotation of nothing":   {func(m *manifest.Manifest) { m.Rotation, m.Model.DModel = append(m.Rotation, nil), 3 }, "rotation"},
		"a rotation with gaps":    {func(m *manifest.Manifest) { m.Rotation[1] = m.Rotation[1][:1] }, "rotation"},
		"no file name":            {func(m *manifest.Manifest) { m.Files[0].Name = "" }, "folder"},
	} {
		t.Run(name, func(t *testing.T) {
			m := sample()
			tt.change(m)
			if _, err := manifest.Decode(encode(t, m)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want something about %q", err, tt.want)
			}
		})
	}
}

// TestHostile refuses what is no manifest at all.
func TestHostile(t *testing.T) {
	good := string(encode(t, sample()))
	for name, text := range map[string]string{
		"empty":           "",
		"null":            "null",
		"a list":          "[]",
		"a string":        `"raspc"`,
		"cut off":         good[:len(good)/2],
		"more behind it":  good + "{}",
		"another type":    strings.Replace(good, `"max_len": 7`, `"max_len": "7"`, 1),
		"a huge length":   strings.Replace(good, `"max_len": 7`, `"max_len": 1e30`, 1),
		"a broken length": strings.Replace(good, `"max_len": 7`, `"max_len": 7.5`, 1),
		"a capital":       strings.Replace(good, `"max_len": 7`, `"max_len": 7, "Max_Len": 9`, 1),
		"capitals":        strings.Replace(good, `"source"`, `"SOURCE"`, 1),
		"deep":            strings.Repeat(`{"program":`, 20000),
		"deep lists":      strings.Repeat("[", 1<<20),
		"bytes":           "\xff\xfe{",
	} {
		if _, err := manifest.Decode([]byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestRead tells a file that is not there from one that is no manifest.
func TestRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, manifest.FileName)
	if _, err := manifest.Read(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	var malformed *manifest.MalformedError
	write := func(data []byte) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write([]byte("{"))
	if _, err := manifest.Read(dir); !errors.As(err, &malformed) || malformed.Path != path || !strings.HasPrefix(err.Error(), path) {
		t.Errorf("malformed: %v", err)
	}
	write(encode(t, sample()))
	m, err := manifest.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample(), m); diff != "" {
		t.Error(diff)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, fs.ErrClosed }

func TestEncodeReportsErrors(t *testing.T) {
	if err := sample().Encode(broken{}); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

// FuzzDecode reads anything. What is accepted can be written and read again,
// and all that it names has a value.
func FuzzDecode(f *testing.F) {
	good := encode(f, sample())
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte(`{"schema":1,"output":{"kind":"numeric"},"files":[{"name":".."}]}`))
	seeds, err := bad.Contents(filepath.Join("..", "..", "fixtures", "bad"), manifest.FileName)
	if err != nil {
		f.Fatal(err)
	}
	for _, data := range seeds {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var m *manifest.Manifest
		var err error
		if got := bad.Alloc(func() { m, err = manifest.Decode(data) }); got > bad.MaxAlloc(len(data)) {
			t.Errorf("%d bytes allocated for %d", got, len(data))
		}
		if err != nil {
			return
		}
		again, err := manifest.Decode(encode(t, m))
		if err != nil {
			t.Fatalf("what was accepted is refused once written: %v", err)
		}
		if again.Program.Hash() != m.Program.SHA256 {
			t.Error("another program")
		}
		for _, a := range append(m.Options.Vocab, m.Output.Labels...) {
			if _, err := a.Value(); err != nil {
				t.Error(err)
			}
		}
	})
}

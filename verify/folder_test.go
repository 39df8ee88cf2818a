package verify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/verify"
)

const (
	reverse = "#: vocab = \"ab\"\n#: max_len = 3\nx = aggregate(select(indices, length-1-indices, ==), tokens);\n"
	share   = "#: vocab = \"ab\"\n#: max_len = 3\nx = aggregate(select(indices, indices, <=), indicator(tokens == \"a\"));\n"
	most    = "#: vocab = \"ab\"\n#: max_len = 3\nx = selector_width(select(tokens, tokens, ==)) > 1;\n"
)

// export compiles a program into a new folder.
func export(t testing.TB, text string) string {
	t.Helper()
	m, err := raspc.Compile("test.rasp", text, raspc.Options{Check: true})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := m.Export(dir, raspc.ExportOptions{}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// rewrite changes the manifest of a folder. It keeps the program's hash right,
// as a forger would.
func rewrite(t testing.TB, dir string, change func(m *manifest.Manifest)) {
	t.Helper()
	m, err := manifest.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	change(m)
	m.Program.SHA256 = m.Program.Hash()
	var b bytes.Buffer
	if err := m.Encode(&b); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, manifest.FileName), b.Bytes())
}

func put(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func get(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestEquivalent(t *testing.T) {
	for name, text := range map[string]string{
		"labels": reverse, "numbers": share, "booleans": most,
		"causal":          "#: causal = on\n" + share,
		"declared BOS":    "#: bos = \"§\"\n" + most,
		"a pattern":       "#: inputs = \"a*b*\"\n" + reverse,
		"partly no value": "#: vocab = \"abc\"\n#: max_len = 3\n#: inputs = \"[ab]*\"\nx = {\"a\": 1, \"b\": 2}[tokens];\n",
		"only BOS":        "#: vocab = [\"§\"]\n#: bos = \"§\"\n#: max_len = 3\nx = indices;\n",
		"no layers":       "#: vocab = \"ab\"\n#: max_len = 3\nx = tokens;\n",
	} {
		t.Run(name, func(t *testing.T) {
			done, total := 0, 0
			r, err := verify.Folder(t.Context(), export(t, text), verify.Options{Progress: func(d, of int) { done, total = d, of }})
			if err != nil {
				t.Fatal(err)
			}
			if r.Result != verify.Equivalent || len(r.Files) != 2 || r.FirstDifference != nil {
				t.Fatalf("got %+v", r)
			}
			for _, f := range r.Files {
				if f.ExhaustiveTo != 3 || f.MaxLen != 3 || f.Inputs == 0 || f.Weak > 0 || f.Undefined > 0 || f.Difference != nil {
					t.Errorf("got %+v", f)
				}
				if (f.WorstMargin == nil) != (f.MaxAbsError != nil) && name != "numbers" {
					t.Errorf("margin %v, error %v", f.WorstMargin, f.MaxAbsError)
				}
			}
			if done == 0 || done != total {
				t.Errorf("progress ends at %d of %d", done, total)
			}
		})
	}
}

// TestGivenProgram compares the files with a program beside them.
func TestGivenProgram(t *testing.T) {
	dir := export(t, reverse)
	for name, tt := range map[string]struct {
		text string
		want verify.Result // "" for an error
	}{
		"the same":                {reverse, verify.Equivalent},
		"the same function":       {"#: vocab = \"ab\"\n#: max_len = 3\ny = length; x = aggregate(select(y-indices, indices+1, ==), tokens);", verify.Equivalent},
		"shorter inputs":          {strings.Replace(reverse, "= 3", "= 2", 1), verify.Equivalent},
		"another function":        {strings.Replace(reverse, "length-1-indices", "indices", 1), verify.Different},
		"causal":                  {"#: causal = on\n" + reverse, verify.Different},
		"without a domain":        {"x = aggregate(select(indices, length-1-indices, ==), tokens);", ""},
		"longer inputs":           {strings.Replace(reverse, "= 3", "= 4", 1), ""},
		"another vocabulary":      {strings.Replace(reverse, "\"ab\"", "\"ba\"", 1), ""},
		"a larger vocabulary":     {strings.Replace(reverse, "\"ab\"", "\"abc\"", 1), ""},
		"wrong":                   {"x = ;", ""},
		"undefined on all inputs": {"#: vocab = \"ab\"\n#: max_len = 3\nx = {\"c\": 1}[tokens];", verify.Undecided},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := verify.Folder(t.Context(), dir, verify.Options{Program: &verify.Program{Name: "spec.rasp", Text: tt.text}})
			switch {
			case tt.want == "" && err == nil:
				t.Errorf("got %s", r.Result)
			case name == "longer inputs" && !strings.Contains(err.Error(), "inputs of up to 4"):
				t.Error(err)
			case tt.want != "" && err != nil:
				t.Error(err)
			case tt.want != "" && (r.Result != tt.want || r.Program != "spec.rasp"):
				t.Errorf("got %s for %s", r.Result, r.Program)
			}
		})
	}
}

// TestOverrides verifies under the settings that were given beside the program.
func TestOverrides(t *testing.T) {
	m, err := raspc.Compile("test.rasp", "x = aggregate(select(indices, length-1-indices, ==), tokens);",
		raspc.Options{Vocab: `["p", "q"]`, MaxLen: 3, Causal: "on"})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := m.Export(dir, raspc.ExportOptions{}); err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*verify.Program{
		"own":                     nil,
		"given without settings":  {Name: "spec.rasp", Text: "x = aggregate(select(indices, length-1-indices, ==), tokens);"},
		"given with its own":      {Name: "spec.rasp", Text: "#: vocab = \"pq\"\n#: max_len = 2\nx = aggregate(select(indices, length-1-indices, ==), tokens);"},
		"given, and not the same": {Name: "spec.rasp", Text: "#: causal = off\nx = aggregate(select(indices, length-1-indices, ==), tokens);"},
	} {
		r, err := verify.Folder(t.Context(), dir, verify.Options{Program: p})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if want := p != nil && strings.Contains(p.Text, "off"); (r.Result == verify.Different) != want {
			t.Errorf("%s: %s", name, r.Result)
		}
	}
}

// TestLies changes what a folder says of itself. No lie is called equivalent.
func TestLies(t *testing.T) {
	good := export(t, reverse)
	tests := map[string]struct {
		lie  func(t *testing.T, dir string)
		want string // part of an error, or "different"
	}{
		"labels exchanged": {manifestLie(func(m *manifest.Manifest) { swap(m.Output.Labels, 0, 1) }), "config.json"},
		"labels exchanged everywhere": {func(t *testing.T, dir string) {
			manifestLie(func(m *manifest.Manifest) { swap(m.Output.Labels, 0, 1) })(t, dir)
			configLie(t, dir, `"0": "a"`, `"0": "b"`, `"1": "b"`, `"1": "a"`, `"a": 0`, `"a": 1`, `"b": 1`, `"b": 0`)
		}, "different"},
		"labels of config.json exchanged": {func(t *testing.T, dir string) {
			configLie(t, dir, `"0": "a"`, `"0": "b"`, `"1": "b"`, `"1": "a"`, `"a": 0`, `"a": 1`, `"b": 1`, `"b": 0`)
		}, "config.json"},
		"a label less": {manifestLie(func(m *manifest.Manifest) { m.Output.Labels = m.Output.Labels[:1] }), ""},
		"a label more": {manifestLie(func(m *manifest.Manifest) { m.Output.Labels = append(m.Output.Labels, m.Output.Labels[0]) }), ""},
		"a number": {manifestLie(func(m *manifest.Manifest) {
			m.Output = manifest.Output{Kind: manifest.Numeric}
		}), ""},
		"another program": {manifestLie(func(m *manifest.Manifest) {
			m.Program.Source = strings.Replace(m.Program.Source, "length-1-indices", "indices", 1)
		}), "different"},
		"a program for longer inputs": {manifestLie(func(m *manifest.Manifest) {
			m.Program.Source = strings.Replace(m.Program.Source, "max_len = 3", "max_len = 4", 1)
			m.Options.MaxLen = 4
		}), ""},
		"longer inputs": {manifestLie(func(m *manifest.Manifest) { m.Options.MaxLen = 9 }), "max_len"},
		"longer inputs by an override": {manifestLie(func(m *manifest.Manifest) {
			m.Options.MaxLen, m.Options.Overrides = 9, []string{"max_len = 9"}
		}), ""},
		"tokens exchanged": {manifestLie(func(m *manifest.Manifest) { swap(m.Options.Vocab, 0, 1) }), "token 0"},
		"tokens exchanged everywhere": {manifestLie(func(m *manifest.Manifest) {
			m.Program.Source = strings.Replace(m.Program.Source, "\"ab\"", "\"ba\"", 1)
			swap(m.Options.Vocab, 0, 1)
			swap(m.Tokens.Vocab, 0, 1)
		}), "does not have the id 0"},
		"BOS is PAD and PAD is BOS": {manifestLie(func(m *manifest.Manifest) { m.Tokens.BOS, m.Tokens.PAD = m.Tokens.PAD, m.Tokens.BOS }), "bos_token_id"},
		"no files":                  {manifestLie(func(m *manifest.Manifest) { m.Files = nil }), "no file"},
		"a file that is not there":  {manifestLie(func(m *manifest.Manifest) { m.Files[0].Name = "other.onnx" }), "other.onnx"},
		"weights of another name":   {manifestLie(func(m *manifest.Manifest) { m.Files[1].Name = "other.safetensors" }), "model.safetensors"},
		"a file of another format":  {manifestLie(func(m *manifest.Manifest) { m.Files[0].Format = "safetensors" }), "model.safetensors"},
		"an unknown format":         {manifestLie(func(m *manifest.Manifest) { m.Files[0].Format = "gguf" }), "gguf"},
		"another hash": {func(t *testing.T, dir string) {
			path := filepath.Join(dir, manifest.FileName)
			put(t, path, bytes.Replace(get(t, path), []byte("length-1-indices"), []byte("indices-1-length"), 1))
		}, "hash"},
		"the weights of another program": {func(t *testing.T, dir string) {
			other := export(t, strings.Replace(reverse, "length-1-indices", "indices", 1))
			for _, name := range []string{"model.onnx", "model.safetensors", "config.json"} {
				put(t, filepath.Join(dir, name), get(t, filepath.Join(other, name)))
			}
		}, "different"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(good)); err != nil {
				t.Fatal(err)
			}
			tt.lie(t, dir)
			r, err := verify.Folder(t.Context(), dir, verify.Options{})
			switch {
			case err == nil && r.Result != verify.Different:
				t.Fatalf("the verdict is %s", r.Result)
			case tt.want == "different" && err != nil:
				t.Errorf("got %v", err)
			case tt.want != "different" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want an error about %q", err, tt.want)
			}
		})
	}
}

func manifestLie(change func(m *manifest.Manifest)) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) { rewrite(t, dir, change) }
}

// configLie replaces pairs of texts in config.json, all at once.
func configLie(t *testing.T, dir string, pairs ...string) {
	path := filepath.Join(dir, "config.json")
	old := string(get(t, path))
	changed := strings.NewReplacer(pairs...).Replace(old)
	if changed == old {
		t.Fatalf("nothing to replace in %s", old)
	}
	put(t, path, []byte(changed))
}

func swap[T any](s []T, i, j int) { s[i], s[j] = s[j], s[i] }

// TestMissingAndMalformed tells errors of the system from those of a file.
func TestMissingAndMalformed(t *testing.T) {
	if _, err := verify.Folder(t.Context(), t.TempDir(), verify.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty folder: %v", err)
	}
	for _, name := range []string{"model.onnx", "model.safetensors", "config.json"} {
		dir := export(t, reverse)
		path := filepath.Join(dir, name)
		data := bytes.TrimSpace(get(t, path))
		for _, size := range []int{0, 1, len(data) / 2, len(data) - 1} {
			put(t, path, data[:size])
			if r, err := verify.Folder(t.Context(), dir, verify.Options{}); err == nil {
				t.Errorf("%s of %d bytes of %d: %s", name, size, len(data), r.Result)
			}
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := verify.Folder(t.Context(), dir, verify.Options{}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("no %s: %v", name, err)
		}
	}
}

// TestCancelled stops when it is told to.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := verify.Folder(ctx, export(t, reverse), verify.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestIgnoredMask alters the graph of an ONNX file so that it sees padding. All
// inputs by themselves come out right.
func TestIgnoredMask(t *testing.T) {
	dir := export(t, "#: vocab = \"ab\"\n#: max_len = 3\nx = aggregate(full_s, indicator(tokens == \"a\"));\n")
	path := filepath.Join(dir, "model.onnx")
	var model onnxpb.ModelProto
	if err := proto.Unmarshal(get(t, path), &model); err != nil {
		t.Fatal(err)
	}
	scores := map[string]string{} // what a Where would mask, by its output
	for _, n := range model.Graph.Node {
		if n.GetOpType() == "Where" {
			scores[n.Output[0]] = n.Input[1]
		}
		for i, in := range n.Input {
			if s, ok := scores[in]; ok {
				n.Input[i] = s
			}
		}
	}
	if len(scores) == 0 {
		t.Fatal("no mask in the graph")
	}
	model.Graph.Node = slices.DeleteFunc(model.Graph.Node, func(n *onnxpb.NodeProto) bool { return n.GetOpType() == "Where" })
	data, err := proto.Marshal(&model)
	if err != nil {
		t.Fatal(err)
	}
	put(t, path, data)
	r, err := verify.Folder(t.Context(), dir, verify.Options{Formats: []string{"onnx"}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Result != verify.Different {
		t.Errorf("the verdict is %s", r.Result)
	}
}

// TestUndecided does not call it equivalent where nothing was tried, or where
// the right label wins by next to nothing.
func TestUndecided(t *testing.T) {
	nowhere := &verify.Program{Name: "nowhere.rasp", Text: "#: vocab = \"ab\"\n#: max_len = 3\nx = {\"c\": \"a\"}[tokens];\n"}
	r, err := verify.Folder(t.Context(), export(t, reverse), verify.Options{Program: nowhere})
	if err != nil || r.Result != verify.Undecided || r.Files[0].Undefined != 14 {
		t.Errorf("no inputs: %+v, %v", r, err)
	}
	dir := export(t, reverse)
	scaleONNX(t, filepath.Join(dir, "model.onnx"), "unembed.weight", 1e-6)
	r, err = verify.Folder(t.Context(), dir, verify.Options{Formats: []string{"onnx"}})
	if err != nil || r.Result != verify.Undecided || r.Files[0].Weak == 0 || r.Files[0].Difference != nil {
		t.Errorf("tiny margins: %+v, %v", r, err)
	}
}

// TestTolerance decides on numbers.
func TestTolerance(t *testing.T) {
	dir := export(t, share)
	scaleONNX(t, filepath.Join(dir, "model.onnx"), "unembed.weight", 1.001)
	for tolerance, want := range map[float64]verify.Result{0: verify.Different, 0.0005: verify.Different, 0.002: verify.Equivalent} {
		r, err := verify.Folder(t.Context(), dir, verify.Options{Formats: []string{"onnx"}, Tolerance: tolerance})
		if err != nil || r.Result != want {
			t.Errorf("%g: %+v, %v", tolerance, r, err)
		}
		if e := r.Files[0].MaxAbsError; e == nil || *e < 0.0009 || *e > 0.0011 {
			t.Errorf("largest error %v", e)
		}
	}
}

// TestModel runs exported files as models.
func TestModel(t *testing.T) {
	dir := export(t, reverse)
	for _, format := range []string{"", "onnx", "safetensors"} {
		m, err := verify.OpenModel(dir, format)
		if err != nil {
			t.Fatal(err)
		}
		if m.MaxLen() != 3 || len(m.Vocab()) != 2 || m.Output() != "x" {
			t.Errorf("%d tokens, %d positions, %s", len(m.Vocab()), m.MaxLen(), m.Output())
		}
		out, err := m.Run(m.Vocab())
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(out)
		if err != nil || string(text) != `["b","a"]` {
			t.Errorf("got %s, %v", text, err)
		}
	}
	if _, err := verify.OpenModel(dir, "gguf"); err == nil {
		t.Error("opened a format that is not there")
	}
	rewrite(t, dir, func(m *manifest.Manifest) { m.Program.Source = "x = ;" })
	if _, err := verify.OpenModel(dir, ""); err == nil {
		t.Error("opened a model whose program is wrong")
	}
}

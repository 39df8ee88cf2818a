package raspc_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc"
)

const shares = `
#: tokens = int
#: vocab = 0..3
#: max_len = 6
h = selector_width(select(tokens, tokens, ==));
x = aggregate(select(h, h, ==), tokens) + (h > 2);
`

// contents reads all files of a folder.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		files[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func names(files map[string]string) []string {
	var all []string
	for name := range files {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// export writes a program and returns what the folder then holds.
func export(t testing.TB, dir, text string, o raspc.Options, e raspc.ExportOptions) map[string]string {
	t.Helper()
	m, err := raspc.Compile("test.rasp", text, o)
	if err != nil {
		t.Fatal(err)
	}
	out, err := m.Export(dir, e)
	if err != nil {
		t.Fatal(err)
	}
	if out.Dir != dir || out.Files[len(out.Files)-1] != "raspc.json" {
		t.Errorf("exported %v to %s", out.Files, out.Dir)
	}
	return contents(t, dir)
}

var (
	onnxFiles = []string{"model.onnx", "raspc.json"}
	hfFiles   = []string{"README.md", "config.json", "model.safetensors", "raspc.json", "tokenizer.json", "tokenizer_config.json"}
	allFiles  = []string{"README.md", "config.json", "model.onnx", "model.safetensors", "raspc.json", "tokenizer.json", "tokenizer_config.json"}
)

// TestSameBytes exports again and again, on one processor and on several: every
// byte is the same.
func TestSameBytes(t *testing.T) {
	for _, o := range []raspc.Options{{}, {Faithful: true}, {Causal: "on"}, {Materialize: []string{"h"}}} {
		var want map[string]string
		before := runtime.GOMAXPROCS(0)
		for i := range 5 {
			runtime.GOMAXPROCS(1 + i%4)
			got := export(t, filepath.Join(t.TempDir(), fmt.Sprint(i)), shares, o, raspc.ExportOptions{})
			if want == nil {
				want = got
			}
			if !slices.Equal(names(got), allFiles) {
				t.Errorf("wrote %v", names(got))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%+v: %s", o, diff)
			}
		}
		runtime.GOMAXPROCS(before)
	}
}

// TestReplacedExport writes into a folder that holds an export: what the new
// one does not have goes, what no export wrote stays.
func TestReplacedExport(t *testing.T) {
	only := func(formats ...string) raspc.ExportOptions { return raspc.ExportOptions{Formats: formats} }
	external := only(raspc.FormatONNX)
	external.ExternalData = true
	plain := only(raspc.FormatSafetensors)
	plain.NoTokenizer = true
	long := strings.Replace(reverse, "max_len = 4", "max_len = 40", 1) // large enough for a data file
	for name, tt := range map[string]struct {
		first, then raspc.ExportOptions
		want        []string
	}{
		"onnx for both":        {raspc.ExportOptions{}, only(raspc.FormatONNX), onnxFiles},
		"safetensors for both": {raspc.ExportOptions{}, only(raspc.FormatSafetensors), hfFiles},
		"both for one":         {only(raspc.FormatONNX), raspc.ExportOptions{}, allFiles},
		"one for the other":    {only(raspc.FormatSafetensors), only(raspc.FormatONNX), onnxFiles},
		"weights go outside":   {only(raspc.FormatONNX), external, []string{"model.onnx", "model.onnx.data", "raspc.json"}},
		"weights come back":    {external, only(raspc.FormatONNX), onnxFiles},
		"no tokenizer":         {only(raspc.FormatSafetensors), plain, []string{"README.md", "config.json", "model.safetensors", "raspc.json"}},
		"a tokenizer":          {plain, only(raspc.FormatSafetensors), hfFiles},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			export(t, dir, shares, raspc.Options{}, tt.first)
			foreign := map[string]string{"notes.txt": "mine", "sub/model.onnx": "mine too", "vocab.txt": ""}
			if err := os.Mkdir(filepath.Join(dir, "sub"), 0o777); err != nil {
				t.Fatal(err)
			}
			for name, text := range foreign {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			got := export(t, dir, long, raspc.Options{}, tt.then)
			for name, text := range foreign {
				if got[name] != text {
					t.Errorf("%s holds %q", name, got[name])
				}
				delete(got, name)
			}
			if !slices.Equal(names(got), tt.want) {
				t.Errorf("the folder holds %v, want %v", names(got), tt.want)
			}
			if fresh := export(t, t.TempDir(), long, raspc.Options{}, tt.then); !cmp.Equal(fresh, got) {
				t.Error("the files are not those of a fresh export")
			}
			if r, err := raspc.Verify(t.Context(), dir, raspc.VerifyOptions{}); err != nil || r.Result == raspc.Different {
				t.Errorf("verified: %v, %v", r, err)
			}
		})
	}
}

// TestFailedExport leaves a folder as it was.
func TestFailedExport(t *testing.T) {
	dir := t.TempDir()
	want := export(t, dir, shares, raspc.Options{}, raspc.ExportOptions{})
	m, err := raspc.Compile("test.rasp", reverse, raspc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]raspc.ExportOptions{
		"architecture": {Arch: "gpt2"}, "operator set": {Opset: 99}, "format": {Formats: []string{"onnx", "pickle"}}, "size": {MaxBytes: 1},
	} {
		if _, err := m.Export(dir, o); err == nil {
			t.Errorf("%s: exported", name)
		}
		if diff := cmp.Diff(want, contents(t, dir)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	// A folder that stands where a file should go.
	for _, name := range []string{"model.onnx", "config.json"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(dir, name, "full"), 0o777); err != nil {
			t.Fatal(err)
		}
		before := contents(t, dir)
		if _, err := m.Export(dir, raspc.ExportOptions{}); err == nil {
			t.Errorf("%s: exported over a folder", name)
		}
		if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if _, err := m.Export(filepath.Join(dir, "raspc.json", "below"), raspc.ExportOptions{}); err == nil {
		t.Error("exported below a file")
	}
}

// TestLoadedFiles keeps the files that a program loads, and verifies without
// them.
func TestLoadedFiles(t *testing.T) {
	read := func(path string) (string, error) {
		if strings.HasSuffix(path, "lib.rasp") {
			return "def twice(x) { return x + x; }\n", nil
		}
		return "", fs.ErrNotExist
	}
	dir := t.TempDir()
	text := "#: vocab = \"ab\"\n#: max_len = 3\nload \"lib\";\nx = twice(indices);\n"
	files := export(t, dir, text, raspc.Options{Read: read}, raspc.ExportOptions{})
	if !strings.Contains(files["raspc.json"], "def twice") {
		t.Error("the loaded file is not in the manifest")
	}
	r, err := raspc.Verify(t.Context(), dir, raspc.VerifyOptions{})
	if err != nil || r.Result != raspc.Equivalent {
		t.Errorf("verified: %v, %v", r, err)
	}
	changed := bytes.Replace([]byte(files["raspc.json"]), []byte("return x + x"), []byte("return x - x"), 1)
	if err := os.WriteFile(filepath.Join(dir, "raspc.json"), changed, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := raspc.Verify(t.Context(), dir, raspc.VerifyOptions{}); !raspc.IsMalformed(err) {
		t.Errorf("a changed file: %v", err)
	}
}

// TestInputs holds programs and models to the same inputs.
func TestInputs(t *testing.T) {
	text := "#: vocab = \"ab\"\n#: bos = \"§\"\n#: inputs = \"§a*b*\"\n#: max_len = 4\nx = indices;"
	p, err := raspc.Parse("test.rasp", text, raspc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	export(t, dir, text, raspc.Options{}, raspc.ExportOptions{})
	m, err := raspc.OpenModel(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	for in, ok := range map[string]bool{
		`["§"]`: true, "§aab": true, "§b": true, "aab": false, "§ba": false, "§a§": false, "§aabb": false, `[]`: false, "§c": false, `["§", 1]`: false,
	} {
		input, err := raspc.ParseInput(in)
		if err != nil {
			t.Fatal(err)
		}
		var wrong *raspc.InputError
		_, byProgram := p.Run(input)
		_, byModel := m.Run(input)
		if (byProgram == nil) != ok || !ok && !errors.As(byProgram, &wrong) {
			t.Errorf("%s: the program: %v", in, byProgram)
		}
		if (byModel == nil) != ok || !ok && !errors.As(byModel, &wrong) {
			t.Errorf("%s: the model: %v", in, byModel)
		}
	}
}

package raspc_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

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
	e.Force = true
	var told int64
	e.Progress = func(done, total int64) { told = done }
	out, err := m.Export(dir, e)
	if err != nil {
		t.Fatal(err)
	}
	if out.Dir != dir || out.Files[len(out.Files)-1].Name != "raspc.json" {
		t.Errorf("exported %v to %s", out.Files, out.Dir)
	}
	files := contents(t, dir)
	var bytes int64
	for _, f := range out.Files {
		if bytes += f.Bytes; int64(len(files[f.Name])) != f.Bytes {
			t.Errorf("%s has %d bytes, said to be %d", f.Name, len(files[f.Name]), f.Bytes)
		}
	}
	if told != bytes {
		t.Errorf("told of %d bytes, wrote %d", told, bytes)
	}
	return files
}

var (
	onnxFiles = []string{"README.md", "model.onnx", "raspc.json"}
	hfFiles   = []string{"README.md", "config.json", "model.safetensors", "raspc.json", "tokenizer.json", "tokenizer_config.json"}
	// shardedFiles are those of a folder of shards, but for the shards.
	shardedFiles = []string{"README.md", "config.json", "model.safetensors.index.json", "raspc.json", "tokenizer.json", "tokenizer_config.json"}
	ggufFiles    = []string{"README.md", "gguf/README.md", "gguf/model.gguf", "raspc.json"}
	lensFiles    = []string{"README.md", "raspc.json", "transformerlens/README.md", "transformerlens/config.json", "transformerlens/model.safetensors"}
	allFiles     = []string{"README.md", "config.json", "model.onnx", "model.safetensors", "raspc.json", "tokenizer.json", "tokenizer_config.json"}
	everyFile    = slices.Sorted(slices.Values(slices.Concat(allFiles, ggufFiles[1:3], lensFiles[2:])))
)

// TestSameBytes exports again and again, on one processor and on several: every
// byte is the same.
func TestSameBytes(t *testing.T) {
	for _, o := range []raspc.Options{{}, {Faithful: true}, {Causal: "on"}, {Materialize: []string{"h"}}} {
		var want map[string]string
		before := runtime.GOMAXPROCS(0)
		for i := range 5 {
			runtime.GOMAXPROCS(1 + i%4)
			got := export(t, filepath.Join(t.TempDir(), fmt.Sprint(i)), shares, o, raspc.ExportOptions{Formats: raspc.Formats()})
			if want == nil {
				want = got
			}
			if !slices.Equal(names(got), everyFile) {
				t.Errorf("wrote %v", names(got))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%+v: %s", o, diff)
			}
		}
		runtime.GOMAXPROCS(before)
	}
}

// withoutShards leaves out the names of shards; how many there are depends on
// the compiler.
func withoutShards(names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, "model-") })
}

// TestReplacedExport writes into a folder that holds an export: what the new
// one does not have goes, what no export wrote stays.
func TestReplacedExport(t *testing.T) {
	only := func(formats ...string) raspc.ExportOptions { return raspc.ExportOptions{Formats: formats} }
	external := only(raspc.FormatONNX)
	external.ExternalData = true
	plain := only(raspc.FormatSafetensors)
	plain.NoTokenizer = true
	sharded, finer := only(raspc.FormatSafetensors), only(raspc.FormatSafetensors)
	sharded.ShardSize, finer.ShardSize = 60_000, 20_000
	long := strings.Replace(reverse, "max_len = 4", "max_len = 40", 1) // large enough for a data file
	for name, tt := range map[string]struct {
		first, then raspc.ExportOptions
		want        []string
	}{
		"onnx for both":        {raspc.ExportOptions{}, only(raspc.FormatONNX), onnxFiles},
		"safetensors for both": {raspc.ExportOptions{}, only(raspc.FormatSafetensors), hfFiles},
		"both for one":         {only(raspc.FormatONNX), raspc.ExportOptions{}, allFiles},
		"one for the other":    {only(raspc.FormatSafetensors), only(raspc.FormatONNX), onnxFiles},
		"weights go outside":   {only(raspc.FormatONNX), external, []string{"README.md", "model.onnx", "model.onnx.data", "raspc.json"}},
		"weights come back":    {external, only(raspc.FormatONNX), onnxFiles},
		"no tokenizer":         {only(raspc.FormatSafetensors), plain, []string{"README.md", "config.json", "model.safetensors", "raspc.json"}},
		"a tokenizer":          {plain, only(raspc.FormatSafetensors), hfFiles},
		"shards for one file":  {only(raspc.FormatSafetensors), sharded, shardedFiles},
		"one file for shards":  {sharded, only(raspc.FormatSafetensors), hfFiles},
		"fewer shards":         {finer, sharded, shardedFiles},
		"more shards":          {sharded, finer, shardedFiles},
		"onnx for shards":      {sharded, only(raspc.FormatONNX), onnxFiles},
		"a folder for both":    {raspc.ExportOptions{}, only(raspc.FormatTransformerLens), lensFiles},
		"a folder again":       {only(raspc.FormatTransformerLens), only(raspc.FormatTransformerLens), lensFiles},
		"both for a folder":    {only(raspc.FormatTransformerLens), raspc.ExportOptions{}, allFiles},
		"llama.cpp's for all":  {raspc.ExportOptions{}, only(raspc.FormatGGUF), ggufFiles},
		"all for llama.cpp's":  {only(raspc.FormatGGUF), raspc.ExportOptions{}, allFiles},
		"all for one":          {only(raspc.FormatONNX), only(raspc.Formats()...), everyFile},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			export(t, dir, shares, raspc.Options{}, tt.first)
			foreign := map[string]string{
				"notes.txt": "mine", "sub/model.onnx": "mine too", "vocab.txt": "",
				"model-1-of-2.safetensors": "mine", "base-00001-of-00002.safetensors": "mine", "transformerlens/notes.txt": "mine",
			}
			for _, below := range []string{"sub", "transformerlens"} {
				if err := os.MkdirAll(filepath.Join(dir, below), 0o777); err != nil {
					t.Fatal(err)
				}
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
			if rest := withoutShards(names(got)); !slices.Equal(rest, tt.want) {
				t.Errorf("the folder holds %v, want %v", rest, tt.want)
			}
			if fresh := export(t, t.TempDir(), long, raspc.Options{}, tt.then); !cmp.Equal(fresh, got) {
				t.Error("the files are not those of a fresh export")
			}
			if r, err := raspc.Verify(t.Context(), dir, raspc.VerifyOptions{Budget: 500}); err != nil || r.Result == raspc.Different {
				t.Errorf("verified: %v, %v", r, err)
			}
		})
	}
}

// TestForce replaces what is there only when it is told to.
func TestForce(t *testing.T) {
	m := compile(t, shares, raspc.Options{})
	old, mine := t.TempDir(), t.TempDir()
	export(t, old, reverse, raspc.Options{}, raspc.ExportOptions{})
	if err := os.WriteFile(filepath.Join(mine, "README.md"), []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{old: "holds an export already", mine: "holds README.md already"} {
		before := contents(t, dir)
		for _, o := range []raspc.ExportOptions{{}, {DryRun: true}} {
			var choice *raspc.ChoiceError
			if _, err := m.Export(dir, o); !errors.As(err, &choice) || !strings.Contains(err.Error(), want) || !strings.Contains(choice.Help, "--force") {
				t.Errorf("%+v: %v, want %q", o, err, want)
			}
			if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
				t.Error(diff)
			}
		}
		if _, err := m.Export(dir, raspc.ExportOptions{Force: true}); err != nil {
			t.Error(err)
		}
	}
	if _, err := m.Export(mine, raspc.ExportOptions{Formats: []string{raspc.FormatONNX}}); err == nil {
		t.Error("replaced an export by one with fewer files")
	}
	// What an export does not need is no matter.
	for _, name := range onnxFiles {
		if err := os.Remove(filepath.Join(mine, name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.Export(mine, raspc.ExportOptions{Formats: []string{raspc.FormatONNX}}); err != nil {
		t.Error(err)
	}
}

// TestDryRun tells the files that an export writes, to the byte, and writes
// none.
func TestDryRun(t *testing.T) {
	m := compile(t, shares, raspc.Options{})
	for _, o := range []raspc.ExportOptions{
		{}, {ExternalData: true}, {ShardSize: 20_000}, {NoTokenizer: true}, {Arch: "bert"}, {License: "mit"},
		{Formats: []string{raspc.FormatONNX}}, {Formats: []string{raspc.FormatGGUF}, License: "mit"}, {Formats: raspc.Formats()},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		dry := o
		dry.DryRun = true
		planned, err := m.Export(dir, dry)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%+v: the folder is there (%v)", o, err)
		}
		written, err := m.Export(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(written, planned, cmpopts.IgnoreUnexported(raspc.Export{})); diff != "" {
			t.Errorf("%+v: %s", o, diff)
		}
	}
}

// TestForeignWeights refuses to put weights beside others that no export left
// and that loaders might read in their place.
func TestForeignWeights(t *testing.T) {
	m := compile(t, shares, raspc.Options{})
	sharded := raspc.ExportOptions{Formats: []string{raspc.FormatSafetensors}, ShardSize: 60_000}
	for name, tt := range map[string]struct {
		there   string
		o       raspc.ExportOptions
		refused bool
	}{
		"shards beside a file": {"model.safetensors", sharded, true},
		"a file beside shards": {"model.safetensors.index.json", raspc.ExportOptions{}, true},
		"a file over a file":   {"model.safetensors", raspc.ExportOptions{}, false},
		"no weights":           {"model.safetensors", raspc.ExportOptions{Formats: []string{raspc.FormatONNX}}, false},
		"a shard without use":  {"model-00001-of-00002.safetensors", raspc.ExportOptions{}, false},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, tt.there), []byte("mine"), 0o666); err != nil {
			t.Fatal(err)
		}
		tt.o.Force = true
		_, err := m.Export(dir, tt.o)
		var choice *raspc.ChoiceError
		switch {
		case tt.refused && (!errors.As(err, &choice) || len(contents(t, dir)) != 1):
			t.Errorf("%s: %v; the folder holds %v", name, err, names(contents(t, dir)))
		case !tt.refused && err != nil:
			t.Errorf("%s: %v", name, err)
		}
	}
	// What stands in the place of an older export's weights, and is none.
	dir := t.TempDir()
	export(t, dir, shares, raspc.Options{}, raspc.ExportOptions{Formats: []string{raspc.FormatONNX}})
	if err := os.Mkdir(filepath.Join(dir, "model.safetensors"), 0o777); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	if _, err := m.Export(dir, sharded); err == nil {
		t.Error("exported beside a folder called model.safetensors")
	}
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// TestShardedExport lists every file, keeps the tensors of each within the
// bound, and gives the same bytes again.
func TestShardedExport(t *testing.T) {
	m := compile(t, shares, raspc.Options{})
	dir, again := t.TempDir(), t.TempDir()
	o := raspc.ExportOptions{ShardSize: 60_000}
	e, err := m.Export(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	files := contents(t, dir)
	var listed []string
	for _, f := range e.Files {
		listed = append(listed, f.Name)
	}
	if listed[len(listed)-1] != "raspc.json" || !slices.Equal(slices.Sorted(slices.Values(listed)), names(files)) {
		t.Errorf("wrote %v, lists %v", names(files), listed)
	}
	want := slices.Sorted(slices.Values(append([]string{"model.onnx"}, shardedFiles...)))
	if rest := withoutShards(names(files)); !slices.Equal(rest, want) {
		t.Errorf("wrote %v beside the shards", rest)
	}
	for name, data := range files {
		if !strings.HasPrefix(name, "model-") {
			continue
		}
		if header := binary.LittleEndian.Uint64([]byte(data)); uint64(len(data))-8-header > uint64(o.ShardSize) {
			t.Errorf("%s has %d bytes, %d of them in its header", name, len(data), header)
		}
	}
	if _, err := m.Export(again, o); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(files, contents(t, again)); diff != "" {
		t.Error(diff)
	}
	if r, err := raspc.Verify(t.Context(), dir, raspc.VerifyOptions{}); err != nil || r.Result != raspc.Equivalent || len(r.Files) != 2 {
		t.Errorf("verified: %v, %v", r, err)
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
		"architecture": {Arch: "gpt2"}, "operator set": {Opset: 99}, "format": {Formats: []string{"onnx", "pickle"}}, "size": {MaxBytes: 1}, "shards": {ShardSize: -1},
	} {
		o.Force = true
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
		if _, err := m.Export(dir, raspc.ExportOptions{Force: true}); err == nil {
			t.Errorf("%s: exported over a folder", name)
		}
		if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	lens := raspc.ExportOptions{Formats: []string{raspc.FormatTransformerLens}}
	outside := t.TempDir()
	for name, place := range map[string]func(path string) error{
		"a file":           func(path string) error { return os.WriteFile(path, nil, 0o666) },
		"a link elsewhere": func(path string) error { return os.Symlink(outside, path) },
	} {
		path := filepath.Join(dir, raspc.FormatTransformerLens)
		if err := place(path); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Export(dir, lens); !errors.Is(err, syscall.ENOTDIR) || len(contents(t, outside)) > 0 {
			t.Errorf("%s where a folder should be: %v", name, err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
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

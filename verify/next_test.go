package verify_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify"
	"github.com/raspc/raspc/verify/hfrun"
)

// repeat goes on with the first token of a text and ends it behind three.
const repeat = "#: vocab = \"ab.\"\n#: max_len = 4\n#: causal = on\n" +
	"x = \".\" if indices > 2 else aggregate(select(indices, 0, ==), tokens);\n"

// continuing exports a program whose outputs are the tokens that follow.
func continuing(t testing.TB, text string) string {
	t.Helper()
	m, err := raspc.Compile("test.rasp", text, raspc.Options{Check: true})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := m.Export(dir, raspc.ExportOptions{Task: raspc.TaskCausalLM, EOS: "."}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestNextTokens looks at all ids: BOS and PAD are outputs, too.
func TestNextTokens(t *testing.T) {
	dir := continuing(t, repeat)
	r, err := verify.Folder(t.Context(), dir, verify.Options{Certify: true})
	if err != nil {
		t.Fatal(err)
	}
	if r.Result != verify.Equivalent || len(r.Files) != 2 {
		t.Errorf("%v: %+v", r.Result, r.FirstDifference)
	}
	m, err := hfrun.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	logits, err := m.Run([][]int64{{3, 0, 1, 1}}, [][]int64{{1, 1, 1, 1}})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range logits[0][1:] {
		if len(row) != 5 || row[3] > row[0]-100 || row[4] > row[0]-100 {
			t.Errorf("position %d: logits %v: those of BOS and PAD are not far below", i, row)
		}
	}
}

// TestNextTokensThatDiffer damages the head: where an id that is no token gets
// the largest logit, it is the one that verify shows.
func TestNextTokensThatDiffer(t *testing.T) {
	dir := continuing(t, repeat)
	model := get(t, filepath.Join(dir, "model.safetensors"))
	// The negative weights of the head are those of BOS and PAD.
	var never = []byte{0, 0, 0x80, 0xc3} // -8 * 32
	if n := strings.Count(string(model), string(never)); n != 2 {
		t.Fatalf("%d weights of -256", n)
	}
	put(t, filepath.Join(dir, "model.safetensors"), []byte(strings.ReplaceAll(string(model), string(never), "\x00\x00\x80\x43")))
	r, err := verify.Folder(t.Context(), dir, verify.Options{Formats: []string{"safetensors"}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Result != verify.Different || r.FirstDifference.Got == nil || r.FirstDifference.Got.Display() != "<bos>" {
		t.Errorf("%v: %+v", r.Result, r.FirstDifference)
	}
}

// TestOutputsThatAreNoIDs has a manifest that calls ids what they are not:
// stock code would go on with another token than verify compares.
func TestOutputsThatAreNoIDs(t *testing.T) {
	for name, c := range map[string]struct {
		change func(m *manifest.Manifest)
		want   string
	}{
		"exchanged":  {func(m *manifest.Manifest) { l := m.Output.Labels; l[0], l[1] = l[1], l[0] }, "output 0"},
		"no token":   {func(m *manifest.Manifest) { m.Output.Labels[3] = m.Output.Labels[0] }, "output 3"},
		"one less":   {func(m *manifest.Manifest) { m.Output.Labels = m.Output.Labels[:4] }, "4 labels for 5"},
		"other task": {func(m *manifest.Manifest) { m.Output.Task = "" }, "token ids"},
		"other end":  {func(m *manifest.Manifest) { *m.Output.EOS = 1 }, "texts end"},
		"no end":     {func(m *manifest.Manifest) { m.Output.EOS = nil }, "generation_config.json: eos_token_id is 2"},
	} {
		dir := continuing(t, repeat)
		rewrite(t, dir, c.change)
		if _, err := verify.Folder(t.Context(), dir, verify.Options{Formats: []string{"safetensors"}}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

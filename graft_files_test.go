package raspc_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raspc/raspc"
)

// TestGraftFilesAgree changes what beside the weights decides on how a circuit is read.
func TestGraftFilesAgree(t *testing.T) {
	const text = "#: vocab = \"abc\"\n#: max_len = 4\nh = selector_width(select(tokens, tokens, ==)) * 2;"
	o := raspc.GraftOptions{
		Arch: "gpt2", DModel: 32, Layers: 2, Heads: 4, DMLP: 16, MaxLen: 6, Vocab: `["the", "a", "b", "c", "of"]`, Labels: "0..1", Seed: 3,
	}
	for name, test := range map[string]struct {
		file, old, new string // old is removed with the file where it is empty
		want           string // of an error; empty where the circuit is the same
	}{
		"as it is":        {"config.json", "{", "{", ""},
		"other ids":       {"tokenizer.json", `"a": 1`, `"a": 2`, `the token "a" does not have the id 1`},
		"other BOS":       {"config.json", `"bos_token_id": 5`, `"bos_token_id": 4`, "bos_token_id is 4, raspc.json has 5"},
		"other PAD":       {"config.json", `"pad_token_id": 6`, `"pad_token_id": 5`, "pad_token_id is 5, raspc.json has 6"},
		"no tokenizer":    {"tokenizer.json", "", "", "tokenizer.json"},
		"padding":         {"tokenizer_config.json", `"padding_side": "right"`, `"padding_side": "left"`, "padding_side"},
		"shorter":         {"tokenizer_config.json", `"model_max_length": 7`, `"model_max_length": 4`, "model_max_length is 4"},
		"a foreign token": {"tokenizer.json", `"of": 4`, `"off": 4`, ""},
	} {
		g := planted(t, text, o)
		path := filepath.Join(g.dir, test.file)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if test.old == "" {
			err = os.Remove(path)
		} else if !strings.Contains(string(content), test.old) {
			t.Fatalf("%s: %s has no %s:\n%s", name, test.file, test.old, content)
		} else {
			err = os.WriteFile(path, []byte(strings.ReplaceAll(string(content), test.old, test.new)), 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
		r, err := raspc.Verify(t.Context(), g.dir, raspc.VerifyOptions{Circuit: true})
		switch {
		case test.want == "" && (err != nil || r.Result != raspc.Equivalent):
			t.Errorf("%s: %+v, %v", name, r, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

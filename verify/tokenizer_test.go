package verify_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raspc/raspc/verify"
	"github.com/raspc/raspc/verify/fault"
)

// TestNames: whatever users' runtimes take from the folder beside the network is
// compared with the manifest: a label, an id or a setting of the tokenizer that was
// changed is refused, in the file where it stands.
func TestNames(t *testing.T) {
	words := "#: vocab = [\"in\", \"out\"]\n#: max_len = 3\nx = tokens;\n"
	parts := "#: vocab = [\"a b\", \"c\"]\n#: max_len = 3\nx = tokens;\n"
	for name, tt := range map[string]struct {
		program, file, old, new string
		want                    fault.Kind
	}{
		"nothing": {reverse, "config.json", "", "", 0},
		"words":   {words, "config.json", "", "", 0},
		"parts":   {parts, "config.json", "", "", 0},

		"labels swapped":       {reverse, "config.json", `"0": "a",` + "\n" + `    "1": "b"`, `"0": "b",` + "\n" + `    "1": "a"`, fault.Disagreeing},
		"a label renamed":      {reverse, "config.json", `"0": "a"`, `"0": "c"`, fault.Disagreeing},
		"a label with a tail":  {reverse, "config.json", `"0": "a"`, `"0": "a_"`, fault.Disagreeing},
		"ids of labels":        {reverse, "config.json", `"a": 0,` + "\n" + `    "b": 1`, `"a": 1,` + "\n" + `    "b": 0`, fault.Disagreeing},
		"an id of a label":     {reverse, "config.json", `"b": 1`, `"b": 0`, fault.Disagreeing},
		"a label more":         {reverse, "config.json", `"b": 1`, `"b": 1, "c": 2`, fault.Disagreeing},
		"a label less":         {reverse, "config.json", `,` + "\n" + `    "b": 1`, ``, fault.Disagreeing},
		"no ids of labels":     {reverse, "config.json", `"label2id": {` + "\n" + `    "a": 0,` + "\n" + `    "b": 1` + "\n" + `  }`, `"label2id": null`, 0},
		"the number's label":   {share, "config.json", `"0": "value"`, `"0": "x"`, fault.Disagreeing},
		"BOS":                  {reverse, "config.json", `"bos_token_id": 2`, `"bos_token_id": 3`, fault.Disagreeing},
		"no BOS":               {reverse, "config.json", `"bos_token_id": 2`, `"bos_token_id": null`, fault.Missing},
		"a BOS outside":        {reverse, "config.json", `"bos_token_id": 2`, `"bos_token_id": 50256`, fault.OutOfBounds},
		"PAD":                  {reverse, "config.json", `"pad_token_id": 3`, `"pad_token_id": 2`, fault.Disagreeing},
		"no PAD":               {reverse, "config.json", `"pad_token_id": 3,`, ``, fault.Missing},
		"tokens swapped":       {reverse, "tokenizer.json", `"a": 0,` + "\n" + `      "b": 1`, `"a": 1,` + "\n" + `      "b": 0`, fault.Disagreeing},
		"a token renamed":      {reverse, "tokenizer.json", `"a": 0`, `"c": 0`, fault.Disagreeing},
		"a token more":         {reverse, "tokenizer.json", `"a": 0`, `"a": 0, "c": 4`, fault.Disagreeing},
		"a token less":         {reverse, "tokenizer.json", `"a": 0,`, ``, fault.Disagreeing},
		"a special token's id": {reverse, "tokenizer.json", `"id": 3,`, `"id": 4,`, fault.Disagreeing},
		"special tokens swapped": {reverse, "tokenizer.json", `"id": 2,` + "\n" + `      "content": "<bos>"`, `"id": 2,` + "\n" + `      "content": "<pad>"`,
			fault.Disagreeing},
		"another id in front":  {reverse, "tokenizer.json", `"ids": [` + "\n" + `          2`, `"ids": [` + "\n" + `          3`, fault.Disagreeing},
		"nothing in front":     {reverse, "tokenizer.json", `"type": "TemplateProcessing"`, `"type": "ByteLevel"`, fault.Setting},
		"the text before BOS":  {reverse, "tokenizer.json", `"SpecialToken": {` + "\n" + `          "id": "<bos>"`, `"Sequence": {` + "\n" + `          "id": "A"`, fault.Disagreeing},
		"unknown tokens":       {reverse, "tokenizer.json", `"unk_token": "<unk>"`, `"unk_token": "a"`, fault.Setting},
		"a normalizer":         {reverse, "tokenizer.json", `"normalizer": null`, `"normalizer": {"type": "Lowercase"}`, fault.Setting},
		"another cut":          {reverse, "tokenizer.json", `[\\s\\S]`, `[\\s\\S]{2}`, fault.Setting},
		"cut between":          {reverse, "tokenizer.json", `"invert": false`, `"invert": true`, fault.Setting},
		"cut at blanks":        {parts, "tokenizer.json", `"type": "Split"`, `"type": "WhitespaceSplit"`, fault.Setting},
		"cut in no known way":  {words, "tokenizer.json", `"type": "WhitespaceSplit"`, `"type": "Whitespace"`, fault.Setting},
		"a key in capitals":    {reverse, "tokenizer.json", `"vocab": {`, `"Vocab": {`, fault.Unexpected},
		"not JSON":             {reverse, "tokenizer.json", `"version"`, `version`, fault.Malformed},
		"no tokenizer":         {reverse, "tokenizer.json", "", "", fault.Missing},
		"BOS's text":           {reverse, "tokenizer_config.json", `"bos_token": "<bos>"`, `"bos_token": "<pad>"`, fault.Disagreeing},
		"PAD's text":           {reverse, "tokenizer_config.json", `"pad_token": "<pad>"`, `"pad_token": "a"`, fault.Disagreeing},
		"with its settings":    {reverse, "tokenizer_config.json", `"pad_token": "<pad>"`, `"pad_token": {"content": "<pad>", "lstrip": false}`, 0},
		"other settings":       {reverse, "tokenizer_config.json", `"pad_token": "<pad>"`, `"pad_token": {"content": "<bos>"}`, fault.Disagreeing},
		"added tokens":         {reverse, "tokenizer_config.json", `"pad_token"`, `"added_tokens_decoder": {"2": {"content": "<bos>"}, "3": {"content": "<pad>"}}, "pad_token"`, 0},
		"added tokens swapped": {reverse, "tokenizer_config.json", `"pad_token"`, `"added_tokens_decoder": {"3": {"content": "<bos>"}, "2": {"content": "<pad>"}}, "pad_token"`, fault.Disagreeing},
		"padded in front":      {reverse, "tokenizer_config.json", `"padding_side": "right"`, `"padding_side": "left"`, fault.Setting},
		"cut short":            {reverse, "tokenizer_config.json", `"model_max_length": 4`, `"model_max_length": 3`, fault.Disagreeing},
		"another class":        {reverse, "tokenizer_config.json", `"PreTrainedTokenizerFast"`, `"BertTokenizer"`, fault.Setting},
	} {
		t.Run(name, func(t *testing.T) {
			dir := export(t, tt.program)
			path := filepath.Join(dir, tt.file)
			text := string(get(t, path))
			if !strings.Contains(text, tt.old) {
				t.Fatalf("%s has no %s", tt.file, tt.old)
			}
			if tt.old == "" && tt.want != 0 {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
			} else {
				put(t, path, []byte(strings.Replace(text, tt.old, tt.new, 1)))
			}
			r, err := verify.Folder(t.Context(), dir, verify.Options{})
			if tt.want == 0 {
				if err != nil || r.Result != verify.Equivalent {
					t.Errorf("%v, %v", r, err)
				}
				return
			}
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Kind != tt.want || !strings.Contains(err.Error(), strings.TrimSuffix(tt.file, ".json")) {
				t.Errorf("error %v, want one of kind %d about %s", err, tt.want, tt.file)
			}
		})
	}
}

// TestLostFiles: a file that raspc.json lists, or that belongs to one, is missed.
func TestLostFiles(t *testing.T) {
	for _, name := range []string{"model.onnx", "model.safetensors", "config.json"} {
		dir := export(t, reverse)
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		_, err := verify.Folder(t.Context(), dir, verify.Options{})
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Kind != fault.Missing || !strings.HasPrefix(err.Error(), filepath.Join(dir, name)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

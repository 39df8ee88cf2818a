package verify

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/strictjson"
)

// tokenizerFile is the tokenizer of a Hugging Face folder.
const tokenizerFile = "tokenizer.json"

// checkTokenizer verifies that the tokenizer beside the weights, if there is
// one, gives every token the id that the manifest gives it: the files are run
// on ids, so that a wrong spelling would not show otherwise.
func checkTokenizer(dir string, m *manifest.Manifest) error {
	path := filepath.Join(dir, tokenizerFile)
	const most = 64 << 20
	data, err := fault.ReadFile(path, most)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := strictjson.Check(data); err != nil {
		return fault.In(path, err)
	}
	if err := tokenizerFits(data, m.Tokens); err != nil {
		return &manifest.MalformedError{Path: path, Err: err}
	}
	return nil
}

func tokenizerFits(data []byte, t manifest.Tokens) error {
	var file struct {
		Added []struct {
			ID      int    `json:"id"`
			Content string `json:"content"`
		} `json:"added_tokens"`
		Model struct {
			Vocab map[string]int `json:"vocab"`
		} `json:"model"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return err
	}
	if len(file.Model.Vocab) != len(t.Vocab) {
		return fmt.Errorf("%d tokens, the manifest has %d", len(file.Model.Vocab), len(t.Vocab))
	}
	for id, text := range t.Vocab {
		if got, ok := file.Model.Vocab[text]; !ok || got != id {
			return fmt.Errorf("the token %q does not have the id %d", text, id)
		}
	}
	special := map[int]bool{}
	for _, a := range file.Added {
		special[a.ID] = true
	}
	if len(file.Added) != 2 || !special[t.BOS] || !special[t.PAD] {
		return fmt.Errorf("the ids %d and %d are not those of the two special tokens", t.BOS, t.PAD)
	}
	return nil
}

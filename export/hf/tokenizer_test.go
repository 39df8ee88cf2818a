package hf

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/export/manifest"
)

func TestTokenizerJSON(t *testing.T) {
	m, man := identity("z", "a", "<")
	files, _ := contents(t, m, man, Options{})
	var got fastTokenizerFile
	if err := json.Unmarshal([]byte(files[TokenizerFile]), &got); err != nil {
		t.Fatal(err)
	}
	want := fastTokenizerFile{
		AddedTokens: []addedToken{{ID: 3, Content: "<bos>", Special: true}, {ID: 4, Content: "<pad>", Special: true}},
		Model: struct {
			Vocab    map[string]int `json:"vocab"`
			UnkToken string         `json:"unk_token"`
		}{map[string]int{"z": 0, "a": 1, "<": 2}, "<unk>"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{`"padding_side": "right"`, `"model_max_length": 5`, `"split_special_tokens": true`, `"PreTrainedTokenizerFast"`} {
		if !strings.Contains(files[TokenizerConfigFile], text) {
			t.Errorf("tokenizer_config.json lacks %s", text)
		}
	}
	if strings.Contains(files[TokenizerConfigFile], "token_type_ids") || strings.Contains(files[TokenizerConfigFile], "unk_token") {
		t.Error("tokenizer_config.json has token types or an unknown token")
	}
}

// fastTokenizerFile is what the test reads of tokenizer.json.
type fastTokenizerFile struct {
	AddedTokens []addedToken `json:"added_tokens"`
	Model       struct {
		Vocab    map[string]int `json:"vocab"`
		UnkToken string         `json:"unk_token"`
	} `json:"model"`
}

func TestLabels(t *testing.T) {
	m, man := identity("a", "b", "c", "d", "e", "f", "g")
	man.Output.Labels = []manifest.Atom{
		{Kind: "string", Text: "1"}, {Kind: "int", Text: "1"}, {Kind: "string", Text: "O"}, {Kind: "string", Text: "O_"},
		{Kind: "string", Text: ""}, {Kind: "string", Text: "1 (int)"}, {Kind: "int", Text: "1"},
	}
	l, err := newLabels(m, man)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"1", "1 (int)", "O_", "O_ (string)", "_", "1 (int) (string)", "1 (int)_"}
	if diff := cmp.Diff(want, l.texts); diff != "" {
		t.Error(diff)
	}
}

// TestManyLabels looks at the order of ids beyond 9.
func TestManyLabels(t *testing.T) {
	text, err := json.Marshal(byID(strings.Split("a b c d e f g h i j <k>", " ")))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), `{"0":"a","1":"b","2":"c"`) {
		t.Errorf("%s", text)
	}
	var back map[string]string
	if err := json.Unmarshal(text, &back); err != nil || back["10"] != "<k>" {
		t.Errorf("%v, %v", back, err)
	}
}

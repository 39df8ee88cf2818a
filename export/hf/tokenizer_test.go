package hf

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raspc/raspc/export/manifest"
)

func TestReading(t *testing.T) {
	for name, c := range map[string]struct {
		tokens    []string
		kind      string
		separator string
		pattern   string
		refused   bool
	}{
		"characters":           {tokens: []string{"a", " ", "(", "😀"}, kind: "str", pattern: `[\s\S]`},
		"words":                {tokens: []string{"the", "a"}, kind: "str", separator: " "},
		"numbers":              {tokens: []string{"0", "10", "-1"}, kind: "int", separator: " "},
		"digits are numbers":   {tokens: []string{"0", "1"}, kind: "int", separator: " "},
		"phrases":              {tokens: []string{"a b", "c", "d|e"}, kind: "str", pattern: `a b|d\|e|c|[\s\S]`},
		"phrases begun":        {tokens: []string{"a b", "a", "c"}, kind: "str", pattern: `a b|a|c|[\s\S]`},
		"longer and longer":    {tokens: []string{" ", "a", "ab", "abc"}, kind: "str", pattern: `abc|ab| |a|[\s\S]`},
		"ambiguous phrases":    {tokens: []string{"a b", "a", " ", "b"}, kind: "str", refused: true},
		"begun and gone on":    {tokens: []string{"a \n\n", "a", " \n", "\n"}, kind: "str", refused: true},
		"decided at the end":   {tokens: []string{"a", "a ", "  "}, kind: "str", refused: true}, // "a  " is "a" and "  "
		"combining is no char": {tokens: []string{"e\u0301", "x"}, kind: "str", separator: " "},
		"empty token":          {tokens: []string{"", "a"}, kind: "str", refused: true},
		"space among digits":   {tokens: []string{"0", "\u00a0"}, kind: "int", pattern: "\u00a0|0|[\\s\\S]"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := newReading(vocabulary{tokens: c.tokens}, c.kind)
			if errors.Is(err, ErrTokenizer) != c.refused {
				t.Fatalf("error is %v", err)
			}
			if r.separator != c.separator || r.pattern != c.pattern {
				t.Errorf("separator %q, pattern %q", r.separator, r.pattern)
			}
		})
	}
}

// TestReadingIsTheInverseOfSpelling cuts text as the tokenizer does.
func TestReadingIsTheInverseOfSpelling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		token := rapid.StringMatching(`[ab .|(\[]{1,3}`)
		tokens := rapid.SliceOfNDistinct(token, 1, 8, rapid.ID[string]).Draw(t, "tokens")
		r, err := newReading(vocabulary{tokens: tokens}, "str")
		if err != nil {
			return
		}
		input := rapid.SliceOf(rapid.SampledFrom(tokens)).Draw(t, "input")
		text := strings.Join(input, r.separator)
		got := strings.Fields(text)
		if r.pattern != "" {
			got = regexp.MustCompile(r.pattern).FindAllString(text, -1)
		}
		if strings.Join(got, "\x00") != strings.Join(input, "\x00") {
			t.Fatalf("%q is read as %q", input, got)
		}
	})
}

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

func TestSpecialTokensCannotBeSpelled(t *testing.T) {
	for _, c := range []struct {
		tokens []string
		want   string
	}{
		{[]string{"a", "<"}, "<bos>"},
		{[]string{"<", ">"}, "[bos]"},
		{[]string{"<x>", "[", "]"}, "{bos}"},
		{[]string{"<>[]{}⟨⟩⟦⟧«»"}, "\U000F0000bos\U000F0000"},
		{[]string{"<>[]{}⟨⟩⟦⟧«»\U000F0000"}, "\U000F0001bos\U000F0001"},
	} {
		m, man := identity(c.tokens...)
		v, err := newVocabulary(m, man)
		if err != nil {
			t.Fatal(err)
		}
		if v.bos.text != c.want {
			t.Errorf("%q: BOS is %q, want %q", c.tokens, v.bos.text, c.want)
		}
	}
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

package verify

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/strictjson"
)

// The tokenizer of a Hugging Face folder.
const (
	tokenizerFile       = "tokenizer.json"
	tokenizerConfigFile = "tokenizer_config.json"
)

// spelling is what ids a tokenizer has to make of texts.
type spelling struct {
	texts    []string // of tokens
	ids      []int    // of these
	bos, pad int
	longest  int  // tokens of an input, with BOS
	more     bool // it may have other tokens and take longer inputs, too
}

// spellingOf is how texts become inputs of a program, alone or as part of a host.
func spellingOf(m *manifest.Manifest) spelling {
	r := spelling{texts: m.Tokens.Vocab, bos: m.Tokens.BOS, pad: m.Tokens.PAD, longest: m.Options.MaxLen + 1}
	if m.Host != nil {
		n := len(r.texts)
		r.ids, r.bos, r.pad, r.more = m.Host.Tokens[:n], m.Host.Tokens[n], m.Host.Tokens[n+1], true
		return r
	}
	for id := range r.texts {
		r.ids = append(r.ids, id)
	}
	return r
}

// checkTokenizer verifies that the tokenizer beside the weights, which must be there
// where it is listed, makes of a text the ids that the manifest gives its tokens: the files are run
// on ids, so that a wrong spelling would not show otherwise.
func checkTokenizer(dir string, want spelling, listed bool) error {
	var t tokenizer
	var c tokenizerConfig
	there, err := readTokenizer(filepath.Join(dir, tokenizerFile), listed, &t)
	if err != nil {
		return err
	}
	also, err := readTokenizer(filepath.Join(dir, tokenizerConfigFile), listed, &c)
	switch {
	case err != nil || !there && !also:
		return err
	case !there:
		return fault.In(dir, fault.New(fault.Missing, "there is a %s and no %s", tokenizerConfigFile, tokenizerFile))
	}
	if err := t.fits(want); err != nil || !also {
		return fault.In(filepath.Join(dir, tokenizerFile), err)
	}
	return fault.In(filepath.Join(dir, tokenizerConfigFile), c.fits(&t, want))
}

// readTokenizer reads a file of JSON, and reports whether it is there, as a listed one
// must be.
func readTokenizer(path string, listed bool, v any) (bool, error) {
	const most = 64 << 20
	data, err := fault.ReadFile(path, most)
	if errors.Is(err, fs.ErrNotExist) && !listed {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, fault.In(path, strictjson.Decode(data, v))
}

// tokenizer is what of tokenizer.json decides on ids.
type tokenizer struct {
	Added      []addedToken `json:"added_tokens"`
	Normalizer *struct{}    `json:"normalizer"`
	Truncation *struct{}    `json:"truncation"`
	Padding    *struct{}    `json:"padding"`
	Pre        struct {
		Type    string `json:"type"`
		Pattern struct {
			Regex string `json:"Regex"`
		} `json:"pattern"`
		Behavior string `json:"behavior"`
		Invert   bool   `json:"invert"`
	} `json:"pre_tokenizer"`
	Post struct {
		Type    string  `json:"type"`
		Single  []piece `json:"single"`
		Special map[string]struct {
			IDs []int `json:"ids"`
		} `json:"special_tokens"`
	} `json:"post_processor"`
	Model struct {
		Type    string         `json:"type"`
		Vocab   map[string]int `json:"vocab"`
		Unknown string         `json:"unk_token"`
	} `json:"model"`
}

// addedToken is a token that no text spells.
type addedToken struct {
	ID      int    `json:"id"`
	Content string `json:"content"`
}

// piece is a part of an input: a special token, or the text's tokens.
type piece struct {
	Special *struct {
		ID string `json:"id"`
	} `json:"SpecialToken"`
	Sequence *struct {
		ID string `json:"id"`
	} `json:"Sequence"`
}

// fits compares the tokenizer's ids with the manifest's.
func (t *tokenizer) fits(want spelling) error {
	if len(t.Model.Vocab) != len(want.texts) && !want.more {
		return fault.New(fault.Disagreeing, "%d tokens, %s has %d", len(t.Model.Vocab), manifest.FileName, len(want.texts))
	}
	for i, text := range want.texts {
		if got, ok := t.Model.Vocab[text]; !ok || got != want.ids[i] {
			return fault.New(fault.Disagreeing, "the token %q does not have the id %d, as by %s", text, want.ids[i], manifest.FileName)
		}
	}
	if len(t.Added) != 2 && !want.more || t.special(want.bos) == "" || t.special(want.pad) == "" {
		return fault.New(fault.Disagreeing, "the ids %d and %d are not those of the two special tokens", want.bos, want.pad)
	}
	if _, ok := t.Model.Vocab[t.Model.Unknown]; ok || t.Model.Unknown == "" {
		return fault.New(fault.Setting, "unknown tokens are read as %q", t.Model.Unknown)
	}
	return t.reads(want.bos)
}

// special returns the text of an added token; empty where there is none of the id.
func (t *tokenizer) special(id int) string {
	for _, a := range t.Added {
		if a.ID == id {
			return a.Content
		}
	}
	return ""
}

// reads checks how text becomes an input: cut into its tokens, each looked up as it
// is, behind BOS.
func (t *tokenizer) reads(id int) error {
	single, bos := t.Post.Single, t.special(id)
	switch {
	case t.Model.Type != "WordLevel" || t.Post.Type != "TemplateProcessing":
		return fault.New(fault.Setting, "a model %q with a post_processor %q", t.Model.Type, t.Post.Type)
	case t.Normalizer != nil || t.Truncation != nil || t.Padding != nil:
		return fault.New(fault.Setting, "a normalizer, truncation or padding, with which other ids are read")
	case len(single) != 2 || single[0].Special == nil || single[0].Special.ID != bos || single[1].Sequence == nil || single[1].Sequence.ID != "A",
		!slices.Equal(t.Post.Special[bos].IDs, []int{id}):
		return fault.New(fault.Disagreeing, "the post_processor does not put %q, the id %d, in front of a text", bos, id)
	}
	return t.cuts(t.inOrder())
}

// inOrder lists the tokens by their ids.
func (t *tokenizer) inOrder() []string {
	all := slices.Collect(maps.Keys(t.Model.Vocab))
	slices.SortFunc(all, func(a, b string) int { return t.Model.Vocab[a] - t.Model.Vocab[b] })
	return all
}

// cuts checks that texts are cut into the tokens that they are made of.
func (t *tokenizer) cuts(vocab []string) error {
	switch t.Pre.Type {
	case "WhitespaceSplit":
		for _, token := range vocab {
			if fields := strings.Fields(token); len(fields) != 1 || fields[0] != token {
				return fault.New(fault.Setting, "the pre_tokenizer cuts %q at white space", token)
			}
		}
		return nil
	case "Split":
		pattern, err := regexp.Compile(t.Pre.Pattern.Regex)
		if err != nil || t.Pre.Behavior != "Isolated" || t.Pre.Invert {
			return fault.New(fault.Setting, "the pre_tokenizer cuts in a way that is not known")
		}
		if got := pattern.FindAllString(strings.Join(vocab, ""), -1); !slices.Equal(got, vocab) {
			return fault.New(fault.Setting, "the pre_tokenizer does not cut the tokens, in a row, where they end")
		}
		return nil
	}
	return fault.New(fault.Setting, "the pre_tokenizer is %q", t.Pre.Type)
}

// tokenizerConfig is what of tokenizer_config.json decides on ids.
type tokenizerConfig struct {
	Class   string                `json:"tokenizer_class"`
	BOS     specialText           `json:"bos_token"`
	PAD     specialText           `json:"pad_token"`
	MaxLen  float64               `json:"model_max_length"`
	Padding string                `json:"padding_side"`
	Decoder map[string]addedToken `json:"added_tokens_decoder"`
}

// specialText is a token's text, which some versions write with its settings.
type specialText string

// UnmarshalJSON reads both forms.
func (s *specialText) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, (*string)(s)) == nil {
		return nil
	}
	var token addedToken
	err := json.Unmarshal(text, &token)
	*s = specialText(token.Content)
	return err
}

// tokenizerClasses are those that read tokenizer.json as it is, by the names of
// transformers 4 and 5.
var tokenizerClasses = []string{"PreTrainedTokenizerFast", "TokenizersBackend"}

// fits compares the configuration with its tokenizer and the manifest.
func (c *tokenizerConfig) fits(t *tokenizer, want spelling) error {
	for _, s := range []struct {
		key string
		got specialText
		id  int
	}{{"bos_token", c.BOS, want.bos}, {"pad_token", c.PAD, want.pad}} {
		if want := t.special(s.id); string(s.got) != want {
			return fault.New(fault.Disagreeing, "%s is %q, the token of id %d is %q", s.key, string(s.got), s.id, want)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.Decoder)) {
		if n, err := strconv.Atoi(id); err != nil || t.special(n) != c.Decoder[id].Content {
			return fault.New(fault.Disagreeing, "added_tokens_decoder calls the id %s %q, %s does not", id, c.Decoder[id].Content, tokenizerFile)
		}
	}
	switch longest := float64(want.longest); {
	case !slices.Contains(tokenizerClasses, c.Class):
		return fault.New(fault.Setting, "tokenizer_class is %q, not %q", c.Class, tokenizerClasses[0])
	case c.Padding != "" && c.Padding != "right":
		return fault.New(fault.Setting, "padding_side is %q: tokens would stand at other positions", c.Padding)
	case c.MaxLen != 0 && c.MaxLen != longest && !(want.more && c.MaxLen > longest):
		return fault.New(fault.Disagreeing, "model_max_length is %g, %s has %g tokens behind BOS, %g together", c.MaxLen, manifest.FileName, longest-1, longest)
	}
	return nil
}

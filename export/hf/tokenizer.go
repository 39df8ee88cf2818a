package hf

import (
	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/spelling"
)

// fastTokenizer is tokenizer.json: whole tokens looked up in a vocabulary.
// Special tokens stand outside of it, so that text which spells one is
// unknown like any other.
type fastTokenizer struct {
	Version       string        `json:"version"`
	Truncation    *struct{}     `json:"truncation"`
	Padding       *struct{}     `json:"padding"`
	AddedTokens   []addedToken  `json:"added_tokens"`
	Normalizer    *struct{}     `json:"normalizer"`
	PreTokenizer  preTokenizer  `json:"pre_tokenizer"`
	PostProcessor postProcessor `json:"post_processor"`
	Decoder       *typed        `json:"decoder"`
	Model         wordLevel     `json:"model"`
}

// typed is a part without settings.
type typed struct {
	Type string `json:"type"`
}

// addedToken is a special token.
type addedToken struct {
	ID         int    `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

// preTokenizer is WhitespaceSplit, or Split with the fields behind it.
type preTokenizer struct {
	Type     string   `json:"type"`
	Pattern  *pattern `json:"pattern,omitempty"`
	Behavior string   `json:"behavior,omitempty"`
	Invert   *bool    `json:"invert,omitempty"`
}

// pattern is a regular expression.
type pattern struct {
	Regex string `json:"Regex"`
}

// postProcessor puts BOS in front.
type postProcessor struct {
	Type          string                   `json:"type"`
	Single        []piece                  `json:"single"`
	Pair          []piece                  `json:"pair"`
	SpecialTokens map[string]templateToken `json:"special_tokens"`
}

// piece is a special token or a sequence.
type piece struct {
	SpecialToken *pieceID `json:"SpecialToken,omitempty"`
	Sequence     *pieceID `json:"Sequence,omitempty"`
}

// pieceID names what stands in a template.
type pieceID struct {
	ID     string `json:"id"`
	TypeID int    `json:"type_id"`
}

// templateToken says what a special token of a template becomes.
type templateToken struct {
	ID     string   `json:"id"`
	IDs    []int    `json:"ids"`
	Tokens []string `json:"tokens"`
}

// wordLevel is the vocabulary. The unknown token is not in it, which makes
// the tokenizer raise at one instead of mapping it to something.
type wordLevel struct {
	Type     string `json:"type"`
	Vocab    idOf   `json:"vocab"`
	UnkToken string `json:"unk_token"`
}

// tokenizerJSON returns the content of tokenizer.json.
func tokenizerJSON(v spelling.Vocabulary, r spelling.Reading) fastTokenizer {
	bos := piece{SpecialToken: &pieceID{ID: v.BOS.Text}}
	sequence := func(id string) piece { return piece{Sequence: &pieceID{ID: id}} }
	t := fastTokenizer{
		Version:      "1.0",
		PreTokenizer: preTokenizer{Type: "WhitespaceSplit"},
		PostProcessor: postProcessor{
			Type:   "TemplateProcessing",
			Single: []piece{bos, sequence("A")},
			Pair:   []piece{bos, sequence("A"), sequence("B")},
			SpecialTokens: map[string]templateToken{
				v.BOS.Text: {ID: v.BOS.Text, IDs: []int{v.BOS.ID}, Tokens: []string{v.BOS.Text}},
			},
		},
		Model: wordLevel{Type: "WordLevel", Vocab: v.Tokens, UnkToken: v.Unknown},
	}
	for _, s := range v.Specials() {
		t.AddedTokens = append(t.AddedTokens, addedToken{ID: s.ID, Content: s.Text, Special: true})
	}
	if r.Pattern != "" {
		t.PreTokenizer = preTokenizer{Type: "Split", Pattern: &pattern{r.Pattern}, Behavior: "Isolated", Invert: new(bool)}
		t.Decoder = &typed{"Fuse"}
	}
	return t
}

// wrapper is tokenizer_config.json.
type wrapper struct {
	Class          string   `json:"tokenizer_class"`
	BOS            string   `json:"bos_token"`
	PAD            string   `json:"pad_token"`
	MaxLength      int      `json:"model_max_length"`
	PaddingSide    string   `json:"padding_side"`
	TruncationSide string   `json:"truncation_side"`
	InputNames     []string `json:"model_input_names"`
	SplitSpecial   bool     `json:"split_special_tokens"`
	CleanUp        bool     `json:"clean_up_tokenization_spaces"`
}

// tokenizerConfig returns the content of tokenizer_config.json for sequences
// of up to positions tokens, BOS included.
//
// Padding on the left would move the tokens to other positions. Token types
// are not among the inputs, because GPT-2 would add a token's embedding for
// them.
func tokenizerConfig(v spelling.Vocabulary, positions int) wrapper {
	return wrapper{
		Class:          "PreTrainedTokenizerFast",
		BOS:            v.BOS.Text,
		PAD:            v.PAD.Text,
		MaxLength:      positions,
		PaddingSide:    "right",
		TruncationSide: "right",
		InputNames:     []string{"input_ids", "attention_mask"},
		SplitSpecial:   true,
	}
}

// tokenizerFiles returns the files of the tokenizer, for sequences of up to positions
// tokens.
func tokenizerFiles(v spelling.Vocabulary, r spelling.Reading, positions int) ([]artifact.File, error) {
	tokenizer, err := artifact.JSON(TokenizerFile, tokenizerJSON(v, r))
	if err != nil {
		return nil, err
	}
	settings, err := artifact.JSON(TokenizerConfigFile, tokenizerConfig(v, positions))
	return []artifact.File{tokenizer, settings}, err
}

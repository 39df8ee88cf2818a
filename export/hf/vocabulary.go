package hf

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/manifest"
)

// vocabulary is the spelling of every token id.
type vocabulary struct {
	tokens   []string // of the program, ids from 0
	bos, pad special
	unknown  string // stands for no id at all
}

// special is a token that no input can spell.
type special struct {
	text string
	id   int
}

// newVocabulary takes the tokens from the manifest and names the others. Ids
// have to be dense: the program's tokens, then BOS and PAD in either order.
func newVocabulary(model *decoder.Model, man *manifest.Manifest) (vocabulary, error) {
	c, t := model.Config, man.Tokens
	n := len(t.Vocab)
	if t.BOS != c.BOS || t.PAD != c.PAD {
		return vocabulary{}, fmt.Errorf("hf: BOS and PAD are %d and %d in the manifest, %d and %d in the model", t.BOS, t.PAD, c.BOS, c.PAD)
	}
	if c.Vocab != n+2 || min(t.BOS, t.PAD) != n || max(t.BOS, t.PAD) != n+1 {
		return vocabulary{}, fmt.Errorf("hf: %d tokens, BOS %d and PAD %d do not fill %d ids", n, t.BOS, t.PAD, c.Vocab)
	}
	seen := map[string]bool{}
	used := map[rune]bool{}
	for i, token := range t.Vocab {
		if !utf8.ValidString(token) {
			return vocabulary{}, fmt.Errorf("hf: token %d, %q, is not UTF-8", i, token)
		}
		if seen[token] {
			return vocabulary{}, fmt.Errorf("hf: two tokens spelled %q", token)
		}
		seen[token] = true
		for _, r := range token {
			used[r] = true
		}
	}
	open, end, err := brackets(used)
	if err != nil {
		return vocabulary{}, err
	}
	name := func(s string) string { return open + s + end }
	return vocabulary{
		tokens:  t.Vocab,
		bos:     special{name("bos"), t.BOS},
		pad:     special{name("pad"), t.PAD},
		unknown: name("unk"),
	}, nil
}

// brackets returns a pair of which at least one is in no token, so that what
// stands between them cannot be part of an input.
func brackets(used map[rune]bool) (open, end string, err error) {
	for _, pair := range [][2]rune{{'<', '>'}, {'[', ']'}, {'{', '}'}, {'⟨', '⟩'}, {'⟦', '⟧'}, {'«', '»'}} {
		if !used[pair[0]] || !used[pair[1]] {
			return string(pair[0]), string(pair[1]), nil
		}
	}
	const private, last = '\U000F0000', '\U000FFFFD'
	for r := private; r <= last; r++ {
		if !used[r] {
			return string(r), string(r), nil
		}
	}
	return "", "", errors.New("hf: the tokens leave no character to spell BOS and PAD with")
}

// specials returns the special tokens in the order of their ids.
func (v vocabulary) specials() []special {
	if v.bos.id < v.pad.id {
		return []special{v.bos, v.pad}
	}
	return []special{v.pad, v.bos}
}

// example returns tokens of the vocabulary as an input, opened by the token
// first where that is not empty, which then stands nowhere else.
func (v vocabulary) example(maxLen int, first string) []string {
	rest := slices.DeleteFunc(slices.Clone(v.tokens), func(t string) bool { return t == first })
	var out []string
	if first != "" {
		out = append(out, first)
	}
	for i := 0; len(out) < min(3, maxLen) && len(rest) > 0; i++ {
		out = append(out, rest[i%len(rest)])
	}
	return out
}

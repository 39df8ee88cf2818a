// Package spelling says how people write what a model takes: the text of each
// token id, and how running text is cut into tokens.
package spelling

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/manifest"
)

// Vocabulary is the spelling of every token id.
type Vocabulary struct {
	Tokens   []string // of the program, ids from 0
	BOS, PAD Special
	Unknown  string // stands for no id at all
}

// Special is a token that no input can spell.
type Special struct {
	Text string
	ID   int
}

// New takes the tokens from the manifest and names the others. Ids
// have to be dense: the program's tokens, then BOS and PAD in either order.
func New(model *decoder.Model, man *manifest.Manifest) (Vocabulary, error) {
	c, t := model.Config, man.Tokens
	n := len(t.Vocab)
	if t.BOS != c.BOS || t.PAD != c.PAD {
		return Vocabulary{}, fmt.Errorf("BOS and PAD are %d and %d in the manifest, %d and %d in the model", t.BOS, t.PAD, c.BOS, c.PAD)
	}
	if c.Vocab != n+2 || min(t.BOS, t.PAD) != n || max(t.BOS, t.PAD) != n+1 {
		return Vocabulary{}, fmt.Errorf("%d tokens, BOS %d and PAD %d do not fill %d ids", n, t.BOS, t.PAD, c.Vocab)
	}
	seen := map[string]bool{}
	used := map[rune]bool{}
	for i, token := range t.Vocab {
		if !utf8.ValidString(token) {
			return Vocabulary{}, fmt.Errorf("token %d, %q, is not UTF-8", i, token)
		}
		if seen[token] {
			return Vocabulary{}, fmt.Errorf("two tokens spelled %q", token)
		}
		seen[token] = true
		for _, r := range token {
			used[r] = true
		}
	}
	open, end, err := brackets(used)
	if err != nil {
		return Vocabulary{}, err
	}
	name := func(s string) string { return open + s + end }
	return Vocabulary{
		Tokens:  t.Vocab,
		BOS:     Special{name("bos"), t.BOS},
		PAD:     Special{name("pad"), t.PAD},
		Unknown: name("unk"),
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
	return "", "", errors.New("the tokens leave no character to spell BOS and PAD with")
}

// Specials returns the special tokens in the order of their ids.
func (v Vocabulary) Specials() []Special {
	if v.BOS.ID < v.PAD.ID {
		return []Special{v.BOS, v.PAD}
	}
	return []Special{v.PAD, v.BOS}
}

// Example returns tokens of the vocabulary as an input, opened by the token
// first where that is not empty, which then stands nowhere else.
func (v Vocabulary) Example(maxLen int, first string) []string {
	rest := slices.DeleteFunc(slices.Clone(v.Tokens), func(t string) bool { return t == first })
	var out []string
	if first != "" {
		out = append(out, first)
	}
	for i := 0; len(out) < min(3, maxLen) && len(rest) > 0; i++ {
		out = append(out, rest[i%len(rest)])
	}
	return out
}

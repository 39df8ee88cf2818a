package spelling

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Reading is the way in which running text is cut into tokens.
type Reading struct {
	// Separator stands between tokens in text.
	Separator string
	// Pattern matches one token where there is no separator; empty where
	// white space separates.
	Pattern string
	// About says it in words, for the model card.
	About string
}

// ErrTokenizer reports a vocabulary that running text cannot be read with.
// The model itself is sound; it can be exported without a tokenizer.
var ErrTokenizer = errors.New("no tokenizer can read these tokens from text")

// anyCharacter matches one character, a line break too. Whatever is not in
// the vocabulary thereby becomes a piece of its own, which is unknown.
const anyCharacter = `[\s\S]`

// NewReading chooses how to cut text for tokens of a RASP type.
//
// Strings of one character each are written without a break, as RASP writes
// them. Words, and numbers whatever their length, are separated by white
// space. Strings that contain white space are written without a break, and the
// longest token is read that fits; they are refused where that may be wrong.
func NewReading(v Vocabulary, tokenType string) (Reading, error) {
	single, spaced := true, false
	for _, token := range v.Tokens {
		if token == "" {
			return Reading{}, fmt.Errorf("%w: one token is the empty string", ErrTokenizer)
		}
		single = single && utf8.RuneCountInString(token) == 1
		spaced = spaced || strings.ContainsFunc(token, unicode.IsSpace)
	}
	switch {
	case single && tokenType == "str":
		return Reading{Pattern: anyCharacter, About: "each character is a token"}, nil
	case !spaced:
		return Reading{Separator: " ", About: "tokens are separated by spaces"}, nil
	}
	if short, long, ok := misread(v.Tokens); ok {
		return Reading{}, fmt.Errorf("%w: a token holds white space, so tokens must stand without a break, but text that begins with %q may be %q and more tokens",
			ErrTokenizer, long, short)
	}
	return Reading{Pattern: alternatives(v.Tokens), About: "tokens follow each other without a break; the longest that fits is read"}, nil
}

// misread returns a token and a longer one for which it might be taken: one that
// it begins, and whose rest begins what other tokens can spell.
func misread(tokens []string) (short, long string, ok bool) {
	for _, long := range tokens {
		for _, short := range tokens {
			if rest, ok := strings.CutPrefix(long, short); ok && rest != "" && begins(rest, tokens) {
				return short, long, true
			}
		}
	}
	return "", "", false
}

// begins reports whether some text of tokens has the given beginning.
func begins(text string, tokens []string) bool {
	reached := make([]bool, len(text)) // by whole tokens
	reached[0] = true
	for i := range text {
		for _, token := range tokens {
			switch rest := text[i:]; {
			case !reached[i]:
			case strings.HasPrefix(token, rest):
				return true
			case strings.HasPrefix(rest, token):
				reached[i+len(token)] = true
			}
		}
	}
	return false
}

// alternatives returns a pattern that matches exactly one token, or else one
// character, which is unknown.
func alternatives(tokens []string) string {
	longest := slices.Clone(tokens)
	slices.SortStableFunc(longest, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	quoted := make([]string, 0, len(longest)+1)
	for _, token := range longest {
		quoted = append(quoted, regexp.QuoteMeta(token))
	}
	return strings.Join(append(quoted, anyCharacter), "|")
}

package hf

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

// reading is the way in which running text is cut into tokens.
type reading struct {
	// separator stands between tokens in text.
	separator string
	// pattern matches one token where there is no separator; empty where
	// white space separates.
	pattern string
	// about says it in words, for the model card.
	about string
}

// ErrTokenizer reports a vocabulary that running text cannot be read with.
// The model itself is sound; it can be exported without a tokenizer.
var ErrTokenizer = errors.New("hf: no tokenizer can read these tokens from text")

// anyCharacter matches one character, a line break too. Whatever is not in
// the vocabulary thereby becomes a piece of its own, which is unknown.
const anyCharacter = `[\s\S]`

// newReading chooses how to cut text for tokens of a RASP type.
//
// Strings of one character each are written without a break, as RASP writes
// them. Words, and numbers whatever their length, are separated by white
// space. Strings that contain white space are written without a break if no
// token begins another: then text can be read in one way only.
func newReading(v vocabulary, tokenType string) (reading, error) {
	single, spaced := true, false
	for _, token := range v.tokens {
		if token == "" {
			return reading{}, fmt.Errorf("%w: one token is the empty string", ErrTokenizer)
		}
		single = single && utf8.RuneCountInString(token) == 1
		spaced = spaced || strings.ContainsFunc(token, unicode.IsSpace)
	}
	switch {
	case single && tokenType == "str":
		return reading{pattern: anyCharacter, about: "each character is a token"}, nil
	case !spaced:
		return reading{separator: " ", about: "tokens are separated by spaces"}, nil
	}
	if a, b, ok := beginning(v.tokens); ok {
		return reading{}, fmt.Errorf("%w: a token holds white space, so tokens must stand without a break, but %q begins %q", ErrTokenizer, a, b)
	}
	return reading{pattern: alternatives(v.tokens), about: "tokens follow each other without a break"}, nil
}

// beginning returns a token that begins another one. In sorted order such a
// pair stands together: all that lies between the two has the same beginning.
func beginning(tokens []string) (a, b string, ok bool) {
	sorted := slices.Sorted(slices.Values(tokens))
	for i := 1; i < len(sorted); i++ {
		if strings.HasPrefix(sorted[i], sorted[i-1]) {
			return sorted[i-1], sorted[i], true
		}
	}
	return "", "", false
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

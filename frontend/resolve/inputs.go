package resolve

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/raspc/raspc/frontend/pattern"
	"github.com/raspc/raspc/frontend/value"
)

// Alphabet returns the tokens that inputs are made of: the vocabulary, with
// the declared BOS in front where it is not among them. Token ids are indices
// into it. It is empty where any token will do. The caller must not change it.
func (s Settings) Alphabet() []value.Value {
	vocab := s.Vocab.Value
	if !s.Vocab.Set || !s.BOS.Set || slices.ContainsFunc(vocab, func(v value.Value) bool { return value.Equal(v, s.BOS.Value) }) {
		return vocab
	}
	return append([]value.Value{s.BOS.Value}, vocab...)
}

// Accept returns the test for inputs that the program is meant for: the
// declared BOS stands at position 0 and nowhere else, and the pattern of the
// inputs pragma matches the tokens, written one after the other, or with
// blanks between them where a token is longer than one character. It is nil
// where the program is meant for all inputs.
func (s Settings) Accept() func(input []value.Value) bool {
	if !s.Inputs.Set && !s.BOS.Set {
		return nil
	}
	sep := s.separator()
	return func(input []value.Value) bool {
		words := make([]string, len(input))
		for i, v := range input {
			if s.BOS.Set && value.Equal(v, s.BOS.Value) != (i == 0) {
				return false
			}
			words[i] = v.Display()
		}
		return !s.Inputs.Set || s.Inputs.Value.MatchString(strings.Join(words, sep))
	}
}

// separator stands between the texts of two tokens.
func (s Settings) separator() string {
	for _, v := range s.Alphabet() {
		if utf8.RuneCountInString(v.Display()) != 1 {
			return " "
		}
	}
	return ""
}

// InputSpec describes what Accept accepts up to the maximum length, of a program with
// a vocabulary and a maximum length.
func (s Settings) InputSpec() pattern.Spec {
	spec := pattern.Spec{Sep: s.separator(), BOS: -1, MaxLen: s.MaxLen.Value}
	if s.Inputs.Set {
		spec.Pattern = s.Inputs.Value.String()
	}
	for i, v := range s.Alphabet() {
		spec.Tokens = append(spec.Tokens, v.Display())
		if s.BOS.Set && value.Equal(v, s.BOS.Value) {
			spec.BOS = i
		}
	}
	return spec
}

// Pattern returns the text of the inputs pragma, which inputs match as a whole;
// empty where there is none.
func (s Settings) Pattern() string {
	if !s.Inputs.Set {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(s.Inputs.Value.String(), wholeBefore), wholeAfter)
}

// TokenKind returns the word of the tokens pragma: str, int, float or bool.
func (s Settings) TokenKind() string { return kindWord(s.Tokens.Value) }

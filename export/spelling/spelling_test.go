package spelling_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/spelling"
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
			r, err := spelling.NewReading(spelling.Vocabulary{Tokens: c.tokens}, c.kind)
			if errors.Is(err, spelling.ErrTokenizer) != c.refused {
				t.Fatalf("error is %v", err)
			}
			if r.Separator != c.separator || r.Pattern != c.pattern {
				t.Errorf("separator %q, pattern %q", r.Separator, r.Pattern)
			}
		})
	}
}

// TestReadingIsTheInverseOfSpelling cuts text as the tokenizer does.
func TestReadingIsTheInverseOfSpelling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		token := rapid.StringMatching(`[ab .|(\[]{1,3}`)
		tokens := rapid.SliceOfNDistinct(token, 1, 8, rapid.ID[string]).Draw(t, "tokens")
		r, err := spelling.NewReading(spelling.Vocabulary{Tokens: tokens}, "str")
		if err != nil {
			return
		}
		input := rapid.SliceOf(rapid.SampledFrom(tokens)).Draw(t, "input")
		text := strings.Join(input, r.Separator)
		got := strings.Fields(text)
		if r.Pattern != "" {
			got = regexp.MustCompile(r.Pattern).FindAllString(text, -1)
		}
		if strings.Join(got, "\x00") != strings.Join(input, "\x00") {
			t.Fatalf("%q is read as %q", input, got)
		}
	})
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
		n := len(c.tokens)
		m := &decoder.Model{Config: decoder.Config{Vocab: n + 2, BOS: n, PAD: n + 1}}
		v, err := spelling.New(m, &manifest.Manifest{Tokens: manifest.Tokens{Vocab: c.tokens, BOS: n, PAD: n + 1}})
		if err != nil {
			t.Fatal(err)
		}
		if v.BOS.Text != c.want {
			t.Errorf("%q: BOS is %q, want %q", c.tokens, v.BOS.Text, c.want)
		}
	}
}

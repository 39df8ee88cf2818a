package hf

import (
	"fmt"
	"strings"
	"testing"

	"github.com/raspc/raspc/export/manifest"
)

func TestCard(t *testing.T) {
	m, man := identity("a", "|", "`", " ")
	man.Options.Inputs = "a+"
	files, _ := contents(t, m, man, Options{})
	for _, text := range []string{
		"# `p.rasp`", "GPT-2 decoder", "its s-op `out`", "raspc 1.2", "1 to 4 tokens; each character is a token",
		"`a` `\"\\|\"` ``\"`\"`` `\" \"`", "match `a+`", "`<bos>`", `tokenizer("a|`, "the input is too long", "id2label",
	} {
		if !strings.Contains(files[CardFile], text) {
			t.Errorf("the card lacks %s:\n%s", text, files[CardFile])
		}
	}
}

func TestCardOfANumericOutput(t *testing.T) {
	m, man := identity("7")
	man.Options.Tokens = "int"
	man.Output = manifest.Output{Kind: manifest.Numeric}
	files, _ := contents(t, m, man, Options{})
	for _, text := range []string{"one number", "logits[0, 1:, 0]", `tokenizer("7 7 7"`, "separated by spaces"} {
		if !strings.Contains(files[CardFile], text) {
			t.Errorf("the card lacks %s", text)
		}
	}
	if !strings.Contains(files[ConfigFile], `"0": "value"`) {
		t.Error("a numeric output should have one label")
	}
}

func TestCardWithoutATokenizer(t *testing.T) {
	m, man := identity("a b", "a")
	man.Options.BOS = &manifest.Atom{Kind: "string", Text: "a", Exact: "a"}
	files, _ := contents(t, m, man, Options{NoTokenizer: true})
	for _, text := range []string{"torch.tensor([[2, 1, 0, 0]])", "<= 5", "no tokenizer"} {
		if !strings.Contains(files[CardFile], text) {
			t.Errorf("the card lacks %s:\n%s", text, files[CardFile])
		}
	}
	if _, ok := files[TokenizerFile]; ok {
		t.Error("tokenizer.json is there")
	}
}

func TestCardListsManyTokensInPart(t *testing.T) {
	var tokens []string
	for i := range 100 {
		tokens = append(tokens, fmt.Sprint("t", i))
	}
	m, man := identity(tokens...)
	files, _ := contents(t, m, man, Options{})
	if !strings.Contains(files[CardFile], "`t63` and 36 more") || strings.Contains(files[CardFile], "t64") {
		t.Error("the card does not cut the list")
	}
}

package hf

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/raspc/raspc/backend/decoder"
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
	for _, text := range []string{"torch.tensor([[2, 1, 0, 0]])", "at most 5 ids", "no tokenizer"} {
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

// TestCardMetadata compares what the Hub reads.
func TestCardMetadata(t *testing.T) {
	m, man := identity("a", "b")
	off := 1e-7
	for name, c := range map[string]struct {
		opt  Options
		want string
	}{
		"nothing known": {Options{}, ""},
		"licence":       {Options{License: "cc-by-sa-4.0"}, "license: cc-by-sa-4.0\n"},
		"evaluation": {Options{Evaluation: &Evaluation{Inputs: 30, ExhaustiveTo: 4, Longest: 4, MaxLen: 4}}, `model-index:
- name: "p.rasp"
  results:
  - task:
      type: token-classification
    dataset:
      type: generated
      name: "all 30 inputs that the program is defined on"
      args:
        inputs: 30
        exhaustive_to: 4
        max_len: 4
        seed: 0
    metrics:
    - type: accuracy
      name: "Accuracy, of all positions"
      value: 1.0
`},
		"numbers": {Options{Evaluation: &Evaluation{Inputs: 30, Longest: 3, MaxLen: 4, Seed: 7, MaxError: &off}}, `      name: "30 inputs of up to 3 tokens"
      args:
        inputs: 30
        exhaustive_to: 0
        max_len: 4
        seed: 7
    metrics:
    - type: max_error
      name: "Largest error"
      value: 1.0e-07
---`},
	} {
		files, _ := contents(t, m, man, c.opt)
		head, _, _ := strings.Cut(files[CardFile], "\n# ")
		for _, text := range []string{"---\nlibrary_name: transformers\npipeline_tag: token-classification\n", "tags:\n- rasp\n- gpt2\n", c.want} {
			if !strings.Contains(head, text) {
				t.Errorf("%s: the metadata lacks\n%s:\n%s", name, text, head)
			}
		}
		if (c.opt.License == "") == strings.Contains(head, "license") || (c.opt.Evaluation == nil) == strings.Contains(head, "model-index") {
			t.Errorf("%s: the metadata are\n%s", name, head)
		}
	}
}

func TestLicenses(t *testing.T) {
	m, man := identity("a")
	for id, want := range map[string]string{"apache-2": "did you mean apache-2.0?", "MIT": "did you mean mit?", "proprietary": "and so on", "mit\nx: y": "and so on"} {
		if _, err := Plan(m, man, Options{License: id}); !errors.Is(err, ErrLicense) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error is %v", id, err)
		}
	}
}

// TestCardShowsTheProgram has texts that might end their blocks.
func TestCardShowsTheProgram(t *testing.T) {
	m, man := identity("a", "b")
	man.Program.Source = "# ```\n# ````\nx = tokens;"
	man.Program.Loaded = map[string]string{"b.rasp": "y = 2;\n", "a`.rasp": ""}
	man.Output.Labels[1] = manifest.Atom{Kind: "bool", Text: "O", Exact: "1"}
	files, _ := contents(t, m, man, Options{})
	for _, text := range []string{
		"\n`````rasp\n# ```\n# ````\nx = tokens;\n`````\n", "\n``\"a`.rasp\"``, which it loads:\n\n```rasp\n", "\n`b.rasp`, which it loads:\n\n```rasp\ny = 2;\n```\n",
		"\n| 0 | `a` | `a` | string |\n| 1 | `O_` | `O` | bool |\n",
	} {
		if !strings.Contains(files[CardFile], text) {
			t.Errorf("the card lacks %s:\n%s", text, files[CardFile])
		}
	}
}

// TestCardSaysWhoPutsBOS has a tokenizer, and none.
func TestCardSaysWhoPutsBOS(t *testing.T) {
	for without, want := range map[bool]string{
		false: "| position 0 | `<bos>`, which the tokenizer puts in front;",
		true:  "| position 0 | `<bos>`, id 2, to be put in front;",
	} {
		m, man := identity("a", "b")
		files, _ := contents(t, m, man, Options{NoTokenizer: without})
		if !strings.Contains(files[CardFile], want) {
			t.Errorf("the card lacks %s:\n%s", want, files[CardFile])
		}
	}
}

// TestSnippets looks at the lines to run and what they should print.
func TestSnippets(t *testing.T) {
	atom := func(text string) manifest.Atom { return manifest.Atom{Kind: "string", Text: text, Exact: text} }
	labels, numeric := func() (m *decoder.Model, man *manifest.Manifest) { return identity("a", "'") }, func() (m *decoder.Model, man *manifest.Manifest) {
		m, man = identity("7")
		man.Options.Tokens, man.Output = "int", manifest.Output{Kind: manifest.Numeric}
		return m, man
	}
	for name, c := range map[string]struct {
		model func() (*decoder.Model, *manifest.Manifest)
		opt   Options
		want  []string
	}{
		"labels": {labels, Options{Example: Example{[]string{"a", "'"}, []manifest.Atom{atom("a"), atom("'")}}},
			[]string{`tokenizer("a'"`, `  # ['a', "'"]`}},
		"another kind": {func() (*decoder.Model, *manifest.Manifest) {
			m, man := identity("a")
			man.Output.Labels = []manifest.Atom{{Kind: "int", Text: "42", Exact: "42"}}
			return m, man
		}, Options{Example: Example{[]string{"a"}, []manifest.Atom{{Kind: "float", Text: "42.0", Exact: "42"}}}}, []string{"  # ['42']"}},
		"numbers": {numeric, Options{Example: Example{[]string{"7", "7"}, []manifest.Atom{{Kind: "float", Exact: "1/3"}, {Kind: "int", Exact: "-2"}}}},
			[]string{`tokenizer("7 7"`, "logits[0, 1:, 0].tolist())  # [0.333, -2.0]"}},
		"a text": {func() (*decoder.Model, *manifest.Manifest) { return language("a", "b") }, Options{Example: Example{[]string{"a"}, []manifest.Atom{atom("b"), atom("<pad>")}}},
			[]string{"AutoModelForCausalLM", "max_length=4)", "  # 'ab'"}},
		"a text of ids": {func() (*decoder.Model, *manifest.Manifest) { return language("a", "b") }, Options{NoTokenizer: true, Example: Example{[]string{"a"}, []manifest.Atom{atom("b"), atom("<pad>")}}},
			[]string{"[[2, 0]]", "max_length=4)[0].tolist())  # [2, 0, 1, 3]"}},
		"a text without example": {func() (*decoder.Model, *manifest.Manifest) { return language("a", "b") }, Options{}, []string{`tokenizer("aba"`, "max_length=5)"}},
	} {
		m, man := c.model()
		files, _ := contents(t, m, man, c.opt)
		_, rest, _ := strings.Cut(files[CardFile], "```python\n")
		lines, _, _ := strings.Cut(rest, "```")
		if n := strings.Count(lines, "\n"); n != 5 {
			t.Errorf("%s: %d lines", name, n)
		}
		for _, text := range c.want {
			if !strings.Contains(lines, text) {
				t.Errorf("%s: the snippet lacks %s:\n%s", name, text, lines)
			}
		}
	}
}

// TestCardSaysWhatIsBeyond has architectures with a table of positions and without.
func TestCardSaysWhatIsBeyond(t *testing.T) {
	for arch, want := range map[string]string{GPT2: "More tokens than that are an error.", Llama: "What is generated beyond that means nothing."} {
		m, man := language("a")
		if files, _ := contents(t, m, man, Options{Arch: arch}); !strings.Contains(files[CardFile], want) {
			t.Errorf("the card of a %s lacks %s:\n%s", arch, want, files[CardFile])
		}
	}
}

// TestCardSaysWhereTextsEnd has an end that is a token, and one that is none.
func TestCardSaysWhereTextsEnd(t *testing.T) {
	for eos, want := range []string{"Texts end behind `a`", "gives `§`, for which `<pad>` stands"} {
		m, man := language("a")
		man.Output.EOS = new(int)
		*man.Output.EOS = 2 * eos
		man.Output.Labels[2] = manifest.Atom{Kind: "string", Text: "§", Exact: "§"}
		files, _ := contents(t, m, man, Options{})
		if !strings.Contains(files[CardFile], want) || !strings.Contains(files[CardFile], "pipeline_tag: text-generation") {
			t.Errorf("the card lacks %s:\n%s", want, files[CardFile])
		}
	}
}

// TestCardAlone is the card of the folder, but for what is measured later.
func TestCardAlone(t *testing.T) {
	m, man := identity("a", "b")
	files, _ := contents(t, m, man, Options{License: "mit"})
	for _, ev := range []*Evaluation{nil, {Inputs: 1, MaxLen: 4}} {
		folder, err := Plan(m, man, Options{License: "mit"})
		if err != nil {
			t.Fatal(err)
		}
		card, err := folder.Card(ev)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := card.Write(&b); err != nil {
			t.Fatal(err)
		}
		if card.Name != CardFile || (b.String() == files[CardFile]) != (ev == nil) || strings.Contains(b.String(), "model-index") != (ev != nil) {
			t.Errorf("%s is\n%s", card.Name, b.String())
		}
	}
}

package card

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/spelling"
)

func TestCard(t *testing.T) {
	m, man := identity("a", "|", "`", " ")
	man.Options.Inputs = "a+"
	has(t, stockCard(t, m, man, nil), "# `p.rasp`", "GPT-2 decoder", "its s-op `out`", "raspc 1.2", "1 to 4 tokens; each character is a token",
		"`a` `\"\\|\"` ``\"`\"`` `\" \"`", "match `a+`", "`<bos>`", `tokenizer("a|`, "the input is too long", "id2label")
}

func TestCardOfANumericOutput(t *testing.T) {
	m, man := numeric("7")
	has(t, stockCard(t, m, man, nil), "one number", "logits[0, 1:, 0]", `tokenizer("7 7 7"`, "separated by spaces")
}

func TestCardWithoutATokenizer(t *testing.T) {
	m, man := identity("a b", "a")
	man.Options.BOS = &manifest.Atom{Kind: "string", Text: "a", Exact: "a"}
	has(t, stockCard(t, m, man, withoutTokenizer), "torch.tensor([[2, 1, 0, 0]])", "at most 5 ids", "no tokenizer")
}

func TestCardListsManyTokensInPart(t *testing.T) {
	var tokens []string
	for i := range 100 {
		tokens = append(tokens, fmt.Sprint("t", i))
	}
	m, man := identity(tokens...)
	card := stockCard(t, m, man, nil)
	if !strings.Contains(card, "`t63` and 36 more") || strings.Contains(card, "t64") {
		t.Error("the card does not cut the list")
	}
}

// identity returns a decoder over the given tokens that returns each token, and its
// manifest.
func identity(tokens ...string) (*decoder.Model, *manifest.Manifest) {
	n := len(tokens)
	m := &decoder.Model{Config: decoder.Config{DModel: n, Vocab: n + 2, Positions: 5, Outputs: n, BOS: n, PAD: n + 1, Causal: true}}
	man := &manifest.Manifest{
		Raspc:   "1.2",
		Program: manifest.Program{Name: "p.rasp"},
		Options: manifest.Options{Tokens: "str", MaxLen: 4, Output: "out"},
		Tokens:  manifest.Tokens{Vocab: tokens, BOS: n, PAD: n + 1},
		Output:  manifest.Output{Kind: manifest.Categorical},
	}
	for _, token := range tokens {
		man.Output.Labels = append(man.Output.Labels, atom(token))
	}
	return m, man
}

// language returns the same as a language model.
func language(tokens ...string) (*decoder.Model, *manifest.Manifest) {
	m, man := identity(tokens...)
	man.Output.Labels = append(man.Output.Labels, atom("<bos>"), atom("<pad>"))
	man.Output.Task = manifest.CausalLM
	return m, man
}

// numeric returns the same with a numeric output.
func numeric(tokens ...string) (*decoder.Model, *manifest.Manifest) {
	m, man := identity(tokens...)
	man.Options.Tokens, man.Output = "int", manifest.Output{Kind: manifest.Numeric}
	return m, man
}

func atom(text string) manifest.Atom { return manifest.Atom{Kind: "string", Text: text, Exact: text} }

// stock describes a GPT-2 with a tokenizer.
func stock(t *testing.T, m *decoder.Model, man *manifest.Manifest) *Stock {
	t.Helper()
	voc, err := spelling.New(m, man)
	if err != nil {
		t.Fatal(err)
	}
	reading, err := spelling.NewReading(voc, man.Options.Tokens)
	if err != nil {
		t.Fatal(err)
	}
	return &Stock{Arch: "gpt2", About: "GPT-2 decoder", Table: true, DType: "float32", Sizes: m.Config, Reading: reading}
}

// written returns the text of a card.
func written(t *testing.T, m *decoder.Model, man *manifest.Manifest, opt Options, e *Evaluation) string {
	t.Helper()
	c, err := New(m, man, opt)
	if err != nil {
		t.Fatal(err)
	}
	file, err := c.File(e)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := file.Write(&b); err != nil || file.Name != FileName || file.Size != int64(b.Len()) {
		t.Fatalf("%s of %d bytes, %d written: %v", file.Name, file.Size, b.Len(), err)
	}
	return b.String()
}

// stockCard is the card of a folder for stock classes alone.
func stockCard(t *testing.T, m *decoder.Model, man *manifest.Manifest, change func(o *Options)) string {
	t.Helper()
	opt := Options{Stock: stock(t, m, man)}
	if change != nil {
		change(&opt)
	}
	return written(t, m, man, opt, nil)
}

func withoutTokenizer(o *Options) { o.Stock.Reading = spelling.Reading{} }

// has fails where a card lacks a text.
func has(t *testing.T, card string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(card, text) {
			t.Errorf("the card lacks %s:\n%s", text, card)
		}
	}
}

// TestCardMetadata compares what the Hub reads.
func TestCardMetadata(t *testing.T) {
	m, man := identity("a", "b")
	off := 1e-7
	for name, c := range map[string]struct {
		license string
		e       *Evaluation
		want    string
	}{
		"nothing known": {"", nil, ""},
		"licence":       {"cc-by-sa-4.0", nil, "license: cc-by-sa-4.0\n"},
		"evaluation": {"", &Evaluation{Inputs: 30, ExhaustiveTo: 4, Longest: 4, MaxLen: 4}, `model-index:
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
		"numbers": {"", &Evaluation{Inputs: 30, Longest: 3, MaxLen: 4, Seed: 7, MaxError: &off}, `      name: "30 inputs of up to 3 tokens"
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
		head, _, _ := strings.Cut(written(t, m, man, Options{Stock: stock(t, m, man), License: c.license}, c.e), "\n# ")
		for _, text := range []string{"---\nlibrary_name: transformers\npipeline_tag: token-classification\n", "tags:\n- rasp\n- gpt2\n", c.want} {
			if !strings.Contains(head, text) {
				t.Errorf("%s: the metadata lacks\n%s:\n%s", name, text, head)
			}
		}
		if (c.license == "") == strings.Contains(head, "license") || (c.e == nil) == strings.Contains(head, "model-index") {
			t.Errorf("%s: the metadata are\n%s", name, head)
		}
	}
}

func TestLicenses(t *testing.T) {
	m, man := identity("a")
	for id, want := range map[string]string{"apache-2": "did you mean apache-2.0?", "MIT": "did you mean mit?", "proprietary": "and so on", "mit\nx: y": "and so on"} {
		if _, err := New(m, man, Options{ONNX: &ONNX{"int64"}, License: id}); !errors.Is(err, ErrLicense) || !strings.Contains(err.Error(), want) {
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
	has(t, stockCard(t, m, man, nil),
		"\n`````rasp\n# ```\n# ````\nx = tokens;\n`````\n", "\n``\"a`.rasp\"``, which it loads:\n\n```rasp\n", "\n`b.rasp`, which it loads:\n\n```rasp\ny = 2;\n```\n",
		"\n| 0 | `a` | `a` | string |\n| 1 | `O_` | `O` | bool |\n")
}

// TestCardSaysWhoPutsBOS has a tokenizer, and none.
func TestCardSaysWhoPutsBOS(t *testing.T) {
	m, man := identity("a", "b")
	has(t, stockCard(t, m, man, nil), "| position 0 | `<bos>`, which the tokenizer puts in front;")
	has(t, stockCard(t, m, man, withoutTokenizer), "| position 0 | `<bos>`, id 2, to be put in front;")
	has(t, written(t, m, man, Options{Below: []Below{{}}}, nil), "| position 0 | `<bos>`, id 2, in front of the tokens;")
}

// TestFormats has cards of folders with other files.
func TestFormats(t *testing.T) {
	m, man := identity("a", "b")
	below := []Below{{"gguf", "llama.cpp runs", "gguf/m", "gguf/README.md"}, {"lens", "Lens loads", "lens/m", "lens/README.md"}}
	for name, c := range map[string]struct {
		opt        Options
		want, lack []string
	}{
		"ONNX": {Options{ONNX: &ONNX{"int32"}}, []string{"library_name: onnx\n", "- rasp\n---", "This transformer", "| 0 | `a` |", "ids are indices"},
			[]string{"###", "transformers", "no tokenizer", "README"}},
		"both":        {Options{ONNX: &ONNX{"int64"}, Stock: stock(t, m, man)}, []string{"library_name: transformers\n", "\n\n### ONNX\n\n`model.onnx` runs"}, []string{"README"}},
		"folders":     {Options{Below: below}, []string{"library_name: gguf\n", "## Use\n\n[gguf/README.md](gguf/README.md) says how llama.cpp runs `gguf/m`.\n\n[lens/"}, []string{"```python"}},
		"all":         {Options{ONNX: &ONNX{"int64"}, Stock: stock(t, m, man), Below: below}, []string{"library_name: transformers", "### ONNX", "```\n\n[gguf/README.md]"}, nil},
		"a licence":   {Options{Below: below, License: "mit"}, []string{"license: mit\n"}, nil},
		"an example":  {Options{ONNX: &ONNX{"int64"}, Example: Example{Output: []manifest.Atom{atom("a")}}}, []string{"The comment at the end"}, nil},
		"no example":  {Options{ONNX: &ONNX{"int64"}}, nil, []string{"The comment at the end"}},
		"no comments": {Options{Below: below, Example: Example{Output: []manifest.Atom{atom("a")}}}, nil, []string{"The comment at the end"}},
	} {
		card := written(t, m, man, c.opt, nil)
		has(t, card, c.want...)
		for _, text := range c.lack {
			if strings.Contains(card, text) {
				t.Errorf("%s: the card has %s:\n%s", name, text, card)
			}
		}
	}
	if _, err := New(m, man, Options{}); err == nil {
		t.Error("a card of nothing")
	}
}

// snippets returns the Python lines of a card, which are five each.
func snippets(t *testing.T, card string) []string {
	t.Helper()
	var all []string
	for i, part := range strings.Split(card, "```python\n") {
		if lines, _, _ := strings.Cut(part, "```"); i > 0 {
			if n := strings.Count(lines, "\n"); n != 5 {
				t.Errorf("%d lines:\n%s", n, lines)
			}
			all = append(all, lines)
		}
	}
	return all
}

// TestSnippets looks at the lines to run and what they should print.
func TestSnippets(t *testing.T) {
	type model = func() (*decoder.Model, *manifest.Manifest)
	labels, numbers, texts := func() (*decoder.Model, *manifest.Manifest) { return identity("a", "'") },
		func() (*decoder.Model, *manifest.Manifest) { return numeric("7") },
		func() (*decoder.Model, *manifest.Manifest) { return language("a", "b") }
	kinds := func() (*decoder.Model, *manifest.Manifest) {
		m, man := identity("a", "b")
		man.Output.Labels = []manifest.Atom{{Kind: "int", Text: "42", Exact: "42"}, {Kind: "string", Text: "42", Exact: "42"}}
		return m, man
	}
	goes := Example{[]string{"a"}, []manifest.Atom{atom("b")}, []manifest.Atom{atom("b"), atom("<pad>")}}
	for name, c := range map[string]struct {
		model model
		plain bool // no tokenizer
		show  Example
		stock []string
		onnx  []string
	}{
		"labels": {labels, false, Example{[]string{"a", "'"}, []manifest.Atom{atom("a"), atom("'")}, nil},
			[]string{`tokenizer("a'"`, `  # ['a', "'"]`}, []string{`for t in ["a", "'"]`, "at most 5 ids", `run(["logits"]`, `  # ['a', "'"]`}},
		"equal numbers": {kinds, false, Example{[]string{"a"}, []manifest.Atom{{Kind: "float", Text: "42.0", Exact: "42"}}, nil}, []string{"  # ['42']"}, []string{"  # ['42']"}},
		"equal texts":   {kinds, false, Example{[]string{"a"}, []manifest.Atom{atom("42")}, nil}, []string{"  # ['42 (string)']"}, []string{"  # ['42']"}},
		"numbers": {numbers, false, Example{[]string{"7", "7"}, []manifest.Atom{{Kind: "float", Exact: "1/3"}, {Kind: "int", Exact: "-2"}}, nil},
			[]string{`tokenizer("7 7"`, "logits[0, 1:, 0].tolist())  # [0.333, -2.0]"}, []string{`run(["values"]`, "print(outputs[0, 1:, 0].tolist())  # [0.333, -2.0]"}},
		"a text":                 {texts, false, goes, []string{"AutoModelForCausalLM", "max_length=4)", "  # 'ab'"}, []string{"  # ['b']"}},
		"a text of ids":          {texts, true, goes, []string{"[[2, 0]]", "max_length=4)[0].tolist())  # [2, 0, 1, 3]"}, []string{`for t in ["a"]`, "  # ['b']"}},
		"a text without example": {texts, false, Example{}, []string{`tokenizer("aba"`, "max_length=5)"}, []string{`for t in ["a", "b", "a"]`}},
	} {
		m, man := c.model()
		card := stockCard(t, m, man, func(o *Options) {
			o.Example, o.ONNX = c.show, &ONNX{"int32"}
			if c.plain {
				withoutTokenizer(o)
			}
		})
		found := snippets(t, card)
		if len(found) != 2 {
			t.Fatalf("%s: %d snippets", name, len(found))
		}
		has(t, found[0], c.stock...)
		has(t, found[1], append(c.onnx, `numpy.array(ids, "int32")`, `numpy.ones_like(ids, "int32")`)...)
	}
}

// TestCardSaysWhatIsBeyond has architectures with a table of positions and without.
func TestCardSaysWhatIsBeyond(t *testing.T) {
	for table, want := range map[bool]string{true: "More tokens than that are an error.", false: "What is generated beyond that means nothing."} {
		m, man := language("a")
		has(t, stockCard(t, m, man, func(o *Options) { o.Stock.Table = table }), want)
	}
}

// TestCardSaysWhereTextsEnd has an end that is a token, and one that is none.
func TestCardSaysWhereTextsEnd(t *testing.T) {
	for eos, want := range []string{"Texts end behind `a`", "gives `§`, for which `<pad>` stands"} {
		m, man := language("a")
		man.Output.EOS = new(int)
		*man.Output.EOS = 2 * eos
		man.Output.Labels[2] = atom("§")
		has(t, stockCard(t, m, man, nil), want, "pipeline_tag: text-generation", "`generate`")
		card := written(t, m, man, Options{ONNX: &ONNX{"int64"}}, nil)
		has(t, card, want)
		if strings.Contains(card, "generate") {
			t.Errorf("an ONNX file generates:\n%s", card)
		}
	}
}

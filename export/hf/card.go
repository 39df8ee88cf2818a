package hf

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"text/template"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/manifest"
)

// card is the model card, README.md.
type card struct {
	example []string // an input; may be nil
	man     *manifest.Manifest
	voc     vocabulary
	labels  labels
	reading reading // zero without a tokenizer
	arch    architecture
	sizes   decoder.Config
}

// listed bounds the tokens and labels that the card spells out.
const listed = 64

// cardText is the card. The snippet checks what the stock code does not: that
// the input is no longer than the model's positions.
const cardText = `---
library_name: transformers
pipeline_tag: token-classification
tags:
- rasp
- {{.Arch}}
---

# {{code .Name}}

This {{.Class}} computes the RASP program {{code .Name}}{{with .Output}} (its s-op {{code .}}){{end}}. Its weights were
compiled from the program by raspc{{with .Version}} {{.}}{{end}}; nothing was trained. The program's text and what each
column, head and neuron holds stand in {{code .Manifest}}, where the export has one.

| | |
|---|---|
| input | 1 to {{.MaxLen}} tokens; {{.Reading}} |
| tokens | {{.Tokens}} |
| output | {{.Outputs}} |
| position 0 | {{code .BOS}}, which the tokenizer puts in front; the model's output there means nothing |
| size | {{.Sizes.Layers}} layers, {{.Sizes.Heads}} heads a layer, {{.Sizes.DMLP}} neurons a layer |

Precision: float32. An input that is too long or has another token is outside of what the model computes.
{{with .First}}Every input begins with {{code .}}, which stands nowhere else.
{{end}}{{with .Inputs}}Inputs have to match {{code .}}.
{{end}}
## Use

Stock classes load this folder; it contains no code.

` + "```python" + `
{{.Snippet}}` + "```" + `
`

// cardData is what the template reads.
type cardData struct {
	Arch, Class, Name, Version, Output string
	Manifest, BOS, Reading, Tokens     string
	Outputs, Inputs, First, Snippet    string
	MaxLen                             int
	Sizes                              decoder.Config
}

// file returns the card's file.
func (c card) file() (artifact.File, error) {
	t, err := template.New("card").Funcs(template.FuncMap{"code": code}).Parse(cardText)
	if err != nil {
		return artifact.File{}, err
	}
	data := cardData{
		Arch:     c.arch.name,
		Class:    c.arch.about,
		Name:     c.man.Program.Name,
		Version:  c.man.Raspc,
		Output:   c.man.Options.Output,
		Manifest: manifest.FileName,
		BOS:      c.voc.bos.text,
		Reading:  c.reading.about,
		Tokens:   list(c.voc.tokens),
		Outputs:  "one number at each position, the value itself",
		Inputs:   c.man.Options.Inputs,
		Snippet:  c.snippet(),
		MaxLen:   c.sizes.Positions - 1,
		Sizes:    c.sizes,
	}
	if c.man.Options.BOS != nil {
		data.First = c.man.Options.BOS.Text
	}
	if !c.labels.numeric {
		data.Outputs = "at each position one of " + list(c.labels.texts)
	}
	if data.Reading == "" {
		data.Reading = "the folder has no tokenizer, token ids are indices of the list below"
	}
	var text bytes.Buffer
	err = t.Execute(&text, data)
	return artifact.Bytes(CardFile, text.Bytes()), err
}

// snippet is Python code that runs an example in this folder.
func (c card) snippet() string {
	example := c.example
	if example == nil {
		first := ""
		if c.man.Options.BOS != nil {
			first = c.man.Options.BOS.Text
		}
		example = c.voc.example(c.sizes.Positions-1, first)
	}
	read := "[model.config.id2label[i] for i in model(**batch).logits[0, 1:].argmax(-1).tolist()]"
	if c.labels.numeric {
		read = "model(**batch).logits[0, 1:, 0].tolist()"
	}
	if c.reading == (reading{}) {
		return c.idSnippet(example, read)
	}
	return fmt.Sprintf(`from transformers import AutoModelForTokenClassification, AutoTokenizer
tokenizer, model = AutoTokenizer.from_pretrained("."), AutoModelForTokenClassification.from_pretrained(".")
batch = tokenizer(%s, return_tensors="pt")  # raises an error at a token outside the vocabulary
assert batch["input_ids"].shape[1] <= tokenizer.model_max_length, "the input is too long"
print(%s)
`, strconv.Quote(strings.Join(example, c.reading.separator)), read)
}

// idSnippet is the snippet for a folder without a tokenizer.
func (c card) idSnippet(example []string, read string) string {
	ids := []string{strconv.Itoa(c.voc.bos.id)}
	for _, token := range example {
		for id, t := range c.voc.tokens {
			if t == token {
				ids = append(ids, strconv.Itoa(id))
			}
		}
	}
	return fmt.Sprintf(`import torch
from transformers import AutoModelForTokenClassification
model = AutoModelForTokenClassification.from_pretrained(".")
batch = {"input_ids": torch.tensor([[%s]])}  # the first is %s
assert batch["input_ids"].shape[1] <= %d, "the input is too long"
print(%s)
`, strings.Join(ids, ", "), c.voc.bos.text, c.sizes.Positions, read)
}

// list spells out texts, or the first of them.
func list(texts []string) string {
	shown := texts[:min(len(texts), listed)]
	parts := make([]string, len(shown))
	for i, t := range shown {
		parts[i] = code(t)
	}
	s := strings.Join(parts, " ")
	if more := len(texts) - len(shown); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// code sets text in a table cell or a line as code. Quotes show where a text
// starts and ends, and escapes keep a token from ending the cell.
func code(text string) string {
	plain := func(r rune) bool {
		return strconv.IsPrint(r) && r != ' ' && r != '`' && r != '|' && r != '"' && r != '\\'
	}
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }) {
		text = strconv.Quote(text)
	}
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + strings.ReplaceAll(text, "|", `\|`) + fence
}

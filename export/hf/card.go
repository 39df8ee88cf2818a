package hf

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/spelling"
	"github.com/raspc/raspc/frontend/diag"
)

// card is the model card, README.md.
type card struct {
	opt     Options
	man     *manifest.Manifest
	voc     spelling.Vocabulary
	labels  labels
	reading spelling.Reading // zero without a tokenizer
	arch    architecture
	sizes   decoder.Config
}

// listed bounds the tokens and labels that the card spells out.
const listed = 64

// cardText is the card. The snippet checks what the stock code does not: that
// the input is no longer than the model's positions.
const cardText = `---
library_name: transformers
pipeline_tag: {{.Task}}
{{with .License}}license: {{.}}
{{end}}tags:
- rasp
- {{.Arch}}
{{.ModelIndex}}---

# {{code .Name}}

This {{.Class}} computes the RASP program {{code .Name}}{{with .Output}} (its s-op {{code .}}){{end}}. Its weights were
compiled from the program by raspc{{with .Version}} {{.}}{{end}}; nothing was trained. The program's text stands
below; what each column, head and neuron holds stands in {{code .Manifest}}, where the export has one.

| | |
|---|---|
| input | 1 to {{.MaxLen}} tokens; {{.Reading}} |
| tokens | {{.Tokens}} |
| output | {{.Outputs}} |
| position 0 | {{code .BOS}}, {{if .Tokenizer}}which the tokenizer puts{{else}}id {{.BOSID}}, to be put{{end}} in front; the model's output there means nothing |
| size | {{plural .Sizes.Layers "layer"}}, {{plural .Sizes.Heads "head"}} and {{plural .Sizes.DMLP "neuron"}} in each |

Precision: {{.DType}}. An input that is too long or has another token is outside of what the model computes.
{{with .First}}Every input begins with {{code .}}, which stands nowhere else.
{{end}}{{with .Inputs}}Inputs have to match {{code .}}.
{{end}}{{.Generation}}
## Use

Stock classes load this folder; it contains no code.{{if .Expected}} The comment at the end is what the program itself
gives, by the reference interpreter of RASP.{{end}}

` + "```python" + `
{{.Snippet}}` + "```" + `
{{.Labels}}{{.Evaluation}}
## The program

{{range .Sources}}{{with .Name}}{{code .}}, which it loads:

{{end}}{{fenced .Text}}
{{end}}`

// cardData is what the template reads.
type cardData struct {
	Task, License, ModelIndex, DType   string
	Arch, Class, Name, Version, Output string
	Manifest, BOS, Reading, Tokens     string
	Outputs, Inputs, First, Generation string
	Snippet, Labels, Evaluation        string
	Expected, Tokenizer                bool
	Sources                            []source
	MaxLen, BOSID                      int
	Sizes                              decoder.Config
}

// source is a text of the program; the first has no name.
type source struct{ Name, Text string }

// file returns the card's file.
func (c card) file() (artifact.File, error) {
	t, err := template.New("card").Funcs(template.FuncMap{"code": code, "fenced": fenced, "plural": diag.Plural}).Parse(cardText)
	if err != nil {
		return artifact.File{}, err
	}
	data := cardData{
		Task:       c.task(),
		License:    c.opt.License,
		DType:      c.opt.DType.String(),
		Arch:       c.arch.name,
		Class:      c.arch.about,
		Name:       c.man.Program.Name,
		Version:    c.man.Raspc,
		Output:     c.man.Options.Output,
		Manifest:   manifest.FileName,
		BOS:        c.voc.BOS.Text,
		Reading:    c.reading.About,
		Tokenizer:  c.reading.About != "",
		BOSID:      c.sizes.BOS,
		Tokens:     list(c.voc.Tokens),
		Outputs:    "one number at each position, the value itself",
		Inputs:     c.man.Options.Inputs,
		Generation: c.generation(),
		Snippet:    c.snippet(),
		Expected:   c.opt.Example.Output != nil,
		Labels:     c.labelTable(),
		Sources:    c.sources(),
		MaxLen:     c.sizes.Positions - 1,
		Sizes:      c.sizes,
	}
	if c.man.Options.BOS != nil {
		data.First = c.man.Options.BOS.Text
	}
	if c.labels.next {
		data.Outputs = "at each position the token that follows"
	} else if !c.labels.numeric {
		data.Outputs = "at each position one of " + list(c.labels.texts)
	}
	if data.Reading == "" {
		data.Reading = "the folder has no tokenizer, token ids are indices of the list below"
	}
	if e := c.opt.Evaluation; e != nil {
		data.ModelIndex = e.modelIndex(data.Name, data.Task)
		data.Evaluation = fmt.Sprintf("\n## Evaluation\n\nThe weights, read back from the disk, were compared with the reference interpreter on %s: %s.\n",
			e.summary(), e.result())
	}
	var text bytes.Buffer
	err = t.Execute(&text, data)
	return artifact.Bytes(CardFile, text.Bytes()), err
}

// task is the Hub's name of what the model is for.
func (c card) task() string {
	if c.labels.next {
		return "text-generation"
	}
	return "token-classification"
}

// generation says how texts go on.
func (c card) generation() string {
	if !c.labels.next {
		return ""
	}
	end := "Texts end with as many tokens as an input may have."
	if eos := c.labels.eos; eos != nil && *eos < len(c.voc.Tokens) {
		end = "Texts end behind " + code(c.voc.Tokens[*eos]) + ", and with as many tokens as an input may have."
	} else if eos != nil {
		end = fmt.Sprintf("Texts end where the program gives %s, for which %s stands, and with as many tokens as an input may have.",
			code(c.man.Output.Labels[*eos].Text), code(c.voc.PAD.Text))
	}
	beyond := "More tokens than that are an error."
	if !c.arch.table {
		beyond = "What is generated beyond that means nothing."
	}
	return "\n" + code("generate") + " goes on with a text of at least one token by running the program, with and without its cache. " + end + `
` + beyond + ` Texts of different lengths can go on together if they are padded on the left.
`
}

// labelTable lists the ids of the outputs with the values that they stand for.
func (c card) labelTable() string {
	if c.labels.numeric || c.labels.next {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n## Labels\n\n| id | label | value | kind |\n|---|---|---|---|\n")
	for i, atom := range c.man.Output.Labels[:min(len(c.labels.texts), listed)] {
		fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", i, code(c.labels.texts[i]), code(atom.Text), atom.Kind)
	}
	if more := len(c.labels.texts) - listed; more > 0 {
		fmt.Fprintf(&b, "\n%d more stand in %s.\n", more, code(ConfigFile))
	}
	return b.String()
}

// sources returns the program and the files that it loads.
func (c card) sources() []source {
	p := c.man.Program
	all := []source{{Text: p.Source}}
	for _, name := range slices.Sorted(maps.Keys(p.Loaded)) {
		all = append(all, source{name, p.Loaded[name]})
	}
	return all
}

// fenced sets text as a block of code, between fences longer than any in it.
func fenced(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return fence + "rasp\n" + text + fence + "\n"
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

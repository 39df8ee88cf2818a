// Package card writes the model card of an export, README.md at the top of its
// folder: the program, what goes in and comes out, how to load each of the files,
// the labels, the licence, and what a verification measured, the last two also as
// the metadata that the Hub reads (its documentation, docs/hub/model-cards.md).
package card

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/onnx"
	"github.com/raspc/raspc/export/spelling"
	"github.com/raspc/raspc/frontend/tracr"
)

// FileName is the card's name in the folder.
const FileName = "README.md"

// Options are what an export holds, and what its card is to say.
type Options struct {
	Stock *Stock // nil without files for stock classes
	ONNX  *ONNX  // nil without an ONNX file
	Below []Below
	// Example shows what the program computes; without an input the card shows the
	// first tokens of the vocabulary.
	Example Example
	// License is one of the Hub's identifiers. Without it the card has none, which
	// the Hub accepts.
	License string
}

// Stock describes the files that stock classes load.
type Stock struct {
	Arch    string           // as config.json names it
	About   string           // what that is, in words
	Table   bool             // it has a table of positions, behind which it cannot go on
	DType   string           // of the weights
	Sizes   decoder.Config   // of what is stored
	Reading spelling.Reading // zero without a tokenizer
}

// ONNX describes the ONNX file.
type ONNX struct {
	IDs string // the element type of ids and masks, as numpy names it
}

// Below is a folder inside the export with a README.md of its own, which says how to
// load what is there.
type Below struct {
	Library string // as the Hub names it
	About   string // what loads the model, in words
	Model   string // as a path inside the export, with slashes
	README  string // likewise
}

// Card is the model card of an export.
type Card struct {
	opt     Options
	man     *manifest.Manifest
	voc     spelling.Vocabulary
	texts   []string // of the labels
	reading spelling.Reading
	sizes   decoder.Config
}

// New checks everything. The manifest supplies the program, its tokens and its
// outputs, the model the sizes where no stock class has others. A licence that the
// Hub does not know is ErrLicense.
func New(model *decoder.Model, man *manifest.Manifest, opt Options) (*Card, error) {
	if err := checkLicense(opt.License); err != nil {
		return nil, err
	}
	if opt.Stock == nil && opt.ONNX == nil && len(opt.Below) == 0 {
		return nil, errors.New("card: an export without files")
	}
	voc, err := spelling.New(model, man)
	if err != nil {
		return nil, fmt.Errorf("card: %w", err)
	}
	c := &Card{opt: opt, man: man, voc: voc, texts: man.Output.Spelled(), sizes: model.Config}
	if s := opt.Stock; s != nil {
		c.reading, c.sizes = s.Reading, s.Sizes
	}
	return c, nil
}

// File returns the card as a file, with what was measured; nil for nothing, which
// is all that there is before the files are written.
func (c *Card) File(e *Evaluation) (artifact.File, error) {
	t, err := template.New("card").Funcs(functions).Parse(cardText)
	if err != nil {
		return artifact.File{}, err
	}
	var text bytes.Buffer
	err = t.Execute(&text, c.data(e))
	return artifact.Bytes(FileName, text.Bytes()), err
}

// cardData is what the template reads.
type cardData struct {
	Library, Task, License, ModelIndex string
	DType, Arch, Class                 string
	Name, Version, Output              string
	Manifest, BOS, Front, Reading      string
	Tokens, Outputs, Inputs, First     string
	Generation, Labels, Evaluation     string
	Uses                               []use
	Below                              []Below
	Sources                            []source
	MaxLen                             int
	Sizes                              decoder.Config
}

// use is one way to run the model.
type use struct{ Heading, Text, Snippet string }

// source is a text of the program; the first has no name.
type source struct{ Name, Text string }

// data gathers what the card says.
func (c *Card) data(e *Evaluation) cardData {
	data := cardData{
		Library:    c.library(),
		Task:       c.task(),
		License:    c.opt.License,
		DType:      "float32",
		Class:      "transformer",
		Name:       c.man.Program.Name,
		Version:    c.man.Raspc,
		Output:     c.man.Options.Output,
		Manifest:   manifest.FileName,
		BOS:        c.voc.BOS.Text,
		Front:      c.front(),
		Reading:    cmp.Or(c.reading.About, "token ids are indices of the list below"),
		Tokens:     list(c.voc.Tokens),
		Outputs:    c.outputs(),
		Inputs:     c.man.Options.Inputs,
		Generation: c.generation(),
		Labels:     c.labelTable(),
		Uses:       c.uses(),
		Below:      c.opt.Below,
		Sources:    c.sources(),
		MaxLen:     c.sizes.Positions - 1,
		Sizes:      c.sizes,
	}
	if s := c.opt.Stock; s != nil {
		data.DType, data.Arch, data.Class = s.DType, s.Arch, s.About
		if !c.tokenizer() {
			data.Reading = "the folder has no tokenizer, " + data.Reading
		}
	}
	if c.man.Options.BOS != nil {
		data.First = c.man.Options.BOS.Text
	}
	if e != nil {
		data.ModelIndex = e.modelIndex(data.Name, data.Task)
		data.Evaluation = fmt.Sprintf("\n## Evaluation\n\nThe weights, read back from the disk, were compared with the reference interpreter on %s: %s.\n",
			e.summary(), e.result())
	}
	return data
}

// library is the Hub's name of what loads the folder.
func (c *Card) library() string {
	switch {
	case c.opt.Stock != nil:
		return "transformers"
	case c.opt.ONNX != nil:
		return "onnx"
	}
	return c.opt.Below[0].Library
}

// task is the Hub's name of what the model is for.
func (c *Card) task() string {
	if c.next() {
		return "text-generation"
	}
	return "token-classification"
}

// numeric reports whether the output is the number itself.
func (c *Card) numeric() bool { return c.man.Output.Kind == manifest.Numeric }

// next reports whether the outputs are the tokens that follow.
func (c *Card) next() bool { return c.man.Output.Task == manifest.CausalLM }

// tokenizer reports whether stock classes read text.
func (c *Card) tokenizer() bool { return c.reading != spelling.Reading{} }

// front says who puts BOS in front of an input.
func (c *Card) front() string {
	switch {
	case c.tokenizer():
		return "which the tokenizer puts in front"
	case len(c.uses()) > 0:
		return fmt.Sprintf("id %d, to be put in front", c.voc.BOS.ID)
	}
	return fmt.Sprintf("id %d, in front of the tokens", c.voc.BOS.ID)
}

// outputs says what the model gives.
func (c *Card) outputs() string {
	switch {
	case c.next():
		return "at each position the token that follows"
	case c.numeric():
		return "one number at each position, the value itself"
	}
	return "at each position one of " + list(c.texts)
}

// uses are the ways to run the model that the card spells out.
func (c *Card) uses() []use {
	var all []use
	if c.opt.Stock != nil {
		all = append(all, use{Text: "Stock classes load this folder; it contains no code.", Snippet: c.stockSnippet()})
	}
	if c.opt.ONNX != nil {
		all = append(all, use{Text: code(onnx.ModelFile) + " runs on onnxruntime.", Snippet: c.onnxSnippet()})
	}
	if len(all) > 1 {
		all[1].Heading = "ONNX"
	}
	if c.opt.Example.Output != nil && len(all) > 0 {
		all[0].Text += " The comment at the end is what the program itself\ngives, by the reference interpreter of RASP."
	}
	return all
}

// generation says how texts go on.
func (c *Card) generation() string {
	if !c.next() {
		return ""
	}
	end := "Texts end with as many tokens as an input may have."
	if eos := c.man.Output.EOS; eos != nil && *eos < len(c.voc.Tokens) {
		end = "Texts end behind " + code(c.voc.Tokens[*eos]) + ", and with as many tokens as an input may have."
	} else if eos != nil {
		end = fmt.Sprintf("Texts end where the program gives %s, for which %s stands, and with as many tokens as an input may have.",
			code(c.man.Output.Labels[*eos].Text), code(c.voc.PAD.Text))
	}
	stock := c.opt.Stock
	if stock == nil {
		return "\n" + end + "\n"
	}
	beyond := "More tokens than that are an error."
	if !stock.Table {
		beyond = "What is generated beyond that means nothing."
	}
	return "\n" + code("generate") + " goes on with a text of at least one token by running the program, with and without its cache. " + end + `
` + beyond + ` Texts of different lengths can go on together if they are padded on the left.
`
}

// labelTable lists the ids of the outputs with the values that they stand for.
func (c *Card) labelTable() string {
	if c.numeric() || c.next() {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n## Labels\n\n| id | label | value | kind |\n|---|---|---|---|\n")
	for i, atom := range c.man.Output.Labels[:min(len(c.texts), listed)] {
		fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", i, code(c.texts[i]), code(atom.Text), atom.Kind)
	}
	if more := len(c.texts) - listed; more > 0 {
		fmt.Fprintf(&b, "\n%d more stand in %s.\n", more, code(manifest.FileName))
	}
	return b.String()
}

// sources returns the program and the files that it loads.
func (c *Card) sources() []source {
	p := c.man.Program
	if tracr.Is(p.Name, p.Source) {
		return nil // a graph for machines to read
	}
	all := []source{{Text: p.Source}}
	for _, name := range slices.Sorted(maps.Keys(p.Loaded)) {
		all = append(all, source{name, p.Loaded[name]})
	}
	return all
}

package card

import (
	"bytes"
	"cmp"
	"fmt"
	"text/template"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/spelling"
)

// GraftOptions describe a model of which the program's is a part.
type GraftOptions struct {
	Next    bool             // it is a language model
	Sizes   decoder.Config   // of the whole
	Reading spelling.Reading // zero without a tokenizer
	Mask    string           // the file of what is to stay as it is
	License string           // as in Options
}

// Graft returns the card of a model of which the program's is a part; the manifest says
// where it is.
func Graft(man *manifest.Manifest, opt GraftOptions) (artifact.File, error) {
	if err := checkLicense(opt.License); err != nil {
		return artifact.File{}, err
	}
	t, err := template.New("graft").Funcs(functions).Parse(graftText)
	if err != nil {
		return artifact.File{}, err
	}
	h := man.Host
	data := graftData{
		GraftOptions: opt, Arch: h.Arch, Class: "AutoModelForTokenClassification", Task: "token-classification",
		Name: man.Program.Name, Version: man.Raspc, Output: man.Options.Output, MaxLen: man.Options.MaxLen, Manifest: manifest.FileName,
		Tokens: list(man.Tokens.Vocab), Columns: h.Columns.String(), Holds: holds(man), Sources: (&Card{man: man}).sources(),
		Reading: cmp.Or(opt.Reading.About, "the folder has no tokenizer"),
	}
	if opt.Next {
		data.Class, data.Task = "AutoModelForCausalLM", "text-generation"
	}
	if h.Compensation != nil {
		data.Normed, data.Closing = true, fmt.Sprintf("; compensation %d, reference %d", *h.Compensation, *h.Reference)
	}
	for i, layer := range h.LayersAt {
		data.Layers = append(data.Layers, graftLayer{layer, h.HeadsAt[i].String(), h.NeuronsAt[i].String()})
	}
	var text bytes.Buffer
	err = t.Execute(&text, data)
	return artifact.Bytes(FileName, text.Bytes()), err
}

// graftData is what the template reads.
type graftData struct {
	GraftOptions
	Arch, Class, Task     string
	Name, Version, Output string
	Manifest, Tokens      string
	Columns, Closing      string
	Reading               string
	Holds                 []string
	Normed                bool
	Layers                []graftLayer
	MaxLen                int
	Sources               []source
}

// graftLayer is what the circuit has in a layer.
type graftLayer struct {
	Layer          int
	Heads, Neurons string
}

// holds says of each variable which columns hold it.
func holds(man *manifest.Manifest) []string {
	var all []string
	for _, v := range man.Variables {
		var cols []int
		for _, c := range man.Columns {
			if c.Variable == v.Name {
				cols = append(cols, c.Index)
			}
		}
		all = append(all, fmt.Sprintf("| %s | %s | %s |", code(v.Name), v.Encoding, manifest.RunsOf(cols)))
	}
	return all
}

// graftText is the card.
const graftText = `---
library_name: transformers
pipeline_tag: {{.Task}}
{{with .License}}license: {{.}}
{{end}}tags:
- rasp
- {{.Arch}}
---

# {{code .Name}} inside a {{.Arch}}

A part of this model computes the RASP program {{code .Name}}{{with .Output}} (its s-op {{code .}}){{end}}. It was
compiled by raspc{{with .Version}} {{.}}{{end}} and is exact whatever the other weights are, as long as its norms are identities in float32: activations have to stay below about 10⁸, and in a GPT-2 the
sum of its other columns near 0, which the lines below see to. Those weights are to be trained. {{code "raspc verify --circuit"}} proves it of trained weights.
{{code .Manifest}} says what each of its columns, heads and neurons holds.

| | |
|---|---|
| model | {{plural .Sizes.Layers "layer"}} of {{plural .Sizes.Heads "head"}} and {{plural .Sizes.DMLP "neuron"}}, {{.Sizes.DModel}} columns |
| input | {{.Reading}} |
| the program's inputs | 1 to {{.MaxLen}} of the tokens {{.Tokens}} |
| the program's columns | {{.Columns}}{{.Closing}} |
{{range .Layers}}| layer {{.Layer}} | the program's heads {{.Heads}}; neurons {{.Neurons}} |
{{end}}
On inputs that are longer or have other tokens the program's columns mean nothing.

| the program's variable | encoding | columns |
|---|---|---|
{{range .Holds}}{{.}}
{{end}}
## Training

{{code .Mask}} has a tensor of booleans for each of the weights: true is what has to stay as it is. That is what the program's part is made
of, zeros that keep the rest out of its columns, and the norms, which change nothing. Momentum and weight decay move weights
without a gradient, too; so put them back after each step. Leave dropout at 0 and compute in float32. Saved into this folder, the trained weights
stand beside {{code .Manifest}}, where {{code "raspc verify DIR --circuit"}} finds both.

` + "```python" + `
import torch
from safetensors.torch import load_file
from transformers import {{.Class}} as Model
model, frozen = Model.from_pretrained("."), load_file({{printf "%q" .Mask}})
weights = dict(model.named_parameters())
start = {name: w.detach().clone() for name, w in weights.items()}
{{if .Normed}}host = torch.ones({{.Sizes.DModel}}, dtype=torch.bool)
host[torch.where(frozen["transformer.wte.weight"][0])[0]] = False  # the program's columns
writers = ("wte.weight", "wpe.weight", "c_proj.weight", "c_proj.bias")
{{end}}
@torch.no_grad()
def keep():  # after each step of the optimizer
    for name, w in weights.items():
        w[frozen[name]] = start[name][frozen[name]]
{{if .Normed}}        if name.endswith(writers):  # so that the norms subtract about 0
            w[..., host] -= w[..., host].mean(-1, keepdim=True)
            w[frozen[name]] = start[name][frozen[name]]
{{end}}` + "```" + `
{{with .Sources}}
## The program

{{end}}{{range .Sources}}{{with .Name}}{{code .}}, which it loads:

{{end}}{{fenced .Text}}
{{end}}`

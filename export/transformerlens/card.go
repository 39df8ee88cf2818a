package transformerlens

import (
	"io"
	"slices"
	"strings"
	"text/template"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/value"
)

// card is the folder's README.md: what is in the folder, and how to load it.
type card struct {
	config          config
	causal, numeric bool
	example         []value.Value // an input
}

// cardText is the README. A HookedTransformer applies attention masks together
// with the causal one, and neither where attention is bidirectional.
var cardText = template.Must(template.New("card").Parse(`# A model for TransformerLens

Its weights were compiled from a RASP program by raspc; nothing was trained. The program, its tokens and its labels stand in
[the model card](../README.md), and what each column of the residual stream, head and neuron holds in ` + "`../raspc.json`" + `.
There are no norms, so that hooks see what it says.

Loading it from this folder takes three lines. Up to version 3 of TransformerLens:

` + "```python" + `
import json; from safetensors.torch import load_file; from transformer_lens import HookedTransformer
config, model = (c := json.load(open("config.json"))), HookedTransformer(c["cfg"])
model.load_state_dict(load_file("model.safetensors"), strict=False)  # causal masks are not weights
` + "```" + `

From version 4 on:

` + "```python" + `
import json; from safetensors.torch import load_file; from transformer_lens import conversion_utils, model_bridge
config, model = (c := json.load(open("config.json"))), model_bridge.TransformerBridge.boot_native(c["cfg"])
model.load_state_dict(conversion_utils.convert_tl_checkpoint(load_file("model.safetensors"), model.cfg))
` + "```" + `

An input is a list of tokens behind the BOS token:

` + "```python" + `
import torch
ids = [config["bos"]] + [config["tokens"].index(t) for t in [{{.Example}}]]
logits = model(torch.tensor([ids]))[0, 1:]  # position 0 is the BOS token
print({{.Read}})
` + "```" + `

Inputs have 1 to {{.MaxLen}} tokens. {{if .Causal}}Shorter ones of a batch may be filled up with config["pad"] behind them.
{{- else}}Those of one batch need the same length: a HookedTransformer with bidirectional attention
sees what stands behind an input, whatever the attention mask says.
{{- end}}
`))

// write writes the README.
func (c card) write(w io.Writer) error {
	var example []string
	for _, v := range c.example {
		text, err := pythonLiteral(v)
		if err != nil {
			return err
		}
		example = append(example, text)
	}
	read := `[config["labels"][i] for i in logits.argmax(-1).tolist()]`
	if c.numeric {
		read = "logits[:, 0].tolist()"
	}
	return cardText.Execute(w, struct {
		Example, Read string
		MaxLen        int
		Causal        bool
	}{strings.Join(example, ", "), read, c.config.Cfg.Positions - 1, c.causal})
}

// pythonLiteral writes a value as Python does; JSON differs for truth values.
func pythonLiteral(v value.Value) (string, error) {
	if v.Kind() == value.KindBool {
		return map[bool]string{true: "True", false: "False"}[v.Truth()], nil
	}
	return plainJSON(v)
}

// exampleOf returns the tokens that are spelled so, or the first of the
// vocabulary where there are none.
func exampleOf(man *manifest.Manifest, spelled []string, tokens []value.Value) []value.Value {
	var example []value.Value
	for _, text := range spelled {
		if id := slices.Index(man.Tokens.Vocab, text); id >= 0 {
			example = append(example, tokens[id])
		}
	}
	if len(example) == 0 {
		return tokens[:min(3, len(tokens), man.Options.MaxLen)]
	}
	return example
}

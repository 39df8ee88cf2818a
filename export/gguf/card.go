package gguf

import (
	"bytes"
	"fmt"
	"strings"
	"text/template"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/spelling"
)

// card is the folder's README.md: what is in the folder, and how to run it.
type card struct {
	man     *manifest.Manifest
	voc     vocabulary
	reading spelling.Reading
	opt     Options
	causal  bool
	longest int // input, BOS not counted
}

// cardText is the README.
var cardText = template.Must(template.New("card").Parse(`# A model for llama.cpp

` + "`model.gguf`" + ` computes the RASP program ` + "`{{.Name}}`" + `{{with .Output}} (its s-op ` + "`{{.}}`" + `){{end}}. Its weights were compiled from the program by raspc;
nothing was trained. The program, and what each column, head and neuron holds, stand in ` + "`../raspc.json`" + `.

llama.cpp loads it as it is, as a GPT-2. It has to compute in float32, on the processor: with a cache of float16, which is
its default, or on a graphics card, numbers and labels can be wrong.

` + "```sh" + `
{{.Command}}
` + "```" + `

In a program of one's own: ` + "`type_k`" + ` and ` + "`type_v`" + ` are ` + "`GGML_TYPE_F32`" + `, ` + "`flash_attn_type`" + ` is ` + "`LLAMA_FLASH_ATTN_TYPE_DISABLED`" + ` and
` + "`n_gpu_layers`" + ` is 0. {{.Batch}}

- Inputs have 1 to {{.MaxLen}} tokens behind the BOS token, which has the id {{.BOS}}. {{.Reading}}
- {{.Read}}
- Position 0 is the BOS token; what the model gives there means nothing.
- More than {{.Positions}} tokens, BOS included, end llama.cpp: it does not check that there is a row of positions.
`))

// text returns the README.
func (c card) text() ([]byte, error) {
	batch := "An input can be evaluated at once or bit by bit: the cache changes nothing."
	if !c.causal {
		batch = "An input has to be evaluated at once, in one batch and one micro-batch: tokens see those behind them, " +
			"which `gpt2.attention.causal` says. Texts cannot go on."
	}
	reading := "Text is cut as the tokenizer of the Hugging Face folder does: " + c.reading.About +
		fmt.Sprintf(". What is no token becomes the token %d, and the output means nothing then; llama.cpp raises no error.", c.voc.unknown)
	if c.opt.NoTokenizer {
		reading = "There is no tokenizer: token ids are the places in the vocabulary of `../raspc.json`."
		if c.man.Output.EOS != nil {
			reading += fmt.Sprintf(" Nor does llama.cpp know that texts end with the token %d.", c.voc.eos)
		}
	}
	var b bytes.Buffer
	err := cardText.Execute(&b, struct {
		Name, Output, Command, Batch, Reading, Read string
		MaxLen, Positions, BOS                      int
	}{c.man.Program.Name, c.man.Options.Output, c.command(), batch, reading, c.read(), c.longest, c.longest + 1, c.man.Tokens.BOS})
	return b.Bytes(), err
}

// command runs the model on an example.
func (c card) command() string {
	if c.man.Output.Task != manifest.CausalLM || c.opt.NoTokenizer {
		return fmt.Sprintf("llama-tokenize -m model.gguf -p %s  # to see how text is cut", c.prompt())
	}
	return fmt.Sprintf("llama-completion -m model.gguf -fa off -ctk f32 -ctv f32 -ngl 0 -no-cnv --temp 0 -n %d -p %s", max(1, c.longest-len(c.opt.Example)), c.prompt())
}

// prompt is the example as an argument of a shell.
func (c card) prompt() string {
	return "'" + strings.ReplaceAll(strings.Join(c.opt.Example, c.reading.Separator), "'", `'\''`) + "'"
}

// read says how to read the logits.
func (c card) read() string {
	ids := c.voc.ids()
	switch out := c.man.Output; {
	case out.Kind == manifest.Numeric:
		return "The logit of token " + ids[0] + " is the number that the program gives at a position."
	case out.Task == manifest.CausalLM:
		return "The token with the largest logit follows, which sampling at temperature 0 takes."
	default:
		return "The token with the largest logit at a position is the program's output there: the labels of `../raspc.json` are the tokens " +
			strings.Join(ids, ", ") + ", in this order."
	}
}

package gguf

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template"

	modelcard "github.com/raspc/raspc/export/card"
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
nothing was trained. The program, its tokens and its labels stand in [the model card](../README.md), and what each column,
head and neuron holds in ` + "`../raspc.json`" + `.

llama.cpp loads it as it is, as a GPT-2. It has to compute in float32, on the processor: with a cache of float16, which is
its default, or on a graphics card, numbers and labels can be wrong. The lines in Python are for cyllama 0.2 (` + "`pip install cyllama`" + `).

{{.Code}}

In any program ` + "`type_k`" + ` and ` + "`type_v`" + ` are ` + "`GGML_TYPE_F32`" + `, ` + "`flash_attn_type`" + ` is ` + "`LLAMA_FLASH_ATTN_TYPE_DISABLED`" + ` and
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
		Name, Output, Code, Batch, Reading, Read string
		MaxLen, Positions, BOS                   int
	}{c.man.Program.Name, c.man.Options.Output, c.code(), batch, reading, c.read(), c.longest, c.longest + 1, c.man.Tokens.BOS})
	return b.Bytes(), err
}

// code runs the model on an example: in a shell, to go on with a text, and in
// Python, with cyllama.
func (c card) code() string {
	out, text := c.man.Output, strings.Join(c.opt.Example.Input, c.reading.Separator)
	shell := ""
	if out.Task == manifest.CausalLM && !c.opt.NoTokenizer {
		shell = fmt.Sprintf("```sh\nllama-completion -m model.gguf -fa off -ctk f32 -ctv f32 -ngl 0 -no-cnv --temp 0 -n %d -p %s\n```\n\n",
			max(1, c.longest-len(c.opt.Example.Input)), quoted(text))
	}
	ids := fmt.Sprintf("model.get_vocab().tokenize(%s, True, True)", strconv.Quote(text))
	if c.opt.NoTokenizer {
		all := []string{strconv.Itoa(c.man.Tokens.BOS)}
		for _, t := range c.opt.Example.Input {
			all = append(all, strconv.Itoa(slices.Index(c.man.Tokens.Vocab, t)))
		}
		ids = "[" + strings.Join(all, ", ") + "]"
	}
	labels, show := "", "[row[0] for row in logits]"
	if out.Kind != manifest.Numeric {
		labels = `labels = [label["text"] for label in json.load(open("../raspc.json", "rb"))["output"]["labels"]]` + "\n"
		show = "[labels[row.index(max(row))] for row in logits]"
	}
	return shell + fmt.Sprintf("```"+`python
import json; import cyllama.llama.llama_cpp as llama
class Model(llama.LlamaModel): n_vocab = property(lambda model: model.get_vocab().n_vocab)  # which cyllama 0.2 asks for
weights, settings = llama.LlamaModelParams(), llama.LlamaContextParams()
weights.n_gpu_layers = settings.type_k = settings.type_v = settings.flash_attn_type = 0  # all in float32
settings.n_ctx = settings.n_batch = settings.n_ubatch = %d
model = Model("model.gguf", weights)
context, ids = llama.LlamaContext(model, settings), %s
batch = llama.LlamaBatch(n_tokens=len(ids), embd=0, n_seq_max=1)
batch.set_batch(ids, 0, True); context.decode(batch)
outputs = [int(i) for i in model.meta_val_str("raspc.outputs").split(",")]
logits = [[row[i] for i in outputs] for row in map(context.get_logits_ith, range(1, len(ids)))]
%sprint(%s)%s
`+"```", c.longest+1, ids, labels, show, modelcard.Shown(out, c.opt.Example.Output))
}

// quoted is a text as an argument of a shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// mostListed bounds the outputs whose ids are listed.
const mostListed = 64

// read says how to read the logits.
func (c card) read() string {
	ids, order := c.voc.ids(), "in this order"
	if len(ids) > mostListed {
		ids, order = ids[:mostListed], "…, in the order of `raspc.outputs` in the file"
	}
	switch out := c.man.Output; {
	case out.Kind == manifest.Numeric:
		return "The logit of token " + ids[0] + " is the number that the program gives at a position."
	case out.Task == manifest.CausalLM:
		return "The token with the largest logit follows, which sampling at temperature 0 takes."
	default:
		return "The token with the largest logit at a position is the program's output there: the labels of `../raspc.json` are the tokens " +
			strings.Join(ids, ", ") + ", " + order + "."
	}
}

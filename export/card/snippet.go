package card

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/onnx"
)

// Example is an input for the model card, as token spellings, with what the
// program makes of it. What is not known is nil.
type Example struct {
	Input  []string
	Output []manifest.Atom // at each position
	// Next are the tokens with which the text goes on, where the task is CausalLM.
	Next []manifest.Atom
}

// input returns the example's input or, without one, the first tokens.
func (c *Card) input() []string {
	if c.opt.Example.Input != nil {
		return c.opt.Example.Input
	}
	first := ""
	if c.man.Options.BOS != nil {
		first = c.man.Options.BOS.Text
	}
	return c.voc.Example(c.sizes.Positions-1, first)
}

// onnxSnippet is Python code that runs an example in onnxruntime, in five lines.
// An unknown token is no element of the list, which is an error.
func (c *Card) onnxSnippet() string {
	output, show := "logits", `[info["output"]["labels"][i]["text"] for i in outputs[0, 1:].argmax(-1)]`
	if c.numeric() {
		output, show = "values", "outputs[0, 1:, 0].tolist()"
	}
	return fmt.Sprintf(`import json, numpy, onnxruntime
info, model = json.load(open(%q, "rb")), onnxruntime.InferenceSession(%q)
ids = [[info["tokens"]["bos_id"]] + [info["tokens"]["vocab"].index(t) for t in [%s]]]  # at most %d ids
outputs, = model.run([%q], {"input_ids": numpy.array(ids, %q), "attention_mask": numpy.ones_like(ids, %[6]q)})
print(%s)%s
`, manifest.FileName, onnx.ModelFile, quoted(c.input()), c.sizes.Positions, output, c.opt.ONNX.IDs, show, Shown(c.man.Output, c.opt.Example.Output))
}

// stockSnippet is Python code that runs an example by stock classes, in five lines.
func (c *Card) stockSnippet() string {
	example := c.input()
	class := "AutoModelForTokenClassification"
	if c.next() {
		class = "AutoModelForCausalLM"
	}
	if !c.tokenizer() {
		return c.idSnippet(class, example)
	}
	return fmt.Sprintf(`from transformers import %s as Model, AutoTokenizer as Tokenizer
tokenizer, model = Tokenizer.from_pretrained("."), Model.from_pretrained(".")
batch = tokenizer(%s, return_tensors="pt")  # raises an error at a token outside the vocabulary
assert batch["input_ids"].shape[1] <= tokenizer.model_max_length, "the input is too long"
print(%s)%s
`, class, strconv.Quote(strings.Join(example, c.reading.Separator)), c.read(example), c.expected(example))
}

// idSnippet is the snippet for a folder without a tokenizer.
func (c *Card) idSnippet(class string, example []string) string {
	return fmt.Sprintf(`import torch
from transformers import %s as Model
model = Model.from_pretrained(".")
batch = {"input_ids": torch.tensor([%s])}  # the first is %s; at most %d ids
print(%s)%s
`, class, numbers(c.ids(example)), c.voc.BOS.Text, c.sizes.Positions, c.read(example), c.expected(example))
}

// read is the Python expression that gives the outputs of the batch.
func (c *Card) read(example []string) string {
	switch {
	case c.numeric():
		return "model(**batch).logits[0, 1:, 0].tolist()"
	case !c.next():
		return "[model.config.id2label[i] for i in model(**batch).logits[0, 1:].argmax(-1).tolist()]"
	}
	longest := c.sizes.Positions
	if next := c.opt.Example.Next; next != nil {
		longest = 1 + len(example) + len(next)
	}
	generated := fmt.Sprintf("model.generate(**batch, max_length=%d)[0]", longest)
	if !c.tokenizer() {
		return generated + ".tolist()"
	}
	return "repr(tokenizer.decode(" + generated + ", skip_special_tokens=True))"
}

// expected is the comment that says what the snippet prints.
func (c *Card) expected(example []string) string {
	next := c.opt.Example.Next
	switch {
	case !c.next():
		return comment(c.man.Output, c.opt.Example.Output, c.texts)
	case next == nil:
		return ""
	case !c.tokenizer():
		ids := c.ids(example)
		for _, atom := range next {
			ids = append(ids, id(c.man.Output, atom))
		}
		return "  # " + numbers(ids)
	}
	text := slices.Clone(example)
	for _, atom := range next {
		if id(c.man.Output, atom) != c.voc.PAD.ID { // which is no text
			text = append(text, atom.Text)
		}
	}
	return "  # " + pythonString(strings.Join(text, c.reading.Separator))
}

// Shown is the Python comment that says what code prints which shows an output at
// each position, labels as their texts in the manifest; nothing where they are nil.
func Shown(o manifest.Output, outputs []manifest.Atom) string {
	texts := make([]string, len(o.Labels))
	for i, l := range o.Labels {
		texts[i] = l.Text
	}
	return comment(o, outputs, texts)
}

// comment is Shown where the labels have other texts.
func comment(o manifest.Output, outputs []manifest.Atom, labels []string) string {
	if outputs == nil {
		return ""
	}
	all := make([]string, len(outputs))
	for i, atom := range outputs {
		all[i] = printed(o, atom, labels)
	}
	return "  # [" + strings.Join(all, ", ") + "]"
}

// printed is an output as Python shows it.
func printed(o manifest.Output, atom manifest.Atom, labels []string) string {
	if o.Kind == manifest.Numeric {
		if v, err := atom.Value(); err == nil && v.IsNumber() {
			return number(v.Rat().Float64())
		}
	} else if at := id(o, atom); at >= 0 {
		return pythonString(labels[at])
	}
	return pythonString(atom.Text)
}

// id is the output id of a value that the program gives. A label stands for
// numbers of all kinds that are equal.
func id(o manifest.Output, atom manifest.Atom) int {
	return slices.IndexFunc(o.Labels, func(l manifest.Atom) bool {
		return l.Exact == atom.Exact && (l.Kind == "string") == (atom.Kind == "string")
	})
}

// ids returns the ids of an input, BOS in front.
func (c *Card) ids(example []string) []int {
	ids := []int{c.voc.BOS.ID}
	for _, token := range example {
		ids = append(ids, slices.Index(c.voc.Tokens, token))
	}
	return ids
}

// numbers writes a list as Python does.
func numbers(ids []int) string {
	return strings.ReplaceAll(fmt.Sprint(ids), " ", ", ")
}

// quoted writes strings as the elements of a list.
func quoted(texts []string) string {
	all := make([]string, len(texts))
	for i, t := range texts {
		all[i] = strconv.Quote(t)
	}
	return strings.Join(all, ", ")
}

// pythonString writes a string as Python does, but for some that need escapes.
func pythonString(s string) string {
	quoted := strconv.Quote(s)
	if strings.ContainsAny(s, `'"\`) || quoted != `"`+s+`"` {
		return quoted
	}
	return "'" + s + "'"
}

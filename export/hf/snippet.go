package hf

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/spelling"
)

// Example is an input for the model card, as token spellings, with what the
// program makes of it: its output there or, where the task is CausalLM, the
// tokens with which the text goes on. Both may be nil.
type Example struct {
	Input  []string
	Output []manifest.Atom
}

// snippet is Python code that runs an example in this folder, in five lines.
func (c card) snippet() string {
	example := c.opt.Example.Input
	if example == nil {
		first := ""
		if c.man.Options.BOS != nil {
			first = c.man.Options.BOS.Text
		}
		example = c.voc.Example(c.sizes.Positions-1, first)
	}
	class := "AutoModelForTokenClassification"
	if c.labels.next {
		class = "AutoModelForCausalLM"
	}
	if c.reading == (spelling.Reading{}) {
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
func (c card) idSnippet(class string, example []string) string {
	return fmt.Sprintf(`import torch
from transformers import %s as Model
model = Model.from_pretrained(".")
batch = {"input_ids": torch.tensor([%s])}  # the first is %s; at most %d ids
print(%s)%s
`, class, numbers(c.ids(example)), c.voc.BOS.Text, c.sizes.Positions, c.read(example), c.expected(example))
}

// read is the Python expression that gives the outputs of the batch.
func (c card) read(example []string) string {
	switch {
	case c.labels.numeric:
		return "model(**batch).logits[0, 1:, 0].tolist()"
	case !c.labels.next:
		return "[model.config.id2label[i] for i in model(**batch).logits[0, 1:].argmax(-1).tolist()]"
	}
	longest := c.sizes.Positions
	if out := c.opt.Example.Output; out != nil {
		longest = 1 + len(example) + len(out)
	}
	generated := fmt.Sprintf("model.generate(**batch, max_length=%d)[0]", longest)
	if c.reading == (spelling.Reading{}) {
		return generated + ".tolist()"
	}
	return "repr(tokenizer.decode(" + generated + ", skip_special_tokens=True))"
}

// expected is the comment that says what the snippet prints.
func (c card) expected(example []string) string {
	out := c.opt.Example.Output
	if out == nil {
		return ""
	}
	texts := make([]string, len(out))
	for i, atom := range out {
		texts[i] = c.printed(atom)
	}
	switch {
	case !c.labels.next:
		return "  # [" + strings.Join(texts, ", ") + "]"
	case c.reading == (spelling.Reading{}):
		ids := c.ids(example)
		for _, atom := range out {
			ids = append(ids, c.id(atom))
		}
		return "  # " + numbers(ids)
	}
	text := slices.Clone(example)
	for _, atom := range out {
		if c.id(atom) != c.voc.PAD.ID { // which is no text
			text = append(text, atom.Text)
		}
	}
	return "  # " + pythonString(strings.Join(text, c.reading.Separator))
}

// printed is an output as Python shows it.
func (c card) printed(atom manifest.Atom) string {
	if c.labels.numeric {
		v, err := atom.Value()
		if err != nil || v.IsString() {
			return pythonString(atom.Text)
		}
		return number(v.Rat().Float64())
	}
	if at := c.id(atom); at >= 0 {
		return pythonString(c.labels.texts[at])
	}
	return pythonString(atom.Text)
}

// id is the output id of a value that the program gives. A label stands for
// numbers of all kinds that are equal.
func (c card) id(atom manifest.Atom) int {
	return slices.IndexFunc(c.man.Output.Labels, func(l manifest.Atom) bool {
		return l.Exact == atom.Exact && (l.Kind == "string") == (atom.Kind == "string")
	})
}

// ids returns the ids of an input, BOS in front.
func (c card) ids(example []string) []int {
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

// pythonString writes a string as Python does, but for some that need escapes.
func pythonString(s string) string {
	quoted := strconv.Quote(s)
	if strings.ContainsAny(s, `'"\`) || quoted != `"`+s+`"` {
		return quoted
	}
	return "'" + s + "'"
}

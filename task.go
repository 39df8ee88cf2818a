package raspc

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/value"
)

// What a model can be for.
const (
	// TaskTokenClassification labels each token with the program's output there.
	TaskTokenClassification = "token-classification"
	// TaskCausalLM continues texts: the output at a position is the token that
	// follows there. The logits are those of the token ids, and stock code that
	// generates text runs the program again and again.
	TaskCausalLM = manifest.CausalLM
)

// Tasks names what a model can be for, the default first.
func Tasks() []string { return []string{TaskTokenClassification, TaskCausalLM} }

// suitTask changes the options to those of the model that has the outputs of the task,
// or says why the program has none.
func (m *Model) suitTask(opts *Options, o ExportOptions) (changed bool, err error) {
	switch {
	case o.Task != "" && o.Task != TaskTokenClassification && o.Task != TaskCausalLM:
		return false, &ChoiceError{fmt.Errorf("the task %q is none of %s", o.Task, strings.Join(Tasks(), ", ")), ""}
	case o.Task != TaskCausalLM && o.EOS != "":
		return false, &ChoiceError{errors.New("a token ends texts only where the task is " + TaskCausalLM), ""}
	case o.Task != TaskCausalLM:
		return false, nil
	case !m.result.Craft.Causal:
		return false, &ChoiceError{errors.New("only what looks back can be continued, and the program has selectors that look ahead"),
			"compile with --causal on"}
	}
	end, err := m.end(o.EOS)
	if err == nil {
		err = m.continues(end)
	}
	if err != nil {
		return false, err
	}
	opts.nextToken, opts.end = true, end
	return true, nil
}

// end finds the output that RASP prints as text; nil for none.
func (m *Model) end(text string) (*value.Value, error) {
	if text == "" {
		return nil, nil
	}
	outputs := m.result.Values.Set(m.result.Output)
	for _, v := range outputs {
		if v.Display() == text {
			return &v, nil
		}
	}
	return nil, &ChoiceError{fmt.Errorf("no text ends with %q, which is no output of the program", text),
		"the outputs are " + value.List(outputs)}
}

// continues checks that texts can go on with what the program gives.
func (m *Model) continues(end *value.Value) error {
	d := m.result.Domain
	var strange []value.Value // no tokens, each of which would end a text
	for _, v := range m.result.Values.Set(m.result.Output) {
		at := slices.IndexFunc(d.Vocab, func(t value.Value) bool { return value.Equal(t, v) })
		first := m.result.Program.Settings.BOS
		switch ends := end != nil && value.Identical(v, *end); {
		case ends && (at < 0 || value.Identical(v, d.Vocab[at])):
		case first.Set && value.Equal(v, first.Value):
			return &ChoiceError{fmt.Errorf("the program may give %s, with which every input begins and none goes on", v.Repr()),
				"let it give another token"}
		case at < 0:
			strange = append(strange, v)
		case !value.Identical(v, d.Vocab[at]):
			return &ChoiceError{fmt.Errorf("the program may give %s, of the kind %s, and the token %s is of the kind %s",
				v.Repr(), v.Kind(), d.Vocab[at].Repr(), d.Vocab[at].Kind()), "let it give values of the kind of its tokens"}
		}
	}
	return unended(strange)
}

// unended refuses outputs that are no tokens.
func unended(outputs []value.Value) error {
	switch len(outputs) {
	case 0:
		return nil
	case 1:
		v := outputs[0]
		return &ChoiceError{fmt.Errorf("the program may give %s, which is no token, so that no text goes on with it", v.Repr()),
			fmt.Sprintf("let it give a token there, add %s to the vocabulary, or say with --eos %s that texts end with it", v.Repr(), v.Display())}
	}
	return &ChoiceError{fmt.Errorf("the program may give %s, which are no tokens, so that no text goes on with them", value.List(outputs)),
		"let it give tokens there, or add them to the vocabulary; --eos takes one of them, with which texts end"}
}

// eos is the token id with which texts end; nil for none.
func (m *Model) eos() *int {
	end := m.opts.end
	if end == nil {
		return nil
	}
	id := slices.IndexFunc(m.result.Domain.Vocab, func(t value.Value) bool { return value.Equal(t, *end) })
	if id < 0 {
		id = m.result.Layout.Model.Config.PAD
	}
	return &id
}

package card

import (
	"fmt"
	"strconv"
	"strings"
)

// Evaluation is what a verification of the folder measured, for the card.
type Evaluation struct {
	Inputs       int // all of them right
	ExhaustiveTo int // up to this length every input was tried
	Longest      int // of the inputs
	MaxLen       int // of the program's inputs
	Seed         uint64
	// MaxError is the largest error of a numeric output; nil for labels, which
	// were right at every position.
	MaxError *float64
}

// summary says in words what was tried.
func (e *Evaluation) summary() string {
	switch {
	case e.ExhaustiveTo == e.MaxLen:
		return fmt.Sprintf("all %d inputs that the program is defined on", e.Inputs)
	case e.ExhaustiveTo == 0:
		return fmt.Sprintf("%d inputs of up to %d tokens", e.Inputs, e.Longest)
	}
	return fmt.Sprintf("%d inputs, every one of up to %d tokens and some of up to %d", e.Inputs, e.ExhaustiveTo, e.Longest)
}

// result is what was measured, in words.
func (e *Evaluation) result() string {
	if e.MaxError == nil {
		return "right at every position"
	}
	return "the largest error is " + number(*e.MaxError)
}

// modelIndex is the result in the metadata of the card, as the Hub's model-index
// has it: a list of models, each with the metrics of a task on a data set. The
// data set is none that could be loaded; its name says what was tried.
func (e *Evaluation) modelIndex(program, task string) string {
	kind, name, value := "accuracy", "Accuracy, of all positions", "1.0"
	if e.MaxError != nil {
		kind, name, value = "max_error", "Largest error", number(*e.MaxError)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "model-index:\n- name: %s\n  results:\n", strconv.Quote(program))
	fmt.Fprintf(&b, "  - task:\n      type: %s\n", task)
	fmt.Fprintf(&b, "    dataset:\n      type: generated\n      name: %s\n", strconv.Quote(e.summary()))
	fmt.Fprintf(&b, "      args:\n        inputs: %d\n        exhaustive_to: %d\n        max_len: %d\n        seed: %d\n", e.Inputs, e.ExhaustiveTo, e.MaxLen, e.Seed)
	fmt.Fprintf(&b, "    metrics:\n    - type: %s\n      name: %s\n      value: %s\n", kind, strconv.Quote(name), value)
	return b.String()
}

// number writes a float so that YAML reads one: with a point, also before an
// exponent.
func number(x float64) string {
	s := strconv.FormatFloat(x, 'g', 3, 64)
	mantissa, exponent, _ := strings.Cut(s, "e")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	if exponent != "" {
		exponent = "e" + exponent
	}
	return mantissa + exponent
}

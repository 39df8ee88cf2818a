package hf

import (
	"fmt"
	"unicode/utf8"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/manifest"
)

// labels are the texts of the outputs in config.json. They are for people:
// the exact values stand in the manifest.
type labels struct {
	texts   []string
	numeric bool
}

// dropped is the label that the token-classification pipeline leaves out.
const dropped = "O"

// newLabels spells the outputs. A loader needs the texts to be distinct, so
// where RASP prints two values alike (the string 1 and the number 1) the
// later one gets its kind; what the pipeline would drop or show as nothing is
// spelled otherwise.
func newLabels(model *decoder.Model, man *manifest.Manifest) (labels, error) {
	out := man.Output
	if out.Kind == manifest.Numeric {
		if model.Config.Outputs != 1 {
			return labels{}, fmt.Errorf("hf: a numeric output with %d columns", model.Config.Outputs)
		}
		return labels{texts: []string{"value"}, numeric: true}, nil
	}
	if out.Kind != manifest.Categorical {
		return labels{}, fmt.Errorf("hf: unknown kind of output %q", out.Kind)
	}
	if len(out.Labels) == 0 || len(out.Labels) != model.Config.Outputs {
		return labels{}, fmt.Errorf("hf: %d labels for %d outputs", len(out.Labels), model.Config.Outputs)
	}
	used := map[string]bool{dropped: true, "": true}
	texts := make([]string, len(out.Labels))
	for i, atom := range out.Labels {
		if !utf8.ValidString(atom.Text) {
			return labels{}, fmt.Errorf("hf: the label %q is not UTF-8", atom.Text)
		}
		texts[i] = distinct(atom, used)
		used[texts[i]] = true
	}
	return labels{texts: texts}, nil
}

// distinct spells an atom unlike anything in used.
func distinct(atom manifest.Atom, used map[string]bool) string {
	text := atom.Text
	if !used[text] {
		return text
	}
	if text != "" && text != dropped {
		text += " (" + atom.Kind + ")"
	}
	for used[text] {
		text += "_"
	}
	return text
}

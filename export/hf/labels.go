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
	// next says that the outputs are token ids, those that follow, and eos is
	// the one behind which nothing does, if there is one.
	next bool
	eos  *int
}

// newLabels spells the outputs.
func newLabels(model *decoder.Model, man *manifest.Manifest) (labels, error) {
	out := man.Output
	if out.Kind == manifest.Numeric {
		if model.Config.Outputs != 1 {
			return labels{}, fmt.Errorf("hf: a numeric output with %d columns", model.Config.Outputs)
		}
		return labels{texts: out.Spelled(), numeric: true}, nil
	}
	if out.Kind != manifest.Categorical {
		return labels{}, fmt.Errorf("hf: unknown kind of output %q", out.Kind)
	}
	if len(out.Labels) == 0 || len(out.Labels) != model.Config.Outputs {
		return labels{}, fmt.Errorf("hf: %d labels for %d outputs", len(out.Labels), model.Config.Outputs)
	}
	if out.Task == manifest.CausalLM && len(out.Labels) != model.Config.Vocab {
		return labels{}, fmt.Errorf("hf: %d outputs for %d token ids", len(out.Labels), model.Config.Vocab)
	}
	for _, atom := range out.Labels {
		if !utf8.ValidString(atom.Text) {
			return labels{}, fmt.Errorf("hf: the label %q is not UTF-8", atom.Text)
		}
	}
	return labels{texts: out.Spelled(), next: out.Task == manifest.CausalLM, eos: out.EOS}, nil
}

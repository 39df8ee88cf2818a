package transformerlens

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/value"
)

// config is the content of config.json.
type config struct {
	Cfg    cfg           `json:"cfg"`
	Tokens []value.Value `json:"tokens"` // by id; those of the program
	BOS    int           `json:"bos"`    // id of what stands at position 0
	PAD    int           `json:"pad"`    // an id that no input needs
	Labels []value.Value `json:"labels"` // by logit; none where the one logit is the number
}

// cfg has the names of HookedTransformerConfig. Seed, device and the like are
// the user's to add.
type cfg struct {
	Layers        int     `json:"n_layers"`
	DModel        int     `json:"d_model"`
	Positions     int     `json:"n_ctx"`
	DHead         int     `json:"d_head"`
	Heads         int     `json:"n_heads"`
	DMLP          int     `json:"d_mlp"`
	Vocab         int     `json:"d_vocab"`
	Outputs       int     `json:"d_vocab_out"`
	Activation    string  `json:"act_fn"`
	Normalization *string `json:"normalization_type"` // null: none
	Attention     string  `json:"attention_dir"`
	Positional    string  `json:"positional_embedding_type"`
	Scale         float64 `json:"attn_scale"`
}

// attnScale is what scores are divided by; queries are multiplied by it. Being
// a power of two it rounds nothing. It is not 1, nor switched off by
// use_attn_scale, because boot_native refuses the one and ignores the other.
const attnScale = 2

// newConfig describes a model. Where it has no layers, no heads or no neurons
// there is one of zeros: 0 heads cannot be asked for, boot_native makes many
// neurons of 0, and it divides by the number of layers.
func newConfig(m *decoder.Model, man *manifest.Manifest) (config, error) {
	if err := decoder.Check(m); err != nil {
		return config{}, err
	}
	c := m.Config
	out := config{
		Cfg: cfg{
			Layers: max(c.Layers, 1), DModel: c.DModel, Positions: c.Positions, DHead: max(c.DHead, 1), Heads: max(c.Heads, 1), DMLP: max(c.DMLP, 1),
			Vocab: c.Vocab, Outputs: c.Outputs,
			Activation: "relu", Attention: "bidirectional", Positional: "standard", Scale: attnScale,
		},
		BOS: c.BOS, PAD: c.PAD,
	}
	if c.Causal {
		out.Cfg.Attention = "causal"
	}
	var err error
	if out.Tokens, err = values(man.Options.Vocab); err != nil {
		return config{}, err
	}
	if out.Labels, err = values(man.Output.Labels); err != nil {
		return config{}, err
	}
	if man.Tokens.BOS != c.BOS || man.Tokens.PAD != c.PAD || len(out.Tokens)+2 != c.Vocab {
		return config{}, fmt.Errorf("%d ids with BOS %d and PAD %d in the model, %d tokens with %d and %d in the manifest",
			c.Vocab, c.BOS, c.PAD, len(out.Tokens), man.Tokens.BOS, man.Tokens.PAD)
	}
	if numeric := man.Output.Kind == manifest.Numeric; numeric && c.Outputs != 1 || !numeric && len(out.Labels) != c.Outputs {
		return config{}, fmt.Errorf("%d logits for a %s output with %d labels", c.Outputs, man.Output.Kind, len(out.Labels))
	}
	return out, nil
}

// values are those of atoms; never nil.
func values(atoms []manifest.Atom) ([]value.Value, error) {
	out := make([]value.Value, len(atoms))
	for i, a := range atoms {
		v, err := a.Value()
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// write writes the configuration, each list on one line.
func (c config) write(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString("{\n")
	for i, m := range []struct {
		key   string
		value any
	}{{"cfg", c.Cfg}, {"tokens", c.Tokens}, {"bos", c.BOS}, {"pad", c.PAD}, {"labels", c.Labels}} {
		if i > 0 {
			b.WriteString(",\n")
		}
		text, err := plainJSON(m.value)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "  %q: %s", m.key, text)
	}
	b.WriteString("\n}\n")
	_, err := w.Write(b.Bytes())
	return err
}

// plainJSON is JSON on one line, < and > as they are.
func plainJSON(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	return string(bytes.TrimSpace(b.Bytes())), nil
}

package raspc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/card"
	"github.com/raspc/raspc/export/graft"
	"github.com/raspc/raspc/export/hf"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/spelling"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// GraftOptions describe the larger model into which a program is put, its host.
type GraftOptions struct {
	Arch string // one of GraftArchitectures
	// The sizes of the host: columns, layers, heads in a layer, neurons in a layer.
	DModel, Layers, Heads, DMLP int
	// MaxLen is the length of the longest input of the host; 0 for the program's.
	MaxLen int
	// Vocab are the tokens of the host, as the vocab pragma has them, among them all of
	// the program's, which are all where it is empty.
	Vocab string
	// Task is TaskTokenClassification, also where it is empty, or TaskCausalLM.
	Task string
	// Labels are the outputs of the host for token classification, written as Vocab is;
	// empty for the values of the program's output.
	Labels string
	// Into is the folder of a model that the program is put into: its sizes grow by what the
	// program needs, and what it gives stays the same. Arch, DModel, Layers, Heads, DMLP, MaxLen,
	// Vocab, Task, Labels and NoTokenizer are the model's then. Replace names parts of it
	// that make room for the program's in the same layer: blocks.2.mlp, blocks.2.attn.head.1.
	Into    string
	Replace []string
	// At is the layer of the host at which the program begins.
	At int
	// Seed is that of the host's weights.
	Seed uint64
	// License, NoTokenizer, ShardSize, MaxBytes, Force, DryRun and Progress are as in
	// ExportOptions.
	License     string
	NoTokenizer bool
	ShardSize   int64
	MaxBytes    int64
	Force       bool
	DryRun      bool
	Progress    func(done, total int64)
}

// GraftArchitectures names the stock architectures that can be hosts.
func GraftArchitectures() []string { return graft.Architectures() }

// Grafted is what Graft wrote, or would have with DryRun.
type Grafted struct {
	Dir   string
	Files []ExportedFile // raspc.json last
	Host  *Host
	Left  []string // as in Export
	// Comparison is what was found of a model that the program was put into; nil where
	// there was none, and with DryRun.
	Comparison *Comparison

	manifest *manifest.Manifest
	compare  func(dir string) error // nil without a model that there was
}

// Facts describes the program's part of the model.
func (g *Grafted) Facts() (*Facts, error) { return facts(g.manifest) }

// Graft writes a folder for stock classes into dir: a model in which the program's is
// a part, and whose other weights are random. Beside it stand raspc.json, which says
// where the program's parts are, and a mask of the weights that training has to leave
// as they are. The output is held in columns of its own. Errors are as in Export.
func (m *Model) Graft(ctx context.Context, dir string, o GraftOptions) (*Grafted, error) {
	m, err := m.held()
	if err != nil {
		return nil, err
	}
	g := &Grafted{Dir: dir}
	files, err := m.planGraft(o, g)
	if err != nil {
		return nil, err
	}
	if err := checkBytes(files, o.MaxBytes, fmt.Sprintf("%d layers of width %d", g.Host.Layers, g.Host.DModel), "a smaller host takes less"); err != nil {
		return nil, err
	}
	g.Files = listed(files)
	if err := write(ctx, dir, files, writing{o.Force, o.DryRun, o.Progress, &g.Left, g.compare}); err != nil {
		return nil, err
	}
	return g, nil
}

// held returns the model whose output has columns of its own, compiled again.
func (m *Model) held() (*Model, error) {
	o := m.opts
	switch {
	case o.Disguise.Rotate != 0 || o.Disguise.Noise != 0:
		return nil, &ChoiceError{errors.New("a program that is rotated, or has noise, cannot be put into a host"), "leave --rotate and --noise out"}
	case o.PadModel != 0 || o.PadHeads != 0 || o.PadMLP != 0:
		return nil, &ChoiceError{errors.New("a program that is put into a host needs no padding"), "the host's sizes are what is padded"}
	case len(m.result.Values.Set(m.result.Output)) == 1:
		return nil, &ChoiceError{fmt.Errorf("the output is %s on every input, which no column has to hold", m.result.Values.Set(m.result.Output)[0].Repr()), ""}
	case !m.result.Craft.Causal:
		return nil, &ChoiceError{errors.New("the program has selectors that look ahead, and hosts look back only"),
			"compile it with --causal on, under which selectors look back only"}
	}
	o.held = true
	return Compile(m.name, m.result.Source.Text(), o)
}

// planGraft returns the files, raspc.json last.
func (m *Model) planGraft(o GraftOptions, g *Grafted) ([]artifact.File, error) {
	man := m.Manifest()
	plan := m.planHost
	if o.Into != "" {
		plan = m.planInto
	}
	planned, err := plan(man, o, g)
	switch {
	case errors.Is(err, spelling.ErrTokenizer):
		err = unreadable(err)
	case errors.Is(err, graft.ErrHost):
		err = &ChoiceError{err, ""}
	case errors.Is(err, hf.ErrArch):
		err = &ChoiceError{err, "ask for --arch " + hf.GPT2}
	}
	if err != nil {
		return nil, err
	}
	planned.Place.Relabel(man)
	man.Host = planned.Host
	man.Files = []manifest.File{{Name: planned.Weights, Format: FormatSafetensors, Arch: planned.Host.Arch, Tokenizer: has(planned.Files, hf.TokenizerFile)}}
	g.Host, g.manifest = planned.Host, man
	return m.describeGraft(man, planned, o)
}

// planHost plans a new host.
func (m *Model) planHost(man *manifest.Manifest, o GraftOptions, _ *Grafted) (*graft.Graft, error) {
	opt, err := m.hostOptions(man, o)
	if err != nil {
		return nil, err
	}
	return graft.Plan(m.result.Layout.Model, man, opt)
}

// planInto plans the growth of a model that there is.
func (m *Model) planInto(man *manifest.Manifest, o GraftOptions, g *Grafted) (*graft.Graft, error) {
	h, err := openHost(o.Into)
	if err != nil {
		return nil, err
	}
	planned, err := h.planInto(m, man, o)
	if err != nil {
		return nil, err
	}
	g.compare = func(dir string) (err error) {
		g.Comparison, err = h.compare(planned.Before, dir)
		return err
	}
	return planned, nil
}

// describeGraft adds the model card and raspc.json.
func (m *Model) describeGraft(man *manifest.Manifest, g *graft.Graft, o GraftOptions) ([]artifact.File, error) {
	readme, err := card.Graft(man, card.GraftOptions{Next: g.Next, Sizes: g.Sizes, License: o.License, Reading: g.Reading, Mask: graft.FrozenFile})
	if errors.Is(err, card.ErrLicense) {
		err = &ChoiceError{err, "leave the licence out to get a card without one"}
	}
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := man.Encode(&text); err != nil {
		return nil, err
	}
	return append(g.Files, readme, artifact.Bytes(manifest.FileName, text.Bytes())), nil
}

// hostOptions describes the host that was asked for.
func (m *Model) hostOptions(man *manifest.Manifest, o GraftOptions) (graft.Options, error) {
	opt := graft.Options{
		Arch: o.Arch, Layers: o.Layers, Heads: o.Heads, DModel: o.DModel, DMLP: o.DMLP, MaxLen: o.MaxLen, At: o.At, Seed: o.Seed,
		Kind: man.Options.Tokens, NoTokenizer: o.NoTokenizer, ShardSize: o.ShardSize,
	}
	if opt.MaxLen == 0 {
		opt.MaxLen = man.Options.MaxLen
	}
	vocab := m.result.Domain.Vocab
	if o.Vocab != "" {
		var err error
		if vocab, err = tokensIn("--host-vocab", o.Vocab); err != nil {
			return opt, err
		}
	}
	var err error
	if opt.Tokens, opt.IDs, err = m.hostTokens(vocab); err != nil {
		return opt, err
	}
	switch o.Task {
	case "", TaskTokenClassification:
		opt.Labels, err = m.hostLabels(o.Labels)
	case TaskCausalLM:
		if o.Labels != "" {
			err = &ChoiceError{errors.New("a language model has no labels: its outputs are the tokens"), "leave --labels out"}
		}
	default:
		err = &ChoiceError{fmt.Errorf("the task %q is none of %s", o.Task, strings.Join(Tasks(), ", ")), ""}
	}
	return opt, err
}

// tokensIn reads tokens as the vocab pragma has them; flag names where they stand.
func tokensIn(flag, text string) ([]value.Value, error) {
	var report diag.Report
	s := resolve.Settings{Tokens: resolve.Setting[sop.Read]{Value: sop.ReadAsIs, Set: true}}
	s = s.Override([]resolve.Override{{Flag: flag, Text: "vocab = " + text}}, &report)
	return s.Vocab.Value, report.List().Err()
}

// hostTokens gives the tokens of a host ids, and finds those of the program's token
// ids among them.
func (m *Model) hostTokens(vocab []value.Value) (manifest.Tokens, []int, error) {
	n, c := len(vocab), m.result.Layout.Model.Config
	tokens := manifest.Tokens{BOS: n, PAD: n + 1}
	for _, v := range vocab {
		tokens.Vocab = append(tokens.Vocab, v.Display())
	}
	ids := make([]int, c.Vocab)
	var missing []value.Value
	for id, v := range m.result.Domain.Vocab {
		at := slices.IndexFunc(vocab, func(t value.Value) bool { return value.Equal(t, v) })
		if ids[id] = at; at < 0 {
			missing = append(missing, v)
		}
	}
	ids[c.BOS], ids[c.PAD] = tokens.BOS, tokens.PAD
	if len(missing) > 0 {
		return tokens, nil, &ChoiceError{fmt.Errorf("the host has no tokens %s, which the program has", value.List(missing)), "let --host-vocab have all tokens of the program"}
	}
	return tokens, ids, nil
}

// hostLabels spells the outputs of a host.
func (m *Model) hostLabels(text string) ([]string, error) {
	labels := m.result.Values.Set(m.result.Output)
	if text != "" {
		var err error
		if labels, err = tokensIn("--labels", text); err != nil {
			return nil, err
		}
	}
	return manifest.Output{Kind: manifest.Categorical, Labels: manifest.AtomsOf(labels)}.Spelled(), nil
}

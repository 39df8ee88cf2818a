package raspc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"

	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/graft"
	"github.com/raspc/raspc/export/hf"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/hfrun"
	"github.com/raspc/raspc/verify/network"
)

// Comparison says how much what a model gives was changed by putting a program into it.
type Comparison struct {
	Inputs  int     `json:"inputs"`         // random ones
	Largest float64 `json:"largest_logit"`  // of the absolute values
	Change  float64 `json:"largest_change"` // of a logit
}

// tolerance is the largest change of a logit that the rounding of float32 explains, as a
// part of the largest logit, or of 1.
const tolerance = 1e-4

// oldHost is a model that takes a program.
type oldHost struct {
	dir    string
	model  *hfrun.Model
	old    graft.Old
	tokens map[string]int // ids by spelling
}

// openHost opens the model of a folder and refuses what cannot take a program.
func openHost(dir string) (*oldHost, error) {
	if man, err := manifest.Read(dir); err == nil && man.Host != nil {
		return nil, &ChoiceError{fmt.Errorf("%s holds %s already, and a model takes one program", dir, man.Program.Name), ""}
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, filed(dir, err)
	}
	model, err := hfrun.Open(dir)
	if err != nil {
		return nil, filed(dir, err)
	}
	switch {
	case !slices.Contains(graft.Architectures(), model.Arch()):
		err = fmt.Errorf("%s holds a %s; programs can be put into %s", dir, model.Arch(), strings.Join(graft.Architectures(), ", "))
	case model.DType() != network.Float32:
		err = fmt.Errorf("%s has weights in %s; a program is exact in float32 only", dir, model.DType())
	case !model.Still():
		err = fmt.Errorf("%s turns queries and keys by their positions, which no head of a program bears", dir)
	case model.Names().BOS == nil || model.Names().PAD == nil:
		err = fmt.Errorf("%s names no bos_token_id or no pad_token_id, and inputs begin with the one", filepath.Join(dir, hf.ConfigFile))
	}
	if err != nil {
		return nil, &ChoiceError{err, ""}
	}
	h := &oldHost{dir: dir, model: model, old: graft.Old{Arch: model.Arch(), Next: model.NextTokens()}}
	return h, h.read()
}

// mostConfig bounds the bytes of configurations and tokenizers that are kept.
const mostConfig = 64 << 20

// read reads the files of the folder.
func (h *oldHost) read() error {
	tensors, err := hfrun.OpenTensors(h.dir)
	if err != nil {
		return filed(h.dir, err)
	}
	h.old.Tensor = tensors.Values
	if h.old.Config, err = fault.ReadFile(filepath.Join(h.dir, hf.ConfigFile), mostConfig); err != nil {
		return filed(h.dir, err)
	}
	for _, name := range []string{hf.TokenizerFile, hf.TokenizerConfigFile, hf.GenerationConfigFile} {
		text, err := fault.ReadFile(filepath.Join(h.dir, name), mostConfig)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return filed(h.dir, err)
		}
		h.old.Files = append(h.old.Files, artifact.Bytes(name, text))
		if name == hf.TokenizerFile {
			var tokenizer struct {
				Model struct {
					Vocab map[string]int `json:"vocab"`
				} `json:"model"`
			}
			if err := json.Unmarshal(text, &tokenizer); err != nil {
				return filed(h.dir, fault.In(filepath.Join(h.dir, name), fault.New(fault.WrongType, "%w", err)))
			}
			h.tokens = tokenizer.Model.Vocab
		}
	}
	return nil
}

// ids finds the program's token ids among the model's.
func (h *oldHost) ids(m *Model) ([]int, error) {
	if h.tokens == nil {
		return nil, &ChoiceError{fmt.Errorf("%s has no %s, which says what the ids of its tokens are", h.dir, hf.TokenizerFile), ""}
	}
	c := m.result.Layout.Model.Config
	ids := make([]int, c.Vocab)
	var missing []string
	for id, v := range m.result.Domain.Vocab {
		at, ok := h.tokens[v.Display()]
		if !ok || at < 0 || at >= h.model.Vocab() {
			missing = append(missing, v.Repr())
		}
		ids[id] = at
	}
	if len(missing) > 0 {
		return nil, &ChoiceError{fmt.Errorf("%s does not know the tokens %s, which the program has", h.dir, strings.Join(missing, ", ")),
			"give the program another --vocab"}
	}
	ids[c.BOS], ids[c.PAD] = *h.model.Names().BOS, *h.model.Names().PAD
	return ids, nil
}

// planInto plans the larger model.
func (h *oldHost) planInto(m *Model, man *manifest.Manifest, o GraftOptions) (*graft.Graft, error) {
	into := graft.IntoOptions{At: o.At, Seed: o.Seed, ShardSize: o.ShardSize}
	for _, name := range o.Replace {
		slot, err := graft.ParseSlot(name)
		if err != nil {
			return nil, &ChoiceError{err, ""}
		}
		into.Replace = append(into.Replace, slot)
	}
	var err error
	if into.IDs, err = h.ids(m); err != nil {
		return nil, err
	}
	return graft.Into(m.result.Layout.Model, man, h.old, into)
}

// compare runs the model that there was, but for what is replaced, and the larger one in
// dir, on random inputs.
func (h *oldHost) compare(before artifact.File, dir string) (*Comparison, error) {
	var weights bytes.Buffer
	if err := before.Write(&weights); err != nil {
		return nil, err
	}
	was, err := hfrun.Parse(h.old.Config, weights.Bytes())
	if err != nil {
		return nil, err
	}
	now, err := hfrun.Open(dir)
	if err != nil {
		return nil, err
	}
	c := &Comparison{}
	for _, ids := range h.inputs() {
		if err := c.add(was, now, ids); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// inputs returns random inputs: BOS, then tokens that are neither BOS nor PAD.
func (h *oldHost) inputs() [][]int64 {
	const inputs, longest = 32, 64
	names, rng := h.model.Names(), rand.New(rand.NewPCG(1, 0))
	var tokens []int64
	for id := range h.model.Vocab() {
		if id != *names.BOS && id != *names.PAD {
			tokens = append(tokens, int64(id))
		}
	}
	all := make([][]int64, inputs)
	for i := range all {
		all[i] = []int64{int64(*names.BOS)}
		for range rng.IntN(min(longest, h.model.Positions())) {
			if len(tokens) > 0 {
				all[i] = append(all[i], tokens[rng.IntN(len(tokens))])
			}
		}
	}
	return all
}

// add compares the models on one input. It is an error if they differ by more than
// rounding.
func (c *Comparison) add(was, now *hfrun.Model, ids []int64) error {
	mask := slices.Repeat([]int64{1}, len(ids))
	a, err := was.Run([][]int64{ids}, [][]int64{mask})
	if err != nil {
		return fmt.Errorf("the model, before it is changed: %w", err)
	}
	b, err := now.Run([][]int64{ids}, [][]int64{mask})
	if err != nil {
		return err
	}
	largest, change := 0.0, 0.0
	for i, row := range a[0] {
		for k, x := range row {
			largest = max(largest, math.Abs(float64(x)))
			change = max(change, math.Abs(float64(x)-float64(b[0][i][k])))
		}
	}
	if !(change <= tolerance*max(1, largest)) {
		return &ChoiceError{fmt.Errorf("the model would give other logits: one changes by %.3g, where the largest is %.3g", change, largest),
			"its weights are so large that float32 loses what they have in common; nothing was written"}
	}
	c.Inputs, c.Largest, c.Change = c.Inputs+1, max(c.Largest, largest), max(c.Change, change)
	return nil
}

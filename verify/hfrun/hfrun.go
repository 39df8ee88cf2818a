// Package hfrun runs an exported Hugging Face folder without Python: it reads
// config.json and model.safetensors, or its shards, from disk and evaluates the
// stock architecture that they name, as its authors define it, layer norms
// included. A folder for TransformerLens and a file for llama.cpp are read in the same
// way.
//
// Everything that could make the stock class compute something else is
// checked: each tensor's presence, type and shape, tensors that do not belong
// to the architecture, the file of each, and settings that change the
// mathematics. Arithmetic follows the type of the weights: every operation's result is
// rounded to it, once, or twice where stock code does. Norms and softmaxes compute in
// float32; sums inside an operation are formed in float64.
package hfrun

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/hfrun/stfile"
	"github.com/raspc/raspc/verify/network"
	"github.com/raspc/raspc/verify/strictjson"
)

// The files of a folder that decide what the model computes.
const (
	ConfigFile  = "config.json"
	WeightsFile = "model.safetensors"            // all tensors, or
	IndexFile   = "model.safetensors.index.json" // the files of each
)

// Model is a loaded model. It is immutable and may be used by several
// goroutines.
type Model struct {
	arch    string
	weights string
	sizes   sizes
	names   Names
	next    bool // whether the outputs are the token ids
	eos     *int // with which texts end; may be nil
	dtype   network.Type
	net     architecture
}

// sizes bound the inputs and outputs of a network.
type sizes struct {
	vocab, positions, outputs int
}

// architecture is a stock architecture with its weights.
type architecture interface {
	// forward takes sequences of n tokens each, one after the other, and
	// returns the logits of every position.
	forward(in batch) ([]float64, error)
	// network returns the weights; see Model.Network.
	network(s sizes) (*network.Network, error)
	// causal reports whether queries see only keys at or before them.
	causal() bool
}

// Open reads the folder dir: its configuration, WeightsFile or the shards that
// IndexFile names, and the GenerationFile of a language model. It is an error if the folder has both.
func Open(dir string) (*Model, error) {
	config, err := fault.ReadFile(filepath.Join(dir, ConfigFile), maxConfig)
	if err != nil {
		return nil, err
	}
	all, err := openTensors(dir)
	if err != nil {
		return nil, err
	}
	m, err := load(config, all)
	if err != nil {
		return nil, fault.Under(dir, err)
	}
	if m.next {
		err = m.readGeneration(dir)
	}
	return m, err
}

// Parse is Open on the contents of ConfigFile and WeightsFile. The Model may keep weights,
// which must not change afterwards.
func Parse(config, weights []byte) (*Model, error) {
	f, err := stfile.Parse(weights)
	if err != nil {
		return nil, fault.In(WeightsFile, err)
	}
	return load(config, single(f))
}

// maxConfig bounds the bytes of config.json; real ones have thousands.
const maxConfig = 64 << 20

// load builds the model that a configuration and tensors describe.
func load(config []byte, all *tensors) (*Model, error) {
	members, err := strictjson.Object(config)
	if err != nil {
		return nil, fault.In(ConfigFile, err)
	}
	var arch string
	if err := json.Unmarshal(members["model_type"], &arch); err != nil {
		return nil, fault.In(ConfigFile, fault.New(fault.WrongType, "model_type is not there, or is no string"))
	}
	m := &Model{arch: arch, weights: all.start}
	s := &settings{file: ConfigFile, members: members, read: map[string]bool{"model_type": true}}
	w := &weights{all: all, as: s.dtype(all), used: map[string]bool{}}
	load := map[string]func(*settings, *weights) error{
		"gpt2": m.loadGPT2, "bert": m.loadBert, "llama": m.loadLlama, "mobilebert": m.loadMobileBert,
	}
	if load[arch] == nil {
		return nil, fault.In(ConfigFile, fault.New(fault.Setting, "model_type %q is not one that can be run here: %s",
			arch, strings.Join(slices.Sorted(maps.Keys(load)), ", ")))
	}
	if err := load[arch](s, w); err != nil {
		return nil, err
	}
	m.dtype = w.as
	return m, nil
}

// Arch returns the model's architecture as config.json names it.
func (m *Model) Arch() string { return m.arch }

// Weights returns the file from which the weights were found: WeightsFile or
// IndexFile.
func (m *Model) Weights() string { return m.weights }

// DType returns the type of the weights, in which the model computes.
func (m *Model) DType() network.Type { return m.dtype }

// Vocab returns the number of token ids.
func (m *Model) Vocab() int { return m.sizes.vocab }

// Positions returns the length of the longest sequence.
func (m *Model) Positions() int { return m.sizes.positions }

// Names returns what config.json calls ids. The caller must not change it.
func (m *Model) Names() Names { return m.names }

// NextTokens reports whether the model is a language model: its outputs are the
// token ids, each the logit of that it follows.
func (m *Model) NextTokens() bool { return m.next }

// EOS returns the token id with which generated texts end; nil for none.
func (m *Model) EOS() *int { return m.eos }

// Run evaluates a batch. All rows of ids and of mask have one length, between
// 1 and Positions; mask is 1 at tokens and 0 at padding. The result is
// indexed by row, position and output; what it holds at padding is as
// meaningless as in any runtime. It is an error if an id is outside the
// vocabulary, if a query sees no key, or if an activation overflows float32.
func (m *Model) Run(ids, mask [][]int64) ([][][]float32, error) {
	if err := m.check(ids, mask); err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, nil
	}
	logits := make([][][]float32, len(ids))
	err := inParallel(chunks(len(ids), len(ids[0])), func(from, to int) error {
		flat, err := m.net.forward(flatten(ids[from:to], mask[from:to]))
		if err != nil {
			return err
		}
		for i := from; i < to; i++ {
			logits[i] = make([][]float32, len(ids[i]))
			for j := range logits[i] {
				logits[i][j] = toFloat32(flat[:m.sizes.outputs])
				flat = flat[m.sizes.outputs:]
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return logits, nil
}

// check reports inputs that the model is not defined on.
func (m *Model) check(ids, mask [][]int64) error {
	if len(ids) != len(mask) {
		return fmt.Errorf("%d rows of ids with %d rows of mask", len(ids), len(mask))
	}
	for i := range ids {
		n := len(ids[0])
		if len(ids[i]) != n || len(mask[i]) != n {
			return fmt.Errorf("row %d has %d ids and %d mask values, row 0 has %d ids", i, len(ids[i]), len(mask[i]), n)
		}
		if n < 1 || n > m.sizes.positions {
			return fmt.Errorf("sequences of %d tokens; the model takes 1 to %d", n, m.sizes.positions)
		}
		if err := m.checkRow(ids[i], mask[i]); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return nil
}

// checkRow checks the values of one sequence.
func (m *Model) checkRow(ids, mask []int64) error {
	for j := range ids {
		if ids[j] < 0 || ids[j] >= int64(m.sizes.vocab) {
			return fmt.Errorf("token id %d at position %d; the vocabulary has %d", ids[j], j, m.sizes.vocab)
		}
		if mask[j] != 0 && mask[j] != 1 {
			return fmt.Errorf("attention mask %d at position %d", mask[j], j)
		}
	}
	// Runtimes differ in what an empty row of attention gives.
	if m.net.causal() && mask[0] == 0 || !slices.Contains(mask, 1) {
		return errors.New("the attention mask leaves a query without keys")
	}
	return nil
}

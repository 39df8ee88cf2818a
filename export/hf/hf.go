// Package hf writes a decoder as a folder that Hugging Face's stock classes
// load with AutoTokenizer and AutoModelForTokenClassification, or
// AutoModelForCausalLM where the outputs are the tokens that follow, no code of
// its own needed: config.json, model.safetensors or its shards with their index,
// tokenizer.json, tokenizer_config.json and generation_config.json.
//
// A stock architecture differs from the decoder in its layer norms and in the
// scale of its attention. It realises the decoder all the same: norms become
// identities (see frame), the scale is folded into the queries. Each
// architecture has a file of its own.
package hf

import (
	"fmt"
	"slices"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/card"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/spelling"
	"github.com/raspc/raspc/export/tensor"
)

// The names of the files in the folder; weights.go has those of the weights.
const (
	ConfigFile           = "config.json"
	GenerationConfigFile = "generation_config.json"
	TokenizerFile        = "tokenizer.json"
	TokenizerConfigFile  = "tokenizer_config.json"
)

// Options are the choices of an export. The zero value is the default.
type Options struct {
	// Arch names the architecture; empty chooses GPT2 for a causal decoder
	// and Bert for any other. None can realise a decoder of another attention.
	Arch string
	// DType is the type of the weights, in which stock classes then compute:
	// tensor.Float32, which 0 stands for, Float16 or BFloat16. The model is to be
	// compiled for it.
	DType tensor.DType
	// NoTokenizer leaves out the tokenizer's files: for vocabularies whose
	// tokens cannot be told apart in running text (see spelling.ErrTokenizer).
	NoTokenizer bool
	// ShardSize is the most bytes of data in a file of weights, larger tensors
	// excepted; 0 stands for DefaultShardSize.
	ShardSize int64
}

// Folder is a complete export in memory; its weights are still sparse.
type Folder struct {
	// Stock is the architecture chosen, and what else the model card says.
	Stock card.Stock
	// Weights is the file from which readers find the weights: WeightsFile, or
	// IndexFile where they are sharded.
	Weights string
	// Files stand in the order in which they should appear on disk: without
	// the last, config.json, nothing loads.
	Files []artifact.File
}

// Plan checks everything and returns the folder's files. The manifest
// supplies the tokens, the meaning of the outputs and the program's name;
// model and manifest must not change while the files are in use.
func Plan(model *decoder.Model, man *manifest.Manifest, opt Options) (*Folder, error) {
	voc, err := spelling.New(model, man)
	if err != nil {
		return nil, fmt.Errorf("hf: %w", err)
	}
	labels, err := newLabels(model, man)
	if err != nil {
		return nil, err
	}
	if opt.DType == 0 {
		opt.DType = tensor.Float32
	}
	real, err := realise(model, labels, opt.Arch, opt.DType)
	if err != nil {
		return nil, err
	}
	origin := man.Origin()
	origin["arch"] = real.arch.name
	files, err := weightFiles(real.tensors, origin, opt.ShardSize)
	if err != nil {
		return nil, err
	}
	weights := files[len(files)-1].Name
	var reading spelling.Reading
	if !opt.NoTokenizer {
		if reading, err = spelling.NewReading(voc, man.Options.Tokens); err != nil {
			return nil, err
		}
		tokenizer, err := tokenizerFiles(voc, reading, model.Config.Positions)
		if err != nil {
			return nil, err
		}
		files = append(files, tokenizer...)
	}
	if labels.next {
		generation, err := artifact.JSON(GenerationConfigFile, newGeneration(model.Config, labels))
		if err != nil {
			return nil, err
		}
		files = append(files, generation)
	}
	config, err := artifact.JSON(ConfigFile, real.config)
	if err != nil {
		return nil, err
	}
	stock := card.Stock{
		Arch: real.arch.name, About: real.arch.about, Table: real.arch.table,
		DType: opt.DType.String(), Sizes: real.sizes, Reading: reading,
	}
	return &Folder{Stock: stock, Weights: weights, Files: append(files, config)}, nil
}

// Rivals returns the names of files that no folder has, and that would change what
// stock classes make of it: other special tokens, more tokens, weights of an adapter.
func Rivals() []string {
	return []string{"special_tokens_map.json", "added_tokens.json", "adapter_config.json"}
}

// IsFile reports whether a folder may have a file of this name.
func IsFile(name string) bool {
	return IsWeights(name) || slices.Contains([]string{ConfigFile, GenerationConfigFile, TokenizerFile, TokenizerConfigFile}, name)
}

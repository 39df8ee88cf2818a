// Package hf writes a decoder as a folder that Hugging Face's stock classes
// load with AutoModelForTokenClassification and AutoTokenizer, no code of its
// own needed: config.json, model.safetensors or its shards with their index,
// tokenizer.json, tokenizer_config.json and a model card.
//
// A stock architecture differs from the decoder in its layer norms and in the
// scale of its attention. It realises the decoder all the same: norms become
// identities (see frame), the scale is folded into the queries. Each
// architecture has a file of its own.
package hf

import (
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/internal/atomicfile"
)

// The names of the files in the folder; weights.go has those of the weights.
const (
	ConfigFile          = "config.json"
	TokenizerFile       = "tokenizer.json"
	TokenizerConfigFile = "tokenizer_config.json"
	CardFile            = "README.md"
)

// The architectures, as config.json names them.
const (
	GPT2 = "gpt2" // decoder: causal attention
	Bert = "bert" // encoder: every query sees every token
)

// Options are the choices of an export. The zero value is the default.
type Options struct {
	// Arch names the architecture; empty chooses GPT2 for a causal decoder
	// and Bert for any other. Neither can realise the other's decoders.
	Arch string
	// NoTokenizer leaves out the tokenizer's files: for vocabularies whose
	// tokens cannot be told apart in running text (see ErrTokenizer).
	NoTokenizer bool
	// ShardSize is the most bytes of data in a file of weights, larger tensors
	// excepted; 0 stands for DefaultShardSize.
	ShardSize int64
	// Example is an input for the model card, as token spellings; without it
	// the card shows the first tokens of the vocabulary.
	Example []string
}

// File is one file of the folder. Write writes its content, the same bytes
// every time.
type File struct {
	Name  string
	Write func(io.Writer) error
}

// Folder is a complete export in memory; its weights are still sparse.
type Folder struct {
	// Arch is the architecture chosen.
	Arch string
	// Weights is the file from which readers find the weights: WeightsFile, or
	// IndexFile where they are sharded.
	Weights string
	// Files stand in the order in which they should appear on disk: without
	// the last, config.json, nothing loads.
	Files []File
}

// Plan checks everything and returns the folder's files. The manifest
// supplies the tokens, the meaning of the outputs and the program's name;
// model and manifest must not change while the files are in use.
func Plan(model *decoder.Model, man *manifest.Manifest, opt Options) (*Folder, error) {
	voc, err := newVocabulary(model, man)
	if err != nil {
		return nil, err
	}
	labels, err := newLabels(model, man)
	if err != nil {
		return nil, err
	}
	real, err := realise(model, labels, opt.Arch)
	if err != nil {
		return nil, err
	}
	files, err := weightFiles(real.tensors, metadata(man, real.arch), opt.ShardSize)
	if err != nil {
		return nil, err
	}
	weights := files[len(files)-1].Name
	var reading reading
	if !opt.NoTokenizer {
		if reading, err = newReading(voc, man.Options.Tokens); err != nil {
			return nil, err
		}
		files = append(files,
			jsonFile(TokenizerFile, tokenizerJSON(voc, reading)),
			jsonFile(TokenizerConfigFile, tokenizerConfig(voc, model.Config.Positions)))
	}
	card := card{example: opt.Example, man: man, voc: voc, labels: labels, reading: reading, arch: real.arch, sizes: model.Config}
	files = append(files, File{CardFile, card.write}, jsonFile(ConfigFile, real.config))
	return &Folder{Arch: real.arch, Weights: weights, Files: files}, nil
}

// Write plans the folder and writes it at dir, which it creates if need be.
// Other files in dir are left alone, but for weights and tokenizers of an older
// folder that would be read in place of the new ones. Every file is complete
// before any gets its name, and config.json gets its name last. The result
// describes the weights for the manifest.
func Write(dir string, model *decoder.Model, man *manifest.Manifest, opt Options) (manifest.File, error) {
	folder, err := Plan(model, man, opt)
	if err != nil {
		return manifest.File{}, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return manifest.File{}, err
	}
	var batch atomicfile.Batch
	for _, f := range folder.Files {
		if err := batch.Add(filepath.Join(dir, f.Name), f.Write); err != nil {
			return manifest.File{}, errors.Join(err, batch.Abort())
		}
	}
	stale, err := folder.stale(dir)
	if err != nil {
		return manifest.File{}, errors.Join(err, batch.Abort())
	}
	for _, name := range stale {
		batch.Drop(filepath.Join(dir, name))
	}
	if err := batch.Commit(); err != nil {
		return manifest.File{}, err
	}
	return manifest.File{Name: folder.Weights, Format: "safetensors", Arch: folder.Arch}, nil
}

// stale returns the files in dir that stock classes would read and the folder
// does not have: a tokenizer, weights that are split in another way.
func (f *Folder) stale(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		replaced := slices.ContainsFunc(f.Files, func(f File) bool { return f.Name == name })
		if !replaced && !e.IsDir() && IsFile(name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// IsFile reports whether a folder may have a file of this name.
func IsFile(name string) bool {
	return IsWeights(name) || slices.Contains([]string{ConfigFile, TokenizerFile, TokenizerConfigFile, CardFile}, name)
}

// metadata is what a weight file says about its origin.
func metadata(man *manifest.Manifest, arch string) map[string]string {
	all := map[string]string{
		"raspc":          man.Raspc,
		"program":        man.Program.Name,
		"program_sha256": man.Program.SHA256,
		"arch":           arch,
	}
	maps.DeleteFunc(all, func(_, v string) bool { return v == "" })
	return all
}

// Package gguf writes a decoder as a folder for llama.cpp: model.gguf, a GPT-2
// with its tokenizer that llama.cpp loads as it is, and a README.md that says how
// to run it.
//
// llama.cpp has one vocabulary for inputs and outputs, no bias at the outputs and
// no ReLU in a GPT-2. So each label is a token (see vocabulary), and neurons are
// multiplied until the GELU is a ReLU (see neuronScale).
package gguf

import (
	"errors"
	"fmt"
	"path"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/artifact"
	modelcard "github.com/raspc/raspc/export/card"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/spelling"
	"github.com/raspc/raspc/export/stock"
	"github.com/raspc/raspc/export/tensor"
)

// Format is the name of the format, and of its folder inside an export.
const Format = "gguf"

// The files of the folder, as paths inside an export, with slashes.
const (
	ModelFile = Format + "/model.gguf"
	CardFile  = Format + "/README.md"
)

// Files returns the files of the folder.
func Files() []string { return []string{ModelFile, CardFile} }

// Options are the choices of an export. The zero value is the default.
type Options struct {
	// NoTokenizer leaves the texts of the tokens out: inputs are token ids then.
	NoTokenizer bool
	// Example is for the README.
	Example modelcard.Example
}

// Plan checks everything and returns the files. The manifest supplies the tokens,
// the labels and the program's name. The model must not change while the files
// are in use.
func Plan(model *decoder.Model, man *manifest.Manifest, opt Options) ([]artifact.File, error) {
	files, err := plan(model, man, opt)
	if err != nil && !errors.Is(err, spelling.ErrTokenizer) { // which users can mend
		err = fmt.Errorf("gguf: %w", err)
	}
	return files, err
}

func plan(model *decoder.Model, man *manifest.Manifest, opt Options) ([]artifact.File, error) {
	spelled, err := spelling.New(model, man)
	if err != nil {
		return nil, err
	}
	var reading spelling.Reading
	if !opt.NoTokenizer {
		if reading, err = newReading(spelled, man); err != nil {
			return nil, err
		}
	}
	voc, err := newVocabulary(model, man, spelled, reading)
	if err != nil {
		return nil, err
	}
	f, err := stock.New(voc.widened(model), tensor.Float32, man.Output.Kind == manifest.Numeric, true)
	if err != nil {
		return nil, err
	}
	weights, err := newWeights(f)
	if err != nil {
		return nil, err
	}
	file, err := newFile(ModelFile, append(settings(f, man), voc.settings(man, reading, opt.NoTokenizer)...), weights)
	if err != nil {
		return nil, err
	}
	text, err := card{man: man, voc: voc, reading: reading, opt: opt, causal: f.Model.Config.Causal, longest: model.Config.Positions - 1}.text()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Base(CardFile), err)
	}
	return []artifact.File{artifact.Bytes(CardFile, text), file}, nil
}

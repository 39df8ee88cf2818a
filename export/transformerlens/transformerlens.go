// Package transformerlens writes a decoder as a folder for TransformerLens:
// config.json, whose member cfg is the configuration of a HookedTransformer, or
// of TransformerBridge.boot_native from version 4 on, with the tokens and the
// labels beside it; model.safetensors, the state dict; and a README.md that
// shows how to load both.
//
// A HookedTransformer without norms is the decoder itself, column by column:
// what raspc.json says of columns, heads and neurons holds for its hooks, too.
package transformerlens

import (
	"bytes"
	"fmt"
	"io"
	"path"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/safetensors"
)

// Format is the name of the format, and of its folder inside an export.
const Format = "transformerlens"

// The files of the folder.
const (
	ConfigFile  = "config.json"
	WeightsFile = "model.safetensors"
	CardFile    = "README.md"
)

// Files returns the files of the folder as paths inside an export, with
// slashes.
func Files() []string {
	return []string{Weights, README, Config}
}

// The files as paths inside an export.
const (
	Weights = Format + "/" + WeightsFile
	README  = Format + "/" + CardFile
	Config  = Format + "/" + ConfigFile
)

// Plan checks everything and returns the files, config.json last. The manifest
// supplies the tokens and the labels; example is an input for the README, as the
// spellings of its tokens. The model must not change while the files are in use.
func Plan(model *decoder.Model, man *manifest.Manifest, example []string) ([]artifact.File, error) {
	config, err := newConfig(model, man)
	if err != nil {
		return nil, fmt.Errorf("transformerlens: %w", err)
	}
	tensors, err := stateDict(model, config.Cfg)
	if err != nil {
		return nil, fmt.Errorf("transformerlens: %w", err)
	}
	weights, err := safetensors.File(Weights, tensors, man.Origin())
	if err != nil {
		return nil, err
	}
	text := card{config: config, causal: model.Config.Causal, numeric: man.Output.Kind == manifest.Numeric, example: exampleOf(man, example, config.Tokens)}
	files := []artifact.File{weights}
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{{CardFile, text.write}, {ConfigFile, config.write}} {
		var b bytes.Buffer
		if err := f.write(&b); err != nil {
			return nil, fmt.Errorf("transformerlens: %s: %w", f.name, err)
		}
		files = append(files, artifact.Bytes(path.Join(Format, f.name), b.Bytes()))
	}
	return files, nil
}

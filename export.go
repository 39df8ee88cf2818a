package raspc

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/raspc/raspc/export/hf"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/onnx"
	"github.com/raspc/raspc/internal/atomicfile"
)

// The export formats.
const (
	FormatONNX        = "onnx"
	FormatSafetensors = "safetensors"
)

// ExportOptions are the choices of an export. The zero value writes both
// formats with their defaults.
type ExportOptions struct {
	Formats []string // FormatONNX, FormatSafetensors; empty for both
	// Arch is the stock architecture of the safetensors folder: "gpt2" or
	// "bert"; empty chooses by the program's attention.
	Arch string
	// NoTokenizer leaves the tokenizer out of the safetensors folder, for
	// vocabularies whose tokens cannot be told apart in running text.
	NoTokenizer bool
	// Opset is the ONNX operator set; 0 for the default.
	Opset int
	// ExternalData keeps ONNX weights in a file of their own.
	ExternalData bool
}

// Export is what an export wrote.
type Export struct {
	Dir   string
	Files []string // names in Dir, raspc.json last
	// Arch is the stock architecture that was chosen, and Why the reason; both
	// are empty without the safetensors format.
	Arch, Why string
}

// Export writes the model's files and raspc.json into dir, which it creates.
// Everything is written beside its place and moved there when complete: after
// an error dir is as it was.
func (m *Model) Export(dir string, o ExportOptions) (*Export, error) {
	formats, err := o.formats()
	if err != nil {
		return nil, err
	}
	stage, done, err := staging(dir)
	if err != nil {
		return nil, err
	}
	defer done()
	e := &Export{Dir: dir}
	man := m.manifest()
	for _, f := range formats {
		files, err := m.write(stage, f, man, o, e)
		if err != nil {
			return nil, err
		}
		man.Files = append(man.Files, files...)
	}
	if err := atomicfile.Write(filepath.Join(stage, manifest.FileName), man.Encode); err != nil {
		return nil, err
	}
	e.Files, err = move(stage, dir)
	return e, err
}

func (o ExportOptions) formats() ([]string, error) {
	known := []string{FormatONNX, FormatSafetensors}
	for _, f := range o.Formats {
		if !slices.Contains(known, f) {
			return nil, fmt.Errorf("the format %q is none of onnx, safetensors", f)
		}
	}
	if len(o.Formats) == 0 {
		return known, nil
	}
	return slices.Compact(slices.Sorted(slices.Values(o.Formats))), nil
}

func (m *Model) write(stage, format string, man *manifest.Manifest, o ExportOptions, e *Export) ([]manifest.File, error) {
	model := m.result.Layout.Model
	if format == FormatSafetensors {
		f, err := hf.Write(stage, model, man, hf.Options{Arch: o.Arch, NoTokenizer: o.NoTokenizer})
		if err != nil {
			return nil, err
		}
		e.Arch, e.Why = f.Arch, m.whyArch(o.Arch)
		return []manifest.File{f}, nil
	}
	_, err := onnx.Write(stage, model, onnx.Options{
		Version: Version, Opset: o.Opset, External: o.ExternalData,
		Metadata: map[string]string{
			"raspc": Version, "program": man.Program.Name, "program_sha256": man.Program.SHA256,
			"output": man.Options.Output, "opt": fmt.Sprint(man.Options.Opt),
		},
	})
	return []manifest.File{{Name: onnx.ModelFile, Format: FormatONNX}}, err
}

// whyArch says in one line why an architecture was chosen.
func (m *Model) whyArch(asked string) string {
	switch {
	case asked != "":
		return "as asked"
	case m.result.Domain.Causal:
		return "the attention is causal"
	}
	return "the attention is not causal"
}

// staging makes an empty folder inside dir. The function it returns removes
// the folder, and dir too if it was made here and is still empty.
func staging(dir string) (string, func(), error) {
	_, missing := os.Stat(dir)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", nil, err
	}
	stage, err := os.MkdirTemp(dir, ".raspc-")
	if err != nil {
		return "", nil, err
	}
	return stage, func() {
		os.RemoveAll(stage)
		if missing != nil {
			os.Remove(dir) // refuses when the export succeeded
		}
	}, nil
}

// move renames the staged files into dir, raspc.json last, and removes what an
// older export left there and this one does not have.
func move(stage, dir string) ([]string, error) {
	entries, err := os.ReadDir(stage)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Name() != manifest.FileName {
			names = append(names, e.Name())
		}
	}
	names = append(names, manifest.FileName)
	if err := removeOld(dir, names); err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := os.Rename(filepath.Join(stage, name), filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// exported are the names that an export may leave in its folder.
var exported = []string{
	manifest.FileName, onnx.ModelFile, onnx.DataFile,
	hf.ConfigFile, hf.WeightsFile, hf.TokenizerFile, hf.TokenizerConfigFile, hf.CardFile,
}

// removeOld removes the manifest of an older export, so that an interruption
// leaves none beside new files, and then its files that are not replaced. A
// folder without a manifest is not an export, and nothing in it is touched.
func removeOld(dir string, replaced []string) error {
	if err := os.Remove(filepath.Join(dir, manifest.FileName)); err != nil {
		if os.IsNotExist(err) {
			return nil
		}
		return err
	}
	for _, name := range exported {
		if slices.Contains(replaced, name) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

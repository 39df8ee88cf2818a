package verify

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/hfrun"
	"github.com/raspc/raspc/verify/network"
	"github.com/raspc/raspc/verify/onnxrun"
	"github.com/raspc/raspc/verify/sparse"
)

// Runner executes one exported file. Run takes token ids and attention masks,
// batch x sequence, all rows equally long, and returns logits, batch x
// sequence x outputs. It is safe for concurrent use.
type Runner interface {
	Run(ids, mask [][]int64) ([][][]float32, error)
}

// opened is a runner with what the report says of it.
type opened struct {
	Runner
	file, name string
	others     []value.Value    // tokens with logits behind the outputs', which never are the largest
	net        *network.Network // what the file holds; nil where it is of no known kind,
	unknown    error            // for this reason
}

// Formats are the kinds of files that can be verified.
func Formats() []string { return []string{"onnx", "safetensors", hfrun.LensFolder, "gguf"} }

// open opens the files of a folder whose format is wanted.
func open(dir string, m *manifest.Manifest, formats []string) ([]opened, error) {
	var runners []opened
	for _, f := range m.Files {
		if len(formats) > 0 && !slices.Contains(formats, f.Format) {
			continue
		}
		r, err := openFile(dir, f, m)
		if err != nil {
			return nil, err
		}
		runners = append(runners, r)
	}
	if len(runners) == 0 {
		return nil, fmt.Errorf("%s lists no file to verify", filepath.Join(dir, manifest.FileName))
	}
	return runners, nil
}

// openFile opens a file that the manifest lists. That it is not there is a fault of the
// folder.
func openFile(dir string, f manifest.File, man *manifest.Manifest) (opened, error) {
	if man.Host != nil {
		return opened{}, fault.In(filepath.Join(dir, manifest.FileName), fault.Or(fault.Unsupported, fmt.Errorf("%w; raspc verify --circuit compares the circuit", ErrHosted)))
	}
	o, err := openListed(dir, f, man)
	return o, missing(f, err)
}

// missing makes of an error, which may be nil, that a listed file is not there, if it is so.
func missing(f manifest.File, err error) error {
	if at := (*fs.PathError)(nil); errors.As(err, &at) && errors.Is(err, fs.ErrNotExist) && !errors.As(err, new(*fault.Error)) {
		err = fault.In(at.Path, &fault.Error{Kind: fault.Missing, Err: &LostError{Listed: f.Name, Err: err}})
	}
	return err
}

// LostError says that a file is not there that the manifest lists, or that a listed one
// needs.
type LostError struct {
	Listed string
	Err    error // of the system
}

func (e *LostError) Error() string {
	return fmt.Sprintf("there is no such file, and %s lists %s, which needs it", manifest.FileName, e.Listed)
}

// Unwrap returns the error of the system.
func (e *LostError) Unwrap() error { return e.Err }

// alone wants none of the files in a Hugging Face folder that stock classes would read
// besides those that are compared: special tokens, more tokens, weights of an adapter.
func alone(dir string) error {
	for _, name := range []string{"special_tokens_map.json", "added_tokens.json", "adapter_config.json"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return fault.In(dir, fault.New(fault.Disagreeing, "the folder has %s, of which %s knows nothing and which stock classes read: remove it", name, manifest.FileName))
		}
	}
	return nil
}

func openListed(dir string, f manifest.File, man *manifest.Manifest) (opened, error) {
	switch f.Format {
	case "onnx":
		m, err := onnxrun.Open(filepath.Join(dir, f.Name))
		if err == nil {
			err = samePorts(m, f, man)
		}
		if err != nil {
			return opened{}, err
		}
		net, err := network.FromONNX(m, man.Tokens.BOS) // any other graph can be run
		return checked(opened{Runner: m, file: f.Name, name: "onnx-go on gonum"}, net, err), nil
	case "safetensors":
		m, err := openFolder(dir, f.Name)
		if err == nil {
			err = cmp.Or(
				alone(dir),
				fault.In(filepath.Join(dir, hfrun.ConfigFile), configFits(m, man)),
				fault.In(filepath.Join(dir, hfrun.ConfigFile), typeFits(m.DType(), f.DType)),
				fault.In(filepath.Join(dir, hfrun.GenerationFile), endFits(m.EOS(), man.Output.EOS)),
				checkTokenizer(dir, spellingOf(man), f.Tokenizer))
		}
		if err != nil {
			return opened{}, err
		}
		net, err := m.Network(man.Tokens.BOS) // any other model can be run
		return checked(opened{Runner: m, file: f.Name, name: "stock " + m.Arch()}, net, err), nil
	case hfrun.LensFolder:
		l, err := openLens(dir, f.Name, man)
		if err != nil {
			return opened{}, err
		}
		return openedLens(l, f.Name, man), nil
	case "gguf":
		m, err := openGGUF(dir, f, man)
		if err != nil {
			return opened{}, err
		}
		net, err := m.Network(man.Tokens.BOS)
		return checked(opened{Runner: m, file: f.Name, name: "llama.cpp's " + m.Arch(), others: others(m)}, net, err), nil
	}
	return opened{}, fmt.Errorf("a file of unknown format %q", f.Format)
}

// typeFits compares the type of the weights with that of the manifest, which leaves
// float32 out.
func typeFits(have network.Type, listed string) error {
	if want := cmp.Or(listed, network.Float32.String()); have.String() != want {
		return fault.New(fault.Disagreeing, "the weights are %s, by %s they are %s", have, manifest.FileName, want)
	}
	return nil
}

// checked adds a network to a runner, if it is one that can be evaluated.
func checked(o opened, n *network.Network, err error) opened {
	if err == nil {
		err = sparse.Check(n)
	}
	if o.unknown = err; err == nil {
		o.net = n
	}
	return o
}

// openFolder opens a Hugging Face folder whose weights are to be found from the
// named file, as loaders would find them.
func openFolder(dir, name string) (*hfrun.Model, error) {
	if name != hfrun.WeightsFile && name != hfrun.IndexFile {
		return nil, fmt.Errorf("the weights of a folder are in %s, or in the files that %s names", hfrun.WeightsFile, hfrun.IndexFile)
	}
	m, err := hfrun.Open(dir)
	if err != nil {
		return nil, err
	}
	if m.Weights() != name {
		return nil, fmt.Errorf("%s names %s, loaders find the weights by %s", manifest.FileName, name, m.Weights())
	}
	return m, nil
}

// samePorts compares the inputs and outputs of an ONNX file with what the
// manifest says of them. Files of numbers may call them logits.
func samePorts(m *onnxrun.Model, f manifest.File, man *manifest.Manifest) error {
	if ids, want := m.Inputs()[0].Type, cmp.Or(f.IDs, "int64"); ids != want {
		return fmt.Errorf("%s takes ids as %s, by %s as %s", f.Name, ids, manifest.FileName, want)
	}
	states, want := m.HiddenStates(), 0
	if f.HiddenStates {
		want = man.Model.Layers + 1
	}
	if states != want {
		return fmt.Errorf("%s has %d hidden states as outputs, by %s it has %d", f.Name, states, manifest.FileName, want)
	}
	if m.Output() == onnxrun.Values && man.Output.Kind != manifest.Numeric {
		return fmt.Errorf("the output of %s is called %s, by %s it is not numeric", f.Name, onnxrun.Values, manifest.FileName)
	}
	return nil
}

package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/manifest"
)

// program is a fixture, with a vocabulary and a length that are small enough to
// run every input, and large enough for a sample to be one.
type program struct {
	name, vocab string // vocab as in the pragma; "" for the program's own
	maxLen      int
	heads       int // of each layer, at least; those that are not needed do nothing
}

// programs have heads that average and heads that sum, labels and numbers, and
// both kinds of attention.
var programs = []program{
	{"sort", "0..4", 5, 0},
	{"hist", "", 6, 0},
	{"reverse", "", 6, 0},
	{"dyck1", "", 10, 0},
	{"causal_dyck1", "", 10, 2},
	{"causal_hist", "", 6, 0},
	{"frac_prevs", "", 7, 0},
	{"induction", "", 6, 0},
	{"width_nested", "", 6, 0},
	{"shuffle_dyck2", "", 6, 0},
	{"mean_threshold", "", 10, 0},
	{"default_token", "", 6, 0},
	{"product", "", 6, 0},
	{"select_not_and", "", 7, 0},
	{"length", "", 8, 0},
}

// formats are the kinds of files, and weightsFile where each has its weights.
var (
	formats     = []string{raspc.FormatONNX, raspc.FormatSafetensors}
	weightsFile = map[string]string{raspc.FormatONNX: "model.onnx", raspc.FormatSafetensors: "model.safetensors"}
)

// subject is an exported folder of one format that is damaged over and over.
type subject struct {
	name, format string
	dir          string            // holds files, unless a mutant is being judged
	files        map[string][]byte // the good ones
	maxLen       int
	judged       map[[32]byte]verdict
}

// export compiles a fixture and writes it into dir.
func export(fixtures, dir, format string, p program) (*subject, error) {
	path := filepath.Join(fixtures, p.name+".rasp")
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := raspc.Compile(path, string(text), raspc.Options{Vocab: p.vocab, MaxLen: p.maxLen, PadHeads: p.heads})
	if err != nil {
		return nil, err
	}
	e, err := m.Export(dir, raspc.ExportOptions{Formats: []string{format}})
	if err != nil {
		return nil, err
	}
	s := &subject{name: p.name, format: format, dir: dir, maxLen: p.maxLen, files: map[string][]byte{}, judged: map[[32]byte]verdict{}}
	for _, f := range e.Files {
		if s.files[f.Name], err = os.ReadFile(filepath.Join(dir, f.Name)); err != nil {
			return nil, err
		}
	}
	return s, s.rewrite()
}

// rewrite has the good files in the spelling in which mutants are written, so
// that two files are equal where their contents are.
func (s *subject) rewrite() error {
	w, err := s.weights()
	if err != nil {
		return err
	}
	if s.files[weightsFile[s.format]], err = w.encode(); err != nil {
		return err
	}
	m, err := s.manifest()
	if err != nil {
		return err
	}
	if s.files[manifest.FileName], err = encodeManifest(m); err != nil {
		return err
	}
	for _, name := range []string{configFile, tokenizerFile} {
		if _, ok := s.files[name]; ok {
			if s.files[name], err = edited(s.files[name], func(map[string]any) {}); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return s.lay(s.files)
}

// lay writes files into the folder.
func (s *subject) lay(files map[string][]byte) error {
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(s.dir, name), data, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// weights decodes the good weights.
func (s *subject) weights() (*weights, error) {
	return decodeWeights(s.format, s.files[weightsFile[s.format]])
}

// manifest decodes the good manifest.
func (s *subject) manifest() (*manifest.Manifest, error) {
	return manifest.Decode(s.files[manifest.FileName])
}

package manifest

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/strictjson"
)

// maxSize bounds what is read: manifests of the largest models stay far below.
const maxSize = 256 << 20

// Encode writes the manifest as JSON that people can read, the same bytes every
// time.
func (m *Manifest) Encode(w io.Writer) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(m); err != nil {
		return err
	}
	_, err := w.Write(laidOut(bytes.TrimSuffix(b.Bytes(), []byte("\n"))))
	return err
}

// Read reads raspc.json from a folder and checks what does not need the
// program: the version of the schema, the program's hash, ids and labels.
func Read(dir string) (*Manifest, error) {
	path := filepath.Join(dir, FileName)
	data, err := fault.ReadFile(path, maxSize)
	if err != nil {
		return nil, err
	}
	m, err := Decode(data)
	if err != nil {
		return nil, fault.In(path, err)
	}
	return m, nil
}

// MalformedError says that a file of a folder cannot be used.
type MalformedError = fault.FileError

// Decode reads and checks a manifest. Its errors are faults.
func Decode(data []byte) (*Manifest, error) {
	if len(data) > maxSize {
		return nil, fault.New(fault.TooLarge, "longer than %d bytes", maxSize)
	}
	var m Manifest
	if err := strictjson.Decode(data, &m); err != nil {
		return nil, err
	}
	if m.Schema != Version {
		return nil, fault.New(fault.OtherVersion, "version %d of the manifest; this raspc reads version %d", m.Schema, Version)
	}
	if err := cmp.Or(m.Program.check(), m.checkTokens(), m.checkOutput(), m.checkFiles(), m.checkRotation()); err != nil {
		return nil, err
	}
	return &m, nil
}

// Hash returns the SHA-256, in hex, of a program's text and of the files that
// it loads.
func (p Program) Hash() string {
	h := sha256.New()
	io.WriteString(h, p.Source)
	for _, name := range slices.Sorted(maps.Keys(p.Loaded)) {
		fmt.Fprintf(h, "\x00%s\x00%s", name, p.Loaded[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (p Program) check() error {
	if p.SHA256 != p.Hash() {
		return fault.New(fault.Disagreeing, "the program does not have the hash that stands beside it")
	}
	return nil
}

func (m *Manifest) checkTokens() error {
	n := len(m.Options.Vocab)
	if n == 0 || len(m.Tokens.Vocab) != n {
		return fault.New(fault.Disagreeing, "%d tokens with %d spellings", n, len(m.Tokens.Vocab))
	}
	if m.Options.MaxLen < 1 || m.Options.MaxLen > 1<<16 {
		return fault.New(fault.TooLarge, "a maximum length of %d", m.Options.MaxLen)
	}
	bos, pad := m.Tokens.BOS, m.Tokens.PAD
	if bos < n || pad < n || bos == pad || max(bos, pad) > n+1 {
		return fault.New(fault.Disagreeing, "BOS %d and PAD %d beside %d tokens", bos, pad, n)
	}
	return checkAtoms(m.Options.Vocab)
}

func checkAtoms(atoms []Atom) error {
	for _, a := range atoms {
		if _, err := a.Value(); err != nil {
			return err
		}
	}
	return nil
}

func (m *Manifest) checkOutput() error {
	switch m.Output.Kind {
	case Numeric:
		if len(m.Output.Labels) > 0 {
			return fault.New(fault.Disagreeing, "a numeric output with labels")
		}
		return nil
	case Categorical:
		if len(m.Output.Labels) == 0 {
			return fault.New(fault.Missing, "a categorical output without labels")
		}
		return checkAtoms(m.Output.Labels)
	}
	return fault.New(fault.WrongType, "an output of unknown kind %q", m.Output.Kind)
}

// checkFiles keeps the named files inside the folder. A format may have a
// folder of its name in it.
func (m *Manifest) checkFiles() error {
	for _, f := range m.Files {
		name := strings.TrimPrefix(f.Name, f.Format+"/")
		if !filepath.IsLocal(f.Name) || name == "" || name == "." || strings.ContainsRune(name, '/') || strings.ContainsAny(f.Name, "\\:\x00") {
			return fault.New(fault.OutsideFolder, "the file name %q leaves the folder", f.Name)
		}
	}
	return nil
}

// checkRotation holds the matrix to the width of the stream. That it is orthogonal, where
// it has no more rows, is for proofs to check.
func (m *Manifest) checkRotation() error {
	if m.Rotation == nil {
		return nil
	}
	for _, row := range m.Rotation {
		if len(m.Rotation) < m.Model.DModel || len(row) != m.Model.DModel {
			return fault.New(fault.Disagreeing, "a rotation with %d rows, one of %d numbers, of a stream of %d columns", len(m.Rotation), len(row), m.Model.DModel)
		}
	}
	return nil
}

package corpus

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/generate"
	"github.com/raspc/raspc/frontend/value"
)

// The forms of weights in shards.
const (
	Dense  = "dense"  // each tensor as it is
	Sparse = "sparse" // what is not 0, as triples
)

// Options say which dataset is made. Two datasets of equal options have equal bytes.
type Options struct {
	// Files are the programs to read, where they are not sampled: paths with slashes below Root. Their
	// places in the list are their numbers, so that the order counts where two behave alike.
	Files []string `json:"files,omitempty"`
	// Root is the folder of Files. It is no part of a dataset, in which nothing depends on where
	// its programs were.
	Root string `json:"root,omitempty"`
	// Sources is the digest of what Files hold, as SourcesOf gives it.
	Sources string `json:"sources,omitempty"`
	// Count is how many programs are sampled: those of the numbers 0 to Count-1.
	Count int `json:"count,omitempty"`
	// Mutations is how many copies with one change are made of each of these programs. They
	// have the numbers behind its own, so that those of the programs themselves are multiples of
	// Mutations+1.
	Mutations int `json:"mutations,omitempty"`
	// Generate says which are sampled, and which changes are made; its vocabulary is Vocab's,
	// and its SameDomain follows from SameGraph.
	Generate generate.Options `json:"generate"`
	// Vocab has the tokens of sampled programs, a letter each; empty for generate's.
	Vocab string `json:"vocab,omitempty"`

	// Weights is Dense or Sparse.
	Weights string `json:"weights"`
	// MostParams bounds the weights of a model, zeros included.
	MostParams int64 `json:"most_params"`

	// Inputs is on how many inputs each model is run and compared with its program.
	Inputs int `json:"inputs"`
	// Certify wants a proof for each model beside that.
	Certify bool `json:"certify"`
	// Samples is how many inputs stand with their outputs in a row.
	Samples int `json:"samples"`

	// SameGraph keeps programs that compute the same of other inputs: without it,
	// of programs with one graph there is one.
	SameGraph bool `json:"same_graph"`
	// Shares are those of the splits train, validation and test.
	Shares [3]float64 `json:"shares"`
	// ShardPrograms is about how many programs a shard would hold if none were refused.
	ShardPrograms int `json:"shard_programs"`
}

// Default returns options that are complete but for Files or Count.
func Default() Options {
	return Options{
		Generate: generate.Default(), Weights: Dense, MostParams: 4_000_000, Inputs: 64, Samples: 8,
		Shares: [3]float64{0.8, 0.1, 0.1}, ShardPrograms: 1000,
	}
}

// Check says what is wrong with options, naming the field.
func (o Options) Check() error {
	if err := o.check(); err != nil {
		return fmt.Errorf("options of a corpus: %w", err)
	}
	if o.Generates() {
		return o.generator().Check()
	}
	return nil
}

// Generates reports whether the options of package generate count.
func (o Options) Generates() bool { return o.Count > 0 || o.Mutations > 0 }

// mostMutations of one program.
const mostMutations = 1000

func (o Options) check() error {
	total := o.Shares[0] + o.Shares[1] + o.Shares[2]
	switch {
	case (o.Count > 0) == (len(o.Files) > 0):
		return errors.New("programs are either sampled, a Count of 1 or more, or read from Files")
	case o.Count < 0:
		return fmt.Errorf("the field Count is %d, and has to be 0 or more", o.Count)
	case o.Mutations < 0 || o.Mutations > mostMutations:
		return fmt.Errorf("the field Mutations is %d, and has to be from 0 to %d", o.Mutations, mostMutations)
	case o.Weights != Dense && o.Weights != Sparse:
		return fmt.Errorf("the field Weights is %q, and has to be %s or %s", o.Weights, Dense, Sparse)
	case o.MostParams < 1:
		return fmt.Errorf("the field MostParams is %d, and has to be 1 or more", o.MostParams)
	case o.Inputs < 1 || o.Inputs > 100_000:
		return fmt.Errorf("the field Inputs is %d, and has to be from 1 to 100000", o.Inputs)
	case o.Samples < 0 || o.Samples > 1000:
		return fmt.Errorf("the field Samples is %d, and has to be from 0 to 1000", o.Samples)
	case o.ShardPrograms < 1:
		return fmt.Errorf("the field ShardPrograms is %d, and has to be 1 or more", o.ShardPrograms)
	case !(min(o.Shares[0], o.Shares[1], o.Shares[2]) >= 0) || !(total > 0.999999 && total < 1.000001):
		return fmt.Errorf("the field Shares are %v, and have to be three numbers of 0 or more whose sum is 1", o.Shares)
	}
	return nil
}

// generator returns the options of package generate. A copy whose change was of its domain alone would
// be left out for its graph, where one of each graph is kept.
func (o Options) generator() generate.Options {
	g := o.Generate
	g.SameDomain = !o.SameGraph
	for _, r := range o.Vocab {
		g.Vocab = append(g.Vocab, value.Str(string(r)))
	}
	return g
}

// Programs is how many programs there are to be tried.
func (o Options) Programs() int { return max(o.Count, len(o.Files)) * (o.Mutations + 1) }

// baseOf returns the place of the program of a number in Files, or its number for package
// generate; and which of its copies has that number, 0 being itself.
func (o Options) baseOf(index uint64) (base, copied uint64) {
	each := uint64(o.Mutations) + 1
	return index / each, index % each
}

// fileOf is the file of the program of a number; "" where programs are sampled.
func (o Options) fileOf(index uint64) string {
	if o.Count > 0 {
		return ""
	}
	base, _ := o.baseOf(index)
	return o.Files[base]
}

// SourcesOf returns a digest of the contents of Files; "" where programs are sampled. The error is of the
// system, or says which file is none.
func (o Options) SourcesOf() (string, error) {
	if len(o.Files) == 0 {
		return "", nil
	}
	var parts [][]byte
	for _, name := range o.Files {
		text, err := o.readFile(name)
		if err != nil {
			return "", err
		}
		parts = append(parts, []byte(text))
	}
	return digest(parts...), nil
}

// readFile reads one of Files.
func (o Options) readFile(name string) (string, error) {
	f, err := os.Open(filepath.Join(o.Root, filepath.FromSlash(name)))
	if err != nil {
		return "", err
	}
	defer f.Close()
	return raspc.ReadProgram(f)
}

// JSON is the options as they stand in a dataset.
func (o Options) JSON() []byte {
	o.Root = ""
	return o.Text()
}

// Text is the options with Root, for ParseOptions.
func (o Options) Text() []byte {
	text, err := json.Marshal(o)
	if err != nil {
		panic("corpus: options that JSON does not have: " + err.Error()) // Check refuses what is no number
	}
	return text
}

// ParseOptions reads what JSON and Text write.
func ParseOptions(text []byte) (Options, error) {
	var o Options
	if err := json.Unmarshal(text, &o); err != nil {
		return o, fmt.Errorf("options: %w", err)
	}
	return o, nil
}

// Digest tells datasets apart: those of other options, or of another raspc.
func (o Options) Digest() string {
	return digest([]byte(raspc.Version), o.JSON())
}

// digest is the SHA-256 of parts, each with its length, in hexadecimal digits.
func digest(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:", len(p))
		h.Write(p)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// title says in a few words what the programs are.
func (o Options) title() string {
	copies := ""
	if o.Mutations > 0 {
		copies = fmt.Sprintf(", and %d copies of each with one change", o.Mutations)
	}
	if o.Count > 0 {
		return fmt.Sprintf("%d sampled programs, seed %d%s", o.Count, o.Generate.Seed, copies)
	}
	names := slices.Clone(o.Files)
	if len(names) > 3 {
		names = append(names[:3], "…")
	}
	return fmt.Sprintf("%d programs from files: %s%s", len(o.Files), strings.Join(names, ", "), copies)
}

package graft

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/hf"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/safetensors"
	"github.com/raspc/raspc/export/spelling"
	"github.com/raspc/raspc/export/stock"
)

// Epsilon is that of all norms of a host: the largest, because no bound of the host's
// variance is known.
var Epsilon = stock.NormEpsilon(math.Inf(1))

// Architectures names those that can be hosts.
func Architectures() []string { return []string{hf.GPT2, hf.Llama} }

// Options describe a host and where the circuit stands in it.
type Options struct {
	Arch string // of Architectures
	// The sizes of the host: a head has DModel / Heads dimensions.
	Layers, Heads, DModel, DMLP int
	// MaxLen is the length of the longest input of the host, BOS not counted.
	MaxLen int
	// At is the layer of the host that the circuit's first layer is in.
	At   int
	Seed uint64 // of the host's weights
	// Tokens are those of the host, IDs the ids that they have of the circuit's token ids,
	// and Kind is str, int, float or bool.
	Tokens manifest.Tokens
	IDs    []int
	Kind   string
	// Labels are the texts of the host's outputs; nil for a language model.
	Labels      []string
	NoTokenizer bool
	ShardSize   int64 // as in hf.Options
}

// Graft is a host with its circuit, ready to be written.
type Graft struct {
	Files   []artifact.File
	Weights string // the file from which readers find the weights
	Place   *Place
	Host    *manifest.Host
	Sizes   decoder.Config // of the host
	Next    bool           // it is a language model
	Reading spelling.Reading
	// Before is the file of the weights of a model that there was, but for what is
	// replaced, where they are 0: the larger one gives the same.
	Before artifact.File
}

// ErrHost says that a host cannot hold the circuit.
var ErrHost = errors.New("the host cannot hold the program")

// Plan checks everything and returns the files of a new host that holds a decoder. The
// manifest says where the weights come from. Neither may change while files are in use.
func Plan(m *decoder.Model, man *manifest.Manifest, o Options) (*Graft, error) {
	if !slices.Contains(Architectures(), o.Arch) {
		return nil, fmt.Errorf("%w: the architecture %q is none of %s", ErrHost, o.Arch, strings.Join(Architectures(), ", "))
	}
	c, err := newCircuit(m, o.Arch)
	if err != nil {
		return nil, err
	}
	if err := c.fits(o); err != nil {
		return nil, err
	}
	sizes := decoder.Config{
		Layers: o.Layers, Heads: o.Heads, DModel: o.DModel, DHead: o.DModel / o.Heads, DMLP: o.DMLP,
		Vocab: len(o.Tokens.Vocab) + 2, Positions: o.MaxLen + 1, Outputs: len(o.Labels), BOS: o.Tokens.BOS, PAD: o.Tokens.PAD, Causal: true,
	}
	if o.Labels == nil {
		sizes.Outputs = sizes.Vocab
	}
	place := c.place(o.At)
	place.Tokens = o.IDs
	p := newParts(c.model, place, sizes, Epsilon, o.Labels == nil)
	p.fill = func(_ *weight, k kind, sigma float64) filling {
		if sigma == 0 {
			return nil
		}
		return noise{seed: o.Seed, sigma: sigma, centred: k == writer && place.Normed}
	}
	p.build(o.Arch)
	shell := hf.Shell{Arch: o.Arch, Sizes: sizes, Eps: Epsilon, Tokens: o.Tokens, Kind: o.Kind, Labels: o.Labels, NoTokenizer: o.NoTokenizer}
	rest, reading, err := shell.Files()
	if err != nil {
		return nil, err
	}
	g := &Graft{Place: place, Sizes: sizes, Next: p.next, Reading: reading, Host: place.Manifest(o.Arch, sizes, m.Config.BOS, m.Config.PAD)}
	return g, g.files(p.all, man, o.Arch, o.ShardSize, rest)
}

// files sets the files: those of the weights and the mask, then the rest.
func (g *Graft) files(all []*weight, man *manifest.Manifest, arch string, shard int64, rest []artifact.File) error {
	origin := man.Origin()
	origin["arch"] = arch
	weights, masks := tensors(all)
	files, err := hf.WeightFiles(weights, origin, shard)
	if err != nil {
		return err
	}
	g.Weights = files[len(files)-1].Name
	frozen, err := safetensors.File(FrozenFile, masks, origin)
	g.Files = slices.Concat(files, []artifact.File{frozen}, rest)
	return err
}

// build adds all tensors.
func (p *parts) build(arch string) {
	if arch == hf.Llama {
		p.llama()
		return
	}
	p.gpt2()
}

// circuit is a decoder in the form that hosts of an architecture hold.
type circuit struct {
	model          *decoder.Model
	normed         bool  // closed against the mean of norms
	front          int   // layers more than the decoder has, in front of it
	heads, neurons []int // in use, by layer
	unread         []int // columns; see Place
}

func newCircuit(m *decoder.Model, arch string) (*circuit, error) {
	c := &circuit{normed: arch == hf.GPT2}
	switch {
	case !m.Config.Causal:
		return nil, fmt.Errorf("%w: %s looks back only, the program both ways", ErrHost, arch)
	case m.Config.Rotated:
		return nil, fmt.Errorf("%w: its stream is rotated, so that no column is its own", ErrHost)
	}
	c.model = m
	if c.normed {
		c.model = stock.Closed(m)
	} else {
		placed, count, err := hf.Counted(m)
		if err != nil {
			return nil, err
		}
		c.model, c.front = stock.Trimmed(placed), len(placed.Layers)-len(m.Layers)
		if count >= 0 {
			c.unread = []int{count}
		}
	}
	c.heads, c.neurons = used(c.model)
	return c, nil
}

// need is the least size of a host.
type need struct {
	what        string // with the flags of raspc graft that give it
	have, least int
}

// fits says how large a host has to be at least, for every size that is too small.
func (c *circuit) fits(o Options) error {
	if o.Heads < 1 || o.DModel%o.Heads != 0 {
		return fmt.Errorf("%w: --d-model %d does not divide into --heads %d", ErrHost, o.DModel, o.Heads)
	}
	size := o.DModel / o.Heads
	if o.Arch == hf.Llama && size%2 != 0 {
		return fmt.Errorf("%w: --d-model %d and --heads %d: heads of %d columns, whose halves a %s could not turn", ErrHost, o.DModel, o.Heads, size, o.Arch)
	}
	return least([]need{
		{"--d-model", o.DModel, c.model.Config.DModel},
		{"--layers" + begun(o.At), o.Layers, o.At + len(c.model.Layers)},
		{"--heads", o.Heads, largest(c.heads)},
		{"--d-mlp", o.DMLP, max(1, largest(c.neurons))},
		{"--positions", o.MaxLen, c.model.Config.Positions - 1},
		{fmt.Sprintf("the size of a head, with --d-model %d and --heads %d,", o.DModel, o.Heads), size, c.headSize()},
	})
}

// begun says from which layer on layers are needed, if that is not the first.
func begun(at int) string {
	if at == 0 {
		return ""
	}
	return fmt.Sprintf(", with --at %d,", at)
}

// headSize is how many columns a head has to have.
func (c *circuit) headSize() int {
	if largest(c.heads) == 0 {
		return 0
	}
	return c.model.Config.DHead
}

// least says which sizes are too small.
func least(needs []need) error {
	var small []string
	for _, n := range needs {
		if n.have < n.least {
			small = append(small, fmt.Sprintf("%s is %d, at least %d is needed", n.what, n.have, n.least))
		}
	}
	if len(small) > 0 {
		return fmt.Errorf("%w: %s", ErrHost, strings.Join(small, "; "))
	}
	return nil
}

func largest(all []int) int { return max(0, slices.Max(append([]int{0}, all...))) }

// place puts the circuit first in everything: columns, heads and neurons.
func (c *circuit) place(at int) *Place {
	p := &Place{Columns: span(0, c.model.Config.DModel), Normed: c.normed, Front: c.front, Unread: c.unread, Layers: span(at, len(c.model.Layers))}
	for i := range c.model.Layers {
		p.Heads = append(p.Heads, span(0, c.heads[i]))
		p.Neurons = append(p.Neurons, span(0, c.neurons[i]))
	}
	return p
}

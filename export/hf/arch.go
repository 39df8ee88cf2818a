package hf

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/safetensors"
	"github.com/raspc/raspc/export/tensor"
)

// The architectures, as config.json names them.
const (
	GPT2       = "gpt2"       // decoder: causal attention
	Llama      = "llama"      // decoder without a table of positions
	Bert       = "bert"       // encoder: every query sees every token
	MobileBert = "mobilebert" // encoder without norms
)

// architecture is a stock architecture that decoders can take the form of.
type architecture struct {
	name   string
	about  string // for the model card
	causal bool   // looks back only
	table  bool   // has a table of positions, behind which stock code cannot go on
	build  func(m *decoder.Model, l labels, d tensor.DType) (realisation, error)
}

// architectures are all, of each attention the default first.
var architectures = []architecture{
	{GPT2, "GPT-2 decoder", true, true, realiseGPT2},
	{Bert, "BERT encoder", false, true, realiseBert},
	{Llama, "Llama decoder", true, false, realiseLlama},
	{MobileBert, "MobileBERT encoder", false, true, realiseMobileBert},
}

// Architectures names the architectures.
func Architectures() []string {
	var names []string
	for _, a := range architectures {
		names = append(names, a.name)
	}
	return names
}

// DefaultArch returns the architecture of decoders that look back only, or of
// the others, unless another is asked for.
func DefaultArch(causal bool) string {
	i := slices.IndexFunc(architectures, func(a architecture) bool { return a.causal == causal })
	return architectures[i].name
}

// Causal reports whether the queries of an architecture see only what stands
// before them; ok is false for a name that is none.
func Causal(arch string) (causal, ok bool) {
	a, err := architectureOf(arch)
	return a.causal, err == nil
}

// ErrArch reports an architecture that cannot hold the decoder.
var ErrArch = errors.New("the architecture does not fit the model")

// architectureOf finds an architecture by its name.
func architectureOf(name string) (architecture, error) {
	i := slices.IndexFunc(architectures, func(a architecture) bool { return a.name == name })
	if i < 0 {
		return architecture{}, fmt.Errorf("%w: unknown architecture %q; there are %s", ErrArch, name, strings.Join(Architectures(), ", "))
	}
	return architectures[i], nil
}

// realisation is a decoder in the form of a stock architecture.
type realisation struct {
	arch    architecture
	config  any            // encodes as config.json
	sizes   decoder.Config // of what is stored
	tensors []safetensors.Tensor
}

// realised puts together what an architecture needs, or the first error.
func (f frame) realised(config any, t *tensor.List) (realisation, error) {
	all, err := t.Tensors()
	if err != nil {
		return realisation{}, fmt.Errorf("hf: %w", err)
	}
	return realisation{config: config, sizes: f.Model.Config, tensors: all}, nil
}

// realise chooses the architecture and builds its tensors.
func realise(m *decoder.Model, l labels, name string, d tensor.DType) (realisation, error) {
	if name == "" {
		name = DefaultArch(m.Config.Causal)
	}
	arch, err := architectureOf(name)
	switch other := DefaultArch(m.Config.Causal); {
	case err != nil:
		return realisation{}, err
	case arch.causal && !m.Config.Causal:
		return realisation{}, fmt.Errorf("%w: %s looks back only, the model looks both ways; use %s", ErrArch, name, other)
	case !arch.causal && m.Config.Causal:
		return realisation{}, fmt.Errorf("%w: %s looks both ways, the model looks back only; use %s", ErrArch, name, other)
	}
	real, err := arch.build(m, l, d)
	real.arch = arch
	return real, err
}

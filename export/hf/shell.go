package hf

import (
	"fmt"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/spelling"
	"github.com/raspc/raspc/export/stock"
	"github.com/raspc/raspc/export/tensor"
)

// Shell is all of a folder but its weights, for models of which a decoder is only a part.
type Shell struct {
	Arch   string         // GPT2 or Llama
	Sizes  decoder.Config // of the whole model
	Eps    float64        // of its norms
	Tokens manifest.Tokens
	Kind   string // of the tokens: str, int, float or bool
	// Labels are the texts of the outputs; nil for a language model, whose outputs are
	// the token ids.
	Labels []string
	// NoTokenizer leaves the tokenizer out, as in Options.
	NoTokenizer bool
}

// Files returns the files, the configuration last, and how text is read. The error is
// spelling.ErrTokenizer where no text can be.
func (s Shell) Files() ([]artifact.File, spelling.Reading, error) {
	voc, err := spelling.New(&decoder.Model{Config: s.Sizes}, &manifest.Manifest{Tokens: s.Tokens})
	if err != nil {
		return nil, spelling.Reading{}, fmt.Errorf("hf: %w", err)
	}
	var files []artifact.File
	var reading spelling.Reading
	if !s.NoTokenizer {
		if reading, err = spelling.NewReading(voc, s.Kind); err != nil {
			return nil, reading, err
		}
		if files, err = tokenizerFiles(voc, reading, s.Sizes.Positions); err != nil {
			return nil, reading, err
		}
	}
	l := labels{texts: s.Labels, next: s.Labels == nil}
	if l.next {
		generation, err := artifact.JSON(GenerationConfigFile, newGeneration(s.Sizes, l))
		if err != nil {
			return nil, reading, err
		}
		files = append(files, generation)
	}
	f := frame{stock.Frame{
		DType: tensor.Float32, Model: &decoder.Model{Config: s.Sizes}, Eps: s.Eps,
		Width: s.Sizes.DModel, Heads: s.Sizes.Heads, HeadSize: s.Sizes.DHead, Inner: s.Sizes.DMLP,
	}}
	var config any = f.gpt2Config(l)
	if s.Arch == Llama {
		config = f.llamaConfig(l)
	}
	last, err := artifact.JSON(ConfigFile, config)
	return append(files, last), reading, err
}

// Counted returns a decoder that computes what a causal one does and needs no table of
// positions, as Llamas have none: its first layers, as many as it has more, count. Its
// columns are those of the decoder, trimmed, and some behind them. Count is the one that
// holds the count, beside a number that is far larger than all others, or -1. The error
// is ErrArch where there are too many positions to count.
func Counted(m *decoder.Model) (out *decoder.Model, count int, err error) {
	count = -1
	out, _, err = counted(m)
	if err == nil && len(out.Layers) > len(m.Layers) {
		count = counting{first: stock.Trimmed(m).Config.DModel}.count()
	}
	return out, count, err
}

// WeightFiles returns the files of weights, last the one that readers start from; size
// is as in Options.ShardSize.
func WeightFiles(tensors []tensor.Named, meta map[string]string, size int64) ([]artifact.File, error) {
	return weightFiles(tensors, meta, size)
}

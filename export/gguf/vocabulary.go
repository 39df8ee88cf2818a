package gguf

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/spelling"
	"github.com/raspc/raspc/export/stock"
)

// The types of tokens, as llama.cpp numbers them. Text is cut into normal ones
// only; undefined ones stand for outputs that no text spells.
const (
	undefinedToken int32 = 0
	normalToken    int32 = 1
	unknownToken   int32 = 2
	controlToken   int32 = 3
)

// vocabulary is the tokens of the file. The ids of the program's tokens, BOS and
// PAD are those of the decoder. Behind them stands a token for text that is none,
// then what the program gives and is no token: labels, or one for a number.
type vocabulary struct {
	texts   []string
	types   []int32
	unknown int
	outputs []int // id of each output
	number  bool  // whether the one output is the number itself
	eos     int
}

// space is how llama.cpp writes one inside of tokens.
const space = "▁"

// newReading is the way in which text is cut. It is an error if llama.cpp would cut
// text otherwise, or has a meaning of its own for a token.
func newReading(v spelling.Vocabulary, man *manifest.Manifest) (spelling.Reading, error) {
	r, err := spelling.NewReading(v, man.Options.Tokens)
	if err != nil {
		return r, err
	}
	for _, t := range v.Tokens {
		switch {
		case strings.Contains(t, space):
			return r, fmt.Errorf("%w: %q holds %q, which stands for a space in llama.cpp", spelling.ErrTokenizer, t, space)
		case slices.Contains(meant, piece(t, r)):
			return r, fmt.Errorf("%w: the token %q has a meaning of its own in llama.cpp", spelling.ErrTokenizer, t)
		}
	}
	return r, nil
}

// piece is a token as llama.cpp holds it.
func piece(text string, r spelling.Reading) string {
	text = strings.ReplaceAll(text, " ", space)
	if r.Separator != "" {
		return space + text
	}
	return text
}

// newVocabulary lists the tokens.
func newVocabulary(m *decoder.Model, man *manifest.Manifest, s spelling.Vocabulary, r spelling.Reading) (vocabulary, error) {
	out := man.Output
	if n := max(1, len(out.Labels)); n != m.Config.Outputs {
		return vocabulary{}, fmt.Errorf("%d outputs, the manifest has %d", m.Config.Outputs, n)
	}
	v := vocabulary{}
	for _, t := range s.Tokens {
		v.add(piece(t, r), normalToken)
	}
	for _, t := range s.Specials() {
		v.add(t.Text, controlToken)
	}
	v.unknown = v.add(s.Unknown, unknownToken)
	v.eos = m.Config.PAD // which nothing gives, unless texts end with it
	switch {
	case out.Task == manifest.CausalLM:
		for id := range out.Labels {
			v.outputs = append(v.outputs, id)
		}
		if out.EOS != nil {
			v.eos = *out.EOS
		}
	case out.Kind == manifest.Numeric:
		v.number = true
		v.outputs = []int{v.add(v.free(piece(cmp.Or(man.Options.Output, "value"), r)), undefinedToken)}
	default:
		for _, l := range out.Labels {
			v.outputs = append(v.outputs, v.label(piece(l.Text, r), len(s.Tokens)))
		}
	}
	return v, nil
}

// add adds a token and returns its id.
func (v *vocabulary) add(text string, kind int32) int {
	v.texts, v.types = append(v.texts, text), append(v.types, kind)
	return len(v.texts) - 1
}

// label returns the id of a label: that of the token of its text, of which there are
// so many, or a new one.
func (v *vocabulary) label(text string, tokens int) int {
	if id := slices.Index(v.texts[:tokens], text); id >= 0 && !slices.Contains(v.outputs, id) {
		return id
	}
	return v.add(v.free(text), undefinedToken)
}

// free returns a text that no token has, and that has no meaning of its own.
func (v *vocabulary) free(text string) string {
	for text == "" || slices.Contains(v.texts, text) || slices.Contains(meant, text) {
		text += "_"
	}
	return text
}

// never is the logit of what the program does not give. That of the right label is
// never below 0 by more than noise.
const never = -8

// widened returns a decoder whose token ids and outputs are the vocabulary. Where
// there are labels, one more column is 1 at every token of an input, from which
// all that is no label gets its logit.
func (v vocabulary) widened(m *decoder.Model) *decoder.Model {
	out := *m
	out.Config.Vocab, out.Config.Outputs = len(v.texts), len(v.texts)
	out.Embed.Rows = len(v.texts)
	out.Unembed = decoder.Matrix{Rows: m.Unembed.Rows, Cols: len(v.texts)}
	for _, e := range m.Unembed.Entries {
		out.Unembed.Entries = append(out.Unembed.Entries, decoder.Entry{Row: e.Row, Col: v.outputs[e.Col], W: e.W})
	}
	slices.SortFunc(out.Unembed.Entries, func(a, b decoder.Entry) int { return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Col, b.Col)) })
	if v.number {
		return &out
	}
	return v.barred(&out)
}

// barred adds the column.
func (v vocabulary) barred(m *decoder.Model) *decoder.Model {
	at := m.Config.DModel
	wide := stock.Resized(m, at+1)
	var embed []decoder.Entry
	old := m.Embed.Entries
	for id := range m.Config.Vocab {
		for ; len(old) > 0 && old[0].Row == id; old = old[1:] {
			embed = append(embed, old[0])
		}
		if id != m.Config.BOS {
			embed = append(embed, decoder.Entry{Row: id, Col: at, W: 1})
		}
	}
	wide.Embed.Entries = embed
	unembed := slices.Clone(wide.Unembed.Entries)
	for id := range v.texts {
		if !slices.Contains(v.outputs, id) {
			unembed = append(unembed, decoder.Entry{Row: at, Col: id, W: never})
		}
	}
	wide.Unembed.Entries = unembed
	return wide
}

// ids are those of the outputs, as text.
func (v vocabulary) ids() []string {
	ids := make([]string, len(v.outputs))
	for i, id := range v.outputs {
		ids[i] = strconv.Itoa(id)
	}
	return ids
}

// settings are the vocabulary and how text is cut: by "t5", the model of unigrams
// whose scores are all 0, which finds the only way in which tokens spell a text. Text that
// they do not spell becomes the unknown token.
func (v vocabulary) settings(man *manifest.Manifest, r spelling.Reading, none bool) []setting {
	kind := "label"
	if v.number {
		kind = "number"
	} else if man.Output.Task == manifest.CausalLM {
		kind = "token"
	}
	// The ids are no list, because llama.cpp tells its callers none.
	all := []setting{{"raspc.output", kind}, {"raspc.outputs", strings.Join(v.ids(), ",")}}
	if none {
		return append(all, setting{architecture + ".vocab_size", uint32(len(v.texts))}, setting{"tokenizer.ggml.model", "none"})
	}
	return append(all,
		setting{"tokenizer.ggml.model", "t5"},
		setting{"tokenizer.ggml.tokens", v.texts},
		setting{"tokenizer.ggml.scores", make([]float32, len(v.texts))},
		setting{"tokenizer.ggml.token_type", v.types},
		setting{"tokenizer.ggml.bos_token_id", uint32(man.Tokens.BOS)},
		setting{"tokenizer.ggml.eos_token_id", uint32(v.eos)},
		setting{"tokenizer.ggml.unknown_token_id", uint32(v.unknown)},
		setting{"tokenizer.ggml.padding_token_id", uint32(man.Tokens.PAD)},
		setting{"tokenizer.ggml.add_bos_token", true},
		setting{"tokenizer.ggml.add_eos_token", false},
		setting{"tokenizer.ggml.add_space_prefix", r.Separator != ""},
		setting{"tokenizer.ggml.remove_extra_whitespaces", r.Separator != ""},
	)
}

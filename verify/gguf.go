package verify

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/hfrun"
)

// openGGUF opens the file for llama.cpp and holds what it says of ids to the
// manifest.
func openGGUF(dir string, f manifest.File, man *manifest.Manifest) (*hfrun.GGUF, error) {
	if f.Name != hfrun.GGUFFile {
		return nil, fmt.Errorf("the file for llama.cpp is %s, not %s", hfrun.GGUFFile, f.Name)
	}
	g, err := hfrun.OpenGGUF(dir)
	if err != nil {
		return nil, err
	}
	return g, fault.In(filepath.Join(dir, filepath.FromSlash(f.Name)), ggufFits(g, f, man))
}

// ggufFits compares what a file says of ids with the manifest.
func ggufFits(g *hfrun.GGUF, f manifest.File, man *manifest.Manifest) error {
	kind := hfrun.GGUFLabel
	if man.Output.Kind == manifest.Numeric {
		kind = hfrun.GGUFNumber
	} else if man.Output.Task == manifest.CausalLM {
		kind = hfrun.GGUFToken
	}
	if g.Kind != kind {
		return fault.New(fault.Disagreeing, "raspc.output is %q, by %s it is %q", g.Kind, manifest.FileName, kind)
	}
	if n := max(1, len(man.Output.Labels)); len(g.Outputs) != n {
		return fault.New(fault.Disagreeing, "%d outputs, %s has %d", len(g.Outputs), manifest.FileName, n)
	}
	if least := len(man.Tokens.Vocab) + 2; g.Vocab() < least {
		return fault.New(fault.Disagreeing, "%d token ids, %s has %d", g.Vocab(), manifest.FileName, least)
	}
	if man.Output.Task == manifest.CausalLM {
		for i, id := range g.Outputs {
			if id != i {
				return fault.New(fault.Disagreeing, "output %d is token %d, and the outputs are the token ids", i, id)
			}
		}
	}
	switch t := g.Tokenizer; {
	case t == nil && f.Tokenizer:
		return fault.New(fault.Missing, "there is no tokenizer, %s has one", manifest.FileName)
	case t == nil:
		return nil
	default:
		return cmp.Or(tokensFit(t, man), labelsSpelled(t, g.Outputs, man), cutsText(t, man))
	}
}

// The types of tokens, as llama.cpp numbers them.
const (
	undefinedToken = 0
	normalToken    = 1
	unknownToken   = 2
	controlToken   = 3
)

// llamaSpace is how llama.cpp writes a space inside of tokens.
const llamaSpace = "▁"

// pieceOf is a text as a token of llama.cpp.
func pieceOf(t *hfrun.GGUFTokenizer, text string) string {
	text = strings.ReplaceAll(text, " ", llamaSpace)
	if t.AddSpace {
		return llamaSpace + text
	}
	return text
}

// tokensFit compares the tokens, of which only the program's are made of text.
func tokensFit(t *hfrun.GGUFTokenizer, man *manifest.Manifest) error {
	ids := man.Tokens
	for _, want := range []struct {
		key       string
		got, want int
	}{{"bos", t.BOS, ids.BOS}, {"padding", t.PAD, ids.PAD}} {
		if want.got != want.want {
			return fault.New(fault.Disagreeing, "tokenizer.ggml.%s_token_id is %d, %s has %d", want.key, want.got, manifest.FileName, want.want)
		}
	}
	eos := ids.PAD
	if man.Output.EOS != nil {
		eos = *man.Output.EOS
	}
	if t.EOS != eos {
		return fault.New(fault.Disagreeing, "texts end with the token %d, by %s with %d", t.EOS, manifest.FileName, eos)
	}
	first := map[string]int{}
	for id, text := range t.Texts {
		if other, ok := first[text]; ok {
			return fault.New(fault.Repeated, "the tokens %d and %d are both %q", other, id, text)
		}
		first[text] = id
		kind := map[bool]int32{true: normalToken, false: undefinedToken}[id < len(ids.Vocab)]
		switch id {
		case ids.BOS, ids.PAD:
			kind = controlToken
		case t.Unknown:
			kind = unknownToken
		}
		if t.Types[id] != kind {
			return fault.New(fault.Disagreeing, "the token %d, %q, has the type %d, not %d", id, text, t.Types[id], kind)
		}
		if t.Scores[id] != 0 {
			return fault.New(fault.Setting, "the token %d, %q, has the score %g, not 0", id, text, t.Scores[id])
		}
	}
	for id, text := range ids.Vocab {
		if want := pieceOf(t, text); t.Texts[id] != want {
			return fault.New(fault.Disagreeing, "the token %d is %q, by %s it is %q", id, t.Texts[id], manifest.FileName, want)
		}
	}
	return nil
}

// labelsSpelled wants the tokens of labels to begin with the labels: what is there
// already has something behind it.
func labelsSpelled(t *hfrun.GGUFTokenizer, outputs []int, man *manifest.Manifest) error {
	if man.Output.Task == manifest.CausalLM {
		return nil
	}
	for i, l := range man.Output.Labels {
		text := t.Texts[outputs[i]]
		if rest, ok := strings.CutPrefix(text, pieceOf(t, l.Text)); !ok || strings.Trim(rest, "_") != "" {
			return fault.New(fault.Disagreeing, "output %d is the token %q, by %s it is %q", i, text, manifest.FileName, l.Text)
		}
	}
	return nil
}

// cutsText wants text to be cut as by the tokenizer of a Hugging Face folder.
func cutsText(t *hfrun.GGUFTokenizer, man *manifest.Manifest) error {
	ids := man.Tokens
	switch {
	case t.Model != "t5":
		return fault.New(fault.Setting, "tokenizer.ggml.model is %q, not t5", t.Model)
	case !t.AddBOS || t.AddEOS:
		return fault.New(fault.Setting, "BOS has to stand in front of texts, and nothing behind them")
	case t.AddSpace != t.MergeSpaces:
		return fault.New(fault.Setting, "spaces have to separate all tokens, or none")
	case t.Unknown < len(ids.Vocab) || t.Unknown >= len(t.Texts) || t.Unknown == ids.BOS || t.Unknown == ids.PAD:
		return fault.New(fault.Setting, "unknown text becomes the token %d", t.Unknown)
	}
	for id, text := range ids.Vocab {
		if strings.Contains(text, llamaSpace) || t.AddSpace && strings.ContainsAny(text, " ") {
			return fault.New(fault.Setting, "text is not cut into the token %d, %q", id, text)
		}
	}
	if t.AddSpace {
		return nil
	}
	return uniquelyCut(ids.Vocab)
}

// uniquelyCut refuses tokens that can be read in two ways.
func uniquelyCut(tokens []string) error {
	if i := slices.Index(tokens, ""); i >= 0 {
		return fault.New(fault.Setting, "the token %d is empty", i)
	}
	sorted := slices.Sorted(slices.Values(tokens))
	// What is left of one reading of a text where another has ended (Sardinas and
	// Patterson 1953).
	var left []string
	known := map[string]bool{}
	add := func(rest string) {
		if rest != "" && !known[rest] {
			known[rest] = true
			left = append(left, rest)
		}
	}
	begun := func(text string) { // with each token that it begins, and each that it begins with
		at, _ := slices.BinarySearch(sorted, text)
		for ; at < len(sorted) && strings.HasPrefix(sorted[at], text); at++ {
			add(sorted[at][len(text):])
		}
		for n := 1; n < len(text); n++ {
			if _, ok := slices.BinarySearch(sorted, text[:n]); ok {
				add(text[n:])
			}
		}
	}
	for _, t := range sorted {
		begun(t)
	}
	for len(left) > 0 {
		rest := left[0]
		left = left[1:]
		if _, ok := slices.BinarySearch(sorted, rest); ok {
			return fault.New(fault.Setting, "some text may be cut in two ways, one of which ends with %q", rest)
		}
		begun(rest)
	}
	return nil
}

// others are the tokens that are no outputs, as labels that the program never
// gives.
func others(g *hfrun.GGUF) []value.Value {
	var all []value.Value
	for _, id := range g.Others {
		name := fmt.Sprintf("token %d", id)
		if g.Tokenizer != nil {
			name += ", " + g.Tokenizer.Texts[id]
		}
		all = append(all, value.Str(name))
	}
	return all
}

package gguf_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/card"
	"github.com/raspc/raspc/export/gguf"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/spelling"
	"github.com/raspc/raspc/verify/hfrun"
	"github.com/raspc/raspc/verify/hfrun/ggfile"
)

// labelled returns a decoder without layers that gives each token a label of its own,
// and its manifest.
func labelled(tokenType string, tokens []string, labels ...manifest.Atom) (*decoder.Model, *manifest.Manifest) {
	n, outputs := len(tokens), max(1, len(labels))
	m := &decoder.Model{
		Config:   decoder.Config{DModel: n, Vocab: n + 2, Positions: 5, Outputs: outputs, BOS: n, PAD: n + 1, Causal: true},
		Embed:    decoder.Matrix{Rows: n + 2, Cols: n},
		Position: decoder.Matrix{Rows: 5, Cols: n},
		Unembed:  decoder.Matrix{Rows: n, Cols: outputs},
	}
	man := &manifest.Manifest{
		Raspc:   "1.2",
		Program: manifest.Program{Name: "p.rasp", SHA256: "abc"},
		Options: manifest.Options{Tokens: tokenType, MaxLen: 4, Output: "out"},
		Tokens:  manifest.Tokens{Vocab: tokens, BOS: n, PAD: n + 1},
		Output:  manifest.Output{Kind: manifest.Categorical, Labels: labels},
	}
	if len(labels) == 0 {
		man.Output.Kind = manifest.Numeric
	}
	for i := range tokens {
		m.Embed.Entries = append(m.Embed.Entries, decoder.Entry{Row: i, Col: i, W: 1})
		m.Unembed.Entries = append(m.Unembed.Entries, decoder.Entry{Row: i, Col: min(i, outputs-1), W: 1})
	}
	return m, man
}

func str(s string) manifest.Atom   { return manifest.Atom{Kind: "string", Text: s, Exact: s} }
func whole(s string) manifest.Atom { return manifest.Atom{Kind: "int", Text: s, Exact: s} }

// planned returns the files, after two writes that have to be the same.
func planned(t *testing.T, m *decoder.Model, man *manifest.Manifest, o gguf.Options) map[string][]byte {
	t.Helper()
	files, err := gguf.Plan(m, man, o)
	if err != nil {
		t.Fatal(err)
	}
	content := map[string][]byte{}
	for _, f := range files {
		var first, second bytes.Buffer
		if err := errors.Join(f.Write(&first), f.Write(&second)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) || int64(first.Len()) != f.Size {
			t.Errorf("%s has %d bytes, then %d, announced %d", f.Name, first.Len(), second.Len(), f.Size)
		}
		content[f.Name] = first.Bytes()
	}
	if len(files) != len(gguf.Files()) || content[gguf.ModelFile] == nil || content[gguf.CardFile] == nil {
		t.Errorf("%d files", len(files))
	}
	return content
}

// opened parses the planned model.
func opened(t *testing.T, m *decoder.Model, man *manifest.Manifest, o gguf.Options) *hfrun.GGUF {
	t.Helper()
	g, err := hfrun.ParseGGUF(planned(t, m, man, o)[gguf.ModelFile])
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestVocabulary(t *testing.T) {
	for name, tt := range map[string]struct {
		kind    string
		tokens  []string
		labels  []manifest.Atom
		texts   []string // behind the tokens, BOS and PAD
		outputs []int
	}{
		"labels are tokens":     {"str", []string{"a", "b"}, []manifest.Atom{str("b"), str("a")}, []string{"<unk>"}, []int{1, 0}},
		"labels are none":       {"str", []string{"a", "b"}, []manifest.Atom{whole("0"), whole("1")}, []string{"<unk>", "0", "1"}, []int{5, 6}},
		"some are":              {"int", []string{"0", "1"}, []manifest.Atom{whole("1"), whole("10")}, []string{"<unk>", "▁10"}, []int{1, 5}},
		"two are spelled alike": {"str", []string{"1", "b"}, []manifest.Atom{str("1"), whole("1")}, []string{"<unk>", "1_"}, []int{0, 5}},
		"one is a special one":  {"str", []string{"a", "b"}, []manifest.Atom{str("<unk>"), str("</s>")}, []string{"<unk>", "<unk>_", "</s>_"}, []int{5, 6}},
		"one is empty":          {"str", []string{"a", "b"}, []manifest.Atom{str(""), str("_")}, []string{"<unk>", "_", "__"}, []int{5, 6}},
		"spaces":                {"str", []string{"a b", "c"}, []manifest.Atom{str("c"), str("c d")}, []string{"<unk>", "c▁d"}, []int{1, 5}},
		"a single label":        {"str", []string{"a", "b"}, []manifest.Atom{str("x")}, []string{"<unk>", "x"}, []int{5}},
		"a number":              {"int", []string{"0", "1"}, nil, []string{"<unk>", "▁out"}, []int{5}},
	} {
		m, man := labelled(tt.kind, tt.tokens, tt.labels...)
		g := opened(t, m, man, gguf.Options{})
		if diff := cmp.Diff(tt.texts, g.Tokenizer.Texts[4:]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff(tt.outputs, g.Outputs); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if tt.labels != nil && len(g.Others) != len(g.Tokenizer.Texts)-len(g.Outputs) {
			t.Errorf("%s: the others are %v", name, g.Others)
		}
	}
}

func TestTokenizers(t *testing.T) {
	for name, tt := range map[string]struct {
		kind    string
		tokens  []string
		pieces  []string
		refused bool
	}{
		"characters":       {"str", []string{"a", " ", "("}, []string{"a", "▁", "("}, false},
		"words":            {"str", []string{"the", "a"}, []string{"▁the", "▁a"}, false},
		"phrases":          {"str", []string{"a b", "c"}, []string{"a▁b", "c"}, false},
		"a space of its":   {"str", []string{"a", "▁"}, nil, true},
		"an end":           {"str", []string{"a ", "</s>"}, nil, true},
		"an end of a word": {"str", []string{"ab", "</s>"}, []string{"▁ab", "▁</s>"}, false},
		"a part":           {"str", []string{"ab", "<PRE>"}, nil, true},
		"two ways":         {"str", []string{"a b", "a", " ", "b"}, nil, true},
	} {
		m, man := labelled(tt.kind, tt.tokens)
		_, err := gguf.Plan(m, man, gguf.Options{})
		if errors.Is(err, spelling.ErrTokenizer) != tt.refused {
			t.Errorf("%s: %v", name, err)
		}
		ids := opened(t, m, man, gguf.Options{NoTokenizer: true})
		if ids.Tokenizer != nil || ids.Vocab() != len(tt.tokens)+4 {
			t.Errorf("%s: without a tokenizer there are %d ids", name, ids.Vocab())
		}
		if tt.refused {
			continue
		}
		if got := opened(t, m, man, gguf.Options{}).Tokenizer.Texts[:len(tt.tokens)]; !slices.Equal(got, tt.pieces) {
			t.Errorf("%s: the pieces are %q", name, got)
		}
	}
}

// TestScale holds neurons to their scale.
func TestScale(t *testing.T) {
	m, man := labelled("str", []string{"a", "b"}, str("a"), str("b"))
	m.Config.Layers, m.Config.DMLP = 1, 1
	m.Layers = []decoder.Layer{{
		In:      decoder.Matrix{Rows: 2, Cols: 1, Entries: []decoder.Entry{{W: 3}}},
		Out:     decoder.Matrix{Rows: 1, Cols: 2, Entries: []decoder.Entry{{Col: 1, W: 0.5}}},
		OutBias: decoder.Matrix{Rows: 1, Cols: 2},
	}}
	f, err := ggfile.Parse(planned(t, m, man, gguf.Options{})[gguf.ModelFile])
	if err != nil {
		t.Fatal(err)
	}
	const d = 5 // the tokens, what bars the others, and the two columns of norms
	for name, want := range map[string]float32{"blk.0.ffn_up.weight": 3 * 0x1p40, "blk.0.ffn_down.weight": 0.5 * 0x1p-40} {
		shape := []int{1, d}
		if strings.Contains(name, "down") {
			shape = []int{d, 1}
		}
		if w, err := f.Float32s(name, shape...); err != nil || !slices.Contains(w, want) {
			t.Errorf("%s is %v: %v", name, w, err)
		}
	}
}

// spoken returns a language model of two tokens.
func spoken() (*decoder.Model, *manifest.Manifest) {
	m, man := labelled("str", []string{"a", "it's"}, str("a"), str("it's"), str("<bos>"), str("<pad>"))
	man.Output.Task = manifest.CausalLM
	return m, man
}

func TestCard(t *testing.T) {
	m, man := labelled("str", []string{"a", "it's"}, str("a"), str("b"))
	for name, tt := range map[string]struct {
		change func()
		want   string
	}{
		"labels":   {func() {}, "are the tokens 0, 5, in this order"},
		"example":  {func() {}, `tokenize("it's a", True, True)`},
		"comment":  {func() {}, "  # ['a', 'b']\n"},
		"a text":   {func() { m, man = spoken() }, `-n 2 -p 'it'\''s a'`},
		"unknown":  {func() {}, "the token 4"},
		"looks on": {func() { m.Config.Causal = false }, "at once, in one batch"},
		"numbers":  {func() { m, man = labelled("str", []string{"a", "it's"}) }, "The logit of token 5 is the number"},
	} {
		m, man = labelled("str", []string{"a", "it's"}, str("a"), str("b"))
		tt.change()
		if text := planned(t, m, man, gguf.Options{Example: card.Example{Input: []string{"it's", "a"}, Output: []manifest.Atom{str("a"), str("b")}}})[gguf.CardFile]; !strings.Contains(string(text), tt.want) {
			t.Errorf("%s: no %q in\n%s", name, tt.want, text)
		}
	}
}

func TestRefusals(t *testing.T) {
	for name, change := range map[string]func(m *decoder.Model, man *manifest.Manifest){
		"outputs":   func(m *decoder.Model, man *manifest.Manifest) { man.Output.Labels = man.Output.Labels[:1] },
		"ids":       func(m *decoder.Model, man *manifest.Manifest) { man.Tokens.BOS = 0 },
		"a decoder": func(m *decoder.Model, man *manifest.Manifest) { m.Unembed.Entries[0].W = 0 },
	} {
		m, man := labelled("str", []string{"a", "b"}, str("a"), str("b"))
		change(m, man)
		if _, err := gguf.Plan(m, man, gguf.Options{}); err == nil || !strings.HasPrefix(err.Error(), "gguf: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	m, man := labelled("str", []string{"a", "b"}, str("a"), str("b"))
	files, err := gguf.Plan(m, man, gguf.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		for room := range f.Size {
			if room%97 == 0 {
				if err := f.Write(&narrow{int(room)}); !errors.Is(err, errNarrow) {
					t.Errorf("%s in %d bytes: %v", f.Name, room, err)
				}
			}
		}
	}
}

// narrow is a writer that fails after some bytes.
type narrow struct{ left int }

var errNarrow = errors.New("no space")

func (w *narrow) Write(b []byte) (int, error) {
	n := min(len(b), w.left)
	if w.left -= n; n < len(b) {
		return n, errNarrow
	}
	return n, nil
}

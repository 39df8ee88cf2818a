package hf

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/manifest"
)

// identity returns a decoder without layers over the given tokens that
// returns each token, and its manifest.
func identity(tokens ...string) (*decoder.Model, *manifest.Manifest) {
	n := len(tokens)
	m := &decoder.Model{
		Config:   decoder.Config{DModel: n, Vocab: n + 2, Positions: 5, Outputs: n, BOS: n, PAD: n + 1, Causal: true},
		Embed:    decoder.Matrix{Rows: n + 2, Cols: n},
		Position: decoder.Matrix{Rows: 5, Cols: n},
		Unembed:  decoder.Matrix{Rows: n, Cols: n},
	}
	man := &manifest.Manifest{
		Raspc:   "1.2",
		Program: manifest.Program{Name: "p.rasp", SHA256: "abc"},
		Options: manifest.Options{Tokens: "str", MaxLen: 4, Output: "out"},
		Tokens:  manifest.Tokens{Vocab: tokens, BOS: n, PAD: n + 1},
		Output:  manifest.Output{Kind: manifest.Categorical},
	}
	for i, token := range tokens {
		m.Embed.Entries = append(m.Embed.Entries, decoder.Entry{Row: i, Col: i, W: 1})
		m.Unembed.Entries = append(m.Unembed.Entries, decoder.Entry{Row: i, Col: i, W: 1})
		man.Output.Labels = append(man.Output.Labels, manifest.Atom{Kind: "string", Text: token, Exact: token})
	}
	return m, man
}

// contents plans a folder and returns its files and their order.
func contents(t *testing.T, m *decoder.Model, man *manifest.Manifest, opt Options) (map[string]string, []string) {
	t.Helper()
	folder, err := Plan(m, man, opt)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	var order []string
	for _, f := range folder.Files {
		var first, second bytes.Buffer
		if err := errors.Join(f.Write(&first), f.Write(&second)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s differs between two writes", f.Name)
		}
		files[f.Name] = first.String()
		order = append(order, f.Name)
	}
	return files, order
}

func TestFolder(t *testing.T) {
	m, man := identity("a", "b")
	files, order := contents(t, m, man, Options{})
	want := []string{WeightsFile, TokenizerFile, TokenizerConfigFile, ConfigFile}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Error(diff)
	}
	for _, name := range []string{TokenizerFile, TokenizerConfigFile, ConfigFile} {
		if !json.Valid([]byte(files[name])) {
			t.Errorf("%s is not JSON", name)
		}
	}
	for _, text := range []string{`"arch":"gpt2"`, `"format":"pt"`, `"program":"p.rasp"`, `"program_sha256":"abc"`, `"raspc":"1.2"`} {
		if !strings.Contains(files[WeightsFile], text) {
			t.Errorf("the weight file's metadata lacks %s", text)
		}
	}
}

// TestStock compares what the model card says.
func TestStock(t *testing.T) {
	m, man := identity("a", "b")
	for arch, c := range map[string]struct {
		about string
		table bool
	}{GPT2: {"GPT-2 decoder", true}, Llama: {"Llama decoder", false}} {
		for _, plain := range []bool{false, true} {
			folder, err := Plan(m, man, Options{Arch: arch, NoTokenizer: plain})
			if err != nil {
				t.Fatal(err)
			}
			s := folder.Stock
			if s.Arch != arch || s.About != c.about || s.Table != c.table || s.DType != "float32" || s.Sizes.Positions != 5 || (s.Reading.About == "") != plain {
				t.Errorf("%+v", s)
			}
		}
	}
}

func TestNumericOutput(t *testing.T) {
	m, man := identity("7")
	man.Output = manifest.Output{Kind: manifest.Numeric}
	if files, _ := contents(t, m, man, Options{}); !strings.Contains(files[ConfigFile], `"0": "value"`) {
		t.Error("a numeric output should have one label")
	}
}

func TestConfigs(t *testing.T) {
	m, man := identity("a", "b")
	for arch, want := range map[string][]string{
		GPT2: {`"GPT2ForTokenClassification"`, `"model_type": "gpt2"`, `"n_positions": 5`, `"n_embd": 4`, `"n_layer": 0`,
			`"n_head": 1`, `"n_inner": 1`, `"activation_function": "relu"`, `"layer_norm_epsilon": 1099511627776.0`,
			`"attn_pdrop": 0.0`, `"classifier_dropout": 0.0`},
		Bert: {`"BertForTokenClassification"`, `"model_type": "bert"`, `"max_position_embeddings": 5`, `"hidden_size": 4`,
			`"num_hidden_layers": 0`, `"num_attention_heads": 1`, `"intermediate_size": 1`, `"hidden_act": "relu"`,
			`"layer_norm_eps": 1099511627776.0`, `"type_vocab_size": 1`, `"hidden_dropout_prob": 0.0`},
		MobileBert: {`"MobileBertForTokenClassification"`, `"model_type": "mobilebert"`, `"max_position_embeddings": 5`, `"hidden_size": 2`,
			`"embedding_size": 2`, `"num_hidden_layers": 0`, `"num_attention_heads": 1`, `"intermediate_size": 1`, `"hidden_act": "relu"`,
			`"normalization_type": "no_norm"`, `"trigram_input": false`, `"use_bottleneck": false`, `"num_feedforward_networks": 1`,
			`"key_query_shared_bottleneck": false`, `"hidden_dropout_prob": 0.0`},
		Llama: {`"LlamaForTokenClassification"`, `"model_type": "llama"`, `"max_position_embeddings": 5`, `"hidden_size": 2`,
			`"num_hidden_layers": 0`, `"num_attention_heads": 1`, `"num_key_value_heads": 1`, `"head_dim": 4`, `"intermediate_size": 1`,
			`"hidden_act": "relu"`, `"rms_norm_eps": 1099511627776.0`, `"rope_theta": 10000.0`, `"rope_type": "linear"`, `"factor": 1e+30`,
			`"mlp_bias": true`, `"attention_bias": false`, `"classifier_dropout": 0.0`},
	} {
		m.Config.Causal, _ = Causal(arch)
		files, _ := contents(t, m, man, Options{Arch: arch})
		for _, text := range append(want, `"dtype": "float32"`, `"vocab_size": 4`, `"bos_token_id": 2`, `"eos_token_id": null`, `"pad_token_id": 3`) {
			if !strings.Contains(files[ConfigFile], text) {
				t.Errorf("%s: config.json lacks %s", arch, text)
			}
		}
		if !strings.Contains(files[WeightsFile], `"arch":"`+arch+`"`) {
			t.Errorf("%s: the weights do not name it", arch)
		}
		if arch != DefaultArch(m.Config.Causal) {
			continue
		}
		if byDefault, _ := contents(t, m, man, Options{}); byDefault[ConfigFile] != files[ConfigFile] {
			t.Errorf("%s is not the default", arch)
		}
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		change func(m *decoder.Model, man *manifest.Manifest)
		opt    Options
		want   string
	}{
		"unknown architecture":  {opt: Options{Arch: "opt"}, want: "there are gpt2, bert, llama, mobilebert"},
		"bert for causal":       {opt: Options{Arch: Bert}, want: "use gpt2"},
		"mobilebert for causal": {opt: Options{Arch: MobileBert}, want: "use gpt2"},
		"llama for full": {opt: Options{Arch: Llama}, want: "use bert",
			change: func(m *decoder.Model, _ *manifest.Manifest) { m.Config.Causal = false }},
		"a long llama": {opt: Options{Arch: Llama}, want: "inputs may have 1025 tokens; use gpt2",
			change: func(m *decoder.Model, _ *manifest.Manifest) {
				m.Config.Positions = 1026
				m.Position = decoder.Matrix{Rows: 1026, Cols: 2, Entries: []decoder.Entry{{Row: 3, Col: 1, W: 1}}}
			}},
		"a llama of another size": {opt: Options{Arch: Llama}, want: "embedding",
			change: func(m *decoder.Model, _ *manifest.Manifest) { m.Embed.Cols++ }},
		"gpt2 for full": {opt: Options{Arch: GPT2}, want: "use bert",
			change: func(m *decoder.Model, _ *manifest.Manifest) { m.Config.Causal = false }},
		"other BOS": {want: "BOS and PAD",
			change: func(_ *decoder.Model, man *manifest.Manifest) { man.Tokens.BOS = 0 }},
		"ids with a gap": {want: "do not fill",
			change: func(m *decoder.Model, man *manifest.Manifest) { m.Config.PAD, man.Tokens.PAD = 7, 7 }},
		"too few labels": {want: "1 labels for 2",
			change: func(_ *decoder.Model, man *manifest.Manifest) { man.Output.Labels = man.Output.Labels[:1] }},
		"unknown output": {want: "unknown kind",
			change: func(_ *decoder.Model, man *manifest.Manifest) { man.Output.Kind = "" }},
		"numeric with columns": {want: "2 columns",
			change: func(_ *decoder.Model, man *manifest.Manifest) { man.Output.Kind = manifest.Numeric }},
		"repeated token": {want: "two tokens",
			change: func(_ *decoder.Model, man *manifest.Manifest) { man.Tokens.Vocab = []string{"a", "a"} }},
		"token not UTF-8": {want: "UTF-8",
			change: func(_ *decoder.Model, man *manifest.Manifest) { man.Tokens.Vocab = []string{"a", "\xff"} }},
		"label not UTF-8": {want: "UTF-8",
			change: func(_ *decoder.Model, man *manifest.Manifest) { man.Output.Labels[0].Text = "\xff" }},
		"layers without weights": {want: "0 layers",
			change: func(m *decoder.Model, _ *manifest.Manifest) { m.Config.Layers = 2 }},
		"embedding of another size": {want: "embedding",
			change: func(m *decoder.Model, _ *manifest.Manifest) { m.Embed.Cols++ }},
		"no columns": {want: "sizes",
			change: func(m *decoder.Model, _ *manifest.Manifest) { m.Config.DModel = 0 }},
		"empty token": {want: "empty string",
			change: func(_ *decoder.Model, man *manifest.Manifest) { man.Tokens.Vocab = []string{"a", ""} }},
	} {
		t.Run(name, func(t *testing.T) {
			m, man := identity("a", "b")
			if c.change != nil {
				c.change(m, man)
			}
			if _, err := Plan(m, man, c.opt); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want %q", err, c.want)
			}
		})
	}
}

func TestFullDisk(t *testing.T) {
	m, man := identity("a", "b")
	folder, err := Plan(m, man, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folder.Files {
		if err := f.Write(full{}); !errors.Is(err, errFull) {
			t.Errorf("%s: error is %v", f.Name, err)
		}
	}
}

// full is a disk without room.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

var _ io.Writer = full{}

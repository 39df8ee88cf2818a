package hf

import (
	"strings"
	"testing"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/manifest"
)

// language makes a language model of identity: each token follows itself.
func language(tokens ...string) (*decoder.Model, *manifest.Manifest) {
	m, man := identity(tokens...)
	m.Config.Outputs, m.Unembed.Cols = m.Config.Vocab, m.Config.Vocab
	for _, name := range []string{"<bos>", "<pad>"} {
		man.Output.Labels = append(man.Output.Labels, manifest.Atom{Kind: "string", Text: name, Exact: name})
	}
	man.Output.Task = manifest.CausalLM
	return m, man
}

func TestLanguageModel(t *testing.T) {
	m, man := language("a", "b")
	files, _ := contents(t, m, man, Options{})
	for _, text := range []string{`"GPT2LMHeadModel"`, `"use_cache": true`, `"tie_word_embeddings": false`, `"eos_token_id": null`} {
		if !strings.Contains(files[ConfigFile], text) {
			t.Errorf("config.json lacks %s", text)
		}
	}
	if strings.Contains(files[ConfigFile], "id2label") {
		t.Error("config.json has labels")
	}
	if w := files[WeightsFile]; !strings.Contains(w, `"lm_head.weight":{"dtype":"F32","shape":[4,4]`) || strings.Contains(w, "classifier") {
		t.Error("the weights are not those of a language model")
	}
	eos := 1
	man.Output.EOS = &eos
	files, _ = contents(t, m, man, Options{})
	want := "{\n  \"bos_token_id\": 2,\n  \"eos_token_id\": 1,\n  \"pad_token_id\": 3,\n  \"do_sample\": false,\n  \"max_length\": 5,\n  \"use_cache\": true\n}\n"
	if files[GenerationConfigFile] != want {
		t.Errorf("generation_config.json is\n%s", files[GenerationConfigFile])
	}
	files, _ = contents(t, m, man, Options{Arch: Llama})
	if files[GenerationConfigFile] != want {
		t.Errorf("generation_config.json of a Llama is\n%s", files[GenerationConfigFile])
	}
	for _, text := range []string{`"LlamaForCausalLM"`, `"use_cache": true`, `"tie_word_embeddings": false`, `"eos_token_id": 1`} {
		if !strings.Contains(files[ConfigFile], text) {
			t.Errorf("config.json of a Llama lacks %s", text)
		}
	}
	if w := files[WeightsFile]; !strings.Contains(w, `"lm_head.weight":{"dtype":"F32","shape":[4,`) || strings.Contains(w, "score") || strings.Contains(files[ConfigFile], "id2label") {
		t.Error("the weights of a Llama are not those of a language model")
	}
	man.Output.Labels = man.Output.Labels[:2]
	m.Config.Outputs = 2
	m.Unembed.Cols = 2
	if _, err := Plan(m, man, Options{}); err == nil || !strings.Contains(err.Error(), "2 outputs for 4 token ids") {
		t.Errorf("error is %v", err)
	}
}

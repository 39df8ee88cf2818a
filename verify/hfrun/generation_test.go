package hfrun_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/hf"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/hfrun"
)

// language writes a random language model of two tokens as an architecture, and
// returns it and its folder.
func language(t testing.TB, arch string) (*decoder.Model, string) {
	t.Helper()
	m := random(rand.New(rand.NewPCG(7, 8)), shape{Tokens: 2, MaxLen: 3, Layers: 2, Heads: 2, DModel: 5, DHead: 2, DMLP: 4, Outputs: 4, Causal: true})
	man, eos := describe(m, manifest.Categorical), 1
	man.Output.Task, man.Output.EOS = manifest.CausalLM, &eos
	folder, err := hf.Plan(m, man, hf.Options{Arch: arch})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := artifact.Create(dir, folder.Files, func(int64, int64) error { return nil }); err != nil {
		t.Fatal(err)
	}
	return m, dir
}

// TestLanguageModel compares the logits of all ids with the decoder's.
func TestLanguageModel(t *testing.T) {
	for _, arch := range []string{hf.GPT2, hf.Llama} {
		m, dir := language(t, arch)
		run, err := hfrun.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if !run.NextTokens() || run.Names().Labels != nil || run.EOS() == nil || *run.EOS() != 1 {
			t.Errorf("%s: next tokens %v, labels %q, EOS %v", arch, run.NextTokens(), run.Names().Labels, run.EOS())
		}
		if worst := compare(t, m, run, 32); worst > 5e-6 {
			t.Errorf("%s: worst error %g", arch, worst)
		}
	}
}

// TestLanguageModelsThatStockCodeReadsOtherwise changes one thing at a time.
func TestLanguageModelsThatStockCodeReadsOtherwise(t *testing.T) {
	type change = map[string]any
	for _, c := range []struct {
		file   string
		change change
		want   string
	}{
		{hfrun.ConfigFile, change{"tie_word_embeddings": true}, "tie_word_embeddings"},
		{hfrun.ConfigFile, change{"tie_word_embeddings": nil}, "tie_word_embeddings"},
		{hfrun.ConfigFile, change{"architectures": []string{"GPT2ForTokenClassification"}}, "id2label"},
		{hfrun.ConfigFile, change{"architectures": []string{"GPT2ForTokenClassification"}, "id2label": change{"0": "a"}}, "classifier.weight"},
		{hfrun.ConfigFile, change{"vocab_size": 5}, "shape"},
		{hfrun.GenerationFile, change{"do_sample": true}, "do_sample"},
		{hfrun.GenerationFile, change{"num_beams": 2}, "num_beams"},
		{hfrun.GenerationFile, change{"repetition_penalty": 1.5}, "unknown settings"},
		{hfrun.GenerationFile, change{"max_length": 5}, "max_length"},
		{hfrun.GenerationFile, change{"max_length": "4"}, "max_length"},
		{hfrun.GenerationFile, change{"eos_token_id": 4}, "eos_token_id"},
		{hfrun.GenerationFile, change{"eos_token_id": []int{1, 2}}, "eos_token_id"},
		{hfrun.GenerationFile, change{"pad_token_id": 4}, "pad_token_id"},
	} {
		_, dir := language(t, hf.GPT2)
		path := filepath.Join(dir, c.file)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, edit(t, text, c.change), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err = hfrun.Open(dir)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), dir) {
			t.Errorf("%v: error is %v, want %q", slices.Collect(maps.Keys(c.change)), err, c.want)
		}
	}
}

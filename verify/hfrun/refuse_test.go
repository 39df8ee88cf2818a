package hfrun_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/hf"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/fixtures/bad"
	"github.com/raspc/raspc/verify/hfrun"
)

// contents returns the two files of a small model of the default architecture.
func contents(t testing.TB, causal bool) (config, weights []byte) {
	t.Helper()
	return contentsAs(t, hf.DefaultArch(causal))
}

// contentsAs returns the two files of a small model.
func contentsAs(t testing.TB, arch string) (config, weights []byte) {
	t.Helper()
	causal, _ := hf.Causal(arch)
	m := random(rand.New(rand.NewPCG(9, 9)), shape{Tokens: 2, MaxLen: 3, Layers: 1, Heads: 1, DModel: 5, DHead: 2, DMLP: 4, Outputs: 2, Causal: causal})
	folder, err := hf.Plan(m, describe(m, manifest.Categorical), hf.Options{Arch: arch})
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range folder.Files {
		var buf bytes.Buffer
		if err := f.Write(&buf); err != nil {
			t.Fatal(err)
		}
		files[f.Name] = buf.Bytes()
	}
	return files[hf.ConfigFile], files[hf.WeightsFile]
}

// edit changes members of a JSON object; nil removes one.
func edit(t testing.TB, text []byte, changes map[string]any) []byte {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatal(err)
	}
	maps.Copy(members, changes)
	maps.DeleteFunc(members, func(_ string, v any) bool { return v == nil })
	out, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSettingsThatChangeTheMathematicsAreRefused(t *testing.T) {
	type change = map[string]any
	for _, c := range []struct {
		arch   string
		change change
		want   string
	}{
		{hf.GPT2, change{"activation_function": "gelu_new"}, "activation_function"},
		{hf.GPT2, change{"activation_function": nil}, "activation_function"},
		{hf.GPT2, change{"scale_attn_weights": false}, "scale_attn_weights"},
		{hf.GPT2, change{"scale_attn_by_inverse_layer_idx": true}, "inverse_layer"},
		{hf.GPT2, change{"reorder_and_upcast_attn": true}, "upcast"},
		{hf.GPT2, change{"is_causal": false}, "is_causal"},
		{hf.GPT2, change{"layer_norm_epsilon": nil}, "layer_norm_epsilon"},
		{hf.GPT2, change{"layer_norm_epsilon": 0}, "layer_norm_epsilon"},
		{hf.GPT2, change{"layer_norm_epsilon": 1e39}, "layer_norm_epsilon"},
		{hf.GPT2, change{"layer_norm_epsilon": "1"}, "layer_norm_epsilon"},
		{hf.GPT2, change{"add_cross_attention": true}, "cross_attention"},
		{hf.GPT2, change{"n_head": 4}, "multiple"},
		{hf.GPT2, change{"n_head": 0}, "n_head"},
		{hf.GPT2, change{"n_head": nil}, "n_head"},
		{hf.GPT2, change{"n_layer": 2}, "missing"},
		{hf.GPT2, change{"n_layer": 0}, "does not belong"},
		{hf.GPT2, change{"n_layer": 1 << 27}, "missing"},
		{hf.GPT2, change{"n_layer": -1}, "n_layer"},
		{hf.GPT2, change{"n_embd": 1 << 40}, "n_embd"},
		{hf.GPT2, change{"n_embd": 2.5}, "n_embd"},
		{hf.GPT2, change{"n_positions": 5}, "shape"},
		{hf.GPT2, change{"vocab_size": 5}, "shape"},
		{hf.GPT2, change{"pad_token_id": 4}, "pad_token_id"},
		{hf.GPT2, change{"id2label": nil}, "id2label"},
		{hf.GPT2, change{"id2label": change{"0": "a", "2": "b"}}, "id2label"},
		{hf.GPT2, change{"id2label": change{"0": "a"}}, "shape"},
		{hf.GPT2, change{"num_labels": 3}, "num_labels"},
		{hf.GPT2, change{"dtype": "float64"}, "dtype"},
		{hf.GPT2, change{"torch_dtype": "float16"}, "torch_dtype"},
		{hf.GPT2, change{"model_type": "gpt_neo"}, "model_type"},
		{hf.GPT2, change{"model_type": 3}, "model_type"},
		{hf.GPT2, change{"model_type": nil}, "model_type"},
		{hf.GPT2, change{"architectures": []string{"GPT2DoubleHeadsModel"}}, "architectures"},
		{hf.GPT2, change{"quantization_config": change{}}, "unknown settings"},
		{hf.Bert, change{"hidden_act": "gelu"}, "hidden_act"},
		{hf.Bert, change{"is_decoder": true}, "is_decoder"},
		{hf.Bert, change{"position_embedding_type": "relative_key"}, "position_embedding_type"},
		{hf.Bert, change{"layer_norm_eps": nil}, "layer_norm_eps"},
		{hf.Bert, change{"type_vocab_size": 2}, "shape"},
		{hf.Bert, change{"num_attention_heads": 4}, "multiple"},
		{hf.Bert, change{"num_hidden_layers": 0}, "does not belong"},
		{hf.Bert, change{"is_causal": true}, "unknown settings"},
		{hf.Bert, change{"model_type": "gpt2"}, "architectures"},
		{hf.MobileBert, change{"hidden_act": "gelu"}, "hidden_act"},
		{hf.MobileBert, change{"normalization_type": "layer_norm"}, "normalization_type"},
		{hf.MobileBert, change{"normalization_type": nil}, "normalization_type"},
		{hf.MobileBert, change{"trigram_input": true}, "trigram_input"},
		{hf.MobileBert, change{"trigram_input": nil}, "trigram_input is missing"},
		{hf.MobileBert, change{"use_bottleneck": true}, "use_bottleneck"},
		{hf.MobileBert, change{"use_bottleneck": nil}, "use_bottleneck is missing"},
		{hf.MobileBert, change{"num_feedforward_networks": 2}, "num_feedforward_networks"},
		{hf.MobileBert, change{"num_feedforward_networks": nil}, "num_feedforward_networks is missing"},
		{hf.MobileBert, change{"embedding_size": 4}, "embedding_size is 4 and hidden_size 5"},
		{hf.MobileBert, change{"embedding_size": nil}, "embedding_size is missing"},
		{hf.MobileBert, change{"num_attention_heads": 4}, "multiple"},
		{hf.MobileBert, change{"is_decoder": true}, "is_decoder"},
		{hf.MobileBert, change{"architectures": []string{"MobileBertForMaskedLM"}}, "architectures"},
		{hf.Llama, change{"hidden_act": "silu"}, "hidden_act"},
		{hf.Llama, change{"rms_norm_eps": nil}, "rms_norm_eps is missing"},
		{hf.Llama, change{"rms_norm_eps": 0}, "rms_norm_eps"},
		{hf.Llama, change{"mlp_bias": false}, "mlp_bias"},
		{hf.Llama, change{"mlp_bias": nil}, "mlp_bias is missing"},
		{hf.Llama, change{"attention_bias": true}, "attention_bias"},
		{hf.Llama, change{"num_attention_heads": 3}, "multiple"},
		{hf.Llama, change{"num_key_value_heads": 2}, "num_key_value_heads is 2"},
		{hf.Llama, change{"num_key_value_heads": nil}, "num_key_value_heads is missing"},
		{hf.Llama, change{"head_dim": 5}, "halves"},
		{hf.Llama, change{"head_dim": nil}, "head_dim is missing"},
		{hf.Llama, change{"head_dim": 1 << 28, "hidden_size": 8, "num_attention_heads": 8, "num_key_value_heads": 8}, "heads of"},
		{hf.Llama, change{"head_dim": 6}, "shape"},
		{hf.Llama, change{"rope_theta": 0.5}, "rotary"},
		{hf.Llama, change{"rope_theta": "1"}, "rope_theta"},
		{hf.Llama, change{"rope_scaling": change{"rope_type": "yarn", "factor": 2}}, "yarn"},
		{hf.Llama, change{"rope_scaling": change{"rope_type": "linear", "type": "dynamic", "factor": 2}}, "rotary"},
		{hf.Llama, change{"rope_scaling": change{"rope_type": "linear"}}, "factor"},
		{hf.Llama, change{"rope_scaling": change{"rope_type": "default", "factor": 2}}, "factor"},
		{hf.Llama, change{"rope_scaling": change{"rope_type": "linear", "factor": 1e39}}, "float32"},
		{hf.Llama, change{"rope_scaling": change{"rope_type": "linear", "factor": 0}}, "float32"},
		{hf.Llama, change{"rope_scaling": change{"rope_type": "linear", "factor": 2, "partial_rotary_factor": 0.5}}, "partial_rotary_factor"},
		{hf.Llama, change{"rope_scaling": 3}, "rope_scaling"},
		{hf.Llama, change{"rope_parameters": change{"rope_type": "linear", "factor": 2}}, "twice"},
		{hf.Llama, change{"architectures": []string{"LlamaForSequenceClassification"}}, "architectures"},
		{hf.Llama, change{"architectures": []string{"LlamaForCausalLM"}}, "lm_head.weight"},
		{hf.Llama, change{"architectures": []string{"LlamaForCausalLM"}, "tie_word_embeddings": true}, "tie_word_embeddings"},
	} {
		config, weights := contentsAs(t, c.arch)
		_, err := hfrun.Parse(edit(t, config, c.change), weights)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v: error is %v, want %q", c.arch, c.change, err, c.want)
		}
	}
}

func TestHarmlessSettings(t *testing.T) {
	config, weights := contents(t, true)
	config = edit(t, config, map[string]any{"transformers_version": "5.0", "is_causal": true, "num_labels": 2, "resid_pdrop": 0.1})
	m, err := hfrun.Parse(config, weights)
	if err != nil {
		t.Fatal(err)
	}
	if m.Arch() != "gpt2" || m.Vocab() != 4 || m.Positions() != 4 || strings.Join(m.Names().Labels, " ") != "a b" {
		t.Errorf("%s %d %d %q", m.Arch(), m.Vocab(), m.Positions(), m.Names().Labels)
	}
}

func TestConfigTextIsReadStrictly(t *testing.T) {
	config, weights := contents(t, true)
	for name, text := range map[string]string{
		"repeated": strings.Replace(string(config), `"n_layer"`, `"n_layer": 1, "n_layer"`, 1),
		"UTF-8":    strings.Replace(string(config), `"relu"`, "\"relu\xff\"", 1),
		"null":     "null",
		"not JSON": string(config[:len(config)/2]),
	} {
		if _, err := hfrun.Parse([]byte(text), weights); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

// TestHeaderDamage renames tensors and changes shapes in the header, keeping
// its length.
func TestHeaderDamage(t *testing.T) {
	config, weights := contents(t, true)
	for old, damaged := range map[string]string{
		"transformer.ln_f.bias": "transformer.ln_f.bibs",
		`"shape":[4,7]`:         `"shape":[7,4]`,
		`"dtype":"F32"`:         `"dtype":"I32"`,
	} {
		if !bytes.Contains(weights, []byte(old)) {
			t.Fatalf("the header has no %s", old)
		}
		if _, err := hfrun.Parse(config, bytes.Replace(weights, []byte(old), []byte(damaged), 1)); err == nil {
			t.Errorf("%s instead of %s was accepted", damaged, old)
		}
	}
}

// TestEveryTensorCounts changes each number of the file in turn: some number
// of every tensor has to show in the logits. It guards against a forward pass
// that leaves a tensor out.
func TestEveryTensorCounts(t *testing.T) {
	for _, arch := range hf.Architectures() {
		dir := filepath.Join("testdata", "stock", arch)
		config, err := os.ReadFile(filepath.Join(dir, hfrun.ConfigFile))
		if err != nil {
			t.Fatal(err)
		}
		weights, err := os.ReadFile(filepath.Join(dir, hfrun.WeightsFile))
		if err != nil {
			t.Fatal(err)
		}
		header, n := headerOf(t, weights)
		clean := logits(t, config, weights)
		for name, h := range header {
			if strings.HasSuffix(name, "self.key.bias") || strings.Contains(name, "embedding_transformation") {
				continue // adds the same to all scores of a query; is there for another width
			}
			shows := false
			for at := h.Offsets[0]; at < h.Offsets[1]; at += 4 {
				damaged := bytes.Clone(weights)
				cell := damaged[n+at:]
				v := math.Float32frombits(binary.LittleEndian.Uint32(cell))
				binary.LittleEndian.PutUint32(cell, math.Float32bits(v*1.5+1))
				shows = shows || logits(t, config, damaged) != clean
			}
			if !shows {
				t.Errorf("%s: nothing in %s shows in the logits", arch, name)
			}
		}
	}
}

// place says where a tensor's numbers are, from the end of the header.
type place struct {
	Offsets [2]int `json:"data_offsets"`
}

// headerOf returns the tensors of a weight file and the bytes before their data.
func headerOf(t testing.TB, weights []byte) (header map[string]place, n int) {
	t.Helper()
	n = int(binary.LittleEndian.Uint64(weights)) + 8
	if err := json.Unmarshal(weights[8:n], &header); err != nil {
		t.Fatal(err)
	}
	delete(header, "__metadata__")
	return header, n
}

// logits returns all logits of two sequences, as text.
func logits(t *testing.T, config, weights []byte) string {
	t.Helper()
	m, err := hfrun.Parse(config, weights)
	if err != nil {
		t.Fatal(err)
	}
	out, err := m.Run([][]int64{{2, 0, 1, 0}, {2, 1, 0, 3}}, [][]int64{{1, 1, 1, 1}, {1, 1, 1, 0}})
	if err != nil {
		return err.Error()
	}
	text, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRunRefusesInputs(t *testing.T) {
	causal := export(t, mover(2, 3, -1, true), manifest.Categorical)
	full := export(t, mover(2, 3, -1, false), manifest.Categorical)
	type rows = [][]int64
	for _, c := range []struct {
		m         *hfrun.Model
		ids, mask rows
		want      string
	}{
		{causal, rows{{2}}, rows{}, "rows of mask"},
		{causal, rows{{2, 0}}, rows{{1}}, "mask values"},
		{causal, rows{{2, 0}, {2}}, rows{{1, 1}, {1}}, "row 1"},
		{causal, rows{{}}, rows{{}}, "0 tokens"},
		{causal, rows{{2, 0, 0, 0, 0}}, rows{{1, 1, 1, 1, 1}}, "5 tokens"},
		{causal, rows{{2, 4}}, rows{{1, 1}}, "token id 4"},
		{causal, rows{{2, -1}}, rows{{1, 1}}, "token id -1"},
		{causal, rows{{2, 0}}, rows{{1, 2}}, "mask 2"},
		{causal, rows{{2, 0}}, rows{{0, 1}}, "without keys"},
		{full, rows{{2, 0}}, rows{{0, 0}}, "without keys"},
	} {
		if _, err := c.m.Run(c.ids, c.mask); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v %v: error is %v, want %q", c.ids, c.mask, err, c.want)
		}
	}
	if out, err := causal.Run(nil, nil); err != nil || len(out) != 0 {
		t.Errorf("no rows: %v, %v", out, err)
	}
	if _, err := full.Run(rows{{2, 0}}, rows{{0, 1}}); err != nil {
		t.Errorf("full attention with a masked first token: %v", err)
	}
}

func TestOverflowIsAnError(t *testing.T) {
	m := copier(2, 2, true)
	m.Embed.Entries[0].W = math.MaxFloat32
	run := export(t, m, manifest.Categorical)
	_, err := run.Run([][]int64{{2, 0}}, [][]int64{{1, 1}})
	if err == nil || !strings.Contains(err.Error(), "overflows") {
		t.Errorf("error is %v", err)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := hfrun.Open(dir); !os.IsNotExist(err) {
		t.Errorf("an empty folder: %v", err)
	}
	config, _ := contents(t, true)
	if err := os.WriteFile(filepath.Join(dir, hfrun.ConfigFile), config, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := hfrun.Open(dir); !os.IsNotExist(err) {
		t.Errorf("a folder without weights: %v", err)
	}
}

// TestPaddingDoesNotShow runs each sequence alone and inside a padded batch.
func TestPaddingDoesNotShow(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for _, arch := range hf.Architectures() {
		causal, _ := hf.Causal(arch)
		m := random(rng, shape{Tokens: 3, MaxLen: 6, Layers: 2, Heads: 2, DModel: 7, DHead: 3, DMLP: 5, Outputs: 3, Causal: causal})
		run := exportAs(t, m, manifest.Categorical, arch)
		ids, mask, lengths := inputs(rng, m, 4)
		batch, err := run.Run(ids, mask)
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range lengths {
			alone, err := run.Run([][]int64{ids[i][:n]}, [][]int64{mask[i][:n]})
			if err != nil {
				t.Fatal(err)
			}
			for p := range alone[0] {
				for o, v := range alone[0][p] {
					if batch[i][p][o] != v {
						t.Fatalf("%s, %d tokens, position %d: %g alone, %g in the batch", arch, n, p, v, batch[i][p][o])
					}
				}
			}
		}
	}
}

// corpus returns the bad files that are to replace one.
func corpus(f *testing.F, file string) [][]byte {
	all, err := bad.Contents(filepath.Join("..", "..", "fixtures", "bad"), file)
	if err != nil {
		f.Fatal(err)
	}
	return all
}

// FuzzParse holds that no content of the two files makes loading or running
// panic.
func FuzzParse(f *testing.F) {
	for _, arch := range hf.Architectures() {
		config, weights := contentsAs(f, arch)
		f.Add(config, weights)
		f.Add(edit(f, config, map[string]any{"n_layer": 0, "num_hidden_layers": 0}), weights)
	}
	for _, config := range corpus(f, hfrun.ConfigFile) {
		_, weights := contents(f, true)
		f.Add(config, weights)
	}
	for _, weights := range corpus(f, hfrun.WeightsFile) {
		config, _ := contents(f, true)
		f.Add(config, weights)
	}
	f.Fuzz(func(t *testing.T, config, weights []byte) {
		var m *hfrun.Model
		var err error
		size := len(config) + len(weights)
		if got := bad.Alloc(func() { m, err = hfrun.Parse(config, weights) }); got > bad.MaxAlloc(size) {
			t.Errorf("%d bytes allocated for %d", got, size)
		}
		if err != nil {
			return
		}
		if _, err := m.Run([][]int64{{0, 0}}, [][]int64{{1, 1}}); err != nil {
			return
		}
		_ = m.Names().Labels
		if _, err := m.Network(0); err != nil {
			return
		}
	})
}

// BenchmarkRun evaluates sequences of 10 tokens on a model of the size of a
// compiled sort.
func BenchmarkRun(b *testing.B) {
	for _, causal := range []bool{true, false} {
		m := mover(20, 10, -1, causal)
		m.Layers = append(m.Layers, m.Layers...)
		m.Config.Layers = 2
		benchmark(b, m)
	}
}

func benchmark(b *testing.B, m *decoder.Model) {
	run := export(b, m, manifest.Categorical)
	ids, mask, _ := inputs(rand.New(rand.NewPCG(1, 1)), m, 100)
	b.Run(run.Arch(), func(b *testing.B) {
		for b.Loop() {
			if _, err := run.Run(ids, mask); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(ids)*b.N)/b.Elapsed().Seconds(), "sequences/s")
	})
}

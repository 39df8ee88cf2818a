package hfrun_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/transformerlens"
	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/hfrun"
)

// lens writes a model for TransformerLens and returns the export's folder.
func lens(t testing.TB, m *decoder.Model, kind string) string {
	t.Helper()
	dir := t.TempDir()
	files, err := transformerlens.Plan(m, describe(m, kind), []string{"b", "a"})
	if err == nil {
		err = artifact.Create(dir, files, func(_, _ int64) error { return nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestLensIsTheDecoder compares models of all shapes, of no heads, neurons and
// layers, too, with the decoder.
func TestLensIsTheDecoder(t *testing.T) {
	for name, s := range map[string]shape{
		"one of each":    {Tokens: 2, MaxLen: 3, Layers: 1, Heads: 1, DModel: 5, DHead: 2, DMLP: 4, Outputs: 2},
		"more":           {Tokens: 4, MaxLen: 6, Layers: 3, Heads: 3, DModel: 9, DHead: 4, DMLP: 7, Outputs: 5},
		"heads of one":   {Tokens: 3, MaxLen: 4, Layers: 2, Heads: 2, DModel: 4, DHead: 1, DMLP: 3, Outputs: 3},
		"wide heads":     {Tokens: 3, MaxLen: 4, Layers: 1, Heads: 2, DModel: 3, DHead: 8, DMLP: 3, Outputs: 3},
		"no neurons":     {Tokens: 3, MaxLen: 4, Layers: 2, Heads: 1, DModel: 6, DHead: 2, Outputs: 3},
		"no heads":       {Tokens: 3, MaxLen: 4, Layers: 2, DModel: 6, DMLP: 5, Outputs: 3},
		"biases alone":   {Tokens: 3, MaxLen: 4, Layers: 1, DModel: 6, Outputs: 3},
		"no layers":      {Tokens: 3, MaxLen: 4, DModel: 6, Outputs: 3},
		"a column":       {Tokens: 2, MaxLen: 2, Layers: 1, Heads: 1, DModel: 1, DHead: 1, DMLP: 1, Outputs: 2},
		"a single logit": {Tokens: 2, MaxLen: 3, Layers: 1, Heads: 1, DModel: 5, DHead: 2, DMLP: 4, Outputs: 1},
	} {
		for _, s.Causal = range []bool{false, true} {
			m := random(rand.New(rand.NewPCG(3, 4)), s)
			kind := manifest.Categorical
			if s.Outputs == 1 {
				kind = manifest.Numeric
			}
			l, err := hfrun.OpenLens(lens(t, m, kind))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if worst := compare(t, m, l.Model, 1); worst > 1e-5 {
				t.Errorf("%s, causal %v: off by %g", name, s.Causal, worst)
			}
			if n, err := l.Network(l.BOS); err != nil || n.Causal != s.Causal || n.Width != s.DModel || l.BOS != s.Tokens || l.PAD != s.Tokens+1 || len(l.Tokens) != s.Tokens {
				t.Errorf("%s: a network of width %d, BOS %d, PAD %d, %d tokens", name, n.Width, l.BOS, l.PAD, len(l.Tokens))
			}
		}
	}
}

// TestLensConfig holds the configuration to the names that HookedTransformer
// has for it.
func TestLensConfig(t *testing.T) {
	dir := lens(t, small(true), manifest.Categorical)
	text, err := os.ReadFile(filepath.Join(dir, "transformerlens", "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"cfg": map[string]any{
			"n_layers": 1.0, "d_model": 5.0, "n_ctx": 4.0, "d_head": 2.0, "n_heads": 1.0, "d_mlp": 4.0, "d_vocab": 4.0, "d_vocab_out": 2.0,
			"act_fn": "relu", "normalization_type": nil, "attention_dir": "causal", "positional_embedding_type": "standard", "attn_scale": 2.0,
		},
		"tokens": []any{"a", "b"}, "bos": 2.0, "pad": 3.0, "labels": []any{"a", "b"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	card, err := os.ReadFile(filepath.Join(dir, "transformerlens", "README.md"))
	if err != nil || !bytes.Contains(card, []byte(`for t in ["b", "a"]`)) || bytes.Contains(card, []byte("bidirectional")) {
		t.Errorf("%v: %s", err, card)
	}
}

// TestLensRefuses changes one thing of a folder at a time.
func TestLensRefuses(t *testing.T) {
	config := func(old, to string) func(t *testing.T, folder string) {
		return func(t *testing.T, folder string) { replace(t, filepath.Join(folder, "config.json"), old, to) }
	}
	weights := func(old, to string) func(t *testing.T, folder string) {
		return func(t *testing.T, folder string) { replace(t, filepath.Join(folder, "model.safetensors"), old, to) }
	}
	for name, tt := range map[string]struct {
		damage func(t *testing.T, folder string)
		kind   fault.Kind
		about  string
	}{
		"layer norms":          {config(`"normalization_type":null`, `"normalization_type":"LN"`), fault.Setting, "config.json: normalization_type"},
		"layer norms, unasked": {config(`"normalization_type":null,`, ``), fault.Missing, "config.json: normalization_type"},
		"another activation":   {config(`"relu"`, `"gelu"`), fault.Setting, "act_fn"},
		"another direction":    {config(`"causal"`, `"sideways"`), fault.Setting, "attention_dir"},
		"a scale that rounds":  {config(`"attn_scale":2`, `"attn_scale":3`), fault.Setting, "attn_scale"},
		"a scale of 0":         {config(`"attn_scale":2`, `"attn_scale":0`), fault.Setting, "attn_scale"},
		"no scale":             {config(`,"attn_scale":2`, ``), fault.Missing, "attn_scale"},
		"other positions":      {config(`"standard"`, `"rotary"`), fault.Setting, "positional_embedding_type"},
		"another setting":      {config(`"attn_scale":2`, `"attn_scale":2,"attn_only":true`), fault.Setting, "attn_only"},
		"a member twice":       {config(`"bos": 2`, `"bos": 2, "bos": 2`), fault.Repeated, "bos"},
		"no labels":            {config(`"labels"`, `"names"`), fault.Missing, "labels"},
		"no heads":             {config(`"n_heads":1`, `"n_heads":0`), fault.TooLarge, "n_heads"},
		"more heads":           {config(`"n_heads":1`, `"n_heads":2`), fault.WrongShape, "model.safetensors: tensor \"blocks.0.attn.W_Q\""},
		"huge sizes":           {config(`"d_mlp":4`, `"d_mlp":268435456`), fault.WrongShape, "W_in"},
		"a layer less":         {config(`"n_layers":1`, `"n_layers":0`), fault.TooLarge, "n_layers"},
		"a layer more":         {config(`"n_layers":1`, `"n_layers":200000000`), fault.Missing, "blocks.1."},
		"no configuration":     {config(`{`, `[`), fault.Malformed, "config.json"},
		"another name":         {weights(`unembed.b_U`, `unembed.b_V`), fault.Missing, "unembed.b_U"},
		"no number":            {func(t *testing.T, folder string) { cut(t, filepath.Join(folder, "model.safetensors")) }, fault.OutOfBounds, "model.safetensors"},
		"no weights":           {func(t *testing.T, folder string) { remove(t, filepath.Join(folder, "model.safetensors")) }, fault.Missing, "model.safetensors"},
		"no folder":            {func(t *testing.T, folder string) { remove(t, folder) }, fault.Missing, "transformerlens"},
		"a link to a folder": {func(t *testing.T, folder string) {
			outside := filepath.Join(t.TempDir(), "outside")
			if err := errors.Join(os.Rename(folder, outside), os.Symlink(outside, folder)); err != nil {
				t.Fatal(err)
			}
		}, fault.OutsideFolder, "transformerlens"},
	} {
		dir := lens(t, small(true), manifest.Categorical)
		tt.damage(t, filepath.Join(dir, "transformerlens"))
		_, err := hfrun.OpenLens(dir)
		f, _ := errors.AsType[*fault.Error](err)
		if f == nil || f.Kind != tt.kind || !strings.HasPrefix(err.Error(), dir) || !strings.Contains(err.Error(), tt.about) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// replace changes a text in a file.
func replace(t *testing.T, path, old, to string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(data, []byte(old)) {
		t.Fatalf("%s has no %s", path, old)
	}
	if err := os.WriteFile(path, bytes.Replace(data, []byte(old), []byte(to), 1), 0o666); err != nil {
		t.Fatal(err)
	}
}

// cut removes the last byte of a file.
func cut(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()-1)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// remove removes a file or folder.
func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

package hfrun_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/gguf"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/fixtures/bad"
	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/hfrun"
)

// llama writes a model for llama.cpp and returns the export's folder.
func llama(t testing.TB, m *decoder.Model, kind string) string {
	t.Helper()
	dir := t.TempDir()
	files, err := gguf.Plan(m, describe(m, kind), gguf.Options{})
	if err == nil {
		err = artifact.Create(dir, files, func(_, _ int64) error { return nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestGGUFIsTheDecoder compares models of all shapes with the decoder. That neurons are
// no ReLU is not seen.
func TestGGUFIsTheDecoder(t *testing.T) {
	for name, s := range map[string]shape{
		"one of each":    {Tokens: 2, MaxLen: 3, Layers: 1, Heads: 1, DModel: 5, DHead: 2, DMLP: 4, Outputs: 2},
		"more":           {Tokens: 4, MaxLen: 6, Layers: 3, Heads: 3, DModel: 9, DHead: 4, DMLP: 7, Outputs: 5},
		"wide heads":     {Tokens: 3, MaxLen: 4, Layers: 1, Heads: 2, DModel: 3, DHead: 8, DMLP: 3, Outputs: 3},
		"no neurons":     {Tokens: 3, MaxLen: 4, Layers: 2, Heads: 1, DModel: 6, DHead: 2, Outputs: 3},
		"no heads":       {Tokens: 3, MaxLen: 4, Layers: 2, DModel: 6, DMLP: 5, Outputs: 3},
		"no layers":      {Tokens: 3, MaxLen: 4, DModel: 6, Outputs: 3},
		"a single logit": {Tokens: 2, MaxLen: 3, Layers: 1, Heads: 1, DModel: 5, DHead: 2, DMLP: 4, Outputs: 1},
	} {
		for _, s.Causal = range []bool{false, true} {
			m := random(rand.New(rand.NewPCG(3, 4)), s)
			kind, factor := manifest.Categorical, 32.0
			if s.Outputs == 1 {
				kind, factor = manifest.Numeric, 1
			}
			g, err := hfrun.OpenGGUF(llama(t, m, kind))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if worst := compare(t, m, g.Model, factor); worst > 1e-5 {
				t.Errorf("%s, causal %v: off by %g", name, s.Causal, worst)
			}
			n, err := g.Network(s.Tokens)
			if err != nil || n.Causal != s.Causal || len(n.Unembed.Columns) != len(g.Outputs)+len(g.Others) || len(g.Outputs) != s.Outputs {
				t.Errorf("%s: %d outputs and %d others: %v", name, len(g.Outputs), len(g.Others), err)
			}
		}
	}
}

// TestGGUFBarsOthers wants tokens that are no labels far below those that are, at
// the tokens of an input.
func TestGGUFBarsOthers(t *testing.T) {
	m := copier(2, 3, true)
	g, err := hfrun.OpenGGUF(llama(t, m, manifest.Categorical))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := g.Run([][]int64{{2, 0, 1}}, [][]int64{{1, 1, 1}})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows[0][1:] {
		for k, logit := range row {
			switch {
			case k == i && logit < 31, k < 2 && k != i && logit != 0, k >= 2 && logit > -200:
				t.Errorf("position %d: the logits are %v", i, row)
			}
		}
	}
	if len(g.Others) != 3 {
		t.Errorf("the others are %v", g.Others)
	}
}

// TestGGUFRefuses changes one thing of a file at a time.
func TestGGUFRefuses(t *testing.T) {
	whole := get(t, llama(t, small(true), manifest.Categorical), hfrun.GGUFFile)
	text := func(old, to string) func([]byte) []byte {
		return func(b []byte) []byte {
			if !bytes.Contains(b, []byte(old)) || len(old) != len(to) {
				t.Fatalf("no %q in the file, or %q is of another length", old, to)
			}
			return bytes.Replace(b, []byte(old), []byte(to), 1)
		}
	}
	number := func(key string, n uint32) func([]byte) []byte { // behind the key and its type
		return func(b []byte) []byte {
			at := bytes.Index(b, []byte(key)) + len(key) + 4
			binary.LittleEndian.PutUint32(b[at:], n)
			return b
		}
	}
	for name, tt := range map[string]struct {
		damage func([]byte) []byte
		kind   fault.Kind
		about  string
	}{
		"another architecture": {text("gpt2", "gpt3"), fault.Setting, "gpt3"},
		"another setting":      {text("gpt2.attention.causal", "gpt2.attention.casual"), fault.Missing, "gpt2.attention.causal"},
		"a setting more":       {text("raspc.version", "gpt2.rotation"), fault.Setting, "gpt2.rotation"},
		"a type":               {text("general.file_type", "general.file_typo"), 0, ""},
		"more heads":           {number("gpt2.attention.head_count", 3), fault.Setting, "multiple"},
		"no heads":             {number("gpt2.attention.head_count", 0), fault.TooLarge, "head_count"},
		"a layer less":         {number("gpt2.block_count", 0), fault.TooLarge, "block_count"},
		"a layer more":         {number("gpt2.block_count", 1<<28), fault.Missing, "blk.1."},
		"more neurons":         {number("gpt2.feed_forward_length", 1<<28), fault.WrongShape, "ffn_up"},
		"less positions":       {number("gpt2.context_length", 3), fault.WrongShape, "position_embd"},
		"no epsilon":           {number("gpt2.attention.layer_norm_epsilon", 0), fault.Setting, "epsilon"},
		"no number":            {number("gpt2.attention.layer_norm_epsilon", 0x7fc00000), fault.Setting, "epsilon"},
		"an output too far":    {text("\x00\x000,1", "\x00\x000,9"), fault.Setting, `"9"`},
		"an output twice":      {text("\x00\x000,1", "\x00\x001,1"), fault.Setting, `"1"`},
		"no ids":               {text("\x00\x000,1", "\x00\x00a b"), fault.Setting, `"a b"`},
		"another tensor":       {text("output_norm.bias", "output_form.bias"), fault.Missing, "output_norm.bias"},
	} {
		_, err := hfrun.ParseGGUF(tt.damage(bytes.Clone(whole)))
		if tt.kind == 0 {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if f, ok := err.(*fault.Error); !ok || f.Kind != tt.kind || !strings.Contains(err.Error(), tt.about) {
			t.Errorf("%s: %v", name, err)
		}
	}
	dir := t.TempDir()
	if _, err := hfrun.OpenGGUF(dir); err == nil {
		t.Error("opened what is not there")
	}
}

// FuzzGGUF holds that no content makes loading or running a file panic, or takes memory
// beyond a multiple of its size.
func FuzzGGUF(f *testing.F) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, causal := range []bool{true, false} {
		m := random(rng, shape{Tokens: 2, MaxLen: 3, Layers: 1, Heads: 2, DModel: 4, DHead: 2, DMLP: 3, Outputs: 2, Causal: causal})
		f.Add(get(f, llama(f, m, manifest.Categorical), hfrun.GGUFFile))
	}
	seeds, err := bad.Contents(filepath.Join("..", "..", "fixtures", "bad"), hfrun.GGUFFile)
	if err != nil {
		f.Fatal(err)
	}
	for _, content := range seeds {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		var g *hfrun.GGUF
		var err error
		if got := bad.Alloc(func() { g, err = hfrun.ParseGGUF(content) }); got > bad.MaxAlloc(len(content)) {
			t.Errorf("%d bytes allocated for %d", got, len(content))
		}
		if err == nil {
			tries(g.Model)
		}
	})
}

package raspc_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/raspc/raspc"
)

const reverse = `#: vocab = "abc"
#: max_len = 4
mirror = aggregate(select(indices, length - indices - 1, ==), tokens);
`

func compile(t *testing.T, text string, o raspc.Options) *raspc.Model {
	t.Helper()
	m, err := raspc.Compile("test.rasp", text, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// countdown is a context that is done after it was asked some times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestExportIsGivenUp stops an export at each of its steps: nothing is left,
// not even the folders that it made; the last step completes it.
func TestExportIsGivenUp(t *testing.T) {
	m := compile(t, reverse, raspc.Options{})
	for steps := 0; ; steps++ {
		root := t.TempDir()
		_, err := m.ExportContext(&countdown{t.Context(), steps}, filepath.Join(root, "deep", "out"), raspc.ExportOptions{})
		if err == nil {
			if steps < 3 {
				t.Errorf("an export of two formats asks %d times", steps)
			}
			return
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if left, err := os.ReadDir(root); err != nil || len(left) > 0 {
			t.Fatalf("after %d steps %v is left, %v", steps, left, err)
		}
	}
}

func TestExportChoices(t *testing.T) {
	tests := map[string]struct {
		text string
		opts raspc.Options
		want raspc.ExportOptions
	}{
		"format":         {reverse, raspc.Options{}, raspc.ExportOptions{Formats: []string{"tflite"}}},
		"architecture":   {reverse, raspc.Options{}, raspc.ExportOptions{Arch: "opt"}},
		"llama looks on": {reverse, raspc.Options{}, raspc.ExportOptions{Arch: "llama"}},
		"mobilebert":     {reverse, raspc.Options{Causal: "on"}, raspc.ExportOptions{Arch: "mobilebert"}},
		"a long llama":   {"#: vocab = \"ab\"\n#: max_len = 1025\nx = indices > 2;", raspc.Options{}, raspc.ExportOptions{Arch: "llama"}},
		"gpt2 looks on":  {reverse, raspc.Options{}, raspc.ExportOptions{Arch: "gpt2"}},
		"bert looks on":  {reverse, raspc.Options{Causal: "on"}, raspc.ExportOptions{Arch: "bert"}},
		"operator set":   {reverse, raspc.Options{}, raspc.ExportOptions{Opset: 3}},
		"shard size":     {reverse, raspc.Options{}, raspc.ExportOptions{ShardSize: -1}},
		"licence":        {reverse, raspc.Options{}, raspc.ExportOptions{License: "mine"}},
		"token in token": {reverse, raspc.Options{Vocab: `["a b", "a", " b"]`}, raspc.ExportOptions{}},
		"llama.cpp's":    {reverse, raspc.Options{Vocab: `["<|im_end|>x", "▁"]`}, raspc.ExportOptions{Formats: []string{raspc.FormatGGUF}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "out")
			_, err := compile(t, tt.text, tt.opts).Export(dir, tt.want)
			var choice *raspc.ChoiceError
			if !errors.As(err, &choice) {
				t.Errorf("error %v", err)
			}
			if _, err := os.Stat(dir); !os.IsNotExist(err) {
				t.Errorf("the folder is there: %v", err)
			}
		})
	}
}

// TestMissingFormatIsNoSilence asks for a file that an export does not have.
func TestMissingFormatIsNoSilence(t *testing.T) {
	dir := t.TempDir()
	if _, err := compile(t, reverse, raspc.Options{}).Export(dir, raspc.ExportOptions{Formats: []string{raspc.FormatONNX}}); err != nil {
		t.Fatal(err)
	}
	var choice *raspc.ChoiceError
	both := raspc.VerifyOptions{Formats: []string{raspc.FormatONNX, raspc.FormatSafetensors}}
	if _, err := raspc.Verify(t.Context(), dir, both); !errors.As(err, &choice) {
		t.Errorf("verify: %v", err)
	}
	if _, err := raspc.OpenModel(dir, raspc.FormatSafetensors); !errors.As(err, &choice) {
		t.Errorf("open: %v", err)
	}
	if r, err := raspc.Verify(t.Context(), dir, raspc.VerifyOptions{}); err != nil || r.Result != raspc.Equivalent || len(r.Files) != 1 {
		t.Errorf("verify: %v, %v", r, err)
	}
}

func TestIsIO(t *testing.T) {
	_, missing := os.Open(filepath.Join(t.TempDir(), "none"))
	if !raspc.IsIO(missing) || raspc.IsIO(errors.New("malformed")) || raspc.IsIO(nil) {
		t.Error("errors of the operating system are not told from others")
	}
}

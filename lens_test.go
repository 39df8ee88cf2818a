package raspc_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/raspc/raspc"
)

// TestLensIsTheExport compares the files in memory with those of a folder, and the two
// verdicts on them.
func TestLensIsTheExport(t *testing.T) {
	m := compile(t, reverse, raspc.Options{})
	l, err := m.Lens()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := m.Export(dir, raspc.ExportOptions{Formats: []string{raspc.FormatTransformerLens}}); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]byte{"config.json": l.Config, "model.safetensors": l.Weights} {
		want, err := os.ReadFile(filepath.Join(dir, "transformerlens", name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not that of the folder, %v", name, err)
		}
	}
	var text bytes.Buffer
	if err := l.Manifest().Encode(&text); err != nil {
		t.Fatal(err)
	}
	if want, err := os.ReadFile(filepath.Join(dir, "raspc.json")); err != nil || text.String() != string(want) {
		t.Errorf("the manifest is not that of the folder, %v", err)
	}
	r, err := l.Verify(t.Context(), raspc.VerifyOptions{Certify: true})
	if err != nil || r.Result != raspc.Equivalent || !r.Certificate.Proved() {
		t.Errorf("got %+v, %v", r, err)
	}
}

// TestLensIsWrong damages a file in memory.
func TestLensIsWrong(t *testing.T) {
	damaged := func() *raspc.Lens {
		l, err := compile(t, reverse, raspc.Options{}).Lens()
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := damaged()
	at := bytes.LastIndex(l.Weights, []byte{0, 0, 0x80, 0x3f}) // a weight of 1, of the unembedding
	l.Weights[at+3] = 0xbf
	if r, err := l.Verify(t.Context(), raspc.VerifyOptions{}); err != nil || r.Result != raspc.Different {
		t.Errorf("got %+v, %v", r, err)
	}
	l = damaged()
	l.Weights = l.Weights[:len(l.Weights)-1]
	if r, err := l.Verify(t.Context(), raspc.VerifyOptions{}); err == nil {
		t.Errorf("a short file: %+v", r)
	}
	l = damaged()
	l.Config = bytes.Replace(l.Config, []byte(`"bos": 3`), []byte(`"bos": 4`), 1)
	if r, err := l.Verify(t.Context(), raspc.VerifyOptions{}); err == nil {
		t.Errorf("another BOS: %+v", r)
	}
}

package tracr_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/tracr"
)

// seeds are good programs of Tracr's and bad ones.
func seeds(f *testing.F) []string {
	var texts []string
	for _, pattern := range []string{"bad/program.sop.json/*", "bad/imported/*", "tracr/sop/*_[1-3].sop.json", "tracr/sop/[l-t]*s.sop.json"} {
		files, err := filepath.Glob(filepath.Join("..", "..", "fixtures", pattern))
		if err != nil || len(files) == 0 {
			f.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			texts = append(texts, string(text))
		}
	}
	return texts
}

// FuzzResolve reads any text: what is accepted is a sound graph, which has a value on an
// input, or none for a reason; what is not gets an error of Tracr's files.
func FuzzResolve(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, list := tracr.Resolve(diag.NewSource("f.sop.json", text), resolve.Options{})
		if list.HasErrors() {
			for _, d := range list {
				if d.Kind() != diag.ImportError && d.Code != diag.CannotLower {
					t.Errorf("an error of another kind: %v", d)
				}
			}
			return
		}
		if err := sop.Check(p.Graph); err != nil {
			t.Fatal(err)
		}
		if p.Output == nil {
			t.Fatal("no output")
		}
		_, err := interp.New(p.Graph, p.Settings.Causal.Value, p.Output.ID).Run(p.Settings.Vocab.Value[:1])
		var undefined *interp.Undefined
		var limit *interp.LimitError
		if err != nil && !errors.As(err, &undefined) && !errors.As(err, &limit) {
			t.Fatal(err)
		}
	})
}

package graph_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/raspc/raspc/export/graph"
	"github.com/raspc/raspc/export/manifest"
)

// FuzzGraph draws the graphs of anything that passes for a manifest.
func FuzzGraph(f *testing.F) {
	m := sample()
	m.Schema, m.Options.Vocab, m.Options.MaxLen = manifest.Version, []manifest.Atom{{Kind: "int", Exact: "1"}}, 1
	m.Tokens = manifest.Tokens{Vocab: []string{"1"}, BOS: 1, PAD: 2}
	m.Output.Kind, m.Program.SHA256 = manifest.Numeric, m.Program.Hash()
	var good bytes.Buffer
	if err := m.Encode(&good); err != nil {
		f.Fatal(err)
	}
	if _, err := manifest.Decode(good.Bytes()); err != nil {
		f.Fatal(err)
	}
	f.Add(good.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		man, err := manifest.Decode(data)
		if err != nil {
			return
		}
		for _, level := range graph.Levels() {
			g, err := graph.Of(man, level)
			if err != nil {
				continue
			}
			for _, format := range graph.Formats() {
				if err := g.Varying().Write(io.Discard, format); err != nil && level == graph.DefaultLevel(format) && format != "svg" {
					t.Errorf("%s: %v", format, err)
				}
			}
		}
	})
}

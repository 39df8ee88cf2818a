package raspc

import (
	"bytes"
	"context"

	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/card"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/transformerlens"
	"github.com/raspc/raspc/verify"
)

// Lens is a model as TransformerLens loads it, in memory: for those who make many models
// and write them elsewhere than in folders of their own. The bytes must not be changed.
type Lens struct {
	Config  []byte // the content of config.json
	Weights []byte // the content of model.safetensors

	manifest *Manifest
}

// Lens makes the files of FormatTransformerLens and the manifest.
func (m *Model) Lens() (*Lens, error) {
	l := &Lens{manifest: m.Manifest()}
	files, entry, err := m.planLens(l.manifest, ExportOptions{}, &card.Options{})
	if err != nil {
		return nil, err
	}
	l.manifest.Files = []manifest.File{entry}
	for _, f := range files {
		text, err := contentOf(f)
		switch {
		case err != nil:
			return nil, err
		case f.Name == transformerlens.Weights:
			l.Weights = text
		case f.Name == transformerlens.Config:
			l.Config = text
		}
	}
	return l, nil
}

func contentOf(f artifact.File) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(f.Size))
	err := f.Write(&b)
	return b.Bytes(), err
}

// Manifest describes the model: what each of its parts computes.
func (l *Lens) Manifest() *Manifest { return l.manifest }

// Verify runs the files against the reference interpreter as the function Verify
// does those of a folder.
func (l *Lens) Verify(ctx context.Context, o VerifyOptions) (*Report, error) {
	return verify.Lens(ctx, l.manifest, l.Config, l.Weights, o)
}

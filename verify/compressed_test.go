package verify_test

import (
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify"
)

// TestCompressed labels more columns than a stream has: each is along a direction, which
// is measured, and proofs do without.
func TestCompressed(t *testing.T) {
	m, err := raspc.Compile("x.rasp", "#: vocab = \"ab\"\n#: max_len = 3\nx = tokens if aggregate(select(indices, 0, ==), tokens) == \"a\" else \"b\";\n", raspc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		weight float64 // in the direction of a token's column
		wrong  bool
	}{{"right", 1, false}, {"wrong", 0.25, true}} {
		dir := t.TempDir()
		if _, err := m.Export(dir, raspc.ExportOptions{}); err != nil {
			t.Fatal(err)
		}
		rewrite(t, dir, func(m *manifest.Manifest) {
			d := m.Model.DModel
			m.Rotation = make([][]float64, d+1)
			for i := range m.Rotation {
				m.Rotation[i] = make([]float64, d)
				if i < d {
					m.Rotation[i][i] = 1
				}
			}
			for i := range m.Columns {
				if col := &m.Columns[i]; col.Variable == "tokens" {
					m.Rotation[d][col.Index] = c.weight
					col.Index = d
					break
				}
			}
		})
		r, err := verify.Folder(t.Context(), dir, verify.Options{Certify: true, Distance: true, Budget: 100})
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range r.Certificate.Files {
			if !f.Proved {
				t.Errorf("%s: %s: %s", c.name, f.File, f.Reason)
			}
			found := false
			for _, s := range r.Distances[i].SOps {
				if s.SOp == "tokens" {
					found = true
					if far := s.Worst > 0.5; far != c.wrong {
						t.Errorf("%s: %s: tokens are off by %g", c.name, f.File, s.Worst)
					}
				}
			}
			if !found {
				t.Errorf("%s: %s: %+v", c.name, f.File, r.Distances[i])
			}
		}
	}
}

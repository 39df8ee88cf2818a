package verify_test

import (
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/verify"
)

// often is a program of which all files are proved in any disguise.
const often = `#: vocab = "abc"
#: max_len = 4
rank = selector_width(select(tokens, tokens, ==));
often = rank > 1;
`

// disguised exports a program in a disguise of all kinds.
func disguised(t *testing.T, program string) string {
	t.Helper()
	m, err := raspc.Compile("test.rasp", program, raspc.Options{PadModel: 48, PadHeads: 3, PadMLP: 24, Disguise: raspc.Disguise{
		Permute: 1, Noise: 0.1, NoiseSeed: 1, Rotate: 2, Duplicate: []raspc.Duplicate{{Name: "rank", Copies: 2}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := m.Export(dir, raspc.ExportOptions{}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestRotationIsAHint proves a rotated file by the matrix in the manifest, and not
// by one that is none of a rotation, or is another's.
func TestRotationIsAHint(t *testing.T) {
	for _, c := range []struct {
		name, reason string
		change       func(m *manifest.Manifest)
	}{
		{"as it is", "", func(*manifest.Manifest) {}},
		{"another's", "layer", func(m *manifest.Manifest) {
			r := m.Rotation
			for i := range r {
				r[i][0], r[i][1] = r[i][1], r[i][0]
			}
		}},
		{"not orthogonal", "not orthogonal", func(m *manifest.Manifest) { m.Rotation[1] = m.Rotation[0] }},
		{"wider than the file", "its matrix has", func(m *manifest.Manifest) {
			m.Model.DModel = 256
			wide := make([][]float64, m.Model.DModel)
			for i := range wide {
				wide[i] = make([]float64, len(wide))
				wide[i][i] = 1
			}
			m.Rotation = wide
		}},
		{"of other sums", "adds up to", func(m *manifest.Manifest) {
			for j := range m.Rotation[0] {
				m.Rotation[0][j] *= -1
			}
		}},
		{"of too many digits", "digits", func(m *manifest.Manifest) { m.Rotation[0][0] = 1e-9 }},
	} {
		dir := disguised(t, often)
		rewrite(t, dir, c.change)
		r, err := verify.Folder(t.Context(), dir, verify.Options{Certify: true, Distance: true, Budget: 100})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Certificate.Files {
			if f.Proved != (c.reason == "") || !strings.Contains(f.Reason, c.reason) {
				t.Errorf("%s: %s: proved %t, %s", c.name, f.File, f.Proved, f.Reason)
			}
		}
	}
}

// TestDisguisedDamage changes weights of a disguised file, one a tensor, from what is
// not seen to what is: none that errs is proved, and small changes are.
func TestDisguisedDamage(t *testing.T) {
	proved, wrong := 0, 0
	dir := disguised(t, ranks)
	path := filepath.Join(dir, "model.onnx")
	whole := get(t, path)
	for name := range floats(t, model(t, dir)) {
		for _, factor := range []float32{1 + 1e-6, -30} {
			put(t, path, whole)
			m := model(t, dir)
			raw := floats(t, m)[name]
			largest := 0
			for i := 0; i < len(raw); i += 4 {
				if w := at(raw[i:]); w*w > at(raw[largest:])*at(raw[largest:]) {
					largest = i
				}
			}
			set(raw[largest:], at(raw[largest:])*factor)
			data, err := proto.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			put(t, path, data)
			r, err := verify.Folder(t.Context(), dir, verify.Options{Certify: true, Budget: 340, Formats: []string{"onnx"}}) // all inputs
			if err != nil {
				continue // no transformer any more
			}
			switch f := r.Certificate.Files[0]; {
			case f.Proved && r.FirstDifference != nil:
				t.Errorf("%s times %g: proved, and %+v", name, factor, r.FirstDifference)
			case f.Proved:
				proved++
			case r.FirstDifference != nil:
				wrong++
			}
		}
	}
	if proved < 5 || wrong < 5 {
		t.Errorf("%d proved, %d wrong", proved, wrong)
	}
}

// model reads the ONNX file of a folder.
func model(t *testing.T, dir string) *onnxpb.ModelProto {
	t.Helper()
	var m onnxpb.ModelProto
	if err := proto.Unmarshal(get(t, filepath.Join(dir, "model.onnx")), &m); err != nil {
		t.Fatal(err)
	}
	return &m
}

// TestDistanceOfDisguised finds what the labels say along the directions of a rotated
// stream, in each copy.
func TestDistanceOfDisguised(t *testing.T) {
	dir := disguised(t, ranks)
	for _, d := range measured(t, dir).Distances {
		copies := 0
		for _, s := range d.SOps {
			if s.Copy > 0 {
				copies++
			}
			if named := strings.HasSuffix(s.SOp, " (copy 2)"); named != (s.Copy == 2) {
				t.Errorf("%s: copy %d is called %s", d.File, s.Copy, s.SOp)
			}
			if s.Worst > 0.02 || s.Wrong > 0 {
				t.Errorf("%s: %+v", d.File, s)
			}
		}
		if copies < 2 || d.Inputs == 0 {
			t.Errorf("%s: %d copies on %d inputs", d.File, copies, d.Inputs)
		}
	}
	noisy(t, filepath.Join(dir, "model.onnx"), "layer0.mlp.out.weight", 0.5)
	r := measured(t, dir, "onnx")
	if dep := r.FirstDifference; dep == nil || dep.Departure == nil || dep.Departure.Part != "mlp" || *dep.Departure.Layer != 0 {
		t.Errorf("with other neurons, the first departure is %+v", dep)
	}
}

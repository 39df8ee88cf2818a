package verify_test

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/verify"
)

// ranks computes one s-op from another, in layers of their own.
const ranks = `#: tokens = int
#: vocab = 0..3
#: max_len = 4
smaller = select(tokens_int, tokens_int, <);
same_earlier = select(tokens_int, tokens_int, ==) and select(indices, indices, <);
rank = selector_width(smaller or same_earlier);
sorted = aggregate(select(rank, indices, ==), tokens_int);
`

// measured verifies a folder and returns how far its files are.
func measured(t *testing.T, dir string, formats ...string) *verify.Report {
	t.Helper()
	r, err := verify.Folder(t.Context(), dir, verify.Options{Distance: true, Budget: 200, Formats: formats})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestDistanceOfExports finds files as close as the manifest states, in both
// formats and for all encodings that the programs are held in.
func TestDistanceOfExports(t *testing.T) {
	for name, text := range map[string]string{
		"ranks": ranks, "labels": reverse, "numbers": share, "booleans": most, "causal": "#: causal = on\n" + share,
		"large numbers": "#: tokens = int\n#: vocab = 0..3\n#: max_len = 3\nx = aggregate(full_s, 100*tokens_int);",
		"no name":       "#: vocab = \"ab\"\n#: max_len = 3\nx = selector_width(select(tokens, tokens, ==)) % 2 + 1;",
	} {
		dir := export(t, text)
		m, err := manifest.Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		stated := map[[2]string]float64{}
		for _, v := range m.Variables {
			stated[[2]string{v.Name, v.Encoding}] = v.Error / v.Gap
		}
		for _, d := range measured(t, dir).Distances {
			if d.Inputs == 0 || d.Skipped > 0 || len(d.SOps) != len(m.Variables) {
				t.Errorf("%s: %d of %d measured, %d inputs", name, len(d.SOps), len(m.Variables), d.Inputs)
			}
			for _, s := range d.SOps {
				if s.Worst > 1.001*stated[[2]string{s.SOp, s.Encoding}]+1e-6 || s.Mean > s.Worst || s.Wrong > 0 {
					t.Errorf("%s: %s: %+v", name, d.File, s)
				}
			}
			if d.Agreement != nil && *d.Agreement != 1 || d.MaxError != nil && *d.MaxError > 300*2e-5 || (d.Agreement == nil) != (d.MaxError != nil) {
				t.Errorf("%s: %s: %+v", name, d.File, d)
			}
		}
	}
}

// noisy adds noise of a size to a tensor of an ONNX file.
func noisy(t *testing.T, path, name string, size float64) {
	t.Helper()
	var model onnxpb.ModelProto
	if err := proto.Unmarshal(get(t, path), &model); err != nil {
		t.Fatal(err)
	}
	raw, ok := floats(t, &model)[name]
	if !ok {
		t.Fatalf("no tensor %s", name)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < len(raw); i += 4 {
		set(raw[i:], at(raw[i:])+float32(size*(rng.Float64()-0.5)))
	}
	data, err := proto.Marshal(&model)
	if err != nil {
		t.Fatal(err)
	}
	put(t, path, data)
}

// TestDistanceGrows moves the weights behind the neurons of the first layer: what
// is written before stays, what they write moves first, and ever further.
func TestDistanceGrows(t *testing.T) {
	last := 0.0
	for _, size := range []float64{1e-4, 1e-3, 1e-2, 0.1, 1} {
		dir := export(t, ranks)
		noisy(t, filepath.Join(dir, "model.onnx"), "layer0.mlp.out.weight", size)
		r := measured(t, dir, "onnx")
		d := r.Distances[0]
		moved := -1
		for i, s := range d.SOps {
			before := s.Layer == nil || *s.Layer == 0 && s.Part == "attention"
			if before && s.Worst > 0.01 {
				t.Errorf("noise of %g: %s moved by %g", size, s.SOp, s.Worst)
			}
			if !before && moved < 0 {
				moved = i
			}
		}
		s := d.SOps[moved]
		if s.SOp != "rank" || s.Part != "mlp" || !(s.Worst > 2*last) || !(s.Mean > 0) {
			t.Errorf("noise of %g: %+v behind %g", size, s, last)
		}
		last = s.Worst
		if (r.Result == verify.Different) != (*d.Agreement < 1) {
			t.Errorf("noise of %g: %s with an agreement of %g", size, r.Result, *d.Agreement)
		}
		if dep := r.FirstDifference; dep != nil && (dep.Departure == nil || *dep.Departure.Layer != 0 || dep.Departure.Part != "mlp") {
			t.Errorf("noise of %g: departs at %v", size, dep.Departure)
		}
	}
	if last < 0.5 {
		t.Errorf("the largest noise moves ranks by %g", last)
	}
}

// TestDistanceOfHalvedNumbers takes the powers of two from raspc.json: a number that
// is half of what it should be everywhere is not fitted away.
func TestDistanceOfHalvedNumbers(t *testing.T) {
	dir := export(t, ranks)
	scaleONNX(t, filepath.Join(dir, "model.onnx"), "layer0.attn.o.weight", 0.5)
	for _, s := range measured(t, dir, "onnx").Distances[0].SOps {
		if s.SOp == "rank" && s.Part == "attention" && !(s.Worst > 1.4 && s.Wrong > 0.1) {
			t.Errorf("half of rank, which is 3 at most, is off by %g", s.Worst)
		}
	}
}

package onnxrun_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/onnx"
	"github.com/raspc/raspc/verify/onnxrun"
)

// reread encodes a model and reads it back.
func reread(t interface{ Fatal(...any) }, m *decoder.Model, o onnx.Options) *onnxrun.Model {
	var buf bytes.Buffer
	if _, err := onnx.Encode(&buf, m, o); err != nil {
		t.Fatal(err)
	}
	r, err := onnxrun.Decode(buf.Bytes(), onnxrun.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// drawBatch draws rows of one length, BOS first, with padding at the end of
// some.
func drawBatch(t *rapid.T, c decoder.Config) (ids, mask [][]int64) {
	length := rapid.IntRange(1, c.Positions).Draw(t, "length")
	for range rapid.IntRange(1, 4).Draw(t, "rows") {
		real := rapid.IntRange(1, length).Draw(t, "real")
		row, seen := make([]int64, length), make([]int64, length)
		for p := range row {
			switch {
			case p == 0:
				row[p], seen[p] = int64(c.BOS), 1
			case p < real:
				row[p], seen[p] = rapid.Int64Range(0, int64(c.Vocab-1)).Draw(t, "id"), 1
			default:
				row[p] = int64(c.PAD)
			}
		}
		ids, mask = append(ids, row), append(mask, seen)
	}
	return ids, mask
}

// near reports a difference beyond what float32 rounding explains. Activations
// of drawn models reach some hundreds of thousands, and scores enter an
// exponential, so the bound is relative to the largest logit.
func near(got []float32, want []float64) bool {
	scale := 1.0
	for _, w := range want {
		scale = math.Max(scale, math.Abs(w))
	}
	for i, w := range want {
		if !(math.Abs(float64(got[i])-w) <= 1e-4*scale) {
			return false
		}
	}
	return len(got) == len(want)
}

// tame shrinks a drawn model's scores, so that rounding before an exponential
// stays rounding after it.
func tame(m *decoder.Model) {
	for _, l := range m.Layers {
		for _, h := range l.Heads {
			for i := range h.Q.Entries {
				h.Q.Entries[i].W /= 64
			}
			for i := range h.O.Entries {
				h.O.Entries[i].W /= 4
			}
		}
		for i := range l.Out.Entries {
			l.Out.Entries[i].W /= 8
		}
	}
}

func TestFilesComputeTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		tame(m)
		r := reread(t, m, onnx.Options{})
		ids, mask := drawBatch(t, m.Config)
		got, err := r.Run(ids, mask)
		if err != nil {
			t.Fatal(err)
		}
		for i := range ids {
			want := forward(m, ids[i], mask[i])
			for p := range want {
				if !near(got[i][p], want[p]) {
					t.Fatalf("row %d (%v, mask %v) position %d: got %v, want %v", i, ids[i], mask[i], p, got[i][p], want[p])
				}
			}
		}
	})
}

func TestHiddenStates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		tame(m)
		r := reread(t, m, onnx.Options{HiddenStates: true})
		if r.HiddenStates() != m.Config.Layers+1 {
			t.Fatalf("%d hidden states of %d layers", r.HiddenStates(), m.Config.Layers)
		}
		ids, mask := drawBatch(t, m.Config)
		got, err := r.RunHidden(ids, mask)
		if err != nil {
			t.Fatal(err)
		}
		for i := range ids {
			for k, want := range residual(m, ids[i], mask[i]) {
				for p := range want {
					if !near(got[k][i][p], want[p]) {
						t.Fatalf("row %d (%v, mask %v) state %d position %d: got %v, want %v", i, ids[i], mask[i], k, p, got[k][i][p], want[p])
					}
				}
			}
		}
	})
}

// However a file is written, its operations are the same.
func TestOptionsComputeTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		tame(m)
		plain := reread(t, m, onnx.Options{})
		ids, mask := drawBatch(t, m.Config)
		want, err := plain.Run(ids, mask)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range []onnx.Options{
			{Functions: true}, {Functions: true, HiddenStates: true, Opset: 21}, {Int32IDs: true}, {HiddenStates: true},
			{Manifest: &manifest.Manifest{Output: manifest.Output{Kind: manifest.Numeric}}},
		} {
			r := reread(t, m, o)
			if o.Manifest == nil {
				if diff := cmp.Diff(plain.Operations(), r.Operations()); diff != "" {
					t.Fatalf("%+v: %s", o, diff)
				}
			}
			got, err := r.Run(ids, mask)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%+v: %s", o, diff)
			}
		}
	})
}

func TestNarrowIDs(t *testing.T) {
	m := reread(t, oneHot(3), onnx.Options{Int32IDs: true})
	if _, err := m.Run([][]int64{{10, 1}}, [][]int64{{1, 1}}); err != nil {
		t.Error(err)
	}
	if _, err := m.Run([][]int64{{10, 1 << 32}}, [][]int64{{1, 1}}); err == nil || !strings.Contains(err.Error(), "does not fit int32") {
		t.Errorf("an id beyond 32 bits: error %v", err)
	}
}

// Padding must not be seen at all: not approximately, but bit for bit.
func TestPaddingChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		tame(m)
		r := reread(t, m, onnx.Options{})
		ids, mask := drawBatch(t, m.Config)
		padded, err := r.Run(ids, mask)
		if err != nil {
			t.Fatal(err)
		}
		for i := range ids {
			real := 0
			for _, e := range mask[i] {
				real += int(e)
			}
			alone, err := r.Run([][]int64{ids[i][:real]}, [][]int64{mask[i][:real]})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(alone[0], padded[i][:real]); diff != "" {
				t.Fatalf("row %d of %d real tokens, padded to %d:\n%s", i, real, len(ids[i]), diff)
			}
		}
	})
}

func TestMaskedRowIsFinite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		tame(m)
		ids, mask := drawBatch(t, m.Config)
		for i := range mask[0] {
			mask[0][i] = 0
		}
		got, err := reread(t, m, onnx.Options{}).Run(ids, mask)
		if err != nil {
			t.Fatal(err)
		}
		for _, logits := range got[0] {
			for _, x := range logits {
				if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
					t.Fatalf("logits %v where every key is hidden", got[0])
				}
			}
		}
	})
}

func TestExternalDataComputesTheSame(t *testing.T) {
	m := oneHot(40)
	ids, mask := [][]int64{{10, 1, 2, 3}, {10, 5, 5, 11}}, [][]int64{{1, 1, 1, 1}, {1, 1, 1, 0}}
	want, err := reread(t, m, onnx.Options{}).Run(ids, mask)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files, err := onnx.Plan(m, onnx.Options{External: true})
	if err == nil {
		err = artifact.Create(dir, files, func(int64, int64) error { return nil })
	}
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	opened, err := onnxrun.Open(filepath.Join(dir, onnx.ModelFile))
	if err != nil {
		t.Fatal(err)
	}
	got, err := opened.Run(ids, mask)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	data := filepath.Join(dir, onnx.DataFile)
	info, err := os.Stat(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(data, info.Size()-1); err != nil {
		t.Fatal(err)
	}
	if _, err := onnxrun.Open(filepath.Join(dir, onnx.ModelFile)); err == nil {
		t.Error("a truncated data file was accepted")
	}
}

// What a model cannot compute is an error, not a guess.
func TestOutOfRange(t *testing.T) {
	m := reread(t, oneHot(3), onnx.Options{})
	ones := []int64{1, 1, 1, 1, 1}
	for name, ids := range map[string][]int64{
		"too long":  {10, 0, 1, 2, 3},
		"unknown":   {10, 12},
		"negative":  {10, -13},
		"in bounds": {10, 0, 1, 2},
	} {
		_, err := m.Run([][]int64{ids}, [][]int64{ones[:len(ids)]})
		if (err == nil) != (name == "in bounds") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// A single damaged weight must reach the logits.
func TestDamagedWeightShows(t *testing.T) {
	m := oneHot(6)
	ids, mask := [][]int64{{10, 1, 2, 3, 4, 5, 6}}, [][]int64{{1, 1, 1, 1, 1, 1, 1}}
	want, err := reread(t, m, onnx.Options{}).Run(ids, mask)
	if err != nil {
		t.Fatal(err)
	}
	m.Embed.Entries[1].W += 0.5
	got, err := reread(t, m, onnx.Options{}).Run(ids, mask)
	if err != nil {
		t.Fatal(err)
	}
	if cmp.Equal(want, got) {
		t.Error("the logits are the same")
	}
}

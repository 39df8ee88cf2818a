package hfrun_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/hf"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/hfrun"
)

// writeFolder writes the model as a folder and returns the file by which its weights
// are found.
func writeFolder(t testing.TB, dir string, m *decoder.Model, kind string, o hf.Options) string {
	t.Helper()
	folder, err := hf.Plan(m, describe(m, kind), o)
	if err == nil {
		err = artifact.Create(dir, folder.Files, func(int64, int64) error { return nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	return folder.Weights
}

// archs are the architectures for a kind of attention, by Config.Causal.
var archs = map[bool][]string{true: {hf.GPT2, hf.Llama}, false: {hf.Bert, hf.MobileBert}}

// export writes the model as a folder of the default architecture and opens it.
func export(t testing.TB, m *decoder.Model, kind string) *hfrun.Model {
	t.Helper()
	return exportAs(t, m, kind, "")
}

// exportAs writes the model as a folder and opens it.
func exportAs(t testing.TB, m *decoder.Model, kind, arch string) *hfrun.Model {
	t.Helper()
	dir := t.TempDir()
	writeFolder(t, dir, m, kind, hf.Options{Arch: arch})
	run, err := hfrun.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// inputs returns sequences of all lengths, BOS in front, padded to the
// longest.
func inputs(rng *rand.Rand, m *decoder.Model, each int) (ids, mask [][]int64, lengths []int) {
	c := m.Config
	for n := 1; n <= c.Positions; n++ {
		for range each {
			row, seen := make([]int64, c.Positions), make([]int64, c.Positions)
			for i := range row {
				row[i] = int64(c.PAD)
				if i < n {
					row[i], seen[i] = int64(rng.IntN(c.Vocab-2)), 1
				}
			}
			row[0] = int64(c.BOS)
			ids, mask, lengths = append(ids, row), append(mask, seen), append(lengths, n)
		}
	}
	return ids, mask, lengths
}

// compare runs padded batches and returns the worst difference from the
// decoder, relative to the largest logit of a sequence.
func compare(t testing.TB, m *decoder.Model, run *hfrun.Model, factor float64) float64 {
	t.Helper()
	ids, mask, lengths := inputs(rand.New(rand.NewPCG(1, 2)), m, 8)
	got, err := run.Run(ids, mask)
	if err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for i, n := range lengths {
		want := forward(m, ids[i][:n])
		size := 1.0
		for p := range want {
			for o := range want[p] {
				size = max(size, math.Abs(want[p][o]))
			}
		}
		for p := range want {
			for o := range want[p] {
				worst = max(worst, math.Abs(float64(got[i][p][o])/factor-want[p][o])/size)
			}
		}
	}
	return worst
}

func TestHandmadeModelsAreExact(t *testing.T) {
	for name, m := range map[string]*decoder.Model{
		"copy causal":     copier(3, 4, true),
		"copy full":       copier(3, 4, false),
		"copy one token":  copier(1, 1, true),
		"previous causal": mover(3, 5, -1, true),
		"previous full":   mover(3, 5, -1, false),
		"next full":       mover(4, 6, 1, false),
		"previous wide":   mover(20, 40, -1, false),
	} {
		t.Run(name, func(t *testing.T) {
			for _, arch := range archs[m.Config.Causal] {
				run := exportAs(t, m, manifest.Categorical, arch)
				if worst := compare(t, m, run, 32); worst > 2e-6 {
					t.Errorf("%s: worst error %g", arch, worst)
				}
			}
		})
	}
}

func TestRandomModels(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for i, s := range []shape{
		{Tokens: 3, MaxLen: 5, Layers: 1, Heads: 1, DModel: 7, DHead: 3, DMLP: 5, Outputs: 4},
		{Tokens: 4, MaxLen: 4, Layers: 2, Heads: 3, DModel: 11, DHead: 2, DMLP: 9, Outputs: 3},
		{Tokens: 2, MaxLen: 6, Layers: 3, Heads: 2, DModel: 5, DHead: 8, DMLP: 0, Outputs: 2},
		{Tokens: 5, MaxLen: 3, Layers: 2, Heads: 0, DModel: 6, DHead: 0, DMLP: 4, Outputs: 3},
		{Tokens: 26, MaxLen: 1, Layers: 1, Heads: 4, DModel: 31, DHead: 4, DMLP: 64, Outputs: 26},
	} {
		for _, causal := range []bool{false, true} {
			s.Causal = causal
			t.Run(fmt.Sprintf("%d causal %v", i, causal), func(t *testing.T) {
				m := random(rng, s)
				for _, arch := range archs[causal] {
					if worst := compare(t, m, exportAs(t, m, manifest.Categorical, arch), 32); worst > 5e-6 {
						t.Errorf("%s: worst error %g", arch, worst)
					}
				}
			})
		}
	}
}

func TestNumericOutput(t *testing.T) {
	m := random(rand.New(rand.NewPCG(5, 6)), shape{Tokens: 3, MaxLen: 4, Layers: 1, Heads: 1, DModel: 5, DHead: 5, DMLP: 5, Outputs: 1})
	run := export(t, m, manifest.Numeric)
	if worst := compare(t, m, run, 1); worst > 5e-6 {
		t.Errorf("worst error %g", worst)
	}
}

// TestLargeColumn has a column of values that the default epsilon of the
// norms could not cover, beside one of small values.
func TestLargeColumn(t *testing.T) {
	for _, causal := range []bool{true, false} {
		m := copier(4, 3, causal)
		for i := range m.Embed.Entries {
			m.Embed.Entries[i].W = float32(i)*1e5 + 1
		}
		m.Config.Outputs = 1
		m.Unembed = newGrid(4, 1).set(0, 0, 1).set(3, 0, 1).matrix()
		for _, arch := range archs[causal] {
			if worst := compare(t, m, exportAs(t, m, manifest.Numeric, arch), 1); worst > 1e-7 {
				t.Errorf("%s: worst error %g", arch, worst)
			}
		}
	}
}

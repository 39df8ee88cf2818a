package hfrun_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/raspc/raspc/verify/hfrun"
)

// TestStockModels compares with what transformers computes for models that no
// compiler made: ordinary layer norms, biases everywhere. testdata/stock/make.py
// wrote the folders.
func TestStockModels(t *testing.T) {
	for _, name := range []string{"gpt2", "gpt2-next", "bert", "llama", "mobilebert"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join("testdata", "stock", name)
			m, err := hfrun.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(filepath.Join(dir, "expect.json"))
			if err != nil {
				t.Fatal(err)
			}
			var want struct {
				IDs    [][]int64     `json:"ids"`
				Mask   [][]int64     `json:"mask"`
				Logits [][][]float64 `json:"logits"`
			}
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			got, err := m.Run(want.IDs, want.Mask)
			if err != nil {
				t.Fatal(err)
			}
			compared := 0
			for i, row := range want.Logits {
				for p := range row {
					for o, v := range row[p] {
						if want.Mask[i][p] == 0 {
							continue
						}
						compared++
						if math.Abs(float64(got[i][p][o])-v) > 2e-5 {
							t.Errorf("row %d position %d output %d: %g, transformers %g", i, p, o, got[i][p][o], v)
						}
					}
				}
			}
			if outputs := map[bool]int{false: 3, true: 7}[m.NextTokens()]; compared != 16*outputs {
				t.Errorf("compared %d logits", compared)
			}
		})
	}
}

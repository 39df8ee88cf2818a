package pipeline_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/backend/pipeline"
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/value"
)

func TestCorpus(t *testing.T) {
	files, _ := filepath.Glob("../../fixtures/corpus/*.rasp")
	for _, f := range files {
		name := filepath.Base(f)
		for opt := range 2 {
			t.Run(fmt.Sprintf("%s-O%d", name, opt), func(t *testing.T) {
				text, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				r, err := pipeline.Run(diag.NewSource(name, string(text)), pipeline.Options{Opt: opt, Check: true})
				var list diag.List
				if errors.As(err, &list) {
					t.Logf("DIAG %s", list[0].Error())
					t.Log(list[0].Notes)
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				n := exhaust(t, r)
				c := r.Layout.Model.Config
				_, nz := r.Layout.Model.Params()
				t.Logf("OK opt=%d %d inputs; layers %d heads %d d %d dh %d mlp %d nz %d out %v assume %v", opt, n, c.Layers, c.Heads, c.DModel, c.DHead, c.DMLP, nz, r.Craft.Output.Encoding, r.Craft.Assumptions)
			})
		}
	}
}

func exhaust(t *testing.T, r *pipeline.Result) int {
	d := r.Domain
	oracle := interp.New(r.Program.Graph, d.Causal, r.Output)
	run := craft.NewRunner(r.Craft)
	fw := decoder.NewForward(r.Layout.Model)
	count := 0
	for n := 1; n <= d.MaxLen; n++ {
		ids := make([]int, n)
		for more := true; more; more = next(ids, len(d.Vocab)) {
			in := make([]value.Value, n)
			for i, id := range ids {
				in[i] = d.Vocab[id]
			}
			if d.Accept != nil && !d.Accept(in) {
				continue
			}
			want, err := oracle.Run(in)
			if err != nil {
				t.Fatalf("%v: oracle: %v", in, err)
			}
			count++
			got, err := run.Run(ids)
			if err != nil {
				t.Fatal(err)
			}
			full := append([]int{r.Layout.Model.Config.BOS}, ids...)
			dense, err := fw.Run(full)
			if err != nil {
				t.Fatal(err)
			}
			for i, w := range want.Sequence(r.Output) {
				same(t, r, ids, i, got.Logits[i], w)
				same(t, r, ids, i, dense.RawRowView(i+1), w)
				if t.Failed() {
					return count
				}
			}
		}
	}
	return count
}

func same(t *testing.T, r *pipeline.Result, ids []int, i int, logits []float64, w value.Value) {
	t.Helper()
	v, x := r.Craft.Output.Decode(logits)
	if r.Craft.Output.Encoding == craft.Numeric {
		if e := math.Abs(x - w.Rat().Float64()); e > 1e-5*max(1, math.Abs(w.Rat().Float64())) {
			t.Errorf("%v pos %d: got %g want %s", ids, i, x, w.Rat())
		}
	} else if !value.Equal(v, w) || x < 0.3 {
		t.Errorf("%v pos %d: got %s margin %g want %s", ids, i, v.Repr(), x, w.Repr())
	}
}

func next(ids []int, base int) bool {
	for i := len(ids) - 1; i >= 0; i-- {
		if ids[i]++; ids[i] < base {
			return true
		}
		ids[i] = 0
	}
	return false
}

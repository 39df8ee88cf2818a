package raspc

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/export/card"
	"github.com/raspc/raspc/verify"
)

// TestEvaluation has files of numbers, whose errors differ, and files of labels.
func TestEvaluation(t *testing.T) {
	small, large := 1e-8, 1e-6
	of := func(errors ...*float64) *Report {
		r := &Report{Result: Equivalent, Plan: verify.Plan{Seed: 7}}
		for _, e := range errors {
			r.Files = append(r.Files, verify.FileReport{Inputs: 30, ExhaustiveTo: 2, Longest: 3, MaxLen: 4, MaxAbsError: e})
		}
		return r
	}
	for want, r := range map[*float64]*Report{&large: of(&small, &large, &small), &small: of(&small), nil: of(nil, nil)} {
		if diff := cmp.Diff(&card.Evaluation{Inputs: 30, ExhaustiveTo: 2, Longest: 3, MaxLen: 4, Seed: 7, MaxError: want}, evaluation(r)); diff != "" {
			t.Error(diff)
		}
	}
}

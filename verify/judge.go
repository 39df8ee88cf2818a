package verify

import (
	"fmt"
	"math"

	"github.com/raspc/raspc/frontend/value"
)

// outcome is the comparison of one case.
type outcome struct {
	difference *Difference
	weak       int     // right outputs whose margin is too small to count
	margin     float64 // the worst, of right labels
	err        float64 // the worst, of numbers
}

// weakMargin is the margin, relative to the largest logit, below which another
// runtime's rounding might choose another label.
const weakMargin = 1e-5

// judge compares the logits of one case, of all its positions with BOS in
// front, with the oracle's output. Numbers may be off by what is allowed.
func (s *subject) judge(tc testCase, logits [][]float32, allowed float64) (outcome, error) {
	o := outcome{margin: math.Inf(1)}
	if len(logits) <= len(tc.ids) {
		return o, fmt.Errorf("logits for %d positions of an input of %d and BOS", len(logits), len(tc.ids))
	}
	for i, want := range tc.want {
		row := logits[i+1]
		if n := max(1, len(s.labels)); len(row) != n {
			return o, fmt.Errorf("%d logits a position, the output has %d", len(row), n)
		}
		var got *value.Value
		var same bool
		if s.labels == nil {
			got, same = o.number(row[0], want, allowed)
		} else {
			got, same = o.label(row, want, s.labels)
		}
		if !same {
			o.difference = &Difference{Input: s.tokens(tc.ids), Position: i, Expected: want, Got: got, SOp: s.name}
			return o, nil
		}
	}
	return o, nil
}

// number compares a numeric output.
func (o *outcome) number(logit float32, want value.Value, allowed float64) (*value.Value, bool) {
	x := float64(logit)
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil, false
	}
	got := value.Number(value.KindFloat, value.FromFloat(x))
	if want.IsString() {
		return &got, false
	}
	e := math.Abs(x - want.Rat().Float64())
	o.err = max(o.err, e)
	return &got, e <= allowed
}

// label compares a categorical output: the label with the largest logit.
func (o *outcome) label(row []float32, want value.Value, labels []value.Value) (*value.Value, bool) {
	best, size := 0, 0.0
	for k, l := range row {
		if x := float64(l); math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, false
		} else if l > row[best] {
			best = k
		}
		size = max(size, math.Abs(float64(l)))
	}
	got := labels[best]
	if !value.Equal(got, want) {
		return &got, false
	}
	margin := math.Inf(1)
	for k, l := range row {
		if k != best {
			margin = min(margin, float64(row[best])-float64(l))
		}
	}
	o.margin = min(o.margin, margin)
	if margin < weakMargin*max(1, size) {
		o.weak++
	}
	return &got, true
}

// shrink makes the first difference smaller: it leaves out tokens as long as
// the file and the program still disagree.
func (c *comparison) shrink() {
	ids := c.cases[c.firstAt].ids
	for again := true; again; {
		again = false
		for k := range ids {
			shorter := append(append([]int(nil), ids[:k]...), ids[k+1:]...)
			if d := c.differs(shorter); d != nil {
				ids, c.first, again = shorter, d, true
				break
			}
		}
	}
}

// differs runs one input and returns the difference, or nil where there is
// none or the input is not one of the program's.
func (c *comparison) differs(ids []int) *Difference {
	if len(ids) == 0 || !c.subject.accepts(ids) {
		return nil
	}
	r, err := c.subject.oracle.Run(c.subject.tokens(ids))
	if err != nil {
		return nil
	}
	one := &comparison{subject: c.subject, runner: c.runner, options: c.options, allowed: c.allowed,
		cases: []testCase{{ids, r.Sequence(c.subject.output)}}, firstAt: 1, progress: func(int) {}}
	if one.batch([]int{0}) != nil || one.first == nil {
		return nil
	}
	return one.first
}

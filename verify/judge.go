package verify

import (
	"fmt"
	"math"

	"github.com/raspc/raspc/frontend/value"
)

// outcome is the comparison of one case, or of many.
type outcome struct {
	difference *Difference
	weak       int     // right outputs whose margin is too small to count
	margin     float64 // the worst, of right labels
	err        float64 // the worst, of numbers
	histogram  histogram
}

// newOutcome is the outcome of no cases.
func newOutcome() outcome { return outcome{margin: math.Inf(1)} }

// weakMargin is the margin, relative to the largest logit, below which another
// runtime's rounding might choose another label.
const weakMargin = 1e-5

// reading is what the logits of one position say by themselves.
type reading struct {
	finite bool
	label  int     // that with the largest logit; behind the last, other tokens
	margin float64 // by which it leads
	weak   bool    // too little to count
	bucket int     // of the margin; -1 for none
	number float64 // of a numeric output
}

// reading reads the logits of one position: those of the labels, or a number, and
// of other tokens of the file.
func (s *subject) reading(row []float32, others []value.Value) (reading, error) {
	r := reading{margin: math.Inf(1)}
	if n := max(1, len(s.labels)) + len(others); len(row) != n {
		return r, fmt.Errorf("%d logits a position, the output has %d", len(row), n)
	}
	size := 0.0
	for k, l := range row {
		if l-l != 0 {
			return r, nil
		}
		if l > row[r.label] {
			r.label = k
		}
		size = max(size, math.Abs(float64(l)))
	}
	for k, l := range row {
		if k != r.label {
			r.margin = min(r.margin, float64(row[r.label])-float64(l))
		}
	}
	r.finite, r.weak, r.number = true, r.margin < weakMargin*max(1, size), float64(row[0])
	r.bucket = bucket(r.margin)
	return r, nil
}

// got is the value that a reading stands for; nil where it is none.
func (s *subject) got(r reading, others []value.Value) *value.Value {
	switch {
	case !r.finite:
		return nil
	case r.label >= max(1, len(s.labels)):
		return &others[r.label-len(s.labels)]
	case s.labels != nil:
		v := s.labels[r.label]
		return &v
	}
	v := value.Number(value.KindFloat, value.FromFloat(r.number))
	return &v
}

// right counts a reading, and reports whether it is right: numbers may be off by
// what is allowed.
func (o *outcome) right(s *subject, r *reading, want *value.Value, allowed float64) bool {
	switch {
	case !r.finite:
		return false
	case s.labels != nil:
		if !s.labelled(r, want) {
			return false
		}
		o.margin = min(o.margin, r.margin)
		if r.weak {
			o.weak++
		}
		o.histogram.add(r.bucket)
		return true
	case !want.IsNumber():
		return false
	}
	e := math.Abs(r.number - want.Rat().Float64())
	o.err = max(o.err, e)
	o.histogram.add(bucket(e))
	return e <= allowed
}

// labelled reports whether a reading is the label of a value.
func (s *subject) labelled(r *reading, want *value.Value) bool {
	return r.label < len(s.labels) && value.Equal(s.labels[r.label], *want)
}

// merge adds the counts of another outcome.
func (o *outcome) merge(p outcome) {
	o.weak += p.weak
	o.margin = min(o.margin, p.margin)
	o.err = max(o.err, p.err)
	for i, n := range p.histogram {
		o.histogram[i] += n
	}
}

// judge compares the logits of one case, of all its positions with BOS in
// front, with the oracle's output. Numbers may be off by what is allowed.
func (s *subject) judge(tc testCase, logits [][]float32, others []value.Value, allowed float64) (outcome, error) {
	o := newOutcome()
	if len(logits) <= len(tc.ids) {
		return o, fmt.Errorf("logits for %d positions of an input of %d and BOS", len(logits), len(tc.ids))
	}
	for i, want := range tc.want {
		r, err := s.reading(logits[i+1], others)
		if err != nil {
			return o, err
		}
		if !o.right(s, &r, &want, allowed) {
			o.difference = &Difference{Input: s.tokens(tc.ids), Position: i, Expected: want, Got: s.got(r, others), SOp: s.name}
			return o, nil
		}
	}
	return o, nil
}

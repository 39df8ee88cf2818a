package main

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/raspc/raspc/verify"
)

// The moves that are tried, as powers of two of the weight itself, and how often
// the way between is halved.
const (
	leastMove, mostMove = -12.0, 4.0
	halvings            = 7
)

// moveTooFar moves a weight that matters up or down until some input is wrong,
// and hardly farther: most inputs are still right then, so that a sample may
// miss the damage, and a proof has little to see.
func moveTooFar(ctx context.Context, s *subject, rng *rand.Rand) (*mutant, error) {
	w, err := s.weights()
	if err != nil {
		return nil, err
	}
	p, sign := w.pick(rng, nonZero), one(rng, 1.0, -1)
	old := p.value()
	moved := func(exponent float64) (*mutant, error) {
		p.t.data[p.i] = old
		what := p.set(float32(float64(old) * (1 + sign*math.Exp2(exponent))))
		data, err := w.encode()
		return &mutant{what: what, files: map[string][]byte{weightsFile[s.format]: data}}, err
	}
	var far *mutant
	right, wrong := leastMove, mostMove
	for exponent := mostMove; ; exponent = (right + wrong) / 2 {
		m, err := moved(exponent)
		if err != nil {
			return nil, err
		}
		bad, err := s.errs(ctx, m)
		switch {
		case err != nil:
			return nil, err
		case bad:
			far, wrong = m, exponent
		case far == nil: // a weight that does not matter
			return nil, nil
		default:
			right = exponent
		}
		if wrong-right <= (mostMove-leastMove)/(1<<halvings) {
			return far, nil
		}
	}
}

// errs reports whether a mutant is run, and wrong on some input.
func (s *subject) errs(ctx context.Context, m *mutant) (bad bool, err error) {
	if err := s.lay(m.files); err != nil {
		return false, err
	}
	defer func() {
		if undo := s.lay(s.files); err == nil {
			err = undo
		}
	}()
	r, err := verify.Folder(ctx, s.dir, verify.Options{Budget: everyInput, Tolerance: tolerance})
	switch {
	case refusal(err):
		return false, nil
	case disagreement(err): // which judging the mutant reports
		return true, nil
	}
	return err == nil && r.Result == verify.Different, err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/verify"
)

// verdict is what is known of a mutant.
type verdict struct {
	refused string             // why by a reader; nothing else is known then
	inputs  int                // that were run, which are all
	differs *verify.Difference // on some input; nil where every input was run and none does
	proved  bool               // by the certificate alone, whatever the runs found
	reason  string             // why not
	killed  []bool             // by samples; of what differs
}

const (
	everyInput = 1 << 20 // more than any domain here has
	// tolerance of numeric outputs in runs is that of proofs, so that both speak
	// of the same.
	tolerance = verify.CertificateTolerance
)

// judge finds out what a mutant does, and leaves the folder as it was.
func (s *subject) judge(ctx context.Context, m *mutant, samples []int, seed uint64) (v verdict, err error) {
	if known, ok := s.judged[m.hash()]; ok {
		return known, nil
	}
	if err := s.lay(m.files); err != nil {
		return v, err
	}
	defer func() {
		if undo := s.lay(s.files); err == nil {
			err = undo
		}
	}()
	v, err = s.examine(ctx, samples, seed)
	if err != nil {
		return v, fmt.Errorf("%s (%s): %w", m.name, m.what, err)
	}
	s.judged[m.hash()] = v
	return v, nil
}

// examine runs the folder as it is: on every input with a proof, then on samples.
func (s *subject) examine(ctx context.Context, samples []int, seed uint64) (v verdict, err error) {
	r, err := verify.Folder(ctx, s.dir, verify.Options{Budget: everyInput, Tolerance: tolerance, Certify: true})
	if refusal(err) {
		return verdict{refused: strings.ReplaceAll(err.Error(), s.dir+string(filepath.Separator), "")}, nil
	}
	if err != nil {
		return v, err
	}
	f := r.Files[0]
	if f.ExhaustiveTo != s.maxLen {
		return v, fmt.Errorf("every input is more than %d", everyInput)
	}
	p := r.Certificate.Files[0]
	v = verdict{inputs: f.Inputs, differs: f.Difference, proved: p.Proved, reason: p.Reason}
	if v.differs == nil {
		return v, nil
	}
	for _, n := range samples {
		r, err := verify.Folder(ctx, s.dir, verify.Options{Budget: n, Tolerance: tolerance, Seed: seed})
		if err != nil {
			return v, err
		}
		if r.Plan.ExhaustiveTo == s.maxLen {
			return v, fmt.Errorf("%d inputs are all of them", n)
		}
		v.killed = append(v.killed, r.Result == verify.Different || r.Files[0].Weak > 0)
	}
	return v, nil
}

// refusal reports an error that is about the files: no failure of the system and
// none of the verifier.
func refusal(err error) bool {
	return err != nil && !raspc.IsIO(err) && !disagreement(err) &&
		!errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// disagreement reports an error of the verifier, whose evaluations differ.
func disagreement(err error) bool { return errors.As(err, new(*verify.DisagreementError)) }

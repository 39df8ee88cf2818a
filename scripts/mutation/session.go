package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/raspc/raspc/frontend/value"
)

// session is one call.
type session struct {
	seed     uint64
	count    int    // mutants of each class and file
	only     string // name of the one mutant that is judged; "" for all
	list     bool   // log each mutant
	samples  []int  // numbers of inputs, below those of all domains
	fixtures string // folder
	programs []program
	log      io.Writer
}

// trial is the work of a session.
type trial struct {
	session
	result *result
	// mistakes of the verifier: mutants that are wrong and proved, or on which its
	// evaluations differ; too many nudges that it does not prove.
	mistakes []error
}

// run judges the mutants of all files. The error lists the mistakes of the
// verifier; the result stands beside such an error.
func (s session) run(ctx context.Context) (*result, error) {
	work, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	t := &trial{session: s, result: newResult(s.seed, s.samples)}
	for _, p := range s.programs {
		for _, format := range formats {
			file, err := export(s.fixtures, filepath.Join(work, p.name, format), format, p)
			if err == nil {
				err = t.file(ctx, file)
			}
			if err != nil {
				return nil, fmt.Errorf("%s/%s: %w", p.name, format, err)
			}
		}
	}
	if s.only != "" {
		if sum(t.result.Damages).Mutants+sum(t.result.Nudges).Mutants+len(t.mistakes) == 0 {
			return nil, fmt.Errorf("with --count %d there is no mutant %s", s.count, s.only)
		}
		return t.result, errors.Join(t.mistakes...)
	}
	if n := sum(t.result.Nudges); 10*n.Proved < 9*n.Same {
		t.mistakes = append(t.mistakes, fmt.Errorf("only %d of %d harmless nudges are proved", n.Proved, n.Same))
	}
	return t.result, errors.Join(t.mistakes...)
}

// file judges the mutants of one file, which must be proved itself.
func (t *trial) file(ctx context.Context, f *subject) error {
	good, err := f.examine(ctx, t.samples, t.seed)
	if err != nil {
		return err
	}
	if !good.proved || good.differs != nil {
		return fmt.Errorf("the undamaged file is not proved: %s%s", good.refused, good.reason)
	}
	t.result.file(good.inputs)
	for _, c := range classes {
		if t.only != "" && !strings.HasPrefix(t.only, f.path(c)+"/") {
			continue
		}
		if err := t.class(ctx, f, c); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	if t.only == "" {
		fmt.Fprintf(t.log, "%s/%s\n", f.name, f.format)
	}
	return nil
}

// class judges the mutants of one file and class.
func (t *trial) class(ctx context.Context, f *subject, c class) error {
	mutants, err := c.mutants(ctx, f, t.seed, t.count)
	if err != nil {
		return err
	}
	for _, m := range mutants {
		if t.only != "" && t.only != m.name {
			continue
		}
		v, err := f.judge(ctx, m, t.samples, t.seed)
		switch {
		case disagreement(err):
			t.mistaken("%w", m, err)
		case err != nil:
			return err
		default:
			t.add(c, m, v)
		}
	}
	return nil
}

// add counts a mutant.
func (t *trial) add(c class, m *mutant, v verdict) {
	t.result.of(c).add(v)
	if v.differs != nil && v.proved {
		t.mistaken("%s (%s) is wrong on %s and proved", m, m.name, m.what, sequence(v.differs.Input))
	}
	if t.only != "" || t.list {
		fmt.Fprintf(t.log, "%s: %s: %s\n", m.name, m.what, v.text(t.samples))
	}
}

// mistaken reports a mistake of the verifier, with the command that judges the
// mutant alone.
func (t *trial) mistaken(format string, m *mutant, args ...any) {
	args = append(args, t.seed, t.count, m.name)
	t.mistakes = append(t.mistakes, fmt.Errorf(format+"\n\tscripts/mutate --seed %d --count %d --only '%s'", args...))
}

// text says in a line what is known of a mutant.
func (v verdict) text(samples []int) string {
	if v.refused != "" {
		return "refused: " + v.refused
	}
	said := "right on every input"
	if d := v.differs; d != nil {
		said = fmt.Sprintf("wrong on %s at position %d", sequence(d.Input), d.Position)
	}
	for i, killed := range v.killed {
		if !killed {
			said += fmt.Sprintf(", not found by %d inputs", samples[i])
		}
	}
	if v.proved {
		return said + "; proved"
	}
	return said + "; not proved: " + v.reason
}

func sequence(input []value.Value) string {
	texts := make([]string, len(input))
	for i, v := range input {
		texts[i] = v.Repr()
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

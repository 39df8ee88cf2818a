package craft

import (
	"errors"
	"fmt"
)

// Check verifies that the maps fit their spaces, that variables are disjoint
// and cover the residual space, that every direction is read only after all
// that write it, and that no input changes what the BOS position holds.
func Check(p *Program) error {
	if err := errors.Join(p.checkVariables(), p.checkMaps()); err != nil {
		return err // the rest follows entries through the spaces
	}
	return errors.Join(p.checkOrder(), p.checkBOS())
}

func (p *Program) checkVariables() error {
	if len(p.Residual) < 2 {
		return errors.New("the residual space lacks the bos and real directions")
	}
	next := Real + 1
	for _, v := range p.Variables {
		if v.First != next || len(v.AtBOS) != v.Size() {
			return fmt.Errorf("variable %s starts at %d, want %d, with %d codes at BOS for %d directions",
				v.Name, v.First, next, len(v.AtBOS), v.Size())
		}
		next += v.Size()
	}
	if next != len(p.Residual) {
		return fmt.Errorf("the variables have %d directions, the residual space %d", next, len(p.Residual))
	}
	return nil
}

func (p *Program) checkMaps() error {
	d := len(p.Residual)
	errs := []error{
		p.Embed.check("embedding", len(p.Vocab)+1, d),
		p.Position.check("position", p.MaxLen+1, d),
		p.Unembed.check("unembedding", d, p.Outputs()),
	}
	for _, part := range p.Parts {
		if (part.Head == nil) == (part.MLP == nil) {
			errs = append(errs, errors.New("a part is not exactly one of head and MLP"))
		} else if h := part.Head; h != nil {
			errs = append(errs,
				h.Q.check(h.Name+": Q", d, len(h.Score)), h.K.check(h.Name+": K", d, len(h.Score)),
				h.V.check(h.Name+": V", d, len(h.Value)), h.O.check(h.Name+": O", len(h.Value), d))
		} else {
			m := part.MLP
			if len(m.Roles) > 0 && len(m.Roles) != len(m.Hidden) {
				errs = append(errs, fmt.Errorf("%s: %d roles of %d neurons", m.Name, len(m.Roles), len(m.Hidden)))
			}
			errs = append(errs,
				m.In.check(m.Name+": in", d, len(m.Hidden)), m.Out.check(m.Name+": out", len(m.Hidden), d),
				m.Bias.check(m.Name+": bias", 1, d))
		}
	}
	return errors.Join(errs...)
}

// checkOrder walks the parts and fails on a write after a read.
func (p *Program) checkOrder() error {
	read := make([]bool, len(p.Residual))
	for i, part := range p.Parts {
		for _, to := range part.Writes() {
			if read[to] {
				return fmt.Errorf("part %d (%s) writes %s after it was read", i, part.Name(), p.Residual[to])
			}
		}
		for _, from := range part.Reads() {
			read[from] = true
		}
	}
	return nil
}

// Outputs returns the number of logits.
func (p *Program) Outputs() int {
	if p.Output.Encoding == Numeric {
		return 1
	}
	return len(p.Output.Labels)
}

// Name returns the part's name.
func (p Part) Name() string {
	if p.Head != nil {
		return p.Head.Name
	}
	return p.MLP.Name
}

// Reads returns the residual directions that the part reads, with repetition.
func (p Part) Reads() []int {
	if p.Head != nil {
		return sources(p.Head.Q, p.Head.K, p.Head.V)
	}
	return sources(p.MLP.In)
}

// Writes returns the residual directions that the part writes, with
// repetition.
func (p Part) Writes() []int {
	var to []int
	maps := []Map{}
	if p.Head != nil {
		maps = append(maps, p.Head.O)
	} else {
		maps = append(maps, p.MLP.Out, p.MLP.Bias)
	}
	for _, m := range maps {
		for _, e := range m {
			to = append(to, e.To)
		}
	}
	return to
}

func sources(maps ...Map) []int {
	var from []int
	for _, m := range maps {
		for _, e := range m {
			from = append(from, e.From)
		}
	}
	return from
}

package raspc

import (
	"github.com/raspc/raspc/export/card"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/value"
)

// example returns a short input that the program is meant for, with what the
// program makes of it: the first of the longest length up to 3 that a small
// search finds. It is empty where there is none.
func (m *Model) example() card.Example {
	const most = 5000
	run := m.evaluator()
	d := m.result.Domain
	longest := min(3, d.MaxLen)
	if m.opts.nextToken {
		longest = max(1, min(longest, d.MaxLen-1)) // so that there is room to go on
	}
	for n := longest; n > 0; n-- {
		digits := make([]int, n)
		for range most {
			in := make([]value.Value, n)
			for i, at := range digits {
				// Different tokens first: a b c before a a a.
				in[i] = d.Vocab[(at+i)%len(d.Vocab)]
			}
			if out := run(in); out != nil {
				return m.shown(in, out, run)
			}
			if !increment(digits, len(d.Vocab)) {
				break
			}
		}
	}
	return card.Example{}
}

// evaluator returns the program as the reference interpreter runs it; it gives
// nil for inputs that the program is not meant for or is undefined on.
func (m *Model) evaluator() func(in []value.Value) []value.Value {
	p, d := m.result.Program, m.result.Domain
	oracle := interp.New(p.Graph, d.Causal, p.Output.ID)
	return func(in []value.Value) []value.Value {
		if d.Accept != nil && !d.Accept(in) {
			return nil
		}
		r, err := oracle.Run(in)
		if err != nil {
			return nil
		}
		return r.Sequence(p.Output.ID)
	}
}

// shown is an input with the program's output or, where the output is the next
// token, with some tokens with which the text goes on.
func (m *Model) shown(in, out []value.Value, run func([]value.Value) []value.Value) card.Example {
	const most = 6
	e := card.Example{Output: manifest.AtomsOf(out)}
	for _, v := range in {
		e.Input = append(e.Input, v.Display())
	}
	if !m.opts.nextToken {
		return e
	}
	for text := in; out != nil && len(e.Next) < most; out = run(text) {
		next := out[len(out)-1]
		text = append(text, next)
		e.Next = append(e.Next, manifest.AtomOf(next))
		if end := m.opts.end; end != nil && value.Identical(next, *end) || len(text) >= m.result.Domain.MaxLen {
			break
		}
	}
	return e
}

// increment counts up in the given base and reports whether it did not wrap.
func increment(digits []int, base int) bool {
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i]++; digits[i] < base {
			return true
		}
		digits[i] = 0
	}
	return false
}

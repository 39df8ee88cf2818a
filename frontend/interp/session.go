package interp

import "github.com/raspc/raspc/frontend/value"

// Session evaluates inputs one after the other. Each result is what Run gives;
// of the last one that is kept which the change of the input does not reach, so
// that inputs that differ little from those before them take less time. A session
// is for one goroutine.
type Session struct {
	e     *Evaluator
	r     *Result // nil where the next run has to begin anew
	input []value.Value
	diff  set
}

// Session returns a session of the evaluator's nodes.
func (e *Evaluator) Session() *Session { return &Session{e: e} }

// Run is the evaluator's Run, but for two things: the next run overwrites the result,
// and what is kept takes none of the steps after which Run gives up.
func (s *Session) Run(input []value.Value) (*Result, error) {
	if s.r == nil || len(input) != len(s.input) {
		return s.anew(input)
	}
	clear(s.diff)
	for i, v := range input {
		if !value.Identical(v, s.input[i]) {
			s.diff.add(i)
			s.input[i] = v
		}
	}
	r := s.r
	s.r = nil // an error leaves half of it behind
	b := &budget{s.e.limits, s.e.limits, len(input)}
	if err := s.e.eval(r, input, s.diff, b); err != nil {
		return nil, err
	}
	return s.keep(r, b.left.room == b.limits.room), nil
}

// anew evaluates an input of which nothing is known.
func (s *Session) anew(input []value.Value) (*Result, error) {
	r, short, err := s.e.run(input)
	s.r = nil
	if err != nil {
		return nil, err
	}
	s.input, s.diff = append(s.input[:0], input...), make(set, (len(input)+63)/64)
	return s.keep(r, short), nil
}

// keep lets the next run begin with a result, unless it holds long values: the
// memory of what is kept is counted once only.
func (s *Session) keep(r *Result, short bool) *Result {
	if short {
		s.r = r
	}
	return r
}

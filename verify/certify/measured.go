package certify

import (
	"slices"
)

// oneSide is what a query or key brings to the scores of its pairs.
type oneSide struct {
	at   assignment
	dims []dimValue // those that are not 0
}

// dimValue is the value of one dimension of a score.
type dimValue struct {
	d     int
	v     float64 // of a key: beside that of the BOS key
	size  float64 // of a key: its absolute value and that of the BOS key
	noise float64
	// Of a key by itself:
	own, ownNoise float64
	grid          float64 // it is exact and a multiple of it; 0 where it is not exact
}

// zero reports whether the dimension adds exactly nothing.
func (v dimValue) zero() bool { return v.v == 0 && v.size == 0 && v.noise == 0 }

// measured lists the scores of a part's pairs, with the largest errors of each.
func (s *parts) measured(queries, keys []assignment) ([]*answer, error) {
	head := s.q.heads[0]
	qs, ks := s.evaluate(queries, true), s.evaluate(keys, false)
	known := map[float64]*answer{}
	var out []*answer
	for _, q := range qs {
		if err := s.p.prog.alive(); err != nil {
			return nil, err
		}
		for _, k := range ks {
			if !s.occurs(q.at, k.at) {
				continue
			}
			rel, noise, own, lost := head.product(q.dims, k.dims)
			a := known[rel]
			if a == nil {
				a = newAnswer(s.q)
				a.rel[0], a.noise, a.own, a.lost = rel, noise, own, lost
				known[rel], out = a, append(out, a)
			} else {
				a.worsen(noise, own, lost)
			}
		}
		if len(out) > maxStates {
			return nil, errPairs
		}
	}
	return out, nil
}

// worsen takes over the errors of the same score of another pair.
func (a *answer) worsen(noise, own float64, lost rounded) {
	a.noise, a.own = max(a.noise, noise), max(a.own, own)
	a.lost = rounded{max(a.lost.total, lost.total), max(a.lost.own, lost.own), min(a.lost.grid, lost.grid), max(a.lost.terms, lost.terms)}
}

// evaluate evaluates one side of a part. Where the program is undefined there
// is nothing to prove.
func (s *parts) evaluate(states []assignment, query bool) []*oneSide {
	dims := slices.Sorted(slices.Values(s.dims[0]))
	var out []*oneSide
next:
	for at := range s.p.prog.each(states) {
		side := &oneSide{at: at}
		for _, d := range dims {
			v, ok := s.q.heads[0].value(s.p, d, query, at)
			if !ok {
				continue next
			}
			if !v.zero() {
				side.dims = append(side.dims, v)
			}
		}
		out = append(out, side)
	}
	return out
}

// rounded is what decides how much of a score is lost to rounding.
type rounded struct {
	total, own float64 // of the products' absolute values, for both keys and for the key
	grid       float64 // all are exact multiples of it
	terms      int     // how many there are
}

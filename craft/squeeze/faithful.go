package squeeze

import (
	"math"
	"slices"

	"github.com/raspc/raspc/craft"
)

// faithful reports whether a direction may be read from others: these are complete
// where it is read, and their errors are together no larger than its own. Of what is no 0
// or 1, the only other direction is a copy.
func (s *squeezer) faithful(r relation) bool {
	if s.stays(r.direction) || !s.ready(r) || !s.traceable(r) {
		return false
	}
	noise := 0.0
	for _, t := range r.terms {
		v := s.variable(t.direction)
		if v == nil {
			continue
		}
		if !binary(v) && len(r.terms) > 1 {
			return false
		}
		noise += math.Abs(t.factor.Float64()) * v.Noise
	}
	return noise <= s.variable(r.direction).Noise
}

// ready reports whether no part writes what a relation reads behind the first that
// reads the direction.
func (s *squeezer) ready(r relation) bool {
	begun := false
	for _, part := range s.Parts {
		begun = begun || slices.Contains(part.Reads(), r.direction)
		if begun && slices.ContainsFunc(part.Writes(), r.uses) {
			return false
		}
	}
	return true
}

// traceable reports whether who reads the direction still reads what it did, though it is
// by other columns: others of the same variable; or those of tokens and positions, and of
// what only decides something of them, which all follow from what is embedded. An
// s-op that is computed is not read from another one: that may be set to something else, to
// see what depends on it.
func (s *squeezer) traceable(r relation) bool {
	own := s.variable(r.direction)
	return !slices.ContainsFunc(r.terms, func(t term) bool {
		v := s.variable(t.direction)
		return v != nil && v != own && !(s.follows(own) && s.follows(v))
	})
}

// follows reports whether a variable is embedded, or no s-op's value.
func (s *squeezer) follows(v *craft.Variable) bool {
	return v.Part != "" || !slices.ContainsFunc(s.Parts, func(p craft.Part) bool {
		return slices.ContainsFunc(p.Writes(), func(d int) bool { return v.First <= d && d < v.First+v.Size() })
	})
}

// Package squeeze makes the residual stream of a craft program narrower without a change
// of what it computes: a direction that is always the same sum of multiples of others
// is not held. What reads it reads the others.
//
// One-hot codes are the usual case: that of a token is 1 in one of its directions, so
// that each is what the direction "real" holds, less the others. Directions may also be
// related because all that is ever written is.
package squeeze

import (
	"cmp"
	"math"
	"slices"

	"github.com/raspc/raspc/craft"
)

// Make returns a program that reads fewer directions, if there are some that others
// give; what nothing reads has no column. A direction stays where a reader would
// have a weight that is none of the type of the files, or a sum that is less exact.
// So it does where a head of a name in late would score keys by it that are to weigh
// the same: what should be 0 would be a sum, and those are heads that read a
// stream in which all columns may be off by a last bit. In types of 16 bits queries and
// keys are rounded themselves, so that there no head scores by sums.
func Make(p *craft.Program, a craft.Arithmetic, late map[string]bool) *craft.Program {
	s := &squeezer{p, a, late}
	for i := range p.Variables {
		v := &p.Variables[i]
		s.drop(coded(v), append([]int{craft.BOS, craft.Real}, own(v)...))
	}
	for i, part := range p.Parts {
		if part.MLP != nil {
			s.drop(s.joint(i))
		}
	}
	all := make([]int, len(p.Residual))
	for d := range all {
		all[d] = d
	}
	s.drop(written(s.Program, a), all)
	return craft.Prune(s.Program)
}

// own lists the directions of a variable.
func own(v *craft.Variable) []int {
	all := make([]int, v.Size())
	for k := range all {
		all[k] = v.First + k
	}
	return all
}

type squeezer struct {
	*craft.Program // so far
	a              craft.Arithmetic
	late           map[string]bool
}

// mostDirections bounds those between which relations are looked for, as that takes the
// cube of their number.
const mostDirections = 1 << 10

// drop replaces those of some directions that vectors show to be related.
func (s *squeezer) drop(vectors []vector, directions []int) {
	order := s.order(directions)
	if len(vectors) == 0 || len(order) > mostDirections {
		return
	}
	for _, r := range related(vectors, order) {
		if s.faithful(r) {
			if p, ok := s.without(r); ok {
				s.Program = p
			}
		}
	}
}

// order lists those of some directions that are read, the ones that are to be kept in
// front: the constants, and what is read by most.
func (s *squeezer) order(directions []int) []int {
	read, readers := s.Read(), make([]int, len(s.Residual))
	for _, m := range reading(s.Program) {
		for _, e := range m {
			readers[e.From]++
		}
	}
	rank := func(d int) int {
		if s.stays(d) {
			return math.MinInt
		}
		return -readers[d]
	}
	order := slices.DeleteFunc(slices.Clone(directions), func(d int) bool { return !read[d] })
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rank(a), rank(b)) })
	return order
}

// stays reports whether a direction is held in any case.
func (s *squeezer) stays(d int) bool {
	v := s.variable(d)
	return v == nil || v.Kept
}

// variable is that of a direction; nil for the constants.
func (s *squeezer) variable(d int) *craft.Variable {
	for i := range s.Variables {
		if v := &s.Variables[i]; v.First <= d && d < v.First+v.Size() {
			return v
		}
	}
	return nil
}

func (r relation) uses(d int) bool {
	return slices.ContainsFunc(r.terms, func(t term) bool { return t.direction == d })
}

// without returns the program in which nothing reads the direction of a relation; ok is
// false where weights or sums would not be exact.
func (s *squeezer) without(r relation) (p *craft.Program, ok bool) {
	exact := true
	replace := func(m craft.Map) craft.Map {
		m = r.replaced(m)
		exact = exact && s.exact(m, r)
		return m
	}
	q := *s.Program
	q.Parts = slices.Clone(q.Parts)
	for i, part := range q.Parts {
		if part.Head != nil {
			h := *part.Head
			scores := reads(h.Q, r.direction) || reads(h.K, r.direction)
			h.Q, h.K, h.V = replace(h.Q), replace(h.K), replace(h.V)
			if scores {
				alike := h.Kind != craft.Move
				q.Sums, exact = q.Sums || alike, exact && s.a == craft.Float32 && !(alike && (s.late[h.Name] || !s.steady(part.Head, &h)))
			}
			q.Parts[i].Head = &h
		} else {
			m := *part.MLP
			m.In = replace(m.In)
			q.Parts[i].MLP = &m
		}
	}
	q.Unembed = replace(q.Unembed)
	return &q, exact
}

func reads(m craft.Map, d int) bool {
	return slices.ContainsFunc(m, func(e craft.Entry) bool { return e.From == d })
}

// replaced returns a map that reads the others in place of the direction.
func (r relation) replaced(m craft.Map) craft.Map {
	var es []craft.Entry
	for _, e := range m {
		if e.From != r.direction {
			es = append(es, e)
			continue
		}
		for _, t := range r.terms {
			es = append(es, craft.Entry{From: t.direction, To: e.To, W: t.factor.Mul(e.W)})
		}
	}
	return craft.NewMap(es)
}

// reading lists the maps that read the stream.
func reading(p *craft.Program) []craft.Map {
	all := []craft.Map{p.Unembed}
	for _, part := range p.Parts {
		if h := part.Head; h != nil {
			all = append(all, h.Q, h.K, h.V)
		} else {
			all = append(all, part.MLP.In)
		}
	}
	return all
}

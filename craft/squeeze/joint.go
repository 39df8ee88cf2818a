package squeeze

import (
	"slices"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/value"
)

// mostStates bounds the combinations of values that are looked at.
const mostStates = 1 << 12

// joint lists what the variables that an MLP reads can be together with what it makes of
// them, and what all other MLPs do that read no others; and the directions of all.
// There are none where it reads what is not exact, or where that takes more than
// mostStates combinations: these are all, also those that no input brings together.
func (s *squeezer) joint(part int) (states []vector, directions []int) {
	read, ok := s.variables(s.Parts[part].Reads())
	if !ok {
		return nil, nil
	}
	states = []vector{{craft.BOS: value.Int(1)}, {craft.Real: value.Int(1)}}
	directions = []int{craft.BOS, craft.Real}
	for _, v := range read {
		directions = append(directions, own(v)...)
		codes := coded(v)
		if len(codes) == 0 || len(codes)*len(states) > mostStates {
			return nil, nil
		}
		states = combined(states, codes)
	}
	for i, other := range s.Parts {
		if other.MLP == nil {
			continue
		}
		if reads, ok := s.variables(other.Reads()); ok && subset(reads, read) && s.alone(i) {
			for _, x := range states {
				run(other.MLP, x)
			}
			directions = append(directions, other.Writes()...)
		}
	}
	slices.Sort(directions)
	return states, slices.Compact(directions)
}

// variables are those of some directions, without the constants; ok is false where one is
// not known exactly.
func (s *squeezer) variables(directions []int) (all []*craft.Variable, ok bool) {
	for _, d := range directions {
		v := s.variable(d)
		if v == nil || slices.Contains(all, v) {
			continue
		}
		if len(coded(v)) == 0 {
			return nil, false
		}
		all = append(all, v)
	}
	return all, true
}

func subset(some, all []*craft.Variable) bool {
	return !slices.ContainsFunc(some, func(v *craft.Variable) bool { return !slices.Contains(all, v) })
}

// alone reports whether nothing else writes what a part does, which is exact.
func (s *squeezer) alone(part int) bool {
	writes := s.Parts[part].Writes()
	if _, ok := s.variables(writes); !ok {
		return false
	}
	embedded := func(e craft.Entry) bool { return slices.Contains(writes, e.To) }
	if slices.ContainsFunc(s.Embed, embedded) || slices.ContainsFunc(s.Position, embedded) {
		return false
	}
	for i, other := range s.Parts {
		if i != part && slices.ContainsFunc(other.Writes(), func(d int) bool { return slices.Contains(writes, d) }) {
			return false
		}
	}
	return true
}

// combined lists what is in one of some states and has one of some codes: at BOS both
// are, or neither.
func combined(states, codes []vector) []vector {
	var all []vector
	for _, x := range states {
		for _, code := range codes {
			if x[craft.BOS].Equal(code[craft.BOS]) {
				both := sum(x, code, 1)
				both[craft.BOS], both[craft.Real] = x[craft.BOS], x[craft.Real]
				all = append(all, both)
			}
		}
	}
	return all
}

// run adds what an MLP writes.
func run(m *craft.MLP, x vector) {
	hidden := map[int]value.Rat{}
	for _, e := range m.In {
		hidden[e.To] = hidden[e.To].Add(x[e.From].Mul(e.W))
	}
	for _, e := range m.Out {
		if h := hidden[e.From]; h.Sign() > 0 {
			x[e.To] = x[e.To].Add(h.Mul(e.W))
		}
	}
	for _, e := range m.Bias {
		x[e.To] = x[e.To].Add(e.W)
	}
}

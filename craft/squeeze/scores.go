package squeeze

import (
	"maps"
	"math"
	"slices"

	"github.com/raspc/raspc/craft"
)

// What scores may be off by: less than would change a count of all positions, or be seen in
// a number that the program puts out.
const (
	mostOfCounts = 0x1p-5
	mostOfOutput = 0x1p-14
)

// steady reports whether a head that weighs keys alike still does, nearly, when it scores
// them by sums. What is selected scores 0, of which norms leave what they found where all
// that is read is 0, but not where it is a sum of what is rounded.
func (s *squeezer) steady(was, is *craft.Head) bool {
	off, most := s.off(is), mostOfCounts/float64(s.MaxLen)
	if s.Output.Encoding == craft.Numeric && slices.ContainsFunc(is.O, func(e craft.Entry) bool { return reads(s.Unembed, e.To) }) {
		most = mostOfOutput
	}
	return off <= max(most, s.off(was))
}

// off bounds what rounding makes of a score in float32: of what is read, of the products
// and of their sum, whose absolute values add up to no more than size.
func (s *squeezer) off(h *craft.Head) float64 {
	return craft.Float32.Unit() * float64(terms(h.Q)+terms(h.K)) * s.size(h)
}

// terms is the largest number of directions that a map adds up.
func terms(m craft.Map) int {
	n := map[int]int{}
	most := 0
	for _, e := range m {
		n[e.To]++
		most = max(most, n[e.To])
	}
	return most
}

// size bounds the sum of the absolute values of all products of directions of a query and of a key
// that a score adds up.
func (s *squeezer) size(h *craft.Head) float64 {
	keys := map[int][]craft.Entry{}
	for _, e := range h.K {
		keys[e.To] = append(keys[e.To], e)
	}
	type pair struct{ query, key int }
	products, most := map[pair]float64{}, map[pair]float64{}
	for _, q := range h.Q {
		for _, k := range keys[q.To] {
			products[pair{q.From, k.From}] += math.Abs(q.W.Float64() * k.W.Float64())
		}
	}
	for p, x := range products {
		both := pair{s.oneOf(p.query), s.oneOf(p.key)}
		most[both] = max(most[both], x)
	}
	sum := 0.0
	for _, x := range slices.Sorted(maps.Values(most)) { // in an order, for the same bits
		sum += x
	}
	return sum
}

// oneOf names the directions of which a single one is not 0: those of a categorical
// variable, and the constants.
func (s *squeezer) oneOf(d int) int {
	switch v := s.variable(d); {
	case v == nil:
		return craft.BOS
	case v.Encoding == craft.Categorical:
		return v.First
	}
	return d
}

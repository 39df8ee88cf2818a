package batch

import (
	"math/bits"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// selector evaluates a selector.
func (s *step) selector() bool {
	if s.node.Op == sop.Select {
		return s.compare()
	}
	x, y := s.args[0], s.args[0]
	if s.args[1] != nil {
		y = s.args[1]
	}
	for q, out := range s.mat {
		a, b, visible := x.mat[q], y.mat[q], uint64(1)<<s.visible(q)-1 // all bits for 64
		out.shape(a.same() && b.same(), s.e.count)
		for i := range out.of {
			switch s.node.Op {
			case sop.SelNot:
				out.of[i] = ^a.at(i) & visible
			case sop.SelAnd:
				out.of[i] = a.at(i) & b.at(i)
			case sop.SelOr:
				out.of[i] = a.at(i) | b.at(i)
			}
		}
	}
	return true
}

// visible is how many keys the query position may select.
func (s *step) visible(query int) int {
	if s.e.causal {
		return query + 1
	}
	return s.e.length
}

// compare evaluates a selector of comparisons.
func (s *step) compare() bool {
	keys, queries := s.args[0], s.args[1]
	if !s.e.room(&s.results, len(queries.values.all), len(keys.values.all)) {
		return false
	}
	for q, out := range s.mat {
		visible, b := keys.seq[:s.visible(q)], queries.seq[q]
		out.shape(b.same() && allSame(visible), s.e.count)
		clear(out.of)
		for k, a := range visible {
			if a.same() && b.same() {
				s.compareAll(k, a.of[0], b.of[0], out)
				continue
			}
			known := s.results
			for i := range out.of {
				key, query := a.at(i), b.at(i)
				cell := *known.cell(query, key)
				if cell == none {
					cell = s.compared(key, query, i, false)
				}
				out.of[i] |= uint64(cell>>1) << k
			}
		}
	}
	return true
}

// compareAll compares a key and a query that are the same on all inputs.
func (s *step) compareAll(k int, key, query uint16, out *rows) {
	cell := *s.results.cell(query, key)
	if cell == none {
		cell = s.compared(key, query, 0, true)
	}
	for i := range out.of {
		out.of[i] |= uint64(cell>>1) << k
	}
}

func allSame(columns []*numbers) bool {
	for _, c := range columns {
		if !c.same() {
			return false
		}
	}
	return true
}

// What the table of a comparison holds.
const (
	fails uint16 = 1 + iota // it does not hold
	holds
)

// compared compares values that have not been compared before, of an input or of
// all of them.
func (s *step) compared(key, query uint16, i int, all bool) uint16 {
	if key == none || query == none {
		s.e.fail(i, all)
		return none
	}
	yes, err := s.node.Cmp.Holds(s.args[0].values.all[key], s.args[1].values.all[query])
	if err != nil {
		s.e.fail(i, all)
		return none
	}
	result := fails
	if yes {
		result = holds
	}
	*s.results.cell(query, key) = result
	return result
}

// width counts the keys that a selector selects.
func (s *step) width() bool {
	if !s.e.room(&s.results, mostPositions+1, 1) {
		return false
	}
	for q, out := range s.seq {
		row := s.args[0].mat[q]
		out.shape(row.same(), s.e.count)
		for i := range out.of {
			count := bits.OnesCount64(row.at(i))
			cell := s.results.cell(uint16(count), none)
			if *cell == none {
				if *cell = s.number(value.IntOf(int64(count))); *cell == none {
					s.e.fail(i, out.same())
				}
			}
			out.of[i] = *cell
		}
	}
	return true
}

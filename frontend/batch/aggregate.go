package batch

import (
	"math/bits"

	"github.com/raspc/raspc/frontend/value"
)

// averages numbers sums of values, and knows what becomes of them.
type averages struct {
	sums      values
	added     table // a sum, by a sum and a value
	divided   table // the mean, by a sum and a count
	zero      uint16
	numerical bool // all values are numbers that have a mean
}

// aggregate averages the values that each row selects, as the interpreter does:
// the default where none is, the value itself where one is.
func (s *step) aggregate() bool {
	m, v := s.args[0], s.args[1]
	if s.means == nil {
		s.means = &averages{sums: newValues()}
	}
	a := s.means
	a.zero = s.e.number(&a.sums, value.Number(value.KindFloat, value.Int(0)))
	a.numerical = v.values.kinds&^s.averaged() == 0
	known := len(v.values.all)
	if !s.e.room(&s.kept[0], known, 1) || !s.e.room(&a.added, len(a.sums.all), known) || !s.e.room(&a.divided, len(a.sums.all), mostPositions+1) {
		return false
	}
	def := s.number(s.node.Value)
	for q, out := range s.seq {
		row := m.mat[q]
		// Whether values have a mean depends on the whole sequence.
		out.shape(row.same() && a.numerical && sameIn(v.seq, row.of[0]), s.e.count)
		for i := range out.of {
			if out.of[i] = s.mean(row.at(i), i, def); out.of[i] == none {
				s.e.fail(i, out.same())
			}
		}
	}
	return true
}

// sameIn reports whether the columns of a row's keys are the same on all inputs.
func sameIn(columns []*numbers, row uint64) bool {
	for ; row != 0; row &= row - 1 {
		if !columns[bits.TrailingZeros64(row)].same() {
			return false
		}
	}
	return true
}

// mean is what a row selects of an input.
func (s *step) mean(row uint64, i int, def uint16) uint16 {
	v, a := s.args[1], s.means
	width := bits.OnesCount64(row)
	switch {
	case width == 0:
		return def
	case width == 1:
		return s.keep(0, v, v.seq[bits.TrailingZeros64(row)].at(i))
	case a.numerical:
	case s.e.mixed && !s.numbers(row, i), !s.e.mixed && v.kinds(i)&numeric == 0:
		return none
	}
	sum := a.zero
	for ; row != 0; row &= row - 1 {
		x := v.seq[bits.TrailingZeros64(row)].at(i)
		next := *a.added.cell(sum, x)
		if next == none {
			if next = s.add(sum, x); next == none {
				return none
			}
		}
		sum = next
	}
	cell := a.divided.cell(sum, uint16(width))
	if *cell == none {
		r := a.sums.all[sum].Rat().Quo(value.Int(int64(width)))
		*cell = s.number(value.Number(value.KindFloat, r))
	}
	return *cell
}

// add adds a value to a sum to which it has not been added before.
func (s *step) add(sum, x uint16) uint16 {
	a, v := s.means, s.args[1]
	if sum == none || x == none {
		return none
	}
	r := a.sums.all[sum].Rat().Add(v.values.all[x].Rat())
	next := s.e.number(&a.sums, value.Number(value.KindFloat, r))
	if !s.e.room(&a.added, len(a.sums.all), len(v.values.all)) || !s.e.room(&a.divided, len(a.sums.all), mostPositions+1) {
		return none
	}
	*a.added.cell(sum, x) = next
	return next
}

// averaged are the kinds that have a mean whatever stands beside them.
func (s *step) averaged() kinds {
	if s.e.mixed {
		return numeric | bools
	}
	return numeric
}

// numbers reports whether all values that a row selects are numbers.
func (s *step) numbers(row uint64, i int) bool {
	v := s.args[1]
	for ; row != 0; row &= row - 1 {
		x := v.seq[bits.TrailingZeros64(row)].at(i)
		if x == none || !v.values.all[x].IsNumber() {
			return false
		}
	}
	return true
}

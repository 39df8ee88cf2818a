package hf

import (
	"maps"
	"math"
	"math/bits"
	"slices"

	"github.com/raspc/raspc/backend/decoder"
)

// column is a column of the stream and what positions add to it, one after the
// other.
type column struct {
	at   int
	rows []float64
}

// moves reports whether a column tells positions apart.
func (p column) moves() bool {
	return slices.ContainsFunc(p.rows, func(v float64) bool { return v != p.rows[0] })
}

// positionColumns returns the columns that positions write.
func positionColumns(m *decoder.Model) []column {
	byCol := map[int]column{}
	for _, e := range m.Position.Entries {
		if _, ok := byCol[e.Col]; !ok {
			byCol[e.Col] = column{e.Col, make([]float64, m.Config.Positions)}
		}
		byCol[e.Col].rows[e.Row] = float64(e.W)
	}
	var all []column
	for _, at := range slices.Sorted(maps.Keys(byCol)) {
		all = append(all, byCol[at])
	}
	return all
}

// above subtracts the first row from all.
func above(cols []column) []column {
	out := make([]column, len(cols))
	for i, p := range cols {
		out[i] = column{p.at, slices.Clone(p.rows)}
		for n := range p.rows {
			out[i].rows[n] -= p.rows[0]
		}
	}
	return out
}

// ramp is a neuron: n-from at the n-th position behind BOS, or 0, times the
// weights to some columns.
type ramp struct {
	from int
	out  []decoder.Entry // their rows are the neuron
}

// rampsOf writes columns as sums of ramps, one for each bend. ok reports whether
// float32 adds them up exactly in any order: all are multiples of a power
// of two, and together less than 2^24 times as much.
func rampsOf(cols []column) (ramps []ramp, ok bool) {
	byStart := map[int][]decoder.Entry{}
	for _, p := range cols {
		at := func(n int) float64 {
			if n < 1 {
				return 0
			}
			return p.rows[n-1]
		}
		size, step := 0.0, math.Inf(1)
		for from := range p.rows {
			bend := at(from+1) - 2*at(from) + at(from-1)
			if bend == 0 {
				continue
			}
			size += math.Abs(bend) * float64(len(p.rows)-from)
			step = min(step, divisor(bend))
			byStart[from] = append(byStart[from], decoder.Entry{Col: p.at, W: float32(bend)})
		}
		if size > 0 && size >= step*(1<<24) {
			return nil, false
		}
	}
	for i, from := range slices.Sorted(maps.Keys(byStart)) {
		out := byStart[from]
		for k := range out {
			out[k].Row = i
		}
		ramps = append(ramps, ramp{from, out})
	}
	return ramps, true
}

// divisor returns the largest power of two of which x, which is not 0, is a
// multiple.
func divisor(x float64) float64 {
	fraction, exponent := math.Frexp(math.Abs(x))
	return math.Ldexp(1, exponent-53+bits.TrailingZeros64(uint64(fraction*(1<<53))))
}

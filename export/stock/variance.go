package stock

import "github.com/raspc/raspc/backend/decoder"

// interval bounds one number.
type interval struct{ lo, hi float64 }

// plus adds intervals.
func (a interval) plus(b interval) interval { return interval{a.lo + b.lo, a.hi + b.hi} }

// times scales an interval. The conversions keep products from being fused
// with later sums, which would make the bound depend on the machine.
func (a interval) times(w float64) interval {
	if w < 0 {
		a.lo, a.hi = a.hi, a.lo
	}
	return interval{float64(a.lo * w), float64(a.hi * w)}
}

// hull returns the smallest interval around both.
func (a interval) hull(b interval) interval { return interval{min(a.lo, b.lo), max(a.hi, b.hi)} }

// square bounds the square of the number.
func (a interval) square() float64 { return max(float64(a.lo*a.lo), float64(a.hi*a.hi)) }

// VarianceBound returns an upper bound of the variance, over its columns, of
// the residual stream at any point, compensation included. It propagates an
// interval per column and is therefore generous, which costs nothing: a
// larger epsilon is as exact. Where the intervals leave float64 the bound is
// infinite or NaN.
func VarianceBound(m *decoder.Model) float64 {
	d := m.Config.DModel
	x := make([]interval, d)
	for _, table := range []decoder.Matrix{m.Embed, m.Position} {
		for j, b := range columnHulls(table) {
			x[j] = x[j].plus(b)
		}
	}
	bound := variance(x)
	for _, layer := range m.Layers {
		mixed := make([]interval, d)
		for _, head := range layer.Heads {
			// Attention returns a mean of values, which keeps their interval.
			addTo(mixed, product(product(x, head.V), head.O))
		}
		addTo(x, mixed)
		bound = max(bound, variance(x))
		hidden := product(x, layer.In)
		for i, h := range hidden {
			hidden[i] = interval{max(h.lo, 0), max(h.hi, 0)}
		}
		addTo(x, product(hidden, layer.Out))
		addTo(x, columnHulls(layer.OutBias))
		bound = max(bound, variance(x))
	}
	return bound
}

// columnHulls bounds the entries of each column over all rows. Every entry
// that is not stored is 0.
func columnHulls(m decoder.Matrix) []interval {
	out := make([]interval, m.Cols)
	count := make([]int, m.Cols)
	for _, e := range m.Entries {
		w := interval{float64(e.W), float64(e.W)}
		if count[e.Col] > 0 {
			w = w.hull(out[e.Col])
		}
		out[e.Col] = w
		count[e.Col]++
	}
	for j := range out {
		if count[j] < m.Rows {
			out[j] = out[j].hull(interval{})
		}
	}
	return out
}

// product bounds x M for a row x.
func product(x []interval, m decoder.Matrix) []interval {
	out := make([]interval, m.Cols)
	for _, e := range m.Entries {
		out[e.Col] = out[e.Col].plus(x[e.Row].times(float64(e.W)))
	}
	return out
}

// addTo adds y to x in place; y may be empty.
func addTo(x, y []interval) {
	for j := range y {
		x[j] = x[j].plus(y[j])
	}
}

// variance bounds the variance of a row with these columns and minus their
// sum behind them; more columns of zeros would only lower it.
func variance(x []interval) float64 {
	squares, sum := 0.0, interval{}
	for _, b := range x {
		squares += b.square()
		sum = sum.plus(b)
	}
	return (squares + sum.square()) / float64(len(x)+1)
}

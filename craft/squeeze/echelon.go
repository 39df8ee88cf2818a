package squeeze

import (
	"math/big"
	"math/bits"

	"github.com/raspc/raspc/frontend/value"
)

// prime is 2^61 - 1.
const prime = 1<<61 - 1

// added is a + b modulo the prime.
func added(a, b uint64) uint64 {
	s := a + b
	if s >= prime {
		s -= prime
	}
	return s
}

// times is a b modulo the prime, in which 2^61 is 1.
func times(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return added((hi<<3|lo>>61)%prime, (lo&prime)%prime)
}

// power is a to the power of n modulo the prime.
func power(a, n uint64) uint64 {
	p := uint64(1)
	for ; n > 0; n, a = n>>1, times(a, a) {
		if n&1 == 1 {
			p = times(p, a)
		}
	}
	return p
}

// inverse is 1/a modulo the prime.
func inverse(a uint64) uint64 { return power(a, prime-2) }

// modular is a number modulo the prime. One whose denominator is a multiple of that
// has none, and is 0 here: what is found is made sure of by exact numbers.
func modular(x value.Rat) uint64 {
	b, p := x.Big(), new(big.Int).SetUint64(prime)
	n, d := new(big.Int).Mod(b.Num(), p), new(big.Int).Mod(b.Denom(), p)
	return times(n.Uint64(), inverse(d.Uint64()))
}

// short returns the fraction of few binary digits that is a number modulo the prime, if
// there is one.
func short(n uint64) (value.Rat, bool) {
	const most, digits = 1 << 16, 12
	for d := range digits {
		switch {
		case n < most:
			return value.Frac(int64(n), 1<<d), true
		case n > prime-most:
			return value.Frac(-int64(prime-n), 1<<d), true
		}
		n = added(n, n)
	}
	return value.Rat{}, false
}

// echelon is a basis of vectors modulo the prime: a row for each column that leads
// one, with 1 there and 0 in front of it.
type echelon struct {
	order []int       // the columns
	place map[int]int // of each column, in the order
	rows  [][]uint64  // by the place of the column that leads it
}

func newEchelon(order []int) *echelon {
	e := &echelon{order, map[int]int{}, make([][]uint64, len(order))}
	for i, col := range order {
		e.place[col] = i
	}
	return e
}

// add makes the basis one of a vector more, of which columns that are not in the order
// count nothing.
func (e *echelon) add(v vector) {
	row := make([]uint64, len(e.order))
	for col, w := range v {
		if i, ok := e.place[col]; ok {
			row[i] = modular(w)
		}
	}
	for i := range row {
		switch {
		case row[i] == 0:
		case e.rows[i] == nil:
			scale := inverse(row[i])
			for k := i; k < len(row); k++ {
				row[k] = times(row[k], scale)
			}
			e.rows[i] = row
			return
		default:
			cancel(row, e.rows[i], i)
		}
	}
}

// cancel makes 0 of an entry of a row, by the row that leads there.
func cancel(row, leading []uint64, at int) {
	factor := prime - row[at]
	for k := at; k < len(row); k++ {
		if leading[k] != 0 {
			row[k] = added(row[k], times(factor, leading[k]))
		}
	}
}

// relations are those of the columns that lead no row, of whose factors all have few
// digits.
func (e *echelon) relations() []relation {
	for i := len(e.rows) - 1; i >= 0; i-- {
		for k := 0; k < i && e.rows[i] != nil; k++ {
			if e.rows[k] != nil && e.rows[k][i] != 0 {
				cancel(e.rows[k], e.rows[i], i)
			}
		}
	}
	var found []relation
	for k, row := range e.rows {
		if row != nil {
			continue
		}
		if r, ok := e.relation(k); ok {
			found = append(found, r)
		}
	}
	return found
}

// relation is that of the column at a place.
func (e *echelon) relation(k int) (relation, bool) {
	r := relation{direction: e.order[k]}
	for i := range k {
		if e.rows[i] == nil || e.rows[i][k] == 0 {
			continue
		}
		f, ok := short(e.rows[i][k])
		if !ok {
			return r, false
		}
		r.terms = append(r.terms, term{e.order[i], f})
	}
	return r, true
}

package interp

import (
	"iter"
	"math/bits"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// Matrix is the n x n boolean matrix of a selector on one input; row = query,
// column = key. It is immutable.
type Matrix struct {
	n     int
	words int      // of a row
	bits  []uint64 // row by row, the lowest bit first; bits past n are 0
}

// newMatrices makes count empty matrices.
func newMatrices(count, n int) []Matrix {
	words := (n + 63) / 64
	rows := make([]uint64, count*n*words)
	ms := make([]Matrix, count)
	for i := range ms {
		ms[i] = Matrix{n: n, words: words, bits: rows[i*n*words : (i+1)*n*words]}
	}
	return ms
}

// Size returns n.
func (m *Matrix) Size() int { return m.n }

// At reports whether the query position selects the key position.
func (m *Matrix) At(query, key int) bool { return m.row(query)[key/64]>>(key%64)&1 == 1 }

// Width returns the number of keys that the query position selects.
func (m *Matrix) Width(query int) int {
	w := 0
	for _, word := range m.row(query) {
		w += bits.OnesCount64(word)
	}
	return w
}

// Keys yields the keys that the query position selects, in increasing order.
func (m *Matrix) Keys(query int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, word := range m.row(query) {
			for ; word != 0; word &= word - 1 {
				if !yield(i*64 + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}

// Causal returns m without the keys after each query.
func (m *Matrix) Causal() *Matrix {
	c := &newMatrices(1, m.n)[0]
	for q := range m.n {
		row := c.row(q)
		for i, word := range m.row(q) {
			row[i] = word & below(q+1-i*64)
		}
	}
	return c
}

func (m *Matrix) row(query int) []uint64 { return m.bits[query*m.words : (query+1)*m.words] }

// below has the lowest k bits set: none where k is negative, at most 64.
func below(k int) uint64 {
	if k <= 0 {
		return 0
	}
	return 1<<k - 1 // a shift of 64 and more gives 0, hence all bits
}

// selector evaluates a selector into m, which is empty. The int is the query
// position of the error.
func (e *Evaluator) selector(s *step, cells []cell, m *Matrix, budget *budget) (int, error) {
	a, b := &cells[s.args[0]], &cells[s.args[1]]
	if err := budget.step(len(m.bits)); err != nil {
		return -1, err
	}
	switch s.node.Op {
	case sop.Select:
		for q := range m.n {
			keys := a.seq[:e.visible(m.n, q)]
			if err := budget.step(len(keys) * work(b.seq[q])); err != nil {
				return q, err
			}
			if err := compareRow(m.row(q), keys, b.seq[q], s.node.Cmp); err != nil {
				return q, err
			}
		}
	case sop.SelNot:
		for q := range m.n {
			row, limit := m.row(q), e.visible(m.n, q)
			for i, word := range a.mat.row(q) {
				row[i] = ^word & below(limit-i*64)
			}
		}
	case sop.SelAnd:
		for i := range m.bits {
			m.bits[i] = a.mat.bits[i] & b.mat.bits[i]
		}
	case sop.SelOr:
		for i := range m.bits {
			m.bits[i] = a.mat.bits[i] | b.mat.bits[i]
		}
	}
	return -1, nil
}

// visible is how many keys the query position may select.
func (e *Evaluator) visible(n, query int) int {
	if e.causal {
		return query + 1
	}
	return n
}

func compareRow(row []uint64, keys []value.Value, query value.Value, c value.Cmp) error {
	if c == value.EQ { // the most frequent one, which never fails
		for k := range keys {
			if value.Equal(keys[k], query) {
				row[k/64] |= 1 << (k % 64)
			}
		}
		return nil
	}
	for k := range keys {
		holds, err := c.Holds(keys[k], query)
		if err != nil {
			return err
		}
		if holds {
			row[k/64] |= 1 << (k % 64)
		}
	}
	return nil
}

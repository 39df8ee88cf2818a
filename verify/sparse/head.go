package sparse

import (
	"cmp"
	"math"
	"slices"

	"github.com/raspc/raspc/verify/network"
)

// head is one attention head with the queries and keys that it has met.
type head struct {
	*network.Head
	arithmetic
	scale   float32
	queries vectors
	keys    vectors // key and value side by side: what a query can see of a position
	values  []hash  // of the value of each key
	pairs   [][]pair
	bos     int32   // the key that scores are held against
	query   []int32 // of each stream
	key     []int32

	buffer []float32
}

// pair is what a key is to a query: its score, and the hash of score and value.
// The hash is 0 where the key has no weight.
type pair struct {
	effect hash
	score  float32
	known  bool
}

// mostPairs is how many keys and queries of a head have their pairs remembered.
const mostPairs = 1024

func newHead(h *network.Head, number int, a arithmetic) head {
	role := uint64(number) << 8
	return head{
		Head: h, arithmetic: a, scale: float32(h.Scale), bos: -1,
		queries: vectors{role: role + roleQuery}, keys: vectors{role: role + roleKey},
		buffer: make([]float32, len(h.K.Columns)+len(h.V.Columns)),
	}
}

// Roles of hashed numbers.
const (
	roleStream = iota
	roleQuery
	roleKey
	roleValue
)

// meet numbers the query and the key of the next stream. It returns the bytes
// that they took.
func (h *head) meet(x []float32) (bytes int, err error) {
	q := h.buffer[:len(h.Q.Columns)]
	h.product(q, h.Q, x)
	if !finite(q) {
		return 0, h.notFinite()
	}
	query, more := h.queries.number(q)
	h.product(h.buffer, h.K, x)
	value := h.buffer[len(h.K.Columns):]
	h.product(value, h.V, x)
	if !finite(h.buffer) {
		return 0, h.notFinite()
	}
	key, most := h.keys.number(h.buffer)
	if int(key) == len(h.values) {
		h.values = append(h.values, hashOf(h.keys.role-roleKey+roleValue, value))
	}
	h.query, h.key = append(h.query, query), append(h.key, key)
	return more + most, nil
}

// hold makes a key that against which all scores are held. It must be among the
// keys of each query.
func (h *head) hold(bos int32) {
	if h.bos != bos {
		h.bos, h.pairs = bos, nil
	}
}

// row returns the pairs of a query with the first count keys, as far as pairs are
// remembered, and the bytes that it took.
func (h *head) row(query int32, count int) (row []pair, bytes int) {
	if query >= mostPairs {
		return nil, 0
	}
	for int(query) >= len(h.pairs) {
		h.pairs = append(h.pairs, nil)
	}
	row = h.pairs[query]
	if count = min(count, mostPairs); len(row) < count {
		size := min(mostPairs, max(count, 2*len(row)))
		bytes = (size - len(row)) * pairBytes
		row = append(row, make([]pair, size-len(row))...)
		h.pairs[query] = row
	}
	return row, bytes
}

const pairBytes = 24

// pair works out what a key is to a query.
func (h *head) pair(query, key int32) pair {
	s := h.score(query, key)
	p := pair{score: s, known: true}
	if exp(s, h.score(query, h.bos)) != 0 {
		v := h.values[key]
		p.effect = v.mixed(uint64(math.Float32bits(s))).done()
	}
	return p
}

func (h *head) score(query, key int32) float32 {
	return h.arithmetic.score(h.queries.all[query], h.keys.all[key], h.scale)
}

// seen is a key that has a weight.
type seen struct {
	pair
	key int32
}

// attend writes the head's result for a query that sees these keys.
func (h *head) attend(mix []float32, sums []float64, keys []seen) {
	slices.SortFunc(keys, func(a, b seen) int {
		return cmp.Or(cmp.Compare(a.effect.lo, b.effect.lo), cmp.Compare(a.effect.hi, b.effect.hi))
	})
	top := float32(math.Inf(-1))
	for _, k := range keys {
		top = max(top, k.score)
	}
	var total float64
	for _, k := range keys {
		total += float64(exp(k.score, top))
	}
	clear(sums)
	for _, k := range keys {
		weight := h.weight(k.score, top, total)
		for i, v := range h.keys.all[k.key][len(h.K.Columns):] {
			sums[i] += weight * float64(v)
		}
	}
	for i, s := range sums {
		mix[i] = h.Round(float32(s))
	}
}

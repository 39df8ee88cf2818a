package sparse

import (
	"math"
	"math/bits"
)

// hash stands for content; equal hashes are taken for equal content. The sum of
// hashes stands for a multiset.
type hash struct{ lo, hi uint64 }

func (h hash) plus(o hash) hash { return hash{h.lo + o.lo, h.hi + o.hi} }

// mixed goes on with one word of content. The lanes share no constant.
func (h hash) mixed(word uint64) hash {
	lo := (h.lo ^ word) * 0x9e3779b97f4a7c15
	hi := (h.hi + word) * 0xc2b2ae3d27d4eb4f
	return hash{lo ^ lo>>32, bits.RotateLeft64(hi, 31)}
}

// done spreads the last words over all bits.
func (h hash) done() hash {
	return hash{scrambled(h.lo ^ bits.RotateLeft64(h.hi, 17)), scrambled(h.hi + 0x632be59bd9b4e019)}
}

// scrambled is a bijection under which near words end up far apart (the
// finalizer of splitmix64).
func scrambled(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// hashOf is the hash of numbers that are used in one role.
func hashOf(role uint64, x []float32) hash {
	h := hash{role + 1, ^role}
	for _, v := range x {
		h = h.mixed(uint64(math.Float32bits(v)))
	}
	return h.done()
}

// table finds numbers by hashes. The zero table is empty.
type table struct {
	slots []slot // a power of two of them, linear probing
	n     int
}

// slot is free where the number is 0; others are one more than what they hold.
type slot struct {
	key    hash
	number int32
}

// get returns the number that was put under a hash, or -1.
func (t *table) get(h hash) int32 {
	if t.n == 0 {
		return -1
	}
	mask := uint64(len(t.slots) - 1)
	for i := h.lo & mask; ; i = (i + 1) & mask {
		if s := &t.slots[i]; s.number == 0 || s.key == h {
			return s.number - 1
		}
	}
}

// put enters a number under a hash that is not in the table, and returns by how
// many bytes the table grew.
func (t *table) put(h hash, number int32) int {
	grown := 0
	if 2*t.n >= len(t.slots) {
		old := t.slots
		t.slots = make([]slot, max(16, 2*len(old)))
		grown = (len(t.slots) - len(old)) * slotBytes
		for _, s := range old {
			if s.number != 0 {
				t.enter(s)
			}
		}
	}
	t.enter(slot{h, number + 1})
	t.n++
	return grown
}

const slotBytes = 24

func (t *table) enter(s slot) {
	mask := uint64(len(t.slots) - 1)
	i := s.key.lo & mask
	for t.slots[i].number != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = s
}

// vectors numbers different vectors.
type vectors struct {
	role uint64
	ids  table
	all  [][]float32
	hash []hash
}

// number returns the number of a vector, which is copied if it is new, and the
// bytes that it took.
func (v *vectors) number(x []float32) (id int32, bytes int) {
	h := hashOf(v.role, x)
	if id := v.ids.get(h); id >= 0 {
		return id, 0
	}
	id = int32(len(v.all))
	v.all, v.hash = append(v.all, append([]float32(nil), x...)), append(v.hash, h)
	return id, v.ids.put(h, id) + 4*len(x) + vectorBytes
}

// vectorBytes is what a vector takes beside its elements.
const vectorBytes = 48

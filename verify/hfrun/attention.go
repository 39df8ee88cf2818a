package hfrun

import "math"

// attention is scaled dot-product attention over heads that share the
// columns of a row evenly.
type attention struct {
	arithmetic
	heads, size int // size of a head; heads*size columns
	causal      bool
	divisor     float64 // of the scores; 0 for the root of size
}

// scale is what scores are multiplied by.
func (a attention) scale() float64 {
	if a.divisor != 0 {
		return round(1 / a.divisor)
	}
	return round(1 / math.Sqrt(float64(a.size)))
}

// rows says where a batch's queries, keys or values stand: row t begins at
// t*stride+offset.
type rows struct {
	data           []float64
	stride, offset int
}

// head returns the part of row t that belongs to head h.
func (r rows) head(t, h, size int) []float64 {
	at := t*r.stride + r.offset + h*size
	return r.data[at : at+size]
}

// apply returns the heads' results side by side, heads*size columns a token.
func (a attention) apply(in batch, q, k, v rows) ([]float64, error) {
	d := a.heads * a.size
	out := make([]float64, len(in.ids)*d)
	scores := make([]float64, in.n)
	for first := 0; first < len(in.ids); first += in.n {
		mask := in.mask[first : first+in.n]
		for h := range a.heads {
			for i := range in.n {
				seen := in.n
				if a.causal {
					seen = i + 1
				}
				row := out[(first+i)*d+h*a.size:][:a.size]
				a.scores(scores[:seen], q.head(first+i, h, a.size), k, first, h)
				a.softmax(scores[:seen], mask)
				mix(row, scores[:seen], v, first, h)
			}
		}
	}
	return out, a.roundAll(out)
}

// scores fills in the scaled products of one query with the keys of its
// sequence, which starts at token first.
func (a attention) scores(scores, q []float64, k rows, first, h int) {
	scale := a.scale()
	clear(scores)
	if allZero(q) {
		return
	}
	for j := range scores {
		sum := 0.0
		for i, key := range k.head(first+j, h, a.size) {
			sum += q[i] * key
		}
		scores[j] = a.to(a.to(sum) * scale)
	}
}

// allZero reports whether x is the zero vector.
func allZero(x []float64) bool {
	for _, v := range x {
		if v != 0 {
			return false
		}
	}
	return true
}

// softmax turns scores into weights; masked keys get exactly 0. At least one
// key is not masked.
func (a arithmetic) softmax(scores []float64, mask []bool) {
	top := math.Inf(-1)
	for j, s := range scores {
		if mask[j] {
			top = max(top, s)
		}
	}
	sum := 0.0
	for j, s := range scores {
		if mask[j] {
			scores[j] = round(math.Exp(round(s - top)))
			sum += scores[j]
		} else {
			scores[j] = 0
		}
	}
	sum = round(sum)
	for j := range scores {
		scores[j] = a.to(scores[j] / sum)
	}
}

// mix adds the weighted values of a sequence to row.
func mix(row, weights []float64, v rows, first, h int) {
	for j, w := range weights {
		if w == 0 {
			continue
		}
		for i, value := range v.head(first+j, h, len(row)) {
			row[i] += w * value
		}
	}
}

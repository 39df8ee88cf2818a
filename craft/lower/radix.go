package lower

import (
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/value"
)

// radix returns mixed radix numbers of a function's variables, one for each
// order of up to three variables. Different combinations have different
// numbers, so that every function is a function of each; the order decides
// how often its result changes along the line. Values of a categorical
// variable that never make a difference share a digit.
func (b *builder) radix(f *function) []functional {
	const most = 3
	if len(f.vars) > most {
		return []functional{b.digits(f, identity(len(f.vars)))}
	}
	var forms []functional
	for _, order := range permutations(len(f.vars)) {
		forms = append(forms, b.digits(f, order))
	}
	return forms
}

// digits writes the variables as digits, the first of the order lowest: each
// digit is worth more than all below it can add up to. Worths are powers of
// two, so that a function of one number reads it as it is held.
func (b *builder) digits(f *function, order []int) functional {
	s := functional{}
	var span, gap value.Rat // largest minus smallest sum so far; least distance of two
	for n, k := range order {
		v := b.v(f.vars[k])
		class, classes := f.classes(k)
		unit, size := value.Int(1), value.Int(int64(classes-1))
		if v.Encoding == craft.Numeric {
			set := f.sets[k]
			unit, size = smallestGap(set), set[len(set)-1].Rat().Sub(set[0].Rat())
		}
		worth := value.Int(1)
		if n == 0 {
			gap = unit
		} else {
			worth = powerAbove(span.Add(gap).Quo(unit))
		}
		if v.Encoding == craft.Numeric {
			s[v.First] = worth.Mul(v.Scale)
		} else {
			w := make([]value.Rat, len(class))
			for i, c := range class {
				w[i] = worth.Mul(value.Int(int64(c)))
			}
			s = s.plus(b.read(f.vars[k], w), value.Int(1))
		}
		span = span.Add(worth.Mul(size))
	}
	return s
}

// powerAbove returns the least power of two, from 1/2^64 on, that is not below
// x.
func powerAbove(x value.Rat) value.Rat {
	p := value.Frac(1, 1<<32).Mul(value.Frac(1, 1<<32))
	for p.Cmp(x) < 0 {
		p = p.Mul(value.Int(2))
	}
	return p
}

func smallestGap(set []value.Value) value.Rat {
	gap := value.Int(1)
	for i := 1; i < len(set); i++ {
		if g := set[i].Rat().Sub(set[i-1].Rat()); i == 1 || g.Cmp(gap) < 0 {
			gap = g
		}
	}
	return gap
}

// classes numbers the values of one variable such that values with the same
// results in every combination share a number, in order of first appearance.
func (f *function) classes(k int) (class []int, count int) {
	stride := 1
	for i := k + 1; i < len(f.sets); i++ {
		stride *= len(f.sets[i])
	}
	size := len(f.sets[k])
	seen := map[string]int{}
	class = make([]int, size)
	row := make([]byte, 0, 4*len(f.out)/size)
	for i := range size {
		row = row[:0]
		for block := 0; block < len(f.out); block += stride * size {
			for _, out := range f.out[block+i*stride : block+(i+1)*stride] {
				row = append(row, byte(out), byte(out>>8), byte(out>>16), byte(out>>24))
			}
		}
		c, ok := seen[string(row)]
		if !ok {
			c = len(seen)
			seen[string(row)] = c
		}
		class[i] = c
	}
	return class, len(seen)
}

func identity(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

// permutations returns all orders of 0 … n-1 in a fixed sequence.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var all [][]int
	for _, rest := range permutations(n - 1) {
		for i := len(rest); i >= 0; i-- {
			p := append(append(append([]int(nil), rest[:i]...), n-1), rest[i:]...)
			all = append(all, p)
		}
	}
	return all
}

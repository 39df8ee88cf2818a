package certify

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/raspc/raspc/verify/binary32"
	"github.com/raspc/raspc/verify/network"
)

// rounding is what is known of the type to which results are rounded, beyond the
// float32 in which sums are formed. Its zero value is that of float32 itself.
type rounding struct {
	narrow bool    // fewer bits than float32
	unit   float64 // the relative error of one rounding to it
	small  float64 // what a result below the smallest normal number loses: all of it
	most   float64 // the largest number
}

func roundingOf(t network.Type) rounding {
	if t == network.Float32 {
		return rounding{}
	}
	// The sum in float32 is rounded itself.
	return rounding{true, t.Unit() + unit, t.Smallest(), t.Largest()}
}

// holds reports whether all multiples of a power of two up to a size are numbers of
// the type.
func (r rounding) holds(grid, size float64) bool {
	return !r.narrow || grid >= r.small && size <= min(grid/(r.unit-unit), r.most)
}

// lost bounds what rounding a result of a size to the type loses.
func (r rounding) lost(size float64) float64 {
	if size == 0 {
		return 0
	}
	return r.unit*size + r.small
}

// representable reports whether all that a function can be is of the type.
func (p *proof) representable(l *lin) bool {
	return p.typ.holds(p.divisor(l, 1), p.size(l))
}

// nearest bounds how far what is off by an error from a number of the type is from it
// when it has been rounded: not at all, where it is nearer than half the distance to
// the next one below; else by twice as much, since the nearest is no farther than
// that.
func (r rounding) nearest(x, err float64) float64 {
	switch {
	case err == 0 || err < math.Abs(x)*(r.unit-unit)*0.49:
		return 0
	case x == 0:
		return up(err*(1+r.unit) + r.small*r.unit)
	}
	return 2 * err
}

// round rounds what a column holds to the type.
func (p *proof) round(c *column) {
	t := p.typ
	if p.representable(c.l) {
		c.err = p.nearest(c)
	} else {
		c.err = combine([]*lin{c.err, constant(up(t.lost(p.size(c.l))))}, []float64{1 + t.unit, 1})
	}
	if t.holds(divisorOf(c.bos), math.Abs(c.bos)) {
		c.bosNoise = t.nearest(c.bos, c.bosNoise)
	} else {
		c.bosNoise = up(c.bosNoise*(1+t.unit) + t.lost(math.Abs(c.bos)))
	}
}

// nearest bounds the error of a column of numbers of the type behind a rounding.
func (p *proof) nearest(c *column) *lin {
	if c.exact() {
		return c.err
	}
	if c.l.isConstant() {
		return constant(p.typ.nearest(c.l.konst(), p.offOf(c)))
	}
	a, ok := c.l.single()
	if !ok {
		return combine([]*lin{c.err}, []float64{2})
	}
	table := make([]float64, len(c.l.tabs[0].table))
	at, same := c.err.single()
	for i, v := range c.l.tabs[0].table {
		err := p.offOf(c)
		if same && at == a {
			err = c.err.tabs[0].table[i] + c.err.c
		}
		table[i] = p.typ.nearest(v+c.l.c, err)
	}
	return tabulated(a, table)
}

// increase adds to a column what a layer's heads or neurons make, of so many products
// that are rounded to the type together, and rounds the sum, to a narrow type.
// Rounding is the same for a column and its mirror, unless their sums were not in
// float32: these may be formed in different orders.
func (p *proof) increase(c *column, by column, inexact float64, rounds bool) {
	held, atHeld := p.held(c)
	size := held + atHeld + p.size(by.l) + p.offOf(&by) + math.Abs(by.bos) + by.bosNoise
	p.bounded(size)
	if rounds {
		p.round(&by)
	}
	if c.apart += 2 * inexact; c.apart > 0 {
		c.apart = up(c.apart + 4*p.typ.lost(size))
	}
	c.l = combine([]*lin{c.l, by.l}, []float64{1, 1})
	c.err = combine([]*lin{c.err, by.err}, []float64{1, 1})
	c.bos, c.bosNoise = c.bos+by.bos, up(c.bosNoise+by.bosNoise)
	if held != 0 || atHeld != 0 {
		p.round(c)
	}
}

// normedTo is the norm of a stream in a narrow type: an identity but for what its mean
// and its variance change, and for rounding. A number of the type that is moved by
// less than a quarter of the distance to the next is rounded back to itself.
func (p *proof) normedTo(n *network.Norm) (stream, error) {
	root := math.Sqrt(n.Eps)
	if f, _ := math.Frexp(root); f != 0.5 || root*root != n.Eps || !n.Centres() {
		return stream{}, errNorm
	}
	d := float64(len(p.stream.cols))
	var ls []*lin
	noise, bosNoise, bosAbs, bos, squares := 0.0, 0.0, 0.0, 0.0, 0.0
	for i := range p.stream.cols {
		if n.Weight[i] != root || n.BiasOf(i) != 0 {
			return stream{}, errNorm
		}
		c := &p.stream.cols[i]
		size := max(p.size(c.l)+p.offOf(c), math.Abs(c.bos)+c.bosNoise)
		bosAbs += math.Abs(c.bos) + c.bosNoise
		if ls, squares = append(ls, c.l), squares+size*size; p.mirror[i] < 0 {
			noise, bosNoise = noise+p.offOf(c), bosNoise+c.bosNoise
		} else { // half of what both add up to
			m := &p.stream.cols[p.mirror[i]]
			noise += min(c.apart, p.offOf(c)+p.offOf(m)) / 2
			bosNoise += min(c.apart, c.bosNoise+m.bosNoise) / 2
		}
		bos += c.bos
	}
	relative := squares/d/(2*n.Eps) + normRounding
	if !(relative < p.typ.unit/8) {
		return stream{}, errNorm
	}
	share := binary32.Mean(len(ls))
	mean := up((noise + share*p.total() + p.size(combine(ls, repeated(1, len(ls))))) / d)
	bosMean := up((bosNoise + share*bosAbs + math.Abs(bos)) / d)
	out := stream{cols: slices.Clone(p.stream.cols)}
	for i := range out.cols {
		c := &out.cols[i]
		moved := p.size(c.l) + p.offOf(c)
		if m := p.mirror[i]; m >= 0 {
			other := &p.stream.cols[m]
			c.apart = min(c.apart, max(p.offOf(c)+p.offOf(other), c.bosNoise+other.bosNoise))
		}
		c.apart = up(c.apart + 4*(max(mean, bosMean)+relative*max(moved, math.Abs(c.bos)+c.bosNoise)))
		c.err = combine([]*lin{c.err, p.moved(&p.stream.cols[i], mean, relative)}, []float64{1, 1})
		if c.bosNoise != 0 || p.typ.moves(c.bos, bosMean, relative) {
			c.bosNoise = up(c.bosNoise + p.typ.moved(c.bos, bosMean, relative) + 2*relative*c.bosNoise)
		}
	}
	return out, nil
}

// moves reports whether a number of the type is rounded to another one where it is
// moved by so much, and by a share of itself.
func (r rounding) moves(x, by, share float64) bool {
	return !(2*by+math.Abs(x)*share < math.Abs(x)*r.unit/4)
}

// moved bounds how far a number is moved then.
func (r rounding) moved(x, by, share float64) float64 {
	if x == 0 {
		return up(by*(1+r.unit) + r.small*r.unit)
	}
	return up(2 * (by*(1+share) + math.Abs(x)*share))
}

// moved bounds how far a norm moves a column.
func (p *proof) moved(c *column, by, share float64) *lin {
	at := func(x float64) float64 {
		if p.typ.moves(x, by, share) {
			return p.typ.moved(x, by, share)
		}
		return 0
	}
	switch a, single := c.l.single(); {
	case !c.exact():
	case c.l.isConstant():
		return constant(at(c.l.konst()))
	case single:
		table := make([]float64, len(c.l.tabs[0].table))
		for i, v := range c.l.tabs[0].table {
			table[i] = at(v + c.l.c)
		}
		return tabulated(a, table)
	}
	return constant(p.typ.moved(p.size(c.l)+p.offOf(c), by, share))
}

// mirrors finds, for each column, one that everything writes with the other sign.
// Columns that nothing writes have none.
func mirrors(n *network.Network) []int {
	words := func(c int, sign float64) []float64 {
		var all []float64
		note := func(x float64) { all = append(all, sign*x+0) }
		column := func(l network.Linear) {
			for _, w := range l.Columns[c] {
				all = append(all, float64(w.Row))
				note(w.W)
			}
			all = append(all, math.Inf(1))
			note(l.BiasOf(c))
		}
		for _, rows := range [][][]float64{n.Tokens, n.Positions, {n.TokenType}} {
			for _, row := range rows {
				if row != nil {
					note(row[c])
				}
			}
		}
		for i := range n.Layers {
			l := &n.Layers[i]
			for h := range l.Heads {
				column(l.Heads[h].O)
			}
			if l.AttnBias != nil {
				note(l.AttnBias[c])
			}
			if len(l.Out.Columns) > 0 {
				column(l.Out)
			}
		}
		return all
	}
	key := func(row []float64) string {
		var b []byte
		for _, v := range row {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		return string(b)
	}
	at := map[string]int{}
	out := make([]int, n.Width)
	for c := range out {
		out[c] = -1
		if other, ok := at[key(words(c, -1))]; ok && other != c && out[other] < 0 {
			out[c], out[other] = other, c
			continue
		}
		at[key(words(c, 1))] = c
	}
	return out
}

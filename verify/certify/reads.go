package certify

import (
	"maps"
	"math"
	"math/bits"
	"slices"

	"github.com/raspc/raspc/verify/network"
)

// column is one column of the residual stream: what it holds at the positions
// of the input and at BOS, and how far off it may be.
type column struct {
	l        *lin
	err      *lin // bounds the error, at the positions of the input; nil for none
	bos      float64
	bosNoise float64
	// apart bounds how far it is from minus its mirror, in a narrow type.
	apart float64
}

// offOf bounds how far a column is off anywhere at the positions of the input.
func (p *proof) offOf(c *column) float64 { return p.size(c.err) }

// blank reports whether a column has held 0 from the start, so that it holds what
// the columns err in common and nothing else: all blank columns hold the same
// number, to the last bit, as exact norms treat them alike and adding 0 changes
// none.
func (p *proof) blank(c *column) bool { return p.size(c.l) == 0 && c.exact() }

// bosBlank is blank at BOS.
func (c *column) bosBlank() bool { return c.bos == 0 && c.bosNoise == 0 }

// held bounds what a column of the stream holds, at the positions of the input and
// at BOS, with what all columns err in common and together.
func (p *proof) held(c *column) (size, atBOS float64) {
	s := &p.stream
	return p.size(c.l) + p.offOf(c) + s.common + s.joint, math.Abs(c.bos) + c.bosNoise + s.bosCommon + s.bosJoint
}

// exact reports whether a column has no error at the positions of the input.
func (c *column) exact() bool { return c.err.isConstant() && c.err.konst() == 0 }

// read is what a linear form reads from the residual stream.
type read struct {
	l     *lin
	abs   *lin // the sum of the absolute values of its terms, or a bound
	terms int  // how many of them are not 0 at one position, at most
	err   *lin // bounds what the columns' errors make; rounding comes on top
	// exact and bosExact say that all sums are, whatever the order.
	exact, bosExact bool
	// slip bounds the rounding of what the columns' errors make, which may be much
	// where large weights read columns that should hold 0.
	slip float64

	bos, bosAbs, bosNoise, bosSlip float64

	rounding // of the result
	// errs and bosErrs bound what the columns' errors make.
	errs, bosErrs float64
	results       float64 // that are rounded: one, or two with a bias
	// nearest says that what should be read is of the type, so that rounding takes
	// what is read no farther from it than twice its distance.
	nearest bool
}

// gridStep and gridSize: sums of multiples of 2^-8 below 2^15 are exact in
// float32, in whatever order.
const (
	gridStep = 1.0 / 256
	gridSize = 1 << 15
)

func onGrid(x float64) bool { return x/gridStep == math.Trunc(x/gridStep) }

// divisorOf returns the largest power of two of which x is a multiple: sums of
// multiples of it below 2^24 times as much are exact.
func divisorOf(x float64) float64 {
	if x == 0 {
		return math.Inf(1)
	}
	f, e := math.Frexp(x)
	n := uint64(math.Abs(f) * (1 << 53))
	return math.Ldexp(1, e-53+bits.TrailingZeros64(n))
}

// reads returns what a linear form reads.
func (p *proof) reads(ws []network.Weight, bias float64) read {
	return p.readsBeside(ws, bias, p.view.common, p.view.bosCommon)
}

// readsBeside is reads where the error that all columns have in common is given.
func (p *proof) readsBeside(ws []network.Weight, bias, common, bosCommon float64) read {
	r := read{rounding: p.typ, results: 1, exact: true, bosExact: true, bos: bias, bosAbs: math.Abs(bias), terms: p.nonzero(ws, common, bosCommon)}
	g := gamma(r.terms + 1)
	grid, bosGrid := divisorOf(bias), divisorOf(bias)
	ls, fs := []*lin{constant(bias)}, []float64{1}
	as, gs := []*lin{constant(math.Abs(bias))}, []float64{1}
	es, hs := []*lin(nil), []float64(nil)
	total, shared := 0.0, 1.0
	if differs(ws, bias) {
		shared = 0
	}
	for _, w := range ws {
		c := &p.view.cols[w.Row]
		total += w.W
		r.slip += g * math.Abs(w.W) * (p.offOf(c) + shared*common)
		r.bosSlip += g * math.Abs(w.W) * (c.bosNoise + shared*bosCommon)
		if c.l == nil && c.exact() && c.bos == 0 && c.bosNoise == 0 {
			continue
		}
		ls, fs = append(ls, c.l), append(fs, w.W)
		as, gs = append(as, p.absolute(c.l)), append(gs, math.Abs(w.W))
		es, hs = append(es, c.err), append(hs, math.Abs(w.W)*(1+slack+g))
		r.bos += w.W * c.bos
		r.bosAbs += math.Abs(w.W * c.bos)
		r.bosNoise += math.Abs(w.W) * c.bosNoise
		r.exact, r.bosExact = r.exact && c.exact(), r.bosExact && c.bosNoise == 0
		grid, bosGrid = min(grid, p.divisor(c.l, w.W)), min(bosGrid, divisorOf(w.W*c.bos))
	}
	joint, bosJoint := p.jointly(ws)
	rest := math.Abs(total)*common + joint
	r.bosNoise += math.Abs(total)*bosCommon + bosJoint
	r.exact, r.bosExact = r.exact && common == 0 && joint == 0, r.bosExact && bosCommon == 0 && bosJoint == 0
	r.l, r.abs = combine(ls, fs), combine(as, gs)
	r.err = combine(append(es, constant(up(rest))), append(hs, 1))
	own := p.atomSet(r.l)
	if !within(p.atomSet(r.abs), own) {
		r.abs = constant(p.size(r.abs))
	}
	if !within(p.atomSet(r.err), own) {
		r.err = constant(p.size(r.err))
	}
	hi := p.size(r.abs)
	r.errs, r.bosErrs = p.size(r.err), r.bosNoise
	r.exact = r.exact && exactly(grid, hi) && r.holds(grid, hi)
	r.bosExact = r.bosExact && exactly(bosGrid, r.bosAbs) && r.holds(bosGrid, r.bosAbs)
	p.bounded(max(hi, r.bosAbs) + p.size(r.err) + r.bosNoise)
	r.bosNoise = up(r.bosNoise)
	if bias != 0 {
		r.terms, r.results = r.terms+1, 2
	} else {
		r.nearest = r.narrow && p.representable(r.l) && r.holds(divisorOf(r.bos), math.Abs(r.bos))
	}
	return r
}

// errorsOf bounds what a linear form of the view sees of what the columns err, each
// for itself and together.
func (p *proof) errorsOf(ws []network.Weight) (err, atBOS float64) {
	err, atBOS = p.jointly(ws)
	for _, w := range ws {
		c := &p.view.cols[w.Row]
		err += math.Abs(w.W) * p.offOf(c)
		atBOS += math.Abs(w.W) * c.bosNoise
	}
	return up(err), up(atBOS)
}

// sparse returns weights in the order of their columns.
func sparse(weights map[int]float64) []network.Weight {
	out := make([]network.Weight, 0, len(weights))
	for _, row := range slices.Sorted(maps.Keys(weights)) {
		out = append(out, network.Weight{Row: row, W: weights[row]})
	}
	return out
}

// jointly bounds what a linear form sees of what the turned columns of the view err
// together.
func (p *proof) jointly(ws []network.Weight) (err, atBOS float64) {
	if p.turn == nil {
		return 0, 0
	}
	long := p.turn.lengthOfWeights(ws) * (1 + slack)
	return up(long * p.view.joint), up(long * p.view.bosJoint)
}

// nonzero bounds how many products of a linear form are not exactly 0 at one
// position, or at BOS. The others round nothing, whatever the order.
func (p *proof) nonzero(ws []network.Weight, common, bosCommon float64) int {
	if common != 0 || bosCommon != 0 {
		return len(ws)
	}
	var counts []*lin
	atBOS := 0
	for _, w := range ws {
		c := &p.view.cols[w.Row]
		counts = append(counts, c.nonzero())
		if c.bos != 0 || c.bosNoise != 0 {
			atBOS++
		}
	}
	return max(int(p.size(combine(counts, repeated(1, len(ws))))), atBOS)
}

// nonzero is 1 where a column may be other than 0.
func (c *column) nonzero() *lin {
	if c.exact() && c.l.isConstant() && c.l.konst() == 0 {
		return nil
	}
	a, ok := c.l.single()
	if !ok || !c.exact() {
		return constant(1)
	}
	table := make([]float64, len(c.l.tabs[0].table))
	for i, v := range c.l.tabs[0].table {
		if v+c.l.c != 0 {
			table[i] = 1
		}
	}
	return tabulated(a, table)
}

// differs reports whether a linear form is the difference of two columns, times a
// power of two: it is rounded once, by a part of the result, in which there is
// nothing that the columns have in common.
func differs(ws []network.Weight, bias float64) bool {
	if bias != 0 || len(ws) != 2 || ws[0].W != -ws[1].W {
		return false
	}
	f, _ := math.Frexp(math.Abs(ws[0].W))
	return f == 0.5
}

// divisor is divisorOf for all values of a function, times a weight; 0 where
// they are not known.
func (p *proof) divisor(l *lin, w float64) float64 {
	if l == nil {
		return math.Inf(1)
	}
	out := divisorOf(w * l.c)
	for _, part := range l.terms {
		if part.t.kind != jointTerm {
			return 0
		}
		for _, v := range part.c.table {
			out = min(out, divisorOf(w*v))
		}
	}
	for _, t := range l.tabs {
		if t.table == nil {
			return 0
		}
		for _, v := range t.table {
			out = min(out, divisorOf(w*v))
		}
	}
	return out
}

// absolute bounds the absolute value of a function by another one: exactly
// where it is a table of one atom.
func (p *proof) absolute(l *lin) *lin {
	if l.isConstant() {
		return constant(math.Abs(l.konst()))
	}
	size := func(t []float64) []float64 {
		out := make([]float64, len(t))
		for i, v := range t {
			out[i] = math.Abs(v + l.c)
		}
		return out
	}
	if a, ok := l.single(); ok {
		return tabulated(a, size(l.tabs[0].table))
	}
	if len(l.tabs) == 0 && len(l.terms) == 1 && l.terms[0].t.kind == jointTerm {
		return &lin{terms: []termPart{{l.terms[0].t, curve{table: size(l.terms[0].c.table)}}}}
	}
	return constant(p.size(l))
}

// rounding bounds the error of adding up terms whose absolute values have the
// given sum, at the positions of the input; bosRounding at BOS.
func (r read) roundingOf(abs float64) float64 {
	return r.loses(r.exact, abs, r.slip, r.errs, abs+r.errs)
}

// roundingAt is that where what should be read is known.
func (r read) roundingAt(abs, value float64) float64 {
	return r.loses(r.exact, abs, r.slip, r.errs, math.Abs(value)+r.errs)
}

func (r read) bosRounding() float64 {
	return r.loses(r.bosExact, r.bosAbs, r.bosSlip, r.bosErrs, math.Abs(r.bos)+r.bosErrs)
}

// loses is that for a result of a size.
func (r read) loses(exact bool, abs, slip, errs, size float64) float64 {
	lost := gamma(max(r.terms, 1))*abs + slip + float64(r.terms)*tiny
	switch {
	case exact:
		return 0
	case r.nearest:
		return up(2*lost + errs)
	}
	return up(lost + r.results*r.lost(size))
}

// off bounds how far a read is off at the positions of the input.
func (p *proof) off(r read) float64 { return p.size(r.err) + r.roundingAt(p.size(r.abs), p.size(r.l)) }

// offLin is off as a function.
func (p *proof) offLin(r read) *lin {
	if r.exact {
		return nil
	}
	share := gamma(max(r.terms, 1)) + r.results*r.unit
	if r.nearest {
		share = 2 * gamma(max(r.terms, 1))
	}
	return combine([]*lin{r.err, r.abs, constant(r.roundingOf(0))}, []float64{1, share * (1 + 2*slack), 1})
}

// offAt is off at one state.
func (p *proof) offAt(r read, at assignment) (float64, bool) {
	err, ok := p.eval(r.err, at)
	abs, defined := p.eval(r.abs, at)
	value, known := p.eval(r.l, at)
	return err + r.roundingAt(abs, value), ok && defined && known
}

// bosOff is off at BOS.
func (r read) bosOff() float64 {
	if r.bosExact {
		return 0
	}
	return r.bosNoise + r.bosRounding()
}

// scores are the scores of a head, dimension by dimension.
type scores struct {
	dims     []dimension
	scale    float64
	rounding         // of the products and of the scores
	turned   float64 // bounds what turning queries and keys changes of a score, unscaled
}

// dimension is one column of queries and one of keys.
type dimension struct{ query, key read }

// scoresOf reads the queries and keys of a head.
func (p *proof) scoresOf(h *network.Head) *scores {
	s := &scores{rounding: p.typ, scale: h.Scale}
	query, key := 0.0, 0.0
	for d := range h.Q.Columns {
		dim := dimension{p.readsOf(&h.Q, d), p.readsOf(&h.K, d)}
		query, key = query+p.most(dim.query), key+p.most(dim.key)
		if !dim.query.zero() && !dim.key.zero() {
			s.dims = append(s.dims, dim)
		}
	}
	s.turned = up(turns * h.Turn * query * key)
	return s
}

// turns are the angles by which a score beside BOS's can be off, relative to all
// products of its query's elements and its keys'. An element that is turned by a
// small angle changes by the angle times another element, and by as much again
// where float32 rounds that: the query and the key, of two scores; and a
// sum in which that is lost may lose as much again.
const turns = 16

// most bounds what is read, anywhere.
func (p *proof) most(r read) float64 {
	return max(p.size(r.abs)+p.off(r), r.bosAbs+r.bosOff())
}

// zero reports whether a read is exactly 0 everywhere.
func (r read) zero() bool {
	none := func(l *lin) bool { return l.isConstant() && l.konst() == 0 }
	return none(r.l) && none(r.abs) && none(r.err) && r.slip == 0 && r.bos == 0 && r.bosAbs == 0 && r.bosNoise == 0 && r.bosSlip == 0
}

// side is what queries, or keys, read for one dimension.
func (s *scores) side(d int, query bool) read {
	if query {
		return s.dims[d].query
	}
	return s.dims[d].key
}

// value evaluates one dimension for a query or a key.
func (s *scores) value(p *proof, d int, query bool, at assignment) (dimValue, bool) {
	r := s.side(d, query)
	v, ok := p.eval(r.l, at)
	if !ok {
		return dimValue{}, false
	}
	off, ok := p.offAt(r, at)
	out := dimValue{d: d, v: v, noise: off}
	if r.exact && (query || r.bosExact) {
		out.grid = divisorOf(v)
	}
	if !query {
		out.own, out.ownNoise = v, out.noise
		out.v, out.size = v-r.bos, math.Abs(v)+math.Abs(r.bos)
		out.noise += r.bosOff()
		out.grid = min(out.grid, divisorOf(r.bos))
	}
	return out, ok
}

// product returns the score of a key beside that of the BOS key, how far it is
// off at most, and how far the key's own score is, but for rounding.
func (s *scores) product(q, k []dimValue) (rel, noise, own float64, r rounded) {
	r.grid = math.Inf(1)
	for len(q) > 0 && len(k) > 0 {
		x, y := q[0], k[0]
		switch {
		case x.d < y.d:
			q = q[1:]
			continue
		case y.d < x.d:
			k = k[1:]
			continue
		}
		rel += x.v * y.v
		noise += x.noise*math.Abs(y.v) + math.Abs(x.v)*y.noise + x.noise*y.noise
		own += x.noise*math.Abs(y.own) + math.Abs(x.v)*y.ownNoise + x.noise*y.ownNoise
		if size := math.Abs(x.v) + x.noise; size != 0 {
			r.total += size * (y.size + y.noise)
			r.own += size * (math.Abs(y.own) + y.ownNoise)
			r.terms++
			if g := x.grid * y.grid; !math.IsNaN(g) {
				r.grid = min(r.grid, g)
			} else {
				r.grid = 0
			}
		}
		q, k = q[1:], k[1:]
	}
	return s.scale * rel, widen(s.scale*noise, s.scale*r.total), widen(s.scale*own, s.scale*r.own), r
}

// roundings bounds the rounding of a score. Sums of multiples of a
// power of two below 2^24 times as much are exact. A runtime may divide by the root of the size instead of multiplying.
func (s *scores) roundings(r rounded) (noise, own float64) {
	turned := up(s.scale * s.turned)
	// What turning adds is less than what the exact sums could be off by and be
	// rounded back.
	if f, _ := math.Frexp(s.scale); f == 0.5 && exactly(r.grid, r.total) && s.holds(r.grid*s.scale, r.total*s.scale) && s.holds(r.grid, r.total) && s.turned <= r.grid*unit/4 {
		return turned, turned
	}
	n := r.terms + 1 // products, their sum, the difference
	if s.scale != 1 {
		n += 2
	}
	g := s.scale * (gamma(n) + 2*s.unit) // and the results of both
	lost := float64(r.terms+1)*tiny + 4*s.small*max(1, s.scale)
	return up(g*r.total+lost) + turned, up(g*r.own+lost) + turned
}

package certify

import (
	"fmt"
	"math"
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/binary32"
	"github.com/raspc/raspc/verify/network"
)

// head is a head of the network under study.
type head struct {
	p      *proof
	layer  int
	number int
	*network.Head
	scores *scores
	values []read // of each dimension

	sums  bool    // BOS outweighs the keys; else it is the default
	limit float64 // keys with a score above it, beside BOS's, are selected
	// Bounds, as exponents of weights, for the positions of the input:
	even     float64 // selected scores of one query are within this of the middle
	off      float64 // and within this, beside BOS's
	selected float64 // the selected score, beside BOS's
	rest     float64 // the scores of the others, beside BOS's, at most
	gap      float64 // of the selected above the others
	above    float64 // of the selected above BOS
	below    float64 // of BOS above the keys that are not selected
	bosGap   float64 // of BOS above all keys, at BOS
}

// vanishing is the distance below the largest score from which on weights are 0:
// exp of less is below the smallest float32. That exp(0) is 1 is trusted, too.
const vanishing = 105

// study finds out which keys a head selects.
func (p *proof) study(layer, number int, h *network.Head) (*head, error) {
	out := &head{p: p, layer: layer, number: number, Head: h, scores: p.scoresOf(h)}
	for d := range h.V.Columns {
		out.values = append(out.values, p.readsOf(&h.V, d))
	}
	if err := out.classify(); err != nil {
		return nil, out.errorf("%w", err)
	}
	return out, out.atBOS()
}

func (h *head) errorf(format string, args ...any) error {
	return fmt.Errorf("layer %d, head %d: %w", h.layer, h.number, fmt.Errorf(format, args...))
}

// classify tells selected keys from others by the scores that occur.
func (h *head) classify() error {
	q := &question{heads: []*scores{h.scores}, errors: true}
	lists, err := h.p.lists(q)
	if err != nil {
		return err
	}
	top, noise := math.Inf(-1), 0.0
	h.p.combineAnswers(q, lists, func(a *answer) bool {
		top, noise = max(top, a.rel[0]), max(noise, a.noise)
		return true
	})
	h.sums = top <= noise
	h.limit = 0
	if h.sums {
		h.limit = top - 1
	}
	return h.bounds(q, lists)
}

// bounds measures how even the selected scores are and how far above others.
func (h *head) bounds(q *question, lists [][]*answer) error {
	lo, hi, rest := math.Inf(1), math.Inf(-1), math.Inf(-1)
	own, restOwn := 0.0, math.Inf(-1)
	h.above, h.below, h.rest = math.Inf(1), math.Inf(1), math.Inf(-1)
	h.p.combineAnswers(q, lists, func(a *answer) bool {
		s := a.rel[0]
		if s > h.limit {
			lo, hi = min(lo, s), max(hi, s)
			own, h.off = max(own, a.own), max(h.off, a.noise)
			h.above = min(h.above, s-a.noise)
		} else {
			rest, restOwn = max(rest, s), max(restOwn, s+a.own)
			h.below = min(h.below, -s-a.noise)
			h.rest = max(h.rest, s+a.noise)
		}
		return true
	})
	h.selected = (hi + lo) / 2
	h.even, h.off = up((hi-lo)/2+own), up((hi-lo)/2+h.off)
	h.gap = lo - own - restOwn
	if !(h.gap > 2) {
		return fmt.Errorf("the scores of the keys, which depend on %s, are not of two kinds: selected ones are known to within %.3g, and others to be %.3g below", h.scoredBy(), 2*h.even, h.gap)
	}
	if h.sums && !(h.selected-h.off > -80) {
		return fmt.Errorf("the weights of the selected keys, which depend on %s, are too small for float32", h.scoredBy())
	}
	if h.p.typ.narrow && h.share() < h.p.typ.small {
		return fmt.Errorf("the weights of the selected keys, which depend on %s, may be too small for %s", h.scoredBy(), h.p.net.Type)
	}
	if !h.sums && !(h.above >= 2 && h.below >= 2) {
		return fmt.Errorf("BOS is not between the selected keys and the others, which depend on %s: %.3g below and %.3g above", h.scoredBy(), h.below, h.above)
	}
	return nil
}

// atBOS bounds what the query at BOS sees of other keys.
func (h *head) atBOS() error {
	h.bosGap = math.Inf(1)
	if h.p.net.Causal {
		return nil
	}
	s := &scores{rounding: h.p.typ, scale: h.scores.scale, turned: h.scores.turned}
	for _, d := range h.scores.dims {
		d.query.l, d.query.abs = constant(d.query.bos), constant(d.query.bosAbs)
		d.query.err, d.query.slip = constant(d.query.bosNoise), d.query.bosSlip
		d.query.errs, d.query.exact = d.query.bosErrs, d.query.bosExact
		s.dims = append(s.dims, d)
	}
	return h.p.pairs(&question{heads: []*scores{s}, errors: true}, func(a *answer) bool {
		h.bosGap = min(h.bosGap, -(a.rel[0] + a.noise))
		return true
	})
}

// selects reports whether the head attends to exactly the keys of a selector.
func (h *head) selects(sel nodeID) (bool, error) {
	p := h.p
	f := p.prog.g.Formula(sel)
	same := true
	for _, sample := range []bool{true, false} { // most selectors differ on some of the pairs
		q := &question{heads: []*scores{h.scores}, atoms: f.Atoms(), order: p.net.Causal != p.prog.causal, sample: sample}
		err := p.pairs(q, func(a *answer) bool {
			same = h.attends(a, 0) == p.selected(f, q, a)
			return same
		})
		if err != nil || !same {
			return false, err
		}
	}
	return true, nil
}

// attends reports whether the pairs of an answer are selected by the head.
func (h *head) attends(a *answer, i int) bool {
	return a.rel[i] > h.limit && (a.before || !h.p.net.Causal || h.p.prog.causal)
}

// selected evaluates a selector of the program on an answer to a question that
// has its comparisons.
func (p *proof) selected(f sop.Formula, q *question, a *answer) bool {
	if p.prog.causal && !p.net.Causal && !a.before {
		return false
	}
	return f.Eval(func(x sop.Atom) bool { return a.truth[slices.Index(q.atoms, x)] })
}

// output is what a head adds to one column.
type output struct {
	f        *lin    // of the key
	bos      float64 // at the BOS key
	noise    float64 // of f, at any key
	err      *lin    // of f, by key
	bosNoise float64
	leak     float64 // rounding of the last product, relative to sizes
	lo, hi   float64 // span of f and bos
	abs      float64 // the sum of the absolute values of the products
	bosAbs   float64 // at the BOS key
	terms    int     // how many there are
	tiny     float64 // bounds what numbers too small for float32 lose
}

// outputs returns what the head adds to each column that it writes.
func (h *head) outputs() map[int]*output {
	outs := map[int]*output{}
	for c, ws := range h.O.Columns {
		if len(ws) == 0 {
			continue
		}
		o := &output{}
		var ls, es []*lin
		var fs, gs []float64
		for _, w := range ws {
			v := h.values[w.Row]
			if v.zero() {
				continue
			}
			o.terms++
			ls, fs = append(ls, v.l), append(fs, w.W)
			es, gs = append(es, h.p.offLin(v)), append(gs, math.Abs(w.W))
			o.bos += w.W * v.bos
			o.noise += math.Abs(w.W) * h.p.off(v)
			o.bosNoise += math.Abs(w.W) * v.bosOff()
			o.abs += math.Abs(w.W) * (max(h.p.size(v.l), math.Abs(v.bos)) + max(h.p.off(v), v.bosOff()))
			o.bosAbs += math.Abs(w.W) * (math.Abs(v.bos) + v.bosOff())
			o.tiny += math.Abs(w.W) * float64(h.p.prog.maxLen+2) * tiny
		}
		h.p.bounded(o.abs)
		o.f, o.err = combine(ls, fs), combine(es, gs)
		if f, _ := math.Frexp(ws[0].W); (len(ws) > 1 || math.Abs(f) != 0.5) && h.p.turn == nil {
			o.leak = gamma(len(ws)) // a product with a power of two is exact
		}
		if h.p.typ.narrow && o.leak > 0 {
			o.leak += h.p.typ.unit
		}
		o.lo, o.hi = h.p.span(o.f)
		o.lo, o.hi = min(o.lo, o.bos), max(o.hi, o.bos)
		if o.lo == 0 && o.hi == 0 && o.noise == 0 && o.bosNoise == 0 {
			continue
		}
		if h.p.typ.narrow {
			o.tiny += h.faint(o, ws)
		}
		outs[c] = o
	}
	return outs
}

// size bounds the absolute value of what is averaged.
func (o *output) size() float64 { return max(math.Abs(o.lo), math.Abs(o.hi)) }

// softmaxError bounds the relative error of weights and of the sum over keys.
func (h *head) softmaxError() float64 {
	return binary32.Softmax(h.p.prog.maxLen+1) + h.p.typ.unit
}

// share bounds from below the weight of a selected key, 0 where it cannot be; each
// weight is a number of the type.
func (h *head) share() float64 {
	n := float64(h.p.prog.maxLen + 1)
	if h.sums {
		return math.Exp(h.selected-h.off) / (1 + n*math.Exp(h.selected+h.off) + n*math.Exp(max(h.rest, -700)))
	}
	return math.Exp(-2*h.even) / (2 * n)
}

// faint bounds what a result loses in a column that is smaller than the normal numbers
// of a narrow type. Where all values are of one sign, a result is a value times a
// weight at least, or 0 but for its noise.
func (h *head) faint(o *output, ws []network.Weight) float64 {
	t, factor := h.p.typ, 0.0
	for _, w := range ws {
		factor += math.Abs(w.W)
	}
	least := h.p.least(o.f)
	if bos := math.Abs(o.bos); bos != 0 {
		least = min(least, bos)
	}
	if !o.oneSign() || least == 0 || (least-o.noise)*h.share() < t.small*factor {
		return factor * t.small
	}
	return min(factor*t.small, o.noise+o.bosNoise)
}

// least returns the least absolute value of a function that is not 0; 0 where that is
// not known.
func (p *proof) least(l *lin) float64 {
	if l.isConstant() {
		return math.Abs(l.konst())
	}
	if _, ok := l.single(); !ok {
		return 0
	}
	out := math.Inf(1)
	for _, v := range l.tabs[0].table {
		if x := math.Abs(v + l.c); x != 0 {
			out = min(out, x)
		}
	}
	return out
}

// vanishes is the distance below the largest score from which on weights are 0.
// Float16 has none below 2^-25.
func (h *head) vanishes() float64 {
	if h.p.typ.small > tiny {
		return 18
	}
	return vanishing
}

// lost bounds the rounding of an average of products of some size.
func (h *head) lost(o *output, size float64) float64 { return h.lostShare(o)*size + o.tiny }

// lostShare is what rounding takes from an average of products, relative to the
// average of their absolute values.
func (h *head) lostShare(o *output) float64 {
	a, b := h.softmaxError()+h.p.typ.unit, o.leak // and that of the result
	return a + b + a*b
}

// meanError bounds the distance of the head's result from the mean over the
// selected keys, or, where there is none, from the value at BOS: a constant, and
// a share of the absolute value of the mean, which l is but for off.
//
// What is lost to rounding is a share of the mean of the products' absolute
// values. Where all have one sign, that is the absolute value of their mean;
// elsewhere the largest product bounds it.
func (h *head) meanError(o *output, l *lin, off float64, single bool) *lin {
	n := float64(h.p.prog.maxLen)
	others := h.doubled() * max(n*math.Exp(-h.gap)+math.Exp(-h.above), n*math.Exp(-h.below))
	spread := 0.0
	if !single {
		spread = math.Expm1(2*h.even) * (o.hi - o.lo) / 2
	}
	noise := max(o.noise, o.bosNoise)
	if single && min(h.gap, h.above, h.below) > h.vanishes() && o.leak == 0 {
		return constant(off + noise) // the weights are 1 and 0
	}
	exact := off + noise + spread + others*(o.hi-o.lo) // but for rounding
	if mean := h.p.absolute(l); o.oneSign() && !mean.isConstant() {
		rest := off + noise + spread + others*o.size()
		return combine([]*lin{constant(widen(exact+h.lost(o, rest), o.abs)), mean}, []float64{1, up(h.lostShare(o))})
	}
	return constant(widen(exact+h.lost(o, o.abs), o.abs))
}

// oneSign reports whether what is averaged is one product, and nowhere below 0
// or nowhere above.
func (o *output) oneSign() bool { return o.terms == 1 && (o.lo >= 0 || o.hi <= 0) }

// sumError bounds the distance of the head's result from the sum over the
// selected keys divided by BOS's weight, where at most so many keys are selected.
func (h *head) sumError(o *output, keys int) float64 {
	e := h.sumErrors(o)
	noise := e.weight * h.p.overKeys(o.err, keys)
	sum := e.weight*h.p.overKeys(o.f, keys) + noise
	lost := e.relative * (1 + e.mixed) * (float64(keys)*e.weight*math.Exp(h.off) + e.others + 1) * o.abs
	if o.terms == 1 { // BOS's value is not among the keys'
		lost = e.relative * (sum*math.Exp(h.off) + e.others*e.size + math.Abs(o.bos) + o.bosNoise)
	}
	return widen(sum*e.mixed+e.others*e.size+noise+e.bos+lost+o.tiny, sum)
}

// doubled is how much larger weights below the normal numbers of a narrow type may be
// than they should.
func (h *head) doubled() float64 {
	if h.p.typ.narrow {
		return 2
	}
	return 1
}

// sumErrors is what the errors of a sum are made of.
type sumErrors struct {
	weight   float64 // of a selected key, where BOS's is 1
	size     float64 // of a value, at most
	others   float64 // the weight of all keys that are not selected
	mixed    float64 // relative to the sum: uneven weights, and what the keys' take from BOS's
	relative float64 // what rounding takes from the products
	bos      float64 // the error of BOS's part
}

func (h *head) sumErrors(o *output) sumErrors {
	n := float64(h.p.prog.maxLen)
	e := sumErrors{weight: math.Exp(h.selected), size: h.p.size(o.f) + o.noise, others: h.doubled() * n * math.Exp(h.rest)}
	selected := n * e.weight * math.Exp(h.off)
	e.mixed = math.Expm1(h.off) + selected + e.others
	e.relative = (h.softmaxError() + h.p.typ.unit + o.leak) * (1 + h.softmaxError())
	e.bos = math.Abs(o.bos)*(selected+e.others) + o.bosNoise
	return e
}

// sumErrorOf is sumError where the sum is known: l, but for BOS's part and off.
// Where all summands have one sign, what is lost to uneven weights and to
// rounding is a share of the sum itself.
func (h *head) sumErrorOf(o *output, l *lin, off float64, keys int) *lin {
	sum, most := h.p.absolute(combine([]*lin{l, constant(o.bos)}, []float64{1, -1})), off+h.sumError(o, keys)
	if !o.oneSign() || sum.isConstant() {
		return constant(most)
	}
	e := h.sumErrors(o)
	share := e.mixed + e.relative*math.Exp(h.off)
	noise := e.weight * math.Exp(h.off) * h.p.overKeys(o.err, keys)
	rest := off + (1+e.relative)*(noise+e.others*e.size) + e.relative*(math.Abs(o.bos)+o.bosNoise) + e.bos + o.tiny
	return atMost(combine([]*lin{constant(widen(rest+share*off, float64(keys)*e.size*e.weight)), sum}, []float64{1, up(share)}), most)
}

// bosAlone reports whether BOS attends to itself alone, so that what it takes is
// exactly what it reads there.
func (h *head) bosAlone() bool { return h.p.net.Causal || h.bosGap > vanishing }

// bosResult returns what the head adds at BOS, how far it may be off, and the
// size of what is added up there.
func (h *head) bosResult(o *output) (v, noise, size float64) {
	n := float64(h.p.prog.maxLen)
	if h.p.typ.narrow && (h.p.net.Causal || h.bosGap > h.vanishes()) { // BOS's weight is 1
		return o.bos, widenInexact(o.bosNoise+o.leak*o.bosAbs, o.bosAbs), o.bosAbs
	}
	if h.bosAlone() && o.leak == 0 {
		return o.bos, o.bosNoise, o.bosAbs
	}
	if h.p.net.Causal {
		return o.bos, widen(o.bosNoise+h.lost(o, o.bosAbs), o.bosAbs), o.bosAbs
	}
	if h.bosGap <= 0 {
		return (o.lo + o.hi) / 2, up((o.hi-o.lo)/2 + max(o.noise, o.bosNoise) + h.lost(o, o.abs)), o.abs
	}
	others := n * math.Exp(-h.bosGap)
	size = o.bosAbs + others*o.abs
	return o.bos, widen(o.bosNoise+others*(o.hi-o.lo+o.noise)+h.lost(o, size), size), size
}

// mean finds the s-op that the average of f over the selected keys is, with the
// value at BOS where there is none. It returns what is added to the column and
// how far f is from what the s-op takes.
func (h *head) mean(o *output, selectors []nodeID) (*lin, float64, error) {
	p := h.p
	if o.f.isConstant() && math.Abs(o.f.konst()-o.bos) <= slack*math.Abs(o.bos) {
		return constant(o.bos), 0, nil
	}
	for _, sel := range selectors {
		if o.f.isConstant() && p.prog.fact(sel).nonempty {
			return constant(o.f.konst()), 0, nil
		}
		for _, id := range p.prog.order {
			n := p.prog.g.Node(id)
			if n.Op != sop.Aggregate || n.Args[0] != sel {
				continue
			}
			if a, ok := p.prog.own[id]; ok {
				if l, off, ok := h.copied(o, n, a); ok {
					return l, off, nil
				}
			}
		}
		if l, off, ok := h.averaged(o, sel); ok {
			return l, off, nil
		}
	}
	return nil, 0, fmt.Errorf("what it averages over %s is not what %s takes", p.prog.described(selectors), p.prog.described(p.prog.over(selectors, sop.Aggregate)))
}

// near is how far values may differ, beside their size, that stand for the same.
const near = 1e-6

// copied writes the head's result as a function of an aggregate that copies,
// where f is a function of what is copied.
func (h *head) copied(o *output, n *sop.Node, a atomID) (*lin, float64, bool) {
	p := h.p
	ls := p.prog.newLeaves()
	ls.lin(o.f)
	ls.program(n.Args[1])
	states, err := ls.states()
	if err != nil {
		return nil, 0, false
	}
	lo, hi := map[value.Key]float64{}, map[value.Key]float64{}
	note := func(k value.Key, y float64) {
		if old, ok := lo[k]; !ok || y < old {
			lo[k] = y
		}
		if old, ok := hi[k]; !ok || y > old {
			hi[k] = y
		}
	}
	for at := range p.prog.each(states) {
		v, err := p.prog.eval(n.Args[1], at)
		y, ok := p.eval(o.f, at)
		if err == nil && ok {
			note(v.Key(), y)
		}
	}
	if !p.prog.fact(n.Args[0]).nonempty {
		note(n.Value.Key(), o.bos)
	}
	table := make([]float64, len(p.prog.atoms[a].values))
	off := 0.0
	for i, v := range p.prog.atoms[a].values {
		k := v.Key()
		if _, ok := lo[k]; !ok {
			return nil, 0, false
		}
		table[i] = (lo[k] + hi[k]) / 2
		off = max(off, (hi[k]-lo[k])/2)
	}
	return tabulated(a, table), off, off <= near*max(1, o.size())
}

// averaged writes the head's result as a sum of multiples of aggregates over
// one selector.
func (h *head) averaged(o *output, sel nodeID) (*lin, float64, bool) {
	p := h.p
	var ids, sources []nodeID
	for _, id := range p.prog.order {
		if n := p.prog.g.Node(id); n.Op == sop.Aggregate && n.Args[0] == sel {
			if _, ok := p.prog.own[id]; !ok {
				ids, sources = append(ids, id), append(sources, n.Args[1])
			}
		}
	}
	fit, ok := p.fit(o.f, sources)
	if !ok {
		return nil, 0, false
	}
	ls, fs := []*lin{constant(fit.c)}, []float64{1}
	atDefault := fit.c
	for i, id := range ids {
		if fit.factors[i] == 0 {
			continue
		}
		l, err := p.prog.lin(id)
		if err != nil {
			return nil, 0, false
		}
		ls, fs = append(ls, l.lin), append(fs, fit.factors[i])
		if d := p.prog.g.Node(id).Value; d.IsNumber() {
			atDefault += fit.factors[i] * d.Rat().Float64()
		}
	}
	off := fit.off
	if !p.prog.fact(sel).nonempty {
		off = max(off, math.Abs(atDefault-o.bos))
	}
	return combine(ls, fs), off, off <= near*max(1, o.size())
}

package certify

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/raspc/raspc/frontend/sop"
)

// pending is a head's sum over its selected keys that is not known to be an
// s-op's. Together with others in the same column it may become one.
type pending struct {
	head *head
	f    *lin
	o    *output
}

// summed writes the head's result as a sum of multiples of the program's sums
// over one selector. It also returns how many keys that selects at most.
func (h *head) summed(o *output, selectors []nodeID) (l *lin, off float64, keys int, ok bool) {
	p := h.p
	weight := math.Exp(h.selected)
	for _, sel := range selectors {
		sources := p.summands(sel)
		fit, ok := p.fit(o.f, sources)
		if !ok {
			continue
		}
		ls, fs := []*lin{constant(o.bos)}, []float64{1}
		add := func(source nodeID, f float64) bool {
			if f == 0 {
				return true
			}
			t, err := p.prog.total(totalKey{sel, source})
			if err != nil {
				return false
			}
			ls, fs = append(ls, p.prog.totalLin(t).lin), append(fs, f*weight)
			return true
		}
		good := add(none, fit.c)
		for i, s := range sources {
			good = good && add(s, fit.factors[i])
		}
		if most := p.prog.fact(sel).most; good {
			return combine(ls, fs), fit.off * weight * float64(most), most, true
		}
	}
	return nil, 0, 0, false
}

// overKeys bounds the sum of the absolute values of a function over so many keys
// of an input: no two of them stand at one index, and the length is the same for
// all.
func (p *proof) overKeys(l *lin, keys int) float64 {
	all := float64(keys) * p.size(l)
	if keys < 2 || !p.atomSet(l)[indexAtom] {
		return all
	}
	ls := p.prog.newLeaves()
	ls.lin(l)
	ls.identity(indexAtom)
	ls.identity(lengthAtom)
	states, err := ls.states()
	if err != nil {
		return all
	}
	sizes := make([][]float64, p.prog.maxLen) // by length and index
	for i := range sizes {
		sizes[i] = make([]float64, i+1)
	}
	for _, at := range states {
		if y, ok := p.eval(l, at); ok {
			size := &sizes[at[lengthAtom]][at[indexAtom]]
			*size = max(*size, math.Abs(y))
		}
	}
	most := 0.0
	for _, row := range sizes {
		slices.SortFunc(row, func(x, y float64) int { return cmp.Compare(y, x) })
		sum := 0.0
		for _, size := range row[:min(keys, len(row))] {
			sum += size
		}
		most = max(most, sum)
	}
	return min(all, up(most))
}

// counted writes the result of a head that adds up the same number for every key
// as a multiple of how many keys there are, which is no s-op's doing.
func (h *head) counted(o *output) (l *lin, ok bool) {
	if !o.f.isConstant() || !math.IsInf(h.rest, -1) { // some keys are not selected
		return nil, false
	}
	keys := lengthAtom
	if h.p.net.Causal {
		keys = indexAtom
	}
	table := make([]float64, h.p.prog.maxLen)
	for i := range table {
		table[i] = math.Exp(h.selected) * o.f.konst() * float64(i+1)
	}
	return combine([]*lin{tabulated(keys, table), constant(o.bos)}, []float64{1, 1}), true
}

// summands lists what the program adds up over a selector.
func (p *proof) summands(sel nodeID) []nodeID {
	var all []nodeID
	for _, id := range p.prog.order {
		n := p.prog.g.Node(id)
		if n.Op == sop.Aggregate && n.Args[0] == sel {
			if _, copies := p.prog.own[id]; !copies && !slices.Contains(all, n.Args[1]) {
				all = append(all, n.Args[1])
			}
		}
	}
	return all
}

// postpone makes the head's sum a term by itself.
func (h *head) postpone(o *output) *lin {
	t := &term{kind: sumTerm, name: "a sum over keys"}
	h.p.prog.numbered(t)
	h.p.pending[t] = &pending{h, o.f, o}
	return combine([]*lin{{terms: []termPart{{t, curve{slope: math.Exp(h.selected)}}}}, constant(o.bos)}, []float64{1, 1})
}

// resolve looks for the sums of the program of which the sums in a column are
// together a combination: one, or several. It leaves them where they are if there
// are none yet: other heads may add more.
func (p *proof) resolve(layer int, c *column) error {
	parts := c.l.unresolved()
	if len(parts) == 0 {
		return nil
	}
	for i := range p.prog.known {
		if ok, err := p.resolveAs(layer, c, parts, p.prog.known[i:i+1]); ok || err != nil {
			return err
		}
	}
	const most = 8
	if len(p.prog.known) < 2 || len(p.prog.known) > most {
		return nil
	}
	_, err := p.resolveAs(layer, c, parts, p.prog.known)
	return err
}

// resolveAs tries to write the sums as a combination of some of the program's.
func (p *proof) resolveAs(layer int, c *column, parts []termPart, totals []*total) (bool, error) {
	factors, off, ok, err := p.together(parts, totals)
	if !ok || err != nil {
		return false, err
	}
	var sums []*lin
	for _, t := range totals {
		sums = append(sums, p.prog.totalLin(t).lin)
	}
	sum := combine(sums, factors)
	c.l = combine([]*lin{c.l, sum}, []float64{1, 1})
	for _, part := range parts {
		c.l = combine([]*lin{c.l, {terms: []termPart{part}}}, []float64{1, -1})
	}
	off = up(off * float64(p.prog.maxLen))
	if known := p.pending[parts[0].t]; len(parts) == 1 && known.head.layer == layer && !p.typ.narrow {
		known.head.refine(c, known.o, sum, off)
		return true, nil
	}
	c.err = combine([]*lin{c.err, constant(off)}, []float64{1, 1})
	return true, nil
}

// refine replaces the bound of what a column that a head has just added a sum to errs
// by one that depends on the sum, which is now known, give or take off.
func (h *head) refine(c *column, o *output, sum *lin, off float64) {
	n := h.p.prog.maxLen
	errs := h.sumErrorOf(o, combine([]*lin{sum, constant(o.bos)}, []float64{1, 1}), off, n)
	c.err = combine([]*lin{c.err, constant(-h.sumError(o, n)), errs}, []float64{1, 1, 1 + slack})
}

// maxEquations bounds the equations that factors are found from.
const maxEquations = 1 << 14

// together finds factors such that sums of heads are, key by key, the combination
// of sums of the program, and how far they are from it.
func (p *proof) together(parts []termPart, totals []*total) (factors []float64, off float64, ok bool, err error) {
	q := &question{order: p.net.Causal != p.prog.causal}
	for _, part := range parts {
		sum := p.pending[part.t]
		q.heads, q.keys = append(q.heads, sum.head.scores), append(q.keys, sum.f)
	}
	for _, t := range totals {
		for _, a := range t.def.formula().Atoms() {
			if !slices.Contains(q.atoms, a) {
				q.atoms = append(q.atoms, a)
			}
		}
		if t.def.source != none && !slices.Contains(q.source, t.def.source) {
			q.source = append(q.source, t.def.source)
		}
	}
	var rows [][]float64
	var have []float64
	seen := map[string]bool{}
	err = p.pairs(q, func(a *answer) bool {
		row, y := p.equationOf(q, parts, totals, a)
		if key := keyOf(append(row, y)); !seen[key] {
			seen[key] = true
			rows, have = append(rows, row), append(have, y)
		}
		return len(rows) <= maxEquations
	})
	if errors.Is(err, errPairs) || errors.Is(err, errTooMany) {
		return nil, 0, false, nil // there may be simpler ones
	}
	if err != nil || len(rows) > maxEquations {
		return nil, 0, false, err
	}
	factors, off, ok = combination(rows, have)
	return factors, off, ok, nil
}

// equationOf evaluates one pair: what each sum of the program adds, and what the
// heads add.
func (p *proof) equationOf(q *question, parts []termPart, totals []*total, a *answer) (row []float64, have float64) {
	for i, part := range parts {
		if p.pending[part.t].head.attends(a, i) {
			have += part.c.slope * a.keys[i]
		}
	}
	for _, t := range totals {
		x := 0.0
		if p.selected(t.def.formula(), q, a) {
			if x = 1; t.def.source != none {
				x = a.source[slices.Index(q.source, t.def.source)]
			}
		}
		row = append(row, x)
	}
	return row, have
}

// combination solves for the factors and checks all equations.
func combination(rows [][]float64, have []float64) (factors []float64, off float64, ok bool) {
	factors, ok = leastSquares(rows, have)
	if !ok {
		return nil, 0, false
	}
	some := false
	for i, f := range factors {
		if math.Abs(f) < slack {
			factors[i] = 0
		}
		some = some || factors[i] != 0
	}
	off, size := misfit(rows, factors, have)
	return factors, off, some && off <= near*size
}

// describeSum says which head a pending sum is of.
func (p *proof) describeSum(part termPart) error {
	h := p.pending[part.t].head
	var sums []string
	for _, t := range p.prog.known {
		name := p.prog.widthName(t.def)
		if t.def.source != none {
			name = "the sum of " + p.prog.describe(t.def.source)
		}
		if !slices.Contains(sums, name) {
			sums = append(sums, name)
		}
	}
	return h.errorf("what it sums, by scores that depend on %s, is no combination of sums of the program, which are %s", h.scoredBy(), listed(sums))
}

package certify

import (
	"math"
	"slices"
)

// lin is a function of the atoms of one position: a constant, plus a function
// of each of some atoms, plus functions of terms, which depend on several
// atoms at once. It is immutable; nil is 0.
type lin struct {
	c     float64
	tabs  []tab      // by atom
	terms []termPart // by the terms' numbers
}

// tab is a function of one atom: a table over its listed values, or a factor.
type tab struct {
	atom  atomID
	table []float64
	slope float64 // of an atom whose values are not listed
}

// termPart is a function of a term.
type termPart struct {
	t *term
	c curve
}

// term is a quantity that is no sum of functions of single atoms.
type term struct {
	id    int
	kind  termKind
	name  string
	inner *lin     // of innerTerm
	joint []atomID // of jointTerm
	node  nodeID   // of nodeTerm
}

// termKind says which quantity a term is.
type termKind uint8

const (
	innerTerm termKind = iota // what neurons read: the function inner
	jointTerm                 // the number of a combination of values of joint
	nodeTerm                  // an s-op of the program
	sumTerm                   // a sum over keys that is not yet known to be any
)

// curve is a function of a term: a table over the combinations of a joint
// term; of any other a slope and relus.
type curve struct {
	table []float64
	slope float64
	bends []bend
}

// bend is out * relu(in*t + off).
type bend struct{ out, in, off float64 }

func (b bend) at(t float64) float64 { return b.out * math.Max(0, b.in*t+b.off) }

// at evaluates a curve of one number.
func (c curve) at(t float64) float64 {
	y := c.slope * t
	for _, b := range c.bends {
		y += b.at(t)
	}
	return y
}

// add adds f times d to c, which must own its slices.
func (c *curve) add(d curve, f float64) {
	c.slope += f * d.slope
	for _, b := range d.bends {
		c.bends = append(c.bends, bend{f * b.out, b.in, b.off})
	}
	c.table = addTable(c.table, d.table, f)
}

// addTable adds f times t to a table that the caller owns, or makes it.
func addTable(own, t []float64, f float64) []float64 {
	if own == nil && t != nil {
		own = make([]float64, len(t))
	}
	for i, v := range t {
		own[i] += f * v
	}
	return own
}

// zero reports whether a curve is 0 everywhere.
func (c curve) zero() bool {
	return c.slope == 0 && len(c.bends) == 0 && !slices.ContainsFunc(c.table, func(v float64) bool { return v != 0 })
}

// span bounds a curve between two numbers.
func (c curve) span(a, b float64) (lo, hi float64) {
	lo, hi = c.at(a), c.at(b)
	lo, hi = min(lo, hi), max(lo, hi)
	for _, e := range c.bends {
		if t := -e.off / e.in; e.in != 0 && t > a && t < b {
			y := c.at(t)
			lo, hi = min(lo, y), max(hi, y)
		}
	}
	return lo, hi
}

// constant returns a function that is c everywhere.
func constant(c float64) *lin { return &lin{c: c} }

// tabulated returns a function of one atom.
func tabulated(a atomID, table []float64) *lin {
	return combine([]*lin{{tabs: []tab{{atom: a, table: table}}}}, []float64{1})
}

// combine returns the sum of functions with factors.
func combine(ls []*lin, ws []float64) *lin {
	out := &lin{}
	tabs, terms := map[atomID]*tab{}, map[*term]*curve{}
	for i, l := range ls {
		f := ws[i]
		if l == nil || f == 0 {
			continue
		}
		out.c += f * l.c
		for _, t := range l.tabs {
			own := tabs[t.atom]
			if own == nil {
				own = &tab{atom: t.atom}
				tabs[t.atom] = own
			}
			own.table = addTable(own.table, t.table, f)
			own.slope += f * t.slope
		}
		for _, part := range l.terms {
			own := terms[part.t]
			if own == nil {
				own = &curve{}
				terms[part.t] = own
			}
			own.add(part.c, f)
		}
	}
	for _, t := range tabs {
		if len(t.table) > 0 && !slices.ContainsFunc(t.table, func(v float64) bool { return v != t.table[0] }) {
			out.c += t.table[0]
			t.table = nil
		}
		if t.table != nil || t.slope != 0 {
			out.tabs = append(out.tabs, *t)
		}
	}
	for t, c := range terms {
		if !c.zero() {
			out.terms = append(out.terms, termPart{t, *c})
		}
	}
	slices.SortFunc(out.tabs, func(x, y tab) int { return int(x.atom - y.atom) })
	slices.SortFunc(out.terms, func(x, y termPart) int { return x.t.id - y.t.id })
	return out
}

// isConstant reports whether a function is the same everywhere.
func (l *lin) isConstant() bool { return l == nil || len(l.tabs)+len(l.terms) == 0 }

// konst returns the constant of a function.
func (l *lin) konst() float64 {
	if l == nil {
		return 0
	}
	return l.c
}

// atMost returns the lesser of a function and a number, where the function is a table
// of one atom; else it may return the function.
func atMost(l *lin, most float64) *lin {
	a, ok := l.single()
	if !ok {
		return l
	}
	table := make([]float64, len(l.tabs[0].table))
	for i, v := range l.tabs[0].table {
		table[i] = min(v+l.c, most)
	}
	return tabulated(a, table)
}

// single returns the one atom of which a function is a table.
func (l *lin) single() (atomID, bool) {
	if l == nil || len(l.tabs) != 1 || len(l.terms) > 0 || l.tabs[0].table == nil {
		return 0, false
	}
	return l.tabs[0].atom, true
}

// eval evaluates a function at values of its atoms. It reports false where the
// program is undefined there.
func (p *proof) eval(l *lin, at assignment) (float64, bool) {
	if l == nil {
		return 0, true
	}
	y := l.c
	for _, t := range l.tabs {
		if t.table != nil {
			y += t.table[at[t.atom]]
		} else {
			y += t.slope * p.prog.atoms[t.atom].nums[at[t.atom]]
		}
	}
	for _, part := range l.terms {
		v, ok := p.evalTerm(part, at)
		if !ok {
			return 0, false
		}
		y += v
	}
	return y, true
}

func (p *proof) evalTerm(part termPart, at assignment) (float64, bool) {
	switch t := part.t; t.kind {
	case innerTerm:
		v, ok := p.eval(t.inner, at)
		return part.c.at(v), ok
	case jointTerm:
		return part.c.table[p.prog.jointIndex(t.joint, at)], true
	case nodeTerm:
		v, err := p.prog.eval(t.node, at)
		if err != nil || !v.IsNumber() {
			return 0, false
		}
		return part.c.at(v.Rat().Float64()), true
	}
	panic("certify: a sum that is not resolved was evaluated")
}

// span bounds a function: lo and hi.
func (p *proof) span(l *lin) (lo, hi float64) {
	if l == nil {
		return 0, 0
	}
	lo, hi = l.c, l.c
	for _, t := range l.tabs {
		if t.table != nil {
			lo, hi = lo+slices.Min(t.table), hi+slices.Max(t.table)
			continue
		}
		a := p.prog.atoms[t.atom]
		x, y := t.slope*a.lo, t.slope*a.hi
		lo, hi = lo+min(x, y), hi+max(x, y)
	}
	for _, part := range l.terms {
		x, y := p.spanTerm(part)
		lo, hi = lo+x, hi+y
	}
	return lo, hi
}

func (p *proof) spanTerm(part termPart) (lo, hi float64) {
	switch t := part.t; t.kind {
	case jointTerm:
		return slices.Min(part.c.table), slices.Max(part.c.table)
	case innerTerm:
		return part.c.span(p.span(t.inner))
	case nodeTerm:
		return part.c.span(p.prog.bounds(t.node))
	}
	s := p.pending[part.t]
	lo, hi = p.span(s.f)
	n := float64(p.prog.maxLen)
	return part.c.span(n*min(0, lo), n*max(0, hi))
}

// size bounds the absolute value of a function.
func (p *proof) size(l *lin) float64 {
	lo, hi := p.span(l)
	return max(math.Abs(lo), math.Abs(hi))
}

// unresolved returns the sums in a function that are not known to be an s-op's.
func (l *lin) unresolved() []termPart {
	var parts []termPart
	if l != nil {
		for _, part := range l.terms {
			if part.t.kind == sumTerm {
				parts = append(parts, part)
			}
		}
	}
	return parts
}

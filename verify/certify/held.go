package certify

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// Held is an s-op, and what columns of the stream are to hold of it.
type Held struct {
	Node sop.ID // Input for the input's tokens
	// Number says that the code of each column is the value itself, divided by Scale.
	Number  bool
	Scale   float64 // by which codes are divided
	Columns []HeldColumn
	// Aside says of the output that readers find it in other columns: in these it only
	// has to differ.
	Aside bool
}

// Input is the node of the input's tokens, which are none of the program's.
const Input = none

// HeldColumn is a column of an s-op. Points are those behind the embedding, 0, and of
// layer k behind its heads, 2k+1, and behind its neurons, 2k+2.
type HeldColumn struct {
	Index    int
	From, To int // it holds the s-op from the point From on, until before To
	// Code is what it is to hold for a value; false where that is not known.
	Code func(value.Value) (float64, bool)
}

// claim is what is known of one of the specification's Held.
type claim struct {
	*Held
	name string
	seen []*lin  // what each column held when it was looked at last,
	errs []*lin  // and its error
	off  float64 // in units of the codes
	err  error   // why it does not hold
}

// errNothingHeld says that no column would tell what the program gives.
var errNothingHeld = errors.New("no columns hold the output until the end")

// claim takes over what columns are to hold. One of the claims has to be about the
// output.
func (p *proof) claim() error {
	last, told := 2*len(p.net.Layers), errNothingHeld
	for i := range p.spec.Held {
		h := &p.spec.Held[i]
		c := &claim{Held: h, name: "the input", seen: make([]*lin, len(h.Columns)), errs: make([]*lin, len(h.Columns))}
		if h.Node != Input {
			c.name = p.prog.describe(h.Node)
		}
		for _, col := range h.Columns {
			if col.Index < 0 || col.Index >= p.net.Width || col.From < 0 || col.From > last || col.To <= col.From {
				return fmt.Errorf("%s is to be held in column %d from point %d to %d, of %d columns and %d points", c.name, col.Index, col.From, col.To, p.net.Width, last+1)
			}
		}
		p.claims = append(p.claims, c)
		if p.isOutput(h) && told != nil {
			told = p.tells(h, last)
		}
	}
	if len(p.claims) == 0 {
		return nil
	}
	return told
}

// isOutput reports whether readers find the output in what is held.
func (p *proof) isOutput(h *Held) bool { return h.Node == p.spec.Output && !h.Aside }

// tells wants columns to hold each value of an s-op in another way, behind the last layer.
func (p *proof) tells(h *Held, last int) error {
	kept := slices.DeleteFunc(slices.Clone(h.Columns), func(c HeldColumn) bool { return c.To <= last })
	switch {
	case len(kept) == 0:
		return errNothingHeld
	case h.Number:
		return nil
	}
	vals, err := p.valuesOf(h.Node)
	if err != nil {
		return err
	}
	codes := map[string]value.Value{}
	for _, v := range vals {
		row := make([]float64, len(kept))
		for i, c := range kept {
			x, known := c.Code(v)
			if !known {
				return unknownCode(c.Index, v)
			}
			row[i] = x
		}
		if other, ok := codes[keyOf(row)]; ok {
			return fmt.Errorf("the columns of the output are to hold the same for %s and %s", other.Repr(), v.Repr())
		}
		codes[keyOf(row)] = v
	}
	return nil
}

// unknownCode reports a value of which a column is to hold nothing that is known. It may
// be one that no input leads to.
func unknownCode(column int, v value.Value) error {
	return fmt.Errorf("what column %d is to hold for the value %s is not known, and no rule excludes that value", column, v.Repr())
}

// valuesOf lists the values of an s-op, or of the input.
func (p *proof) valuesOf(id nodeID) ([]value.Value, error) {
	if id == Input {
		return p.prog.atoms[tokenAtom].values, nil
	}
	return p.prog.set(id)
}

// check looks at what columns hold at a point, where that is new.
func (p *proof) check(point int) {
	for _, c := range p.claims {
		var fresh []int
		for i := range c.Columns {
			col := &c.Columns[i]
			own := &p.stream.cols[col.Index]
			if point < col.From || point >= col.To || point > col.From && c.seen[i] == own.l && c.errs[i] == own.err {
				continue
			}
			c.seen[i], c.errs[i] = own.l, own.err
			fresh = append(fresh, i)
		}
		if c.err != nil || len(fresh) == 0 {
			continue
		}
		if err := p.holds(c, fresh); err != nil {
			c.err = fmt.Errorf("%s: %s: %w", placeOf(point), c.name, err)
		}
	}
}

// placeOf names a point.
func placeOf(point int) string {
	switch {
	case point == 0:
		return "the embedding"
	case point%2 == 1:
		return fmt.Sprintf("layer %d, heads", (point-1)/2)
	}
	return fmt.Sprintf("layer %d, neurons", (point-1)/2)
}

// holds compares columns of a claim with its s-op: all together, or else one by one.
func (p *proof) holds(c *claim, columns []int) error {
	offs, err := p.compared(c, columns)
	if errors.Is(err, errTooMany) && len(columns) > 1 {
		offs, err = nil, nil
		for _, i := range columns {
			off, each := p.compared(c, []int{i})
			if each != nil {
				return each
			}
			offs = append(offs, off...)
		}
	}
	if err != nil {
		return err
	}
	for k, i := range columns {
		col := &p.stream.cols[c.Columns[i].Index]
		off := up(offs[k] + c.Scale*(p.offOf(col)+p.stream.common+p.stream.joint))
		c.off = max(c.off, off)
		most, why := p.allowed(c, &c.Columns[i])
		if !(off <= most) {
			return fmt.Errorf("column %d may be off by %.3g, %s", c.Columns[i].Index, off, fmt.Sprintf(why, most))
		}
	}
	return nil
}

// compared bounds the distances of what columns hold from their codes, over all
// values, but for the columns' errors.
func (p *proof) compared(c *claim, columns []int) ([]float64, error) {
	offs := make([]float64, len(columns))
	ls := p.prog.newLeaves()
	for k, i := range columns {
		l := p.stream.cols[c.Columns[i].Index].l
		if parts := l.unresolved(); len(parts) > 0 {
			return nil, p.describeSum(parts[0])
		}
		if off, ok := p.same(c, l); ok {
			offs[k] = off
			continue
		}
		offs[k] = -1
		ls.lin(l)
	}
	if !slices.Contains(offs, -1) {
		return offs, nil
	}
	if c.Node == Input {
		ls.identity(tokenAtom)
	} else {
		ls.program(c.Node)
	}
	states, err := ls.states()
	if err != nil {
		return nil, err
	}
	for at := range p.prog.each(states) {
		v, err := p.valueAt(c.Node, at)
		if err != nil {
			continue // undefined
		}
		for k, i := range columns {
			col := &c.Columns[i]
			y, ok := p.eval(p.stream.cols[col.Index].l, at)
			x, known := col.Code(v)
			if !known {
				return nil, unknownCode(col.Index, v)
			}
			if ok {
				offs[k] = max(offs[k], widen(math.Abs(y*c.Scale-x), x))
			}
		}
	}
	for k := range offs {
		offs[k] = max(offs[k], 0)
	}
	return offs, nil
}

// same bounds how far what a column holds is from a number, function by function: what
// is the same part by part cancels but for rounding.
func (p *proof) same(c *claim, l *lin) (float64, bool) {
	if !c.Number || c.Node == Input {
		return 0, false
	}
	want, err := p.prog.lin(c.Node)
	if err != nil {
		return 0, false
	}
	off := p.size(combine([]*lin{l, want.lin}, []float64{c.Scale, -1}))
	return off, off <= near*max(1, p.size(want.lin))
}

// valueAt is the value of an s-op, or of the input, at values of atoms.
func (p *proof) valueAt(id nodeID, at assignment) (value.Value, error) {
	if id == Input {
		return p.prog.atoms[tokenAtom].values[at[tokenAtom]], nil
	}
	return p.prog.eval(id, at)
}

// allowed is how far a column may be off, and a sentence about that: by less than half
// of what two of its codes are apart, and in a numeric output by the tolerance.
func (p *proof) allowed(c *claim, col *HeldColumn) (most float64, why string) {
	most, why = p.codeGap(c, col), "half of what two of its values are apart is %.3g"
	if c.Number && (math.IsInf(most, 1) || p.isOutput(c.Held) && p.spec.Labels == nil) {
		if t := p.spec.Tolerance * max(1, p.largestOf(c)); t < most {
			most, why = t, "the tolerance is %.3g"
		}
	}
	return most, why
}

// codeGap is less than half the least distance of two codes of a column; infinite
// where the s-op's values are not listed.
func (p *proof) codeGap(c *claim, col *HeldColumn) float64 {
	vals, err := p.valuesOf(c.Node)
	if err != nil {
		return math.Inf(1)
	}
	var codes []float64
	for _, v := range vals {
		if x, known := col.Code(v); known {
			codes = append(codes, x)
		}
	}
	slices.Sort(codes)
	gap := 1.0 // of what is alike for all values
	if codes = slices.Compact(codes); len(codes) > 1 {
		gap = math.Inf(1)
	}
	for i := 1; i < len(codes); i++ {
		gap = min(gap, codes[i]-codes[i-1])
	}
	return less * gap
}

// largestOf is what a tolerance is relative to.
func (p *proof) largestOf(c *claim) float64 {
	if c.Node == p.spec.Output {
		return p.largest()
	}
	lo, hi := p.prog.bounds(c.Node)
	return max(math.Abs(lo), math.Abs(hi))
}

// settle ends a proof of claims. Each holds, or the first that does not is the reason.
func (p *proof) settle() (r Result, err error) {
	r.WorstMargin = math.Inf(1)
	for _, c := range p.claims {
		r.Held = append(r.Held, c.off)
		if err == nil {
			err = c.err
		}
		if p.isOutput(c.Held) {
			r.WorstError = max(r.WorstError, c.off)
		}
	}
	r.Proved = err == nil
	return r, err
}

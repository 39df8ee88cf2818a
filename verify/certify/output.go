package certify

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/network"
)

// output compares the logits with the program's output.
func (p *proof) output() (Result, error) {
	var logits []read
	for l, ws := range p.net.Unembed.Columns {
		for _, w := range ws {
			if parts := p.view.cols[w.Row].l.unresolved(); len(parts) > 0 {
				return Result{}, p.describeSum(parts[0])
			}
		}
		logits = append(logits, p.readsOf(&p.net.Unembed, l))
	}
	if p.spec.Labels == nil {
		return p.number(logits)
	}
	if len(logits) != len(p.spec.Labels) {
		return Result{}, fmt.Errorf("%d logits for %d labels", len(logits), len(p.spec.Labels))
	}
	return p.labels(logits)
}

// number compares a numeric output.
func (p *proof) number(logits []read) (Result, error) {
	if len(logits) != 1 {
		return Result{}, fmt.Errorf("%d logits for a numeric output", len(logits))
	}
	want, err := p.prog.lin(p.spec.Output)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", p.prog.describe(p.spec.Output), err)
	}
	// What is the same part by part cancels but for rounding.
	off := p.size(combine([]*lin{logits[0].l, want.lin}, []float64{1, -1}))
	if !(off <= near*max(1, p.size(want.lin))) {
		if off, err = p.compare(logits[0].l); err != nil {
			return Result{}, err
		}
	}
	r := Result{WorstError: up(off + p.off(logits[0])), WorstMargin: math.Inf(1)}
	tolerance, gap := p.spec.Tolerance*max(1, p.largest()), p.halfGap()
	name := p.prog.describe(p.spec.Output)
	switch { // so written, NaN is refused
	case !(r.WorstError <= tolerance):
		return r, fmt.Errorf("%s may be off by %.3g, the tolerance is %.3g", name, r.WorstError, tolerance)
	case !(r.WorstError <= gap):
		return r, fmt.Errorf("%s may be off by %.3g, two of its values are %.3g apart", name, r.WorstError, gap/less)
	}
	r.Proved = true
	return r, nil
}

// less is somewhat less than a half.
const less = 0.49

// halfGap is less than half the least distance of two numbers that the program
// can give: what is farther off may be read as another one.
func (p *proof) halfGap() float64 {
	vals, err := p.prog.set(p.spec.Output)
	gap := math.Inf(1)
	for i := 1; err == nil && i < len(vals); i++ {
		if a, b := vals[i-1], vals[i]; a.IsNumber() && b.IsNumber() {
			gap = min(gap, b.Rat().Sub(a.Rat()).Float64())
		}
	}
	return less * gap
}

// largest returns a number that the program gives on some input, one of the
// largest: bounds of what it can give may be far above all that it does give.
func (p *proof) largest() float64 {
	s := p.spec
	oracle := interp.New(s.Graph, s.Causal, s.Output)
	size := 0.0
	try := func(token func(i int) int, n int) {
		in := make([]value.Value, n)
		for i := range in {
			in[i] = s.Vocab[token(i)]
		}
		if s.BOS != nil {
			in[0] = *s.BOS
		}
		if !s.admits(in) {
			return
		}
		r, err := oracle.Run(in)
		if err != nil {
			return
		}
		for _, v := range r.Sequence(s.Output) {
			if x := math.Abs(v.Rat().Float64()); x <= math.MaxFloat32 {
				size = max(size, x)
			}
		}
	}
	if p.prog.reach == nil && s.fewInputs() && len(s.Vocab)*s.MaxLen < 40 {
		s.everyInput(func(ids []int32) { try(func(i int) int { return int(ids[i]) }, len(ids)) })
		return size
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{1, 2, 3, (s.MaxLen + 1) / 2, s.MaxLen - 1, s.MaxLen} {
		if n < 1 || n > s.MaxLen {
			continue
		}
		for a := range min(len(s.Vocab), 16) {
			try(func(int) int { return a }, n)
			b := rng.IntN(len(s.Vocab))
			try(func(i int) int { return []int{a, b}[min(i, 1)] }, n)
			try(func(i int) int { return []int{a, b}[i*2/n] }, n)
			try(func(int) int { return rng.IntN(len(s.Vocab)) }, n)
		}
	}
	return size
}

// compare bounds the distance of a function from the program's output over all
// states.
func (p *proof) compare(l *lin) (float64, error) {
	ls := p.prog.newLeaves()
	ls.lin(l)
	ls.program(p.spec.Output)
	states, err := ls.states()
	if err != nil {
		return 0, err
	}
	off := 0.0
	for at := range p.prog.each(states) {
		v, err := p.prog.eval(p.spec.Output, at)
		y, ok := p.eval(l, at)
		if err == nil && ok {
			if !v.IsNumber() {
				return 0, errNotNumber
			}
			off = max(off, math.Abs(y-v.Rat().Float64()))
		}
	}
	return off, nil
}

// errDifferent says that the right label does not win.
var errDifferent = errors.New("the logit of another label may be larger than that of the right one")

// labels compares a categorical output.
func (p *proof) labels(logits []read) (Result, error) {
	r := Result{WorstMargin: math.Inf(1)}
	ls, states, err := p.labelStates(logits)
	if errors.Is(err, errTooMany) { // there are fewer where errors are the same in all
		for l := range logits {
			logits[l].err = constant(p.size(logits[l].err))
		}
		ls, states, err = p.labelStates(logits)
	}
	if err != nil {
		return r, err
	}
	noise := p.contrasts()
	for at := range p.prog.each(states) {
		v, err := p.prog.eval(p.spec.Output, at)
		if err != nil {
			continue // undefined
		}
		right := slices.IndexFunc(p.spec.Labels, func(l value.Value) bool { return value.Equal(l, v) })
		if right < 0 {
			return r, fmt.Errorf("there is no label for the value %s of %s, which it may have where %s", v.Repr(), p.prog.describe(p.spec.Output), p.prog.where(ls, at))
		}
		margin, ok := p.margin(logits, right, noise, at)
		if ok {
			r.WorstMargin = min(r.WorstMargin, margin)
		}
		if ok && !(margin > 0) {
			return r, fmt.Errorf("%w, by %.3g, where %s is %s and %s", errDifferent, -margin, p.prog.describe(p.spec.Output), v.Repr(), p.prog.where(ls, at))
		}
	}
	r.Proved = true
	return r, nil
}

// labelStates lists states that differ in logits, in how inexact they are, or in the
// program's output.
func (p *proof) labelStates(logits []read) (*leaves, []assignment, error) {
	ls := p.prog.newLeaves()
	for _, l := range logits {
		ls.lin(l.l)
		ls.lin(l.abs)
		ls.lin(l.err)
	}
	ls.program(p.spec.Output)
	states, err := ls.states()
	return ls, states, err
}

// margin bounds how far the right label's logit is above the others'.
func (p *proof) margin(logits []read, right int, noise [][]float64, at assignment) (float64, bool) {
	ys, rs, es := make([]float64, len(logits)), make([]float64, len(logits)), make([]float64, len(logits))
	for l := range logits {
		y, ok := p.eval(logits[l].l, at)
		abs, defined := p.eval(logits[l].abs, at)
		err, bounded := p.eval(logits[l].err, at)
		if !ok || !defined || !bounded {
			return 0, false
		}
		ys[l], rs[l], es[l] = y, logits[l].roundingAt(abs, y), err
	}
	worst := math.Inf(1)
	for l := range logits {
		if l != right {
			off := min(noise[right][l], es[right]+es[l])
			worst = min(worst, ys[right]-ys[l]-widen(off+rs[right]+rs[l], ys[right]))
		}
	}
	return worst, true
}

// contrasts bounds, for each two labels, how far the noise of the columns moves
// the difference of their logits.
func (p *proof) contrasts() [][]float64 {
	n := len(p.net.Unembed.Columns)
	out := make([][]float64, n)
	for l := range out {
		out[l] = make([]float64, n)
	}
	for l := range n {
		for m := range l {
			x := p.contrast(p.net.Unembed.Columns[l], p.net.Unembed.Columns[m])
			out[l][m], out[m][l] = x, x
		}
	}
	return out
}

// contrast is the sum of |a-b| times the noise of each column.
func (p *proof) contrast(a, b []network.Weight) float64 {
	total, sum, difference := 0.0, 0.0, []network.Weight(nil)
	for len(a) > 0 || len(b) > 0 {
		var row int
		var w float64
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Row < b[0].Row:
			row, w, a = a[0].Row, a[0].W, a[1:]
		case len(a) == 0 || b[0].Row < a[0].Row:
			row, w, b = b[0].Row, -b[0].W, b[1:]
		default:
			row, w, a, b = a[0].Row, a[0].W-b[0].W, a[1:], b[1:]
		}
		total += math.Abs(w) * (p.offOf(&p.view.cols[row]) + gamma(p.net.Width+1)*p.view.common)
		sum, difference = sum+w, append(difference, network.Weight{Row: row, W: w})
	}
	joint, _ := p.jointly(difference)
	return up(total + math.Abs(sum)*p.view.common + joint)
}

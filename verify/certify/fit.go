package certify

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// fit writes a function of keys as a sum of multiples of s-ops.
type fit struct {
	factors []float64 // of each s-op
	c       float64
	off     float64 // how far the sum is from the function, at most
}

// fit finds factors and a constant such that f is their sum, up to rounding.
func (p *proof) fit(f *lin, sources []nodeID) (fit, bool) {
	if f.isConstant() {
		return fit{factors: make([]float64, len(sources)), c: f.konst()}, true
	}
	if out, ok := p.sameTerm(f, sources); ok {
		return out, true
	}
	for i, s := range sources { // one s-op is what most functions are
		if out, ok := p.solve(f, []nodeID{s}); ok {
			factors := make([]float64, len(sources))
			factors[i] = out.factors[0]
			return fit{factors, out.c, out.off}, true
		}
	}
	if len(sources) < 2 {
		return fit{}, false
	}
	return p.solve(f, sources)
}

// sameTerm compares functions part by part, where their values are too many to
// be listed.
func (p *proof) sameTerm(f *lin, sources []nodeID) (fit, bool) {
	for i, s := range sources {
		l, err := p.prog.lin(s)
		if err != nil || l.isConstant() {
			continue
		}
		k, ok := ratio(f, l.lin)
		if !ok {
			continue
		}
		if d := combine([]*lin{f, l.lin}, []float64{1, -k}); d.isConstant() {
			factors := make([]float64, len(sources))
			factors[i] = k
			return fit{factors: factors, c: d.konst()}, true
		}
	}
	return fit{}, false
}

// ratio returns the factor between the first parts of two functions.
func ratio(f, l *lin) (float64, bool) {
	switch {
	case len(f.terms) > 0 && len(l.terms) > 0 && f.terms[0].t == l.terms[0].t && l.terms[0].c.slope != 0:
		return f.terms[0].c.slope / l.terms[0].c.slope, true
	case len(f.tabs) > 0 && len(l.tabs) > 0 && f.tabs[0].atom == l.tabs[0].atom && l.tabs[0].slope != 0:
		return f.tabs[0].slope / l.tabs[0].slope, true
	}
	return 0, false
}

// solve finds the factors by least squares over a few states, and compares on
// all of them.
func (p *proof) solve(f *lin, sources []nodeID) (fit, bool) {
	ls := p.prog.newLeaves()
	ls.lin(f)
	for _, s := range sources {
		ls.program(s)
	}
	states, err := ls.states()
	if err != nil {
		return fit{}, false
	}
	var rows [][]float64
	var want []float64
	for at := range p.prog.each(states) {
		if row, y, ok := p.equation(f, sources, at); ok {
			rows, want = append(rows, row), append(want, y)
		}
	}
	factors, ok := leastSquares(rows, want)
	if !ok {
		return fit{}, false
	}
	dropMinute(factors, rows, want)
	off, size := misfit(rows, factors, want)
	return fit{factors[:len(sources)], factors[len(sources)], off}, off <= near*max(1, size)
}

// dropMinute sets factors to 0 that only the rounding of float64 makes differ from it.
func dropMinute(factors []float64, rows [][]float64, want []float64) {
	const minute = 1.0 / (1 << 49)
	size, parts := 0.0, make([]float64, len(factors))
	for i, row := range rows {
		size = max(size, math.Abs(want[i]))
		for k, x := range row {
			parts[k] = max(parts[k], math.Abs(factors[k]*x))
		}
	}
	for k, part := range parts {
		if part <= minute*size {
			factors[k] = 0
		}
	}
}

// misfit returns how far equations are from being met, at most, and the largest
// number that is wanted.
func misfit(rows [][]float64, factors, want []float64) (off, size float64) {
	for i, row := range rows {
		y := 0.0
		for k, x := range row {
			y += factors[k] * x
		}
		off, size = max(off, math.Abs(y-want[i])), max(size, math.Abs(want[i]))
	}
	return off, size
}

// equation evaluates f and the sources at one state, with 1 for the constant.
func (p *proof) equation(f *lin, sources []nodeID, at assignment) (row []float64, want float64, ok bool) {
	for _, s := range sources {
		v, err := p.prog.eval(s, at)
		if err != nil || !v.IsNumber() {
			return nil, 0, false
		}
		row = append(row, v.Rat().Float64())
	}
	want, ok = p.eval(f, at)
	return append(row, 1), want, ok
}

// leastSquares solves a system of more equations than unknowns. It looks at a
// sample of the equations; the caller checks the others.
func leastSquares(rows [][]float64, want []float64) ([]float64, bool) {
	const most = 512
	if len(rows) == 0 {
		return nil, false
	}
	step := (len(rows) + most - 1) / most
	unknowns := len(rows[0])
	var a []float64
	var b []float64
	for i := 0; i < len(rows); i += step {
		a, b = append(a, rows[i]...), append(b, want[i])
	}
	// The least solution, so that what the equations leave open is 0.
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(len(b), unknowns, a), mat.SVDThin) {
		return nil, false
	}
	rank := svd.Rank(1e-12)
	if rank == 0 {
		return make([]float64, unknowns), true
	}
	var x mat.VecDense
	svd.SolveVecTo(&x, mat.NewVecDense(len(b), b), rank)
	return x.RawVector().Data, true
}

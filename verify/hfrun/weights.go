package hfrun

import (
	"maps"
	"slices"

	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/hfrun/stfile"
	"github.com/raspc/raspc/verify/network"
)

// weights takes tensors from the folder. The first error stays; later reads
// return nil. Every tensor of the folder has to be taken: one too many means
// that the weights are for another model.
type weights struct {
	all  *tensors
	as   network.Type
	used map[string]bool
	err  error
}

// stored is what files call a type.
func stored(t network.Type) stfile.Type {
	switch t {
	case network.Float16:
		return stfile.F16
	case network.BFloat16:
		return stfile.BF16
	}
	return stfile.F32
}

// tensor returns the elements of a tensor with the given shape.
func (w *weights) tensor(name string, shape ...int) []float64 {
	if w.err != nil {
		return nil
	}
	from, ok := w.all.in[name]
	if !ok {
		w.err = fault.In(w.all.start, fault.New(fault.Missing, "tensor %q is missing", name))
		return nil
	}
	values, err := from.Values(name, stored(w.as), shape...)
	if err != nil {
		w.err = fault.In(from.name, err)
		return nil
	}
	w.used[name] = true
	wide := make([]float64, len(values))
	for i, v := range values {
		wide[i] = float64(v)
	}
	return wide
}

// newLinear makes a layer of the folder's type.
func (w *weights) newLinear(in, out int, weight, bias []float64) linear {
	l := newLinear(in, out, weight, bias)
	l.arithmetic = arithmetic{w.as}
	return l
}

// conv1D takes a layer whose weight is stored as [in, out].
func (w *weights) conv1D(name string, in, out int) linear {
	weight := w.tensor(name+".weight", in, out)
	return w.newLinear(in, out, weight, w.tensor(name+".bias", out))
}

// linear takes a layer whose weight is stored as [out, in].
func (w *weights) linear(name string, in, out int) linear {
	weight := transpose(w.tensor(name+".weight", out, in), out, in)
	return w.newLinear(in, out, weight, w.tensor(name+".bias", out))
}

// unbiased takes a layer without a bias, whose weight is stored as [out, in].
func (w *weights) unbiased(name string, in, out int) linear {
	weight := transpose(w.tensor(name+".weight", out, in), out, in)
	if weight == nil {
		return linear{}
	}
	return w.newLinear(in, out, weight, make([]float64, out))
}

// norm takes a layer norm over d columns.
func (w *weights) norm(name string, d int, eps float64) norm {
	return norm{
		arithmetic: arithmetic{w.as},
		weight:     w.tensor(name+".weight", d),
		bias:       w.tensor(name+".bias", d),
		eps:        round(eps),
	}
}

// rootMeanSquare takes a norm by the root of the mean square over d columns.
func (w *weights) rootMeanSquare(name string, d int, eps float64) norm {
	return norm{arithmetic: arithmetic{w.as}, kind: rootMeanSquare, weight: w.tensor(name+".weight", d), eps: round(eps)}
}

// scaling takes what stands for a norm of d columns and is none.
func (w *weights) scaling(name string, d int) norm {
	return norm{arithmetic: arithmetic{w.as}, kind: scaling, weight: w.tensor(name+".weight", d), bias: w.tensor(name+".bias", d)}
}

// finish returns the first error, which may be a tensor nobody has taken.
func (w *weights) finish() error {
	if w.err != nil {
		return w.err
	}
	for _, name := range slices.Sorted(maps.Keys(w.all.in)) {
		if !w.used[name] {
			return fault.In(w.all.in[name].name, fault.New(fault.Unexpected, "tensor %q does not belong to the architecture", name))
		}
	}
	return nil
}

// transpose returns a rows x cols matrix as cols x rows.
func transpose(m []float64, rows, cols int) []float64 {
	if m == nil {
		return nil
	}
	t := make([]float64, len(m))
	for r := range rows {
		for c := range cols {
			t[c*rows+r] = m[r*cols+c]
		}
	}
	return t
}

package lower

import (
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/value"
)

// plan is one way to compute a function by an MLP.
type plan struct {
	neurons int
	steps   bool   // the results rise with each step
	jumps   []jump // where steps compute it
	copies  bool   // the error is that of what is copied
	why     string
	emit    func(m *mlp)
	// noise sets the error bounds of the variable that was written, before it
	// is scaled.
	noise func(target *craft.Variable)
}

// mlp collects the neurons of one MLP that writes one variable.
type mlp struct {
	b       *builder
	target  varID
	f       *function
	hidden  craft.Space
	roles   []craft.Role
	in, out []craft.Entry
	bias    []craft.Entry
}

// neuron adds relu(g), switched off at BOS: there its input is exactly -1.
func (m *mlp) neuron(label string, r craft.Role, g functional) int {
	i := len(m.hidden)
	m.hidden = append(m.hidden, craft.Direction{Variable: m.b.v(m.target).Name, Value: label})
	m.roles = append(m.roles, r)
	m.in = append(m.in, m.b.withBOS(g, value.Int(-1)).entries(i)...)
	return i
}

// write makes neuron i add w times the code of result number at.
func (m *mlp) write(i int, at int32, w value.Rat) {
	for _, e := range m.b.code(m.target, int(at), m.f.set[at].Rat()) {
		m.out = append(m.out, craft.Entry{From: i, To: e.To, W: e.W.Mul(w)})
	}
}

// base sets the result that the MLP gives where no neuron is on, BOS included.
func (m *mlp) base(at int32) {
	v := m.b.v(m.target)
	for _, e := range m.b.code(m.target, int(at), m.f.set[at].Rat()) {
		m.bias = append(m.bias, e)
		v.AtBOS[e.To-v.First] = e.W
	}
}

// exactEnough reports whether the variable that the plan writes will be known
// well enough for what may read it: a number far below the gap between its
// values, one-hot directions far below the scores of a head, and, where keys
// have to weigh the same, far below a position's share.
func (b *builder) exactEnough(p *plan, set []value.Value, w wanted) bool {
	v := craft.Variable{Encoding: p.encoding(w.enc), Values: set}
	p.noise(&v)
	if w.enc == craft.Numeric {
		far := 64.0
		if p.copies {
			far = 4 // whoever reads it might have read the original
		}
		return v.Noise < smallestGap(set).Float64()/far
	}
	read := v.L1
	if v.Encoding == craft.Steps {
		read = min(read, 4*v.Noise)
	}
	if w.precision == uniform {
		return read < 1/(1024*float64(b.prog.MaxLen))
	}
	return v.L1 < 1.0/16
}

// encoding is how the plan's variable is held where enc is wanted: a choice is
// held in steps where every step rises.
func (p *plan) encoding(enc craft.Encoding) craft.Encoding {
	if enc == craft.Categorical && p.steps {
		return craft.Steps
	}
	return enc
}

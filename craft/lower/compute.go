package lower

import (
	"fmt"
	"slices"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// plan is one way to compute a function by an MLP.
type plan struct {
	neurons int
	why     string
	emit    func(m *mlp)
	// noise sets the error bounds of the variable that was written.
	noise func(target *craft.Variable)
}

// mlp collects the neurons of one MLP that writes one variable.
type mlp struct {
	b       *builder
	target  varID
	f       *function
	hidden  craft.Space
	in, out []craft.Entry
	bias    []craft.Entry
}

// neuron adds relu(g), switched off at BOS: there its input is exactly -1.
func (m *mlp) neuron(label string, g functional) int {
	i := len(m.hidden)
	m.hidden = append(m.hidden, craft.Direction{Variable: m.b.v(m.target).Name, Value: label})
	m.in = append(m.in, m.b.withBOS(g, value.Int(-1)).entries(i)...)
	return i
}

// write makes neuron i add w times the code of result number at.
func (m *mlp) write(i int, at int32, w value.Rat) {
	e := m.b.code(m.target, int(at), m.f.set[at].Rat())
	m.out = append(m.out, craft.Entry{From: i, To: e.To, W: e.W.Mul(w)})
}

// base sets the result that the MLP gives where no neuron is on, BOS included.
func (m *mlp) base(at int32) {
	e := m.b.code(m.target, int(at), m.f.set[at].Rat())
	m.bias = append(m.bias, e)
	v := m.b.v(m.target)
	v.AtBOS[e.To-v.First] = e.W
}

// compute builds an MLP that holds an s-op as a variable. Where no single MLP
// can read it from its variables, it is gated, or its arguments become
// variables first, or a number that is wanted one-hot is computed as a number
// first.
func (b *builder) compute(id sop.ID, enc craft.Encoding) (varID, error) {
	for {
		p, f, err := b.best(id, enc)
		if p == nil && err == nil && enc == craft.Numeric {
			f = &function{node: id, set: b.table.Set(id)}
			p, err = b.gated(id)
		}
		switch {
		case err != nil:
			return none, err
		case p != nil:
			return b.emit(id, b.name(id), enc, f, p), nil
		case b.forceArguments(id) || enc == craft.Categorical && b.forceNumber(id):
			continue
		}
		return none, b.errorf(id, "fewer tokens or a shorter maximum length help",
			"%s cannot be computed: it is a function of too many values, or of values too close together for float32", b.graph.Label(id))
	}
}

// forceNumber makes a numeric variable of a computed s-op and reports whether
// it was none before.
func (b *builder) forceNumber(id sop.ID) bool {
	if !b.computedAnew(id) || !b.table.Kinds(id).Numeric() {
		return false
	}
	v, err := b.compute(id, craft.Numeric)
	if err != nil {
		return false
	}
	b.forced[id] = true
	b.native[id] = v
	return true
}

// forceArguments makes variables of the computed arguments of an s-op and
// reports whether that changed anything.
func (b *builder) forceArguments(id sop.ID) bool {
	changed := false
	for _, a := range b.graph.Node(id).Args {
		n := b.graph.Node(a)
		if !n.Op.Elementwise() || b.isLeaf(a) {
			continue
		}
		if _, constant := b.single(a); !constant {
			b.forced[a] = true
			changed = true
		}
	}
	return changed
}

// emit adds the MLP of a plan and the variable that it writes.
func (b *builder) emit(id sop.ID, name string, enc craft.Encoding, f *function, p *plan) varID {
	var set []value.Value
	if enc == craft.Categorical {
		set = f.set
	}
	target := b.newVariable(id, name, set)
	m := &mlp{b: b, target: target, f: f}
	p.emit(m)
	v := b.v(target)
	p.noise(v)
	b.prog.Parts = append(b.prog.Parts, craft.Part{MLP: &craft.MLP{
		Name: v.Name, SOp: id, Why: p.why, Hidden: m.hidden,
		In: craft.NewMap(m.in), Out: craft.NewMap(m.out), Bias: craft.NewMap(m.bias),
	}})
	return target
}

// best returns the plan with the fewest neurons, or nil where there is none.
func (b *builder) best(id sop.ID, enc craft.Encoding) (*plan, *function, error) {
	leaves := b.roots(id)
	if b.combinations(leaves) > maxTable {
		return nil, nil, nil
	}
	for _, l := range leaves {
		if _, err := b.variable(l); err != nil {
			return nil, nil, err
		}
	}
	f := b.tabulate(id, leaves)
	forms, err := b.forms(id, f)
	if err != nil {
		return nil, nil, err
	}
	var plans []*plan
	for _, s := range forms {
		plans = append(plans, b.jumps(f, s))
	}
	plans = append(plans, b.rectangles(f))
	if s, ok, err := b.itself(id); err != nil {
		return nil, nil, err
	} else if ok && enc == craft.Numeric {
		plans = append(plans, b.copied(id, s))
	}
	plans = slices.DeleteFunc(plans, func(p *plan) bool { return p == nil || !p.exactEnough(f.set, enc) })
	if len(plans) == 0 {
		return nil, f, nil
	}
	best := slices.MinFunc(plans, func(p, q *plan) int { return p.neurons - q.neurons })
	if len(plans) > 1 {
		best.why += fmt.Sprintf(", the fewest of %d ways", len(plans))
	}
	return best, f, nil
}

// exactEnough reports whether the variable that the plan writes will be known
// well enough for what may read it: one-hot directions far below the scores
// of a head, a number far below the gap between its values.
func (p *plan) exactEnough(set []value.Value, enc craft.Encoding) bool {
	v := craft.Variable{Encoding: enc}
	p.noise(&v)
	if enc == craft.Categorical {
		return v.L1 < 1.0/16
	}
	return v.Noise < smallestGap(set).Float64()/64
}

// roots returns the variables that the MLP of an s-op reads: those below an
// elementwise s-op, and the variable itself where its own other form is
// wanted.
func (b *builder) roots(id sop.ID) []sop.ID {
	if b.computedAnew(id) {
		return b.inputs(id)
	}
	return b.leaves(id)
}

// computedAnew reports whether an MLP for the s-op reads what is below it: it
// is elementwise and not built yet.
func (b *builder) computedAnew(id sop.ID) bool {
	_, built := b.native[id]
	return !built && b.graph.Node(id).Op.Elementwise() && b.table.Total(id) == nil
}

// forms returns functionals of which the s-op may be a function: the affine
// form of what its operator compares, discretises or combines, and mixed radix
// numbers of its variables, of which any function is one.
func (b *builder) forms(id sop.ID, f *function) ([]functional, error) {
	n := b.graph.Node(id)
	var forms []functional
	add := func(s functional, ok bool, err error) error {
		if ok {
			forms = append(forms, s)
		}
		return err
	}
	err := add(b.itself(id))
	switch {
	case err != nil:
	case n.Op == sop.Compare:
		err = add(b.combine(n.Args[0], value.Int(1), n.Args[1], value.Int(-1)))
	case n.Op == sop.And || n.Op == sop.Or || n.Op == sop.Not:
		err = add(b.literals(n, value.Int(1)))
	case n.Op.Elementwise():
		if arg, ok := b.onlyVariable(n); ok {
			err = add(b.affine(arg))
		}
	}
	if err != nil {
		return nil, err
	}
	return append(forms, b.radix(f)...), nil
}

// itself is the affine form of the s-op's own value, read from what is below.
func (b *builder) itself(id sop.ID) (functional, bool, error) {
	n := b.graph.Node(id)
	if b.computedAnew(id) && b.isLeaf(id) {
		if !b.table.Kinds(id).Numeric() {
			return nil, false, nil
		}
		return b.affineOp(n)
	}
	return b.affine(id)
}

// onlyVariable returns the one argument of a node that is not constant.
func (b *builder) onlyVariable(n *sop.Node) (sop.ID, bool) {
	var arg sop.ID
	count := 0
	for _, a := range n.Args {
		if _, ok := b.single(a); !ok {
			arg = a
			count++
		}
	}
	return arg, count == 1
}

// literals returns the sum of the indicators that a boolean operator combines,
// each with the sign with which it occurs: conjunctions and disjunctions of
// literals are thresholds of it.
func (b *builder) literals(n *sop.Node, sign value.Rat) (functional, bool, error) {
	if n.Op == sop.Not {
		sign = sign.Neg()
	}
	sum := functional{}
	for _, a := range n.Args {
		f, ok, err := b.literal(a, sign)
		if !ok || err != nil {
			return nil, false, err
		}
		sum = sum.plus(f, value.Int(1))
	}
	return sum, true, nil
}

// literal is the signed truth of an s-op; where that is no functional, and the
// s-op is boolean code itself, the sum of what it combines.
func (b *builder) literal(id sop.ID, sign value.Rat) (functional, bool, error) {
	f, ok, err := b.truth(id)
	if err != nil {
		return nil, false, err
	}
	if ok {
		return f.times(sign), true, nil
	}
	n := b.graph.Node(id)
	if n.Op != sop.And && n.Op != sop.Or && n.Op != sop.Not || b.isLeaf(id) {
		return nil, false, nil
	}
	return b.literals(n, sign)
}

package lower

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// wanted is an s-op that is to become a variable: as a number, or as a choice
// among classes of its values.
type wanted struct {
	id        sop.ID
	enc       craft.Encoding
	precision precision
	name      string
	// class gives the number of each value's class in set; nil where every
	// value is a class of its own.
	class   []int32
	set     []value.Value
	members [][]value.Value // of each class
}

// compute builds an MLP that holds an s-op as a variable.
func (b *builder) compute(id sop.ID, enc craft.Encoding) (varID, error) {
	return b.make(wanted{id: id, enc: enc, name: b.name(id), set: b.table.Set(id)})
}

// make builds an MLP for what is wanted. Where no single MLP can read it from
// its variables, conditions among its arguments become variables first, or
// numbers are made one-hot first, or it is gated, or all its arguments become
// variables first, or a number that is wanted as a choice
// is computed as a number first. Where none of these is as exact as is wanted,
// what comes close is taken, and left to whoever reads it to refuse.
func (b *builder) make(w wanted) (varID, error) {
	const few, many = 1 << 8, 1 << 13 // neurons
	for {
		p, f, err := b.best(w)
		if p == nil && err == nil && (b.forceArguments(w.id, b.opaque) || b.forceArguments(w.id, b.boolean)) {
			continue
		}
		if p == nil && err == nil {
			p, err = b.coded(w, f, few)
		}
		if p == nil && err == nil && w.enc == craft.Numeric {
			f = &function{node: w.id, set: w.set}
			p, err = b.gated(w.id)
		}
		if p == nil && err == nil {
			if b.forceArguments(w.id, anything) || w.enc == craft.Categorical && b.forceNumber(w.id) {
				continue
			}
			p, err = b.coded(w, f, many)
		}
		switch {
		case err != nil:
			return none, err
		case p != nil:
			made := b.emit(w.id, w.name, w.enc, f, p)
			b.v(made).Members = w.members
			return made, nil
		case w.precision == loose:
			return none, b.cannotCompute(w.id, f)
		}
		w.precision = loose
	}
}

// cannotCompute says why no construction was found: a function too large to
// tabulate, or values that rounding would confuse.
func (b *builder) cannotCompute(id sop.ID, f *function) error {
	var reads []string
	for _, l := range b.roots(id) {
		name := "the token"
		if l != values.RawToken {
			name = b.graph.Describe(l)
		}
		reads = append(reads, fmt.Sprintf("%s (%d values)", name, len(b.table.Set(l))))
	}
	what := strings.Join(reads, ", ")
	if f == nil {
		return b.errorf(id, "fewer tokens or a shorter maximum length make fewer values",
			"%s cannot be computed: there are more than %d combinations of the values that it reads: %s", b.graph.Describe(id), maxTable, what)
	}
	return b.errorf(id, "a shorter maximum length, fewer tokens or smaller numbers keep the values further apart",
		"%s cannot be computed exactly in %s: its values lie too close together for the size of what it reads: %s", b.graph.Describe(id), b.opts.Arithmetic, what)
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
	b.native[id] = v
	b.force(id)
	return true
}

func anything(sop.ID) bool { return true }

// opaque reports whether a condition is decided by no affine form.
func (b *builder) opaque(id sop.ID) bool {
	if !b.boolean(id) {
		return false
	}
	_, ok, err := b.under(id)
	return !ok && err == nil
}

// forceArguments makes variables of the computed arguments of an s-op that are
// such, and reports whether that changed anything.
func (b *builder) forceArguments(id sop.ID, such func(sop.ID) bool) bool {
	if !b.computedAnew(id) {
		return false
	}
	changed := false
	for _, a := range b.graph.Node(id).Args {
		n := b.graph.Node(a)
		if !n.Op.Elementwise() || b.isLeaf(a) || !such(a) {
			continue
		}
		if _, constant := b.single(a); !constant {
			b.force(a)
			changed = true
		}
	}
	return changed
}

// emit adds the MLP of a plan and the variable that it writes.
func (b *builder) emit(id sop.ID, name string, enc craft.Encoding, f *function, p *plan) varID {
	var target varID
	if enc = p.encoding(enc); enc == craft.Numeric {
		target = b.newNumber(id, name, b.numbersOf(f.set))
	} else {
		target = b.newVariable(id, name, enc, f.set)
	}
	m := &mlp{b: b, target: target, f: f}
	p.emit(m)
	v := b.v(target)
	p.noise(v)
	v.Noise, v.L1 = v.Noise/v.Scale.Float64(), v.L1/v.Scale.Float64()
	made := &craft.MLP{
		Name: v.Name, SOp: id, Why: p.why, Hidden: m.hidden, Roles: m.roles,
		In: craft.NewMap(m.in), Out: craft.NewMap(m.out), Bias: craft.NewMap(m.bias),
	}
	b.prog.Parts = append(b.prog.Parts, craft.Part{MLP: made})
	if enc != craft.Numeric {
		b.choices[made] = target
		if p.jumps != nil {
			b.steps[made] = p.jumps
		}
	}
	return target
}

// best returns the plan with the fewest neurons, or nil where there is none,
// and the tabulated function, or nil where that is too large.
func (b *builder) best(w wanted) (*plan, *function, error) {
	leaves := b.roots(w.id)
	if b.combinations(leaves) > maxTable {
		return nil, nil, nil
	}
	for _, l := range leaves {
		if _, err := b.variable(l); err != nil {
			return nil, nil, err
		}
	}
	f := b.tabulate(w.id, leaves).classed(w)
	plans, err := b.plans(w, f)
	if err != nil {
		return nil, nil, err
	}
	plans = slices.DeleteFunc(plans, func(p *plan) bool { return !b.exactEnough(p, f.set, w) })
	if len(plans) == 0 {
		return nil, f, nil
	}
	best := slices.MinFunc(plans, func(p, q *plan) int { return p.neurons - q.neurons })
	if len(plans) > 1 {
		best.why += fmt.Sprintf(", the fewest of %d ways", len(plans))
	}
	return best, f, nil
}

// plans lists the ways to compute a function by one MLP.
func (b *builder) plans(w wanted, f *function) ([]*plan, error) {
	forms, err := b.forms(w.id, f)
	if err != nil {
		return nil, err
	}
	plans := []*plan{b.rectangles(f)}
	for _, s := range forms {
		points, ok := b.points(f, s)
		if !ok || len(points) == 0 {
			continue
		}
		plans = append(plans, b.jumpsAt(points, s, f.set))
		if w.enc == craft.Numeric {
			plans = append(plans, b.hinges(points, s, f.set))
		}
	}
	if w.enc == craft.Numeric {
		bent, err := b.bent(f)
		if err != nil {
			return nil, err
		}
		plans = append(plans, bent...)
		s, ok, err := b.itself(w.id)
		if err != nil {
			return nil, err
		}
		if ok {
			plans = append(plans, b.copied(w.id, s))
		}
	}
	return slices.DeleteFunc(plans, func(p *plan) bool { return p == nil }), nil
}

// classed replaces the results of a function by their classes.
func (f *function) classed(w wanted) *function {
	if w.class == nil {
		return f
	}
	for i, at := range f.out {
		if at != undefined {
			f.out[i] = w.class[at]
		}
	}
	f.set = w.set
	return f
}

// coded plans rectangles over one-hot forms of the numbers that a function
// reads, which are exact where sums of several numbers are not.
func (b *builder) coded(w wanted, f *function, most int) (*plan, error) {
	if f == nil || !slices.ContainsFunc(f.vars, func(v varID) bool { return b.v(v).Encoding == craft.Numeric }) {
		return nil, nil
	}
	if len(f.vars) < 2 {
		return nil, nil // the one number is what best has tried
	}
	count := f.reduce().count()
	if count > most {
		return nil, nil
	}
	for k, leaf := range f.leaves {
		if b.v(f.vars[k]).Encoding != craft.Numeric {
			continue
		}
		o, err := b.choice(leaf, uniform)
		if err != nil {
			return nil, err
		}
		f.vars[k] = o.v
	}
	p := b.rectangles(f)
	if p == nil || !b.exactEnough(p, f.set, w) {
		return nil, nil
	}
	p.why += ", after its numbers were made one-hot"
	return p, nil
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

package certify

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// nodeID numbers the nodes of the program's graph.
type nodeID = sop.ID

// program is the specification in terms of atoms.
type program struct {
	g      *sop.Graph
	causal bool
	maxLen int
	bos    *value.Value // the program's own: at index 0, and nowhere else
	order  []nodeID     // reachable from the output

	atoms  []*atom
	totals map[totalKey]*total
	byKey  map[string]*total   // by what is summed over which keys
	known  []*total            // all of them, in the order in which they were made
	sums   []*total            // those that are not tabulated by place
	bases  map[string][]*total // of each core, those that are no sums of others
	facts  map[string]facts    // of selectors

	kinds  bool // a list is indexed, so that 1.0 and 1 differ
	terms  int
	joints map[string]*term

	plans map[nodeID][]nodeID
	lins  map[nodeID]*exact
	// making are the s-ops whose functions are being made.
	making map[nodeID]bool
	sets   map[nodeID][]value.Value
	wide   map[nodeID]error // of sets that cannot be listed
	used   map[nodeID]map[atomID]bool
	own    map[nodeID]atomID // atoms of aggregates that copy

	reach   *reach          // nil for a program for all inputs
	assumed map[string]bool // selectors, by key, that are taken to select one position at most
	claims  []Claim

	limit int             // of states
	alive func() error    // the error of a proof that was given up
	free  [][]value.Value // lists of values of nodes that no evaluation is using
}

// totalKey names a sum over the keys that a selector selects.
type totalKey struct {
	selector nodeID
	source   nodeID // what is summed; none for ones
}

const none nodeID = -1

// exact is a numeric s-op as a function of atoms.
type exact struct {
	*lin
	// denominator is a common one of all numbers in the tables; 0 where it is
	// large or not known.
	denominator int64
}

// newProgram lists the atoms of a program. The error says what is too large.
func newProgram(ctx context.Context, s Spec) (*program, error) {
	p := &program{
		g: s.Graph, causal: s.Causal, maxLen: s.MaxLen, bos: s.BOS, order: s.Graph.Reachable(s.Output),
		totals: map[totalKey]*total{}, joints: map[string]*term{}, byKey: map[string]*total{}, bases: map[string][]*total{}, facts: map[string]facts{},
		plans: map[nodeID][]nodeID{}, lins: map[nodeID]*exact{}, making: map[nodeID]bool{}, sets: map[nodeID][]value.Value{}, wide: map[nodeID]error{},
		used: map[nodeID]map[atomID]bool{}, own: map[nodeID]atomID{}, assumed: map[string]bool{},
		limit: maxStates, alive: ctx.Err,
	}
	if err := p.formulas(); err != nil {
		return nil, err
	}
	for _, id := range p.order {
		n := p.g.Node(id)
		p.kinds = p.kinds || n.Op == sop.Lookup && !n.Table.Dict
	}
	var places, lengths []value.Value
	for i := range s.MaxLen {
		places, lengths = append(places, value.IntOf(int64(i))), append(lengths, value.IntOf(int64(i+1)))
	}
	p.atoms = []*atom{newAtom("the token", s.Vocab), newAtom("indices", places), newAtom("length", lengths)}
	p.restrict(s)
	for _, id := range p.order {
		n := p.g.Node(id)
		if n.Op != sop.Aggregate && n.Op != sop.Width {
			continue
		}
		if err := p.aggregate(n); err != nil {
			return nil, fmt.Errorf("%s: %w", p.describe(id), err)
		}
	}
	if p.reach != nil && p.reach.err != nil {
		return nil, p.reach.err
	}
	return p, nil
}

// restrict looks at the inputs of a program that is for some only, or that
// rests on assumptions.
func (p *program) restrict(s Spec) {
	if s.Accept == nil && len(s.Assumed) == 0 {
		return
	}
	how, inputs := Open, 0
	if p.reach = newReach(p, s); p.reach != nil {
		how, inputs = Exhaustive, p.reach.all
	}
	if s.Accept != nil && p.reach != nil {
		p.claims = append(p.claims, Claim{p.describe(s.Output), "values occur together as on the program's own inputs", how, inputs})
	}
	for _, sel := range s.Assumed {
		f := p.g.Formula(sel)
		if p.selectsOne(f) {
			p.claims = append(p.claims, Claim{p.describe(sel), oneClaim, Proved, 0})
			continue
		}
		if p.reach != nil && !p.reach.single(f) {
			continue // the program does not keep what it assumes
		}
		p.assumed[formulaKey(f)] = true
		p.claims = append(p.claims, Claim{p.describe(sel), oneClaim, how, inputs})
	}
}

// oneClaim is the claim of an assumption.
const oneClaim = "each row selects at most one position"

// maxFormula bounds the comparisons of a selector, written out.
const maxFormula = 1 << 10

// formulas refuses selectors whose formulas are too large to be written out.
func (p *program) formulas() error {
	for _, id := range p.order {
		if p.g.Node(id).Selector() && p.g.FormulaSize(id, maxFormula) > maxFormula {
			return fmt.Errorf("%s makes more than %d comparisons", p.describe(id), maxFormula)
		}
	}
	return nil
}

// aggregate finds the atoms of an aggregate or a width.
func (p *program) aggregate(n *sop.Node) error {
	sel := n.Args[0]
	if n.Op == sop.Width {
		_, err := p.total(totalKey{sel, none})
		return err
	}
	src := n.Args[1]
	f := p.fact(sel)
	if !f.single && p.averages(src) {
		if _, err := p.total(totalKey{sel, none}); err != nil {
			return err
		}
		_, err := p.total(totalKey{sel, src})
		return err
	}
	// What cannot be averaged is undefined where two positions are selected.
	vals, err := p.set(src)
	if err != nil {
		return err
	}
	if !f.nonempty {
		vals = value.SortUnique(append(slices.Clone(vals), n.Value))
	}
	p.own[n.ID] = p.addAtom(newAtom(p.describe(n.ID), vals), func(o occurrence) value.Value { return o.run.Sequence(n.ID)[o.pos] })
	return nil
}

// averages reports whether an s-op has numbers that can be averaged.
func (p *program) averages(src nodeID) bool {
	vals, err := p.set(src)
	if err != nil {
		return true // only sums of numbers are too many to be listed
	}
	for _, v := range vals {
		if v.Kind() == value.KindInt || v.Kind() == value.KindFloat || p.g.Mixed() && v.IsNumber() {
			return true
		}
	}
	return false
}

// addAtom adds an atom, with what it is at a position of an input that was run.
func (p *program) addAtom(a *atom, of func(occurrence) value.Value) atomID {
	p.atoms = append(p.atoms, a)
	if p.reach != nil {
		p.reach.add(a, of)
	}
	return atomID(len(p.atoms) - 1)
}

func smaller(a, b value.Rat) value.Rat {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

func larger(a, b value.Rat) value.Rat {
	if a.Cmp(b) > 0 {
		return a
	}
	return b
}

// grid returns the least and largest of some numbers, and the largest number
// of which all are multiples.
func grid(vals []value.Value) (lo, hi, step value.Rat, err error) {
	for i, v := range vals {
		if !v.IsNumber() {
			return lo, hi, step, fmt.Errorf("%s is not a number", v.Repr())
		}
		r := v.Rat()
		if i == 0 || r.Cmp(lo) < 0 {
			lo = r
		}
		if i == 0 || r.Cmp(hi) > 0 {
			hi = r
		}
		step = divisor(step, r.Abs())
	}
	if step.Sign() == 0 {
		step = value.Int(1)
	}
	return lo, hi, step, nil
}

// divisor is the greatest common divisor of rationals.
func divisor(a, b value.Rat) value.Rat {
	for b.Sign() != 0 {
		a, b = b, a.Sub(a.Quo(b).Floor().Mul(b))
	}
	return a
}

// atomsOf returns the atoms that an s-op depends on.
func (p *program) atomsOf(id nodeID) map[atomID]bool {
	if set, ok := p.used[id]; ok {
		return set
	}
	set := map[atomID]bool{}
	n := p.g.Node(id)
	switch n.Op {
	case sop.Tokens:
		set[tokenAtom] = true
	case sop.Indices:
		set[indexAtom] = true
	case sop.Aggregate, sop.Width:
		p.aggregateAtoms(n, set)
	default:
		for _, a := range n.Args {
			maps.Copy(set, p.atomsOf(a))
		}
	}
	p.used[id] = set
	return set
}

func (p *program) aggregateAtoms(n *sop.Node, set map[atomID]bool) {
	if a, ok := p.own[n.ID]; ok {
		set[a] = true
		return
	}
	for _, k := range p.totalsOf(n) {
		p.totals[k].addAtoms(set)
	}
}

// totalsOf returns the sums of which an aggregate or width is made.
func (p *program) totalsOf(n *sop.Node) []totalKey {
	if n.Op == sop.Width {
		return []totalKey{{n.Args[0], none}}
	}
	return []totalKey{{n.Args[0], n.Args[1]}, {n.Args[0], none}}
}

// plan lists the nodes to evaluate for one, in order.
func (p *program) plan(id nodeID) []nodeID {
	if plan, ok := p.plans[id]; ok {
		return plan
	}
	seen := map[nodeID]bool{}
	var plan []nodeID
	var visit func(nodeID)
	visit = func(id nodeID) {
		if seen[id] {
			return
		}
		seen[id] = true
		if n := p.g.Node(id); n.Op.Elementwise() {
			for _, a := range n.Args {
				visit(a)
			}
		}
		plan = append(plan, id)
	}
	visit(id)
	p.plans[id] = plan
	return plan
}

// eval evaluates an s-op at values of its atoms. The error is the program's
// own: it is undefined there.
func (p *program) eval(id nodeID, at assignment) (value.Value, error) {
	vals := p.borrow() // evaluations nest: what a mean can be asks for sets of values
	defer func() { p.free = append(p.free, vals) }()
	var args [3]value.Value
	for _, i := range p.plan(id) {
		n := p.g.Node(i)
		var v value.Value
		var err error
		if n.Op.Elementwise() {
			for k, a := range n.Args {
				args[k] = vals[a]
			}
			v, err = n.Apply(args[:len(n.Args)]...)
		} else {
			v, err = p.read(n, at)
		}
		if err != nil {
			return v, err
		}
		vals[i] = v
	}
	return vals[id], nil
}

// borrow returns a list of values of nodes; whoever is done appends it to free.
func (p *program) borrow() []value.Value {
	last := len(p.free) - 1
	if last < 0 {
		return make([]value.Value, p.g.Len())
	}
	vals := p.free[last]
	p.free = p.free[:last]
	return vals
}

// read evaluates what is not elementwise.
func (p *program) read(n *sop.Node, at assignment) (value.Value, error) {
	switch n.Op {
	case sop.Tokens:
		return n.Read.Of(p.atoms[tokenAtom].values[at[tokenAtom]])
	case sop.Indices:
		return p.atoms[indexAtom].values[at[indexAtom]], nil
	case sop.Const:
		return n.Value, nil
	case sop.Width:
		width := p.amount(p.totals[totalKey{n.Args[0], none}], at)
		if !width.IsInt() || width.Sign() < 0 {
			return value.Value{}, errUnreachable
		}
		return value.Number(value.KindInt, width), nil
	}
	if a, ok := p.own[n.ID]; ok {
		return p.atoms[a].values[at[a]], nil
	}
	width := p.amount(p.totals[totalKey{n.Args[0], none}], at)
	if width.Sign() == 0 {
		return n.Value, nil
	}
	return p.mean(n, p.amount(p.totals[totalKey{n.Args[0], n.Args[1]}], at), width)
}

// mean divides a sum by how many numbers were summed. A sum that so many
// cannot have is no input's.
func (p *program) mean(n *sop.Node, sum, width value.Rat) (value.Value, error) {
	m := sum.Quo(width)
	if lo, hi := p.bounds(n.Args[1]); m.Float64() < lo-1e-9*math.Abs(lo) || m.Float64() > hi+1e-9*math.Abs(hi) {
		return value.Value{}, errUnreachable
	}
	kind := value.KindFloat
	if width.Equal(value.Int(1)) && m.IsInt() {
		kind = value.KindInt
	}
	return value.Number(kind, m), nil
}

var errUnreachable = fmt.Errorf("no input leads here")

// number is eval for numbers. It reports false where there is none.
func (p *program) number(id nodeID, at assignment) (float64, bool) {
	v, err := p.eval(id, at)
	if err != nil || !v.IsNumber() {
		return 0, false
	}
	return v.Rat().Float64(), true
}

// jointIndex numbers the combinations of values of some atoms.
func (p *program) jointIndex(atoms []atomID, at assignment) int {
	i := 0
	for _, a := range atoms {
		i = i*len(p.atoms[a].values) + int(at[a])
	}
	return i
}

// set lists the values of an s-op.
func (p *program) set(id nodeID) ([]value.Value, error) {
	if err := p.wide[id]; err != nil {
		return nil, err
	}
	if vals, ok := p.sets[id]; ok {
		return vals, nil
	}
	vals, err := p.listed(id)
	if err != nil {
		p.wide[id] = err
		return nil, err
	}
	p.sets[id] = vals
	return vals, nil
}

func (p *program) listed(id nodeID) ([]value.Value, error) {
	ls := p.newLeaves()
	ls.program(id)
	states, err := ls.states()
	if err != nil {
		return nil, err
	}
	seen := map[kindKey]bool{}
	var vals []value.Value
	for at := range p.each(states) {
		v, err := p.eval(id, at)
		k := p.kindKey(v)
		if err != nil || seen[k] {
			continue // where the program is undefined there is nothing to prove
		}
		seen[k] = true
		vals = append(vals, v)
	}
	return value.SortUnique(vals), nil
}

// bounds returns the least and the largest number that an s-op has.
func (p *program) bounds(id nodeID) (lo, hi float64) {
	if vals, err := p.set(id); err == nil && len(vals) > 0 {
		lo, hi = math.Inf(1), math.Inf(-1)
		for _, v := range vals {
			if v.IsNumber() {
				x := v.Rat().Float64()
				lo, hi = min(lo, x), max(hi, x)
			}
		}
		return lo, hi
	}
	if n := p.g.Node(id); n.Op == sop.Aggregate {
		lo, hi = p.bounds(n.Args[1])
		if !p.fact(n.Args[0]).nonempty && n.Value.IsNumber() {
			x := n.Value.Rat().Float64()
			lo, hi = min(lo, x), max(hi, x)
		}
		return lo, hi
	}
	if l, err := p.lin(id); err == nil && !slices.ContainsFunc(l.terms, func(t termPart) bool { return t.t.kind == nodeTerm && t.t.node == id }) {
		return (&proof{prog: p}).span(l.lin)
	}
	return math.Inf(-1), math.Inf(1)
}

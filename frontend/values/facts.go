package values

import (
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// Facts says of each aggregate and selector_width what decides whether it can
// be compiled, as far as it is known: also of a program that cannot be, or
// that has no domain yet.
type Facts struct {
	Gathers []Gather // in order of node
	Dangers []Danger
	// Tried is the number of inputs that the reference interpreter was run on,
	// and Complete says that the domain has no others.
	Tried    int
	Complete bool
	// Table is what could be inferred; it lacks nodes where a set is too large,
	// and all of them where there is no domain.
	Table *Table
}

// Gather is what is known of one aggregate or selector_width: the only nodes
// that look at other positions.
type Gather struct {
	Node     sop.ID
	Selector sop.ID
	Rows     Range  // of positions that a row selects, proved
	Why      string // how Rows.Most was proved; empty where it is the length
	Seen     *Range // what the inputs tried have; nil where none has a row
	Action   Action
	Values   int   // of the result; 0 where its set is not known
	Clash    Clash // of the default with the other values
	// Empty is an input with an empty row, Several one with a row of two or more
	// positions, Same one where a row that is not empty gives the default, and
	// Undefined one on which the node itself has no value. Each is the shortest
	// of those tried, or nil where none is one.
	Empty, Several, Same, Undefined *Evidence
}

// Range bounds how many positions a row selects.
type Range struct {
	Least, Most int
}

// Unbounded is the most positions of a row where no length is known.
const Unbounded = -1

// Action is what a node makes of the positions that it selects.
type Action uint8

// The actions.
const (
	Unknown  Action = iota // not known: there is no domain, or a set is too large
	Copies                 // the value of the one position, unchanged: a move
	Supposed               // a move, because no input tried has a wider row
	Averages               // a mean of numbers
	Sums                   // a mean that only serves to be multiplied with its width
	Counts                 // selector_width
	Mixes                  // several positions, of what has no mean
)

// String returns the action as a word for machines.
func (a Action) String() string {
	return [...]string{"unknown", "copies", "copies_assumed", "averages", "sums", "counts", "undefined"}[a]
}

// Clash says how the default of an aggregate goes with its other values, where
// a row may be empty.
type Clash uint8

// The clashes.
const (
	NoClash   Clash = iota // it differs from all of them, or no row is empty
	SameValue              // it may be one of them: readers cannot tell them apart
	OtherKind              // a string among numbers, or the other way round
	NotKnown               // their set is not known
)

// String returns the clash as a word for machines.
func (c Clash) String() string { return [...]string{"none", "value", "kind", "unknown"}[c] }

// Evidence is an input, and the query position where it shows something; -1
// where it is the whole input.
type Evidence struct {
	Input    []value.Value
	Position int
	Error    string // of the interpreter, where the input has no value
}

// Danger is a hazard with the shortest input tried that reaches it; nil where
// none does, so that it is not known whether one can.
type Danger struct {
	Hazard
	Witness *Evidence
}

// Describe collects the facts of the nodes that the roots depend on. The
// domain may be empty, with a length of 0: then only what holds of every
// domain is known.
func Describe(g *sop.Graph, d Domain, roots ...sop.ID) *Facts {
	in := newInference(g, d)
	order := g.Reachable(roots...)
	f := &Facts{Table: &in.Table}
	if d.MaxLen > 0 {
		in.inferAll(order)
	}
	for _, id := range order {
		if n := g.Node(id); n.Op == sop.Aggregate || n.Op == sop.Width {
			f.Gathers = append(f.Gathers, in.gather(n, order))
		}
	}
	for _, h := range in.sortedHazards() {
		f.Dangers = append(f.Dangers, Danger{Hazard: h})
	}
	if d.MaxLen > 0 {
		in.watch(f)
	}
	if f.Complete {
		for k := range f.Gathers {
			f.Gathers[k].settle()
		}
	}
	return f
}

// settle takes back a clash that no input has, where all were tried.
func (g *Gather) settle() {
	if g.Empty == nil || g.Clash == SameValue && g.Same == nil {
		g.Clash = NoClash
	}
}

// inferAll infers what it can. Users come first: a total needs no set of its
// mean, and often it has a far smaller one.
func (in *inference) inferAll(order []sop.ID) {
	in.failed = map[sop.ID]error{}
	for _, id := range slices.Backward(order) {
		if !in.summed(id, order) {
			_ = in.need(id) // kept in in.failed
		}
	}
}

// summed reports whether a node is an aggregate whose every reader is a total.
func (in *inference) summed(id sop.ID, order []sop.ID) bool {
	if in.graph.Node(id).Op != sop.Aggregate {
		return false
	}
	read := false
	for _, user := range order {
		if slices.Contains(in.graph.Node(user).Args, id) {
			if i := in.info[user]; i == nil || i.total == nil {
				return false
			}
			read = true
		}
	}
	return read
}

// gather collects what is proved of an aggregate or width.
func (in *inference) gather(n *sop.Node, order []sop.ID) Gather {
	f := Gather{Node: n.ID, Selector: n.Args[0]}
	sel := in.info[f.Selector]
	if sel == nil {
		f.Rows, f.Why = in.rowsAnywhere(f.Selector)
	} else {
		f.Rows, f.Why = in.rows(sel.sel), sel.sel.Why
	}
	i := in.info[n.ID]
	if i != nil {
		f.Values = len(i.set)
	}
	switch {
	case n.Op == sop.Width:
		f.Action = Counts
		return f
	case i == nil && in.summed(n.ID, order):
		f.Action = Sums
	case i != nil:
		f.Action = action(i.agg, f.Rows)
	case f.Rows.Most >= 0 && f.Rows.Most <= 1:
		f.Action = Copies
	}
	if f.Rows.Least == 0 && f.Action != Sums { // times a width of 0 any default is 0
		f.Clash = in.clash(n, f)
	}
	return f
}

func (in *inference) rows(f SelectorFacts) Range {
	r := Range{Most: f.MaxWidth}
	if f.NonEmpty {
		r.Least = min(1, f.MaxWidth)
	}
	return r
}

func action(f AggregateFacts, rows Range) Action {
	switch {
	case !f.Move:
		return Averages
	case f.Assumed:
		return Supposed
	case rows.Most > 1:
		return Mixes
	}
	return Copies
}

// clash compares a default with the values of rows that are not empty.
func (in *inference) clash(n *sop.Node, f Gather) Clash {
	v := in.info[n.Args[1]]
	if v == nil {
		return NotKnown
	}
	isText := n.Value.IsString()
	switch {
	case !in.graph.Mixed() && (isText && v.kinds != text || !isText && !v.kinds.Numeric()):
		return OtherKind
	case in.reaches(n, v, f):
		return SameValue
	}
	return NoClash
}

// reaches reports whether the default may be what a row that is not empty
// gives: one of the values, or a mean of several. There are no values where every
// input is undefined.
func (in *inference) reaches(n *sop.Node, v *info, f Gather) bool {
	if slices.ContainsFunc(v.set, func(x value.Value) bool { return value.Equal(x, n.Value) }) {
		return true
	}
	if f.Action != Averages || len(v.set) == 0 || value.Compare(n.Value, v.set[0]) < 0 || value.Compare(n.Value, v.set[len(v.set)-1]) > 0 {
		return false
	}
	means, ok := meansOf(v.set, f.Rows.Most)
	return !ok || slices.ContainsFunc(means, func(x value.Value) bool { return value.Equal(x, n.Value) })
}

// rowsAnywhere bounds the rows of a selector on inputs of any length over any
// tokens, by what its comparisons say of themselves.
func (in *inference) rowsAnywhere(sel sop.ID) (Range, string) {
	if in.graph.FormulaSize(sel, MaxFormula) > MaxFormula {
		return Range{Most: Unbounded}, ""
	}
	f := in.graph.Formula(sel)
	r := Range{Most: Unbounded}
	if ternary(f, in.atSelfAnywhere) == yes {
		r.Least = 1
	}
	switch {
	case ternary(f, in.constant) == no:
		return Range{}, "the comparison never holds"
	case in.onePosition(f):
		r.Most = 1
		return r, "no two positions have the same key"
	}
	return r, ""
}

// constant is the truth of a comparison of two constants.
func (in *inference) constant(a sop.Atom) truth {
	k, q := in.graph.Node(a.Key), in.graph.Node(a.Query)
	if k.Op != sop.Const || q.Op != sop.Const {
		return unknown
	}
	return observeSets([]value.Value{k.Value}, []value.Value{q.Value}, a.Cmp)
}

// atSelfAnywhere is what is known of a comparison at the query's own position
// without any set.
func (in *inference) atSelfAnywhere(a sop.Atom) truth {
	if a.Key != a.Query {
		return in.constant(a)
	}
	return reflexive(a.Cmp)
}

// onePosition reports whether a formula asks for one position by its number.
func (in *inference) onePosition(f sop.Formula) bool {
	switch f.Kind {
	case sop.Literal:
		return f.Atom.Cmp == value.EQ && in.graph.Node(f.Atom.Key).Op == sop.Indices
	case sop.All:
		return slices.ContainsFunc(f.Args, in.onePosition)
	}
	return len(f.Args) == 1 && in.onePosition(f.Args[0])
}

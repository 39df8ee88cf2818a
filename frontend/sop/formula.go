package sop

import "github.com/raspc/raspc/frontend/value"

// Formula is a selector in negation normal form: a literal, or a conjunction
// or disjunction of formulas. An empty conjunction is true, an empty
// disjunction false.
type Formula struct {
	Kind FormulaKind
	Atom Atom      // of Literal
	Args []Formula // of All and Any; none has the same Kind
}

// FormulaKind distinguishes the forms of a Formula.
type FormulaKind uint8

// The forms.
const (
	Literal FormulaKind = iota
	All                 // conjunction
	Any                 // disjunction
)

// Atom is one comparison: Key[k] Cmp Query[q]. The complement of a comparison
// is a comparison, because where one of them is undefined both are.
type Atom struct {
	Key, Query ID
	Cmp        value.Cmp
}

// complement maps each comparison to its negation.
var complement = [...]value.Cmp{
	value.EQ: value.NE, value.NE: value.EQ, value.LT: value.GE,
	value.GE: value.LT, value.LE: value.GT, value.GT: value.LE,
}

// FormulaSize returns the number of comparisons in the selector's formula,
// counted as often as they occur, or a number above limit where there are
// more. Shared parts occur once in the graph and many times in a formula, so
// that callers ask for the size first.
func (g *Graph) FormulaSize(sel ID, limit int) int {
	sizes := map[ID]int{}
	for _, id := range g.Reachable(sel) {
		n := g.Node(id)
		switch n.Op {
		case Select:
			sizes[id] = 1
		case SelAnd, SelOr, SelNot:
			total := 0
			for _, a := range n.Args {
				total += sizes[a]
			}
			sizes[id] = min(total, limit+1)
		}
	}
	return sizes[sel]
}

// Formula returns the selector with negations pushed into the comparisons and
// nested conjunctions and disjunctions flattened.
func (g *Graph) Formula(sel ID) Formula { return g.formula(sel, false) }

func (g *Graph) formula(sel ID, negated bool) Formula {
	n := g.Node(sel)
	switch n.Op {
	case Select:
		c := n.Cmp
		if negated {
			c = complement[c]
		}
		return Formula{Kind: Literal, Atom: Atom{Key: n.Args[0], Query: n.Args[1], Cmp: c}}
	case SelNot:
		return g.formula(n.Args[0], !negated)
	case SelAnd, SelOr:
		kind := All
		if (n.Op == SelOr) != negated {
			kind = Any
		}
		return flatten(kind, g.formula(n.Args[0], negated), g.formula(n.Args[1], negated))
	}
	panic("sop: " + n.Op.String() + " is not a selector")
}

// flatten joins two formulas under kind, merging arguments of the same kind.
func flatten(kind FormulaKind, args ...Formula) Formula {
	f := Formula{Kind: kind}
	for _, a := range args {
		if a.Kind == kind {
			f.Args = append(f.Args, a.Args...)
		} else {
			f.Args = append(f.Args, a)
		}
	}
	return f
}

// Atoms returns the distinct comparisons of the formula in order of first
// appearance.
func (f Formula) Atoms() []Atom {
	var atoms []Atom
	seen := map[Atom]bool{}
	f.walk(func(a Atom) {
		if !seen[a] {
			seen[a] = true
			atoms = append(atoms, a)
		}
	})
	return atoms
}

func (f Formula) walk(visit func(Atom)) {
	if f.Kind == Literal {
		visit(f.Atom)
	}
	for _, a := range f.Args {
		a.walk(visit)
	}
}

// Eval evaluates the formula, given the truth of each comparison.
func (f Formula) Eval(truth func(Atom) bool) bool {
	switch f.Kind {
	case Literal:
		return truth(f.Atom)
	case All:
		for _, a := range f.Args {
			if !a.Eval(truth) {
				return false
			}
		}
		return true
	}
	for _, a := range f.Args {
		if a.Eval(truth) {
			return true
		}
	}
	return false
}

// Negate returns the complement of the formula, in negation normal form.
func (f Formula) Negate() Formula {
	switch f.Kind {
	case Literal:
		f.Atom.Cmp = complement[f.Atom.Cmp]
		return f
	case All:
		return Formula{Kind: Any, Args: negated(f.Args)}
	}
	return Formula{Kind: All, Args: negated(f.Args)}
}

func negated(fs []Formula) []Formula {
	out := make([]Formula, len(fs))
	for i, f := range fs {
		out[i] = f.Negate()
	}
	return out
}

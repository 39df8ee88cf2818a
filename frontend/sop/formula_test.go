package sop_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/sop/soptest"
)

// TestFormulaMeansTheSelector compares a selector's matrix with its formula,
// cell by cell, and with the negation of it.
func TestFormulaMeansTheSelector(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := soptest.Graph(25).Draw(t, "graph")
		var sels []sop.ID
		for id := range sop.ID(g.Len()) {
			if g.Node(id).Selector() {
				sels = append(sels, id)
			}
		}
		sel := sels[len(sels)-1]
		r, err := interp.New(g, false, sel).Run(soptest.Input(5).Draw(t, "input"))
		if err != nil {
			return
		}
		f := g.Formula(sel)
		requireNormal(t, f)
		requireNormal(t, f.Negate())
		m := r.Matrix(sel)
		for q := range m.Size() {
			for k := range m.Size() {
				truth := func(a sop.Atom) bool {
					holds, err := a.Cmp.Holds(r.Sequence(a.Key)[k], r.Sequence(a.Query)[q])
					if err != nil {
						t.Fatal(err)
					}
					return holds
				}
				if got, not := f.Eval(truth), f.Negate().Eval(truth); got != m.At(q, k) || not == got {
					t.Fatalf("row %d, column %d: formula %t, negation %t in\n%s", q, k, got, not, sop.Dump(g, sel))
				}
			}
		}
	})
}

// requireNormal fails where an argument has its parent's kind, or an atom is
// listed twice or not at all.
func requireNormal(t *rapid.T, f sop.Formula) {
	count := map[sop.Atom]int{}
	for _, a := range f.Atoms() {
		count[a]++
	}
	var visit func(sop.Formula)
	visit = func(f sop.Formula) {
		if f.Kind == sop.Literal && (count[f.Atom] != 1 || len(f.Args) > 0) {
			t.Fatalf("the atom %v is listed %d times", f.Atom, count[f.Atom])
		}
		for _, a := range f.Args {
			if a.Kind == f.Kind {
				t.Fatalf("a formula of kind %d directly in one of its kind", f.Kind)
			}
			visit(a)
		}
	}
	visit(f)
}

func TestEmptyFormulas(t *testing.T) {
	none := func(sop.Atom) bool { return false }
	all, anyOf := sop.Formula{Kind: sop.All}, sop.Formula{Kind: sop.Any}
	if !all.Eval(none) || anyOf.Eval(none) || all.Negate().Eval(none) || !anyOf.Negate().Eval(none) {
		t.Error("an empty conjunction is not true, or an empty disjunction not false")
	}
}

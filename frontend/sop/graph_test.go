package sop_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/sop/soptest"
	"github.com/raspc/raspc/frontend/value"
)

var nowhere sop.Pos

func TestEqualNodesAreOne(t *testing.T) {
	g := sop.NewGraph()
	build := func(line int) []sop.ID {
		pos := sop.Pos{File: "a.rasp", Line: line, Col: 1}
		tokens, idx := g.Tokens(sop.ReadStr, pos), g.Indices(pos)
		sel := g.Select(tokens, tokens, value.EQ, pos)
		d := value.IntOf(2)
		return []sop.ID{
			tokens, idx, sel, g.Const(value.IntOf(3), pos), g.Map(sop.Add, pos, idx, idx), g.Compare(value.LT, idx, idx, pos),
			g.In(tokens, []value.Value{value.Str("a")}, pos), g.Lookup(&sop.Table{Vals: []value.Value{value.Str("a")}}, idx, pos),
			g.SelAnd(sel, sel, pos), g.SelOr(sel, sel, pos), g.SelNot(sel, pos), g.Full(pos),
			g.Aggregate(sel, idx, &d, pos), g.Width(sel, pos),
		}
	}
	first := build(1)
	size := g.Len()
	if diff := cmp.Diff(first, build(2)); diff != "" || g.Len() != size {
		t.Errorf("building twice gives %d and %d nodes:\n%s", size, g.Len(), diff)
	}
	if got := g.Node(first[0]).Pos.String(); got != "a.rasp:1:1" {
		t.Errorf("the node was first built at %s", got)
	}
}

func TestUnequalNodesAreTwo(t *testing.T) {
	one, zero := value.IntOf(1), value.IntOf(0)
	oneFloat := value.Number(value.KindFloat, value.Int(1))
	str, table := value.Str, func(dict bool, keys, vals []value.Value) *sop.Table {
		return &sop.Table{Dict: dict, Keys: keys, Vals: vals}
	}
	g := sop.NewGraph()
	idx := g.Indices(nowhere)
	sel := g.Select(idx, idx, value.EQ, nowhere)
	two := g.Const(value.IntOf(2), nowhere)
	seen := map[sop.ID]string{}
	for _, c := range []struct {
		name string
		id   sop.ID
	}{
		{"1", g.Const(one, nowhere)}, {"1.0", g.Const(oneFloat, nowhere)}, {"True", g.Const(value.Bool(true), nowhere)}, {`"1"`, g.Const(str("1"), nowhere)},
		{`"True"`, g.Const(str("True"), nowhere)},
		{"no default", g.Aggregate(sel, idx, nil, nowhere)}, {"default 0", g.Aggregate(sel, idx, &zero, nowhere)},
		{"default 1", g.Aggregate(sel, idx, &one, nowhere)}, {"default 1.0", g.Aggregate(sel, idx, &oneFloat, nowhere)},
		{"x < y", g.Compare(value.LT, idx, two, nowhere)}, {"y < x", g.Compare(value.LT, two, idx, nowhere)}, {"x <= y", g.Compare(value.LE, idx, two, nowhere)},
		{"in [1]", g.In(idx, []value.Value{one}, nowhere)}, {`in ["1"]`, g.In(idx, []value.Value{str("1")}, nowhere)},
		{"[1][x]", g.Lookup(table(false, nil, []value.Value{one}), idx, nowhere)},
		{`["a","b"][x]`, g.Lookup(table(false, nil, []value.Value{str("a"), str("b")}), idx, nowhere)},
		{`["a, b"][x]`, g.Lookup(table(false, nil, []value.Value{str(`a", "b`)}), idx, nowhere)},
		{"{1: 0}[x]", g.Lookup(table(true, []value.Value{one}, []value.Value{zero}), idx, nowhere)},
		{"{}[x]", g.Lookup(table(true, nil, nil), idx, nowhere)}, {"[][x]", g.Lookup(table(false, nil, nil), idx, nowhere)},
	} {
		if other, ok := seen[c.id]; ok {
			t.Errorf("%s and %s are one node", other, c.name)
		}
		seen[c.id] = c.name
	}
}

// TestArgumentsDoNotRunIntoConstants would fail if n2 with default 13 had the
// key of n21 with default 3.
func TestArgumentsDoNotRunIntoConstants(t *testing.T) {
	g := sop.NewGraph()
	idx := g.Indices(nowhere)
	sel := g.Select(idx, idx, value.EQ, nowhere)
	for g.Len() < 30 {
		g.Const(value.IntOf(int64(g.Len())), nowhere)
	}
	thirteen, three := value.IntOf(13), value.IntOf(3)
	if g.Aggregate(sel, 2, &thirteen, nowhere) == g.Aggregate(sel, 21, &three, nowhere) {
		t.Error("two aggregates are one node")
	}
}

func TestWrongNodesPanic(t *testing.T) {
	g := sop.NewGraph()
	idx := g.Indices(nowhere)
	sel := g.Select(idx, idx, value.EQ, nowhere)
	one := value.IntOf(1)
	for name, build := range map[string]func(){
		"selector as s-op":   func() { g.Map(sop.Neg, nowhere, sel) },
		"s-op as selector":   func() { g.Width(idx, nowhere) },
		"unknown argument":   func() { g.Map(sop.Neg, nowhere, 99) },
		"negative argument":  func() { g.Map(sop.Neg, nowhere, -1) },
		"too few arguments":  func() { g.Map(sop.Add, nowhere, idx) },
		"too many arguments": func() { g.Map(sop.Neg, nowhere, idx, idx) },
		"Map of compare":     func() { g.Map(sop.Compare, nowhere, idx, idx) },
		"Map of select":      func() { g.Map(sop.Select, nowhere, idx, idx) },
		"lookup in nothing":  func() { g.Lookup(nil, idx, nowhere) },
		"a list with keys":   func() { g.Lookup(&sop.Table{Keys: []value.Value{one}}, idx, nowhere) },
		"a repeated key": func() {
			vs := []value.Value{one, value.Bool(true)}
			g.Lookup(&sop.Table{Dict: true, Keys: vs, Vals: vs}, idx, nowhere)
		},
		"keys without values":   func() { g.Lookup(&sop.Table{Dict: true, Keys: []value.Value{one}}, idx, nowhere) },
		"an unknown comparison": func() { g.Compare(value.GE+1, idx, idx, nowhere) },
		"an unknown reading":    func() { g.Tokens(sop.ReadAsIs+1, nowhere) },
	} {
		size := g.Len()
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s does not panic", name)
				}
			}()
			build()
		}()
		if g.Len() != size {
			t.Errorf("%s leaves a node behind", name)
		}
	}
	if err := sop.Check(g); err != nil {
		t.Error(err)
	}
}

func TestNames(t *testing.T) {
	g := sop.NewGraph()
	idx := g.Indices(nowhere)
	if g.Name(idx) != "" || g.Label(idx) != "n0" || len(g.Names(idx)) != 0 {
		t.Errorf("a fresh node is called %q, %q, %q", g.Name(idx), g.Label(idx), g.Names(idx))
	}
	g.SetName(idx, "a")
	g.SetName(idx, "b")
	before := g.Names(idx)
	g.SetName(idx, "a")
	g.SetName(idx, "c")
	if diff := cmp.Diff([]string{"a", "b"}, before); diff != "" {
		t.Errorf("names that were handed out changed:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"b", "a", "c"}, g.Names(idx)); diff != "" {
		t.Error(diff)
	}
	if g.Name(idx) != "c" || g.Label(idx) != "c" {
		t.Errorf("the node is called %q and %q", g.Name(idx), g.Label(idx))
	}
}

func TestReachableAndPrune(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := soptest.Graph(25).Draw(t, "graph")
		id := rapid.Custom(func(t *rapid.T) sop.ID { return sop.ID(rapid.IntRange(0, g.Len()-1).Draw(t, "id")) })
		roots := rapid.SliceOfN(id, 0, 3).Draw(t, "roots")
		reached := g.Reachable(roots...)
		inside := map[sop.ID]bool{}
		for i, id := range reached {
			if i > 0 && reached[i-1] >= id {
				t.Fatalf("%v does not increase", reached)
			}
			inside[id] = true
			for _, a := range g.Node(id).Args {
				if !inside[a] {
					t.Fatalf("n%d comes before its argument n%d", id, a)
				}
			}
		}
		needed := map[sop.ID]bool{}
		var visit func(sop.ID)
		visit = func(id sop.ID) {
			if needed[id] {
				return
			}
			needed[id] = true
			for _, a := range g.Node(id).Args {
				visit(a)
			}
		}
		for _, r := range roots {
			visit(r)
		}
		if diff := cmp.Diff(needed, inside); diff != "" {
			t.Fatalf("reachable nodes differ:\n%s", diff)
		}

		before := sop.Dump(g)
		pruned, moved := sop.Prune(g, roots...)
		if err := sop.Check(pruned); err != nil {
			t.Fatal(err)
		}
		if pruned.Len() != len(reached) || len(moved) != len(roots) {
			t.Fatalf("%d of %d nodes stay", pruned.Len(), len(reached))
		}
		for i, r := range roots {
			if g.Node(r).Op != pruned.Node(moved[i]).Op || reached[moved[i]] != r {
				t.Fatalf("n%d moved to n%d", r, moved[i])
			}
		}
		if diff := cmp.Diff(before, sop.Dump(g)); diff != "" {
			t.Fatalf("pruning changed the graph:\n%s", diff)
		}
	})
}

func TestOpNamesAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	for op := sop.Tokens; op <= sop.Width; op++ {
		if op.String() == "" || seen[op.String()] {
			t.Errorf("operator %d has the name %q", op, op)
		}
		seen[op.String()] = true
	}
}

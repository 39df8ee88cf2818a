package sop

import (
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/value"
)

// TestCheckFindsDamage breaks one invariant at a time, which needs the fields
// of the graph.
func TestCheckFindsDamage(t *testing.T) {
	const text = `n0 = tokens_str                         # t  a.rasp:1:1
n1 = indices
n2 = select n0 == n0
n3 = aggregate n2 n1
n4 = const 1
n5 = lookup n1 {1: 2, 3: 4}
n6 = neg n1
`
	one := value.IntOf(1)
	for _, c := range []struct {
		want   string
		damage func(g *Graph)
	}{
		{"n1 has the id 7", func(g *Graph) { g.nodes[1].ID = 7 }},
		{"unknown operator", func(g *Graph) { g.nodes[1].Op = numOps }},
		{"n6 uses n6, which comes later", func(g *Graph) { g.nodes[6].Args = []ID{6} }},
		{"unknown argument n9", func(g *Graph) { g.nodes[6].Args = []ID{9} }},
		{"neg takes 1 arguments, got 0", func(g *Graph) { g.nodes[6].Args = nil }},
		{"argument n2 of neg is a selector", func(g *Graph) { g.nodes[6].Args = []ID{2} }},
		{"indices with the reading", func(g *Graph) { g.nodes[1].Read = ReadInt }},
		{"tokens with the reading 5", func(g *Graph) { g.nodes[0].Read = numReads }},
		{"neg with the comparison", func(g *Graph) { g.nodes[6].Cmp = value.LT }},
		{"select with the comparison 6", func(g *Graph) { g.nodes[2].Cmp = value.GE + 1 }},
		{"neg with a default", func(g *Graph) { g.nodes[6].HasDefault = true }},
		{"neg with the value 1", func(g *Graph) { g.nodes[6].Value = one }},
		{"aggregate with the value 1", func(g *Graph) { g.nodes[3].Value = one }},
		{"aggregate with the value ''", func(g *Graph) { g.nodes[3].Value = value.Value{} }},
		{"lookup with the wrong table", func(g *Graph) { g.nodes[5].Table = nil }},
		{"neg with the wrong table", func(g *Graph) { g.nodes[6].Table = &Table{} }},
		{"1 keys and 2 values", func(g *Graph) { g.nodes[5].Table.Keys = g.nodes[5].Table.Keys[:1] }},
		{"repeats the key 3", func(g *Graph) { g.nodes[5].Table.Keys[0] = value.IntOf(3) }},
		{"n6 repeats n1", func(g *Graph) { g.nodes[6].Op, g.nodes[6].Args = Indices, nil }},
		{"n6 is not found by its key", func(g *Graph) { g.nodes[6].Op = Not }},
		{"empty or a repeated name", func(g *Graph) { g.names[1] = []string{"x", "x"} }},
		{"empty or a repeated name", func(g *Graph) { g.names[1] = []string{""} }},
		{"a name belongs to no node", func(g *Graph) { g.names[99] = []string{"x"} }},
	} {
		g, _, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := Check(g); err != nil {
			t.Fatalf("before the damage: %v", err)
		}
		c.damage(g)
		if err := Check(g); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

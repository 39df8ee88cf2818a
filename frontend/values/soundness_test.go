package values_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/sop/soptest"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// domains draws a small domain: mixed readings, a declared BOS, restrictions.
func domains(t *rapid.T) values.Domain {
	d := values.Domain{MaxLen: rapid.IntRange(1, 4).Draw(t, "length"), Causal: rapid.Bool().Draw(t, "causal")}
	d.Vocab = rapid.SampledFrom([][]value.Value{
		{value.IntOf(0), value.IntOf(1), value.IntOf(3)},
		{value.Str("1"), value.Str("a"), value.Str("b")},
		{value.Bool(false), value.Bool(true)},
		{value.Number(value.KindFloat, value.Frac(1, 2)), value.Number(value.KindFloat, value.Int(2))},
	}).Draw(t, "vocab")
	switch rapid.IntRange(0, 5).Draw(t, "restriction") {
	case 0:
		d.BOS = &d.Vocab[0]
	case 1:
		first := d.Vocab[0]
		d.Accept = func(in []value.Value) bool { return value.Equal(in[len(in)-1], first) }
	}
	return d
}

// TestSoundness compares what is inferred for random graphs with what the
// interpreter sees on every input of a small domain: sets hold every value,
// kinds every kind, and no claim on a selector or aggregate is contradicted,
// unless it is marked as assumed. Where an input is undefined, a hazard says
// that it may be.
func TestSoundness(t *testing.T) {
	inferred := 0
	rapid.Check(t, func(t *rapid.T) {
		g := soptest.Graph(40).Draw(t, "graph")
		d := domains(t)
		out := sop.ID(g.Len() - 1)
		for g.Node(out).Selector() {
			out--
		}
		table, err := values.Infer(g, out, d)
		var limit *values.LimitError
		var unsupported *values.UnsupportedError
		if errors.As(err, &limit) || errors.As(err, &unsupported) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		inferred++
		o := &observer{table: table, guard: table.Guard(), graph: g, domain: d, nodes: g.Reachable(out)}
		for _, in := range every(d) {
			o.input(t, in, out)
		}
		o.conclude(t)
	})
	if inferred == 0 {
		t.Error("no graph was inferred")
	}
}

// observer gathers what happens on the inputs of a domain.
type observer struct {
	table  *values.Table
	guard  *values.Guard
	graph  *sop.Graph
	domain values.Domain
	nodes  []sop.ID
	// undefined is an input without an output; nil where there is none.
	undefined  []value.Value
	looksAhead bool
}

func (o *observer) input(t *rapid.T, in []value.Value, out sop.ID) {
	r, err := interp.New(o.graph, o.domain.Causal, out).Run(in)
	if err != nil {
		o.undefined = in
		return
	}
	if b := o.guard.Breach(in, r); b != nil {
		t.Fatalf("%v: n%d at %d is taken to break what holds of it: %s\n%s", in, b.Node, b.Position, b.Fact, sop.Dump(o.graph, o.nodes...))
	}
	for _, id := range o.nodes {
		if !o.table.Has(id) {
			continue // part of a total only
		}
		switch n := o.graph.Node(id); {
		case n.Selector():
			o.selector(t, in, id, r.Matrix(id))
		default:
			o.sequence(t, in, id, r.Sequence(id))
			if n.Op == sop.Aggregate {
				o.aggregate(t, in, n, r.Matrix(n.Args[0]))
			}
			if n.Op == sop.Aggregate || n.Op == sop.Width {
				o.ahead(r.Matrix(n.Args[0]))
			}
		}
	}
}

func (o *observer) sequence(t *rapid.T, in []value.Value, id sop.ID, seq []value.Value) {
	for _, v := range seq {
		found := false
		for _, s := range o.table.Set(id) {
			found = found || value.Equal(s, v)
		}
		if !found {
			t.Fatalf("%v: n%d is %s, not in {%s}\n%s", in, id, v.Repr(), spell(o.table.Set(id)), sop.Dump(o.graph, id))
		}
		if !o.table.Kinds(id).Has(v.Kind()) {
			t.Fatalf("%v: n%d is %s, of an unexpected kind\n%s", in, id, v.Repr(), sop.Dump(o.graph, id))
		}
	}
}

func (o *observer) selector(t *rapid.T, in []value.Value, id sop.ID, m *interp.Matrix) {
	facts := o.table.Selector(id)
	for q := range m.Size() {
		sees := m.Size()
		if o.domain.Causal {
			sees = q + 1
		}
		w := m.Width(q)
		if w > facts.MaxWidth || facts.NonEmpty && w == 0 || facts.Full && w != sees {
			t.Fatalf("%v: row %d of n%d selects %d of %d: %+v\n%s", in, q, id, w, sees, facts, sop.Dump(o.graph, id))
		}
	}
}

func (o *observer) aggregate(t *rapid.T, in []value.Value, n *sop.Node, m *interp.Matrix) {
	facts := o.table.Aggregate(n.ID)
	for q := range m.Size() {
		w := m.Width(q)
		if w == 0 && !facts.MayDefault || w > 1 && facts.Move && !facts.Assumed {
			t.Fatalf("%v: row %d of aggregate n%d selects %d: %+v\n%s", in, q, n.ID, w, facts, sop.Dump(o.graph, n.ID))
		}
	}
}

// ahead notes whether some row selects a later position.
func (o *observer) ahead(m *interp.Matrix) {
	for q := range m.Size() {
		for k := range m.Keys(q) {
			o.looksAhead = o.looksAhead || k > q
		}
	}
}

func (o *observer) conclude(t *rapid.T) {
	if o.looksAhead && o.table.LooksBack() {
		t.Fatalf("it looks ahead\n%s", sop.Dump(o.graph, o.nodes...))
	}
	if o.undefined != nil && len(o.table.Hazards()) == 0 {
		t.Fatalf("undefined on %v, without a hazard\n%s", o.undefined, sop.Dump(o.graph, o.nodes...))
	}
}

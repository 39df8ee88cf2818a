package values_test

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/sop/soptest"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// TestFactsOfRandomGraphs compares the facts of random graphs with what the
// interpreter gives on every input of a small domain.
func TestFactsOfRandomGraphs(t *testing.T) {
	gathers := 0
	rapid.Check(t, func(t *rapid.T) {
		g := soptest.Graph(30).Draw(t, "graph")
		d := domains(t)
		w := newWatch(g, d, values.Describe(g, d, sop.ID(g.Len()-1)))
		w.check(t)
		gathers += len(w.facts.Gathers)
	})
	if gathers == 0 {
		t.Error("no graph gathers anything")
	}
}

// TestFactsOfPrograms does so for every program of the fixtures and the corpus,
// over its first tokens and short inputs, and counts for how many aggregates
// and widths the proved bounds are those that occur.
func TestFactsOfPrograms(t *testing.T) {
	tight, all := 0, 0
	for _, p := range small(t) {
		w := newWatch(p.Graph, p.domain, values.Describe(p.Graph, p.domain, p.Output.ID))
		w.check(t)
		for k, g := range w.facts.Gathers {
			if r := w.rows[k]; r != nil {
				all++
				if *r == g.Rows {
					tight++
				} else if testing.Verbose() {
					t.Logf("%s: %s: %s: %+v, not %+v", p.Files[0].Name(), p.Graph.Call(g.Node), p.Graph.Positions(g.Selector), g.Rows, *r)
				}
			}
		}
	}
	t.Logf("%d of %d bounds are tight", tight, all)
	const least = 185
	if tight < least {
		t.Errorf("%d of %d bounds are tight, which was %d", tight, all, least)
	}
}

// small reads the programs whose output is an s-op, and restricts them to three
// tokens and inputs of up to five.
func small(t *testing.T) []*program {
	t.Helper()
	var all []*program
	for _, pattern := range []string{"../../fixtures/*.rasp", "../../fixtures/corpus/*.rasp"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatal("no programs", err)
		}
		for _, path := range paths {
			if p := restricted(t, path); p != nil {
				all = append(all, p)
			}
		}
	}
	return all
}

func restricted(t *testing.T, path string) *program {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	resolved, list := resolve.Run(diag.NewSource(path, string(text)), resolve.Options{Read: resolve.ReadFile})
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	if resolved.Output.Selector {
		return nil
	}
	p := &program{resolved, domainOf(resolved.Settings)}
	d := &p.domain
	bos := d.BOS
	d.Vocab = slices.DeleteFunc(slices.Clone(d.Vocab), func(v value.Value) bool { return bos != nil && value.Equal(v, *bos) })
	d.Vocab = d.Vocab[:min(3, len(d.Vocab))]
	if bos != nil {
		d.Vocab = append(d.Vocab, *bos)
	}
	d.MaxLen = min(5, d.MaxLen)
	return p
}

// watch holds facts against all inputs of their domain.
type watch struct {
	graph  *sop.Graph
	domain values.Domain
	facts  *values.Facts
	inputs [][]value.Value
	rows   []*values.Range // of each gather, over all inputs; nil where there is no row
}

func newWatch(g *sop.Graph, d values.Domain, f *values.Facts) *watch {
	w := &watch{graph: g, domain: d, facts: f, inputs: every(d), rows: make([]*values.Range, len(f.Gathers))}
	slices.SortStableFunc(w.inputs, func(a, b []value.Value) int { return cmp.Compare(len(a), len(b)) })
	return w
}

func (w *watch) check(t rapid.TB) {
	t.Helper()
	for k := range w.facts.Gathers {
		w.gather(t, k)
	}
	for _, d := range w.facts.Dangers {
		w.evidence(t, "hazard", d.Node, d.Witness, func(_ *interp.Result, u *interp.Undefined, _ int) bool {
			return u != nil && u.Node == d.Node
		})
	}
	if w.facts.Complete && w.facts.Tried != len(w.inputs) {
		t.Fatalf("%d inputs were taken for all of %d", w.facts.Tried, len(w.inputs))
	}
}

// gather checks one aggregate or width on every input.
func (w *watch) gather(t rapid.TB, k int) {
	t.Helper()
	g := w.facts.Gathers[k]
	n := w.graph.Node(g.Node)
	rows := interp.New(w.graph, w.domain.Causal, g.Selector)
	for _, in := range w.inputs {
		r, err := rows.Run(in)
		if err != nil {
			continue
		}
		m := r.Matrix(g.Selector)
		for q := range m.Size() {
			w.row(t, k, in, q, m.Width(q))
		}
	}
	if w.facts.Complete && (g.Seen == nil) != (w.rows[k] == nil) || g.Seen != nil && w.facts.Complete && *g.Seen != *w.rows[k] {
		t.Fatalf("%s: saw %v of %v", w.graph.Express(g.Node), g.Seen, w.rows[k])
	}
	neverEmpty := g.Rows.Least > 0 || w.facts.Complete && g.Empty == nil
	if n.Op == sop.Aggregate && g.Clash == values.NoClash && g.Action != values.Sums && !neverEmpty {
		w.evidence(t, "default", g.Node, nil, w.givesDefault(g, n))
	}
	w.evidence(t, "empty", g.Selector, g.Empty, func(r *interp.Result, _ *interp.Undefined, q int) bool {
		return r != nil && q >= 0 && r.Matrix(g.Selector).Width(q) == 0
	})
	w.evidence(t, "several", g.Selector, g.Several, func(r *interp.Result, _ *interp.Undefined, q int) bool {
		return r != nil && q >= 0 && r.Matrix(g.Selector).Width(q) > 1
	})
	w.evidence(t, "undefined", g.Node, g.Undefined, func(_ *interp.Result, u *interp.Undefined, _ int) bool {
		return u != nil && u.Node == g.Node
	})
	if n.Op == sop.Aggregate {
		w.evidence(t, "same", g.Node, g.Same, w.givesDefault(g, n))
	}
	if g.Values > 0 && g.Values != len(w.facts.Table.Set(g.Node)) {
		t.Fatalf("%s: %d values", w.graph.Express(g.Node), g.Values)
	}
}

// givesDefault says whether a row that is not empty gives the default.
func (w *watch) givesDefault(g values.Gather, n *sop.Node) func(*interp.Result, *interp.Undefined, int) bool {
	return func(r *interp.Result, _ *interp.Undefined, q int) bool {
		return r != nil && q >= 0 && r.Matrix(g.Selector).Width(q) > 0 && value.Equal(r.Sequence(g.Node)[q], n.Value)
	}
}

// row holds the width of one row to what was proved.
func (w *watch) row(t rapid.TB, k int, in []value.Value, q, width int) {
	t.Helper()
	g := w.facts.Gathers[k]
	if w.rows[k] == nil {
		w.rows[k] = &values.Range{Least: width, Most: width}
	}
	seen := w.rows[k]
	seen.Least, seen.Most = min(seen.Least, width), max(seen.Most, width)
	unbounded := g.Rows.Most == values.Unbounded
	if width < g.Rows.Least || !unbounded && width > g.Rows.Most || width > 1 && g.Action == values.Copies {
		t.Fatalf("%v: row %d of %s selects %d: %+v", in, q, w.graph.Positions(g.Selector), width, g)
	}
}

// evidence checks that an input shows what it is said to show, that none of the
// inputs is shorter and shows it, and, where all inputs were tried, that one is
// there if any shows it.
func (w *watch) evidence(t rapid.TB, what string, id sop.ID, e *values.Evidence, shows func(*interp.Result, *interp.Undefined, int) bool) {
	t.Helper()
	v := interp.New(w.graph, w.domain.Causal, id)
	if e != nil {
		r, u := run(v, e.Input)
		if !shows(r, u, e.Position) || u != nil && (u.Position != e.Position || u.Err.Msg != e.Error) {
			t.Fatalf("%s: %s: %+v does not show it", w.graph.Express(id), what, e)
		}
	}
	for _, in := range w.inputs {
		if e != nil && len(in) >= len(e.Input) {
			return
		}
		r, u := run(v, in)
		for q := -1; q < len(in); q++ {
			if shows(r, u, q) && (e != nil || w.facts.Complete || what == "default") {
				t.Fatalf("%s: %s: %v shows it at %d, where there is %v\n%s", w.graph.Express(id), what, in, q, e, sop.Dump(w.graph, id))
			}
		}
	}
}

func run(v *interp.Evaluator, in []value.Value) (*interp.Result, *interp.Undefined) {
	r, err := v.Run(in)
	if err != nil {
		return nil, err.(*interp.Undefined)
	}
	return r, nil
}

// TestFactsOfRanks asks for ranks in many ways, inside the input and beyond it.
func TestFactsOfRanks(t *testing.T) {
	proved := 0
	for _, order := range []string{
		"select(tokens, tokens, <) or (select(tokens, tokens, ==) and select(indices, indices, <))",
		"select(tokens, tokens, >) or (select(tokens, tokens, ==) and select(indices, indices, >))",
		"select(indices, indices, <)",
	} {
		for _, query := range []string{
			"indices", "length - 1 - indices", "indices - 1", "indices + 1", "round(indices / 2)", "0", "length - 1", "length",
			"indices if tokens > 0 else 0", "indices * indices", "tokens", "(indices + 1) % length",
		} {
			for _, mode := range []string{"", causal} {
				p := parse(t, ints+mode+"r = selector_width("+order+");\nx = aggregate(select(r, "+query+", ==), tokens, 7);")
				w := newWatch(p.Graph, p.domain, values.Describe(p.Graph, p.domain, p.Output.ID))
				w.check(t)
				for k, g := range w.facts.Gathers {
					if g.Node == p.Output.ID && g.Rows.Least == 1 {
						proved++
						if *w.rows[k] != (values.Range{Least: 1, Most: 1}) {
							t.Errorf("%s by %s: %v", order, query, w.rows[k])
						}
					}
				}
			}
		}
	}
	if proved < 15 {
		t.Errorf("%d of the rows are proved to select one position", proved)
	}
}

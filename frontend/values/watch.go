package values

import (
	"cmp"
	"errors"
	"slices"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// watch runs the reference interpreter on the samples, the shortest first, and
// notes what the gathers' rows and the hazards come to.
func (in *inference) watch(f *Facts) {
	inputs := slices.Clone(in.samples.all())
	slices.SortStableFunc(inputs, func(a, b []value.Value) int { return cmp.Compare(len(a), len(b)) })
	f.Tried, f.Complete = len(inputs), in.samples.complete
	w := newWatcher(in, f)
	for _, input := range inputs {
		w.input(input)
	}
}

// watcher evaluates nodes on one input after the other.
type watcher struct {
	graph *sop.Graph
	facts *Facts
	// all evaluates every node at once. Where an input has no value, each is
	// evaluated by itself: one that does not depend on the place still has one.
	all    *interp.Evaluator
	single map[sop.ID]*interp.Evaluator
}

func newWatcher(in *inference, f *Facts) *watcher {
	var ids []sop.ID
	for _, g := range f.Gathers {
		ids = append(ids, g.Node, g.Selector)
	}
	for _, d := range f.Dangers {
		ids = append(ids, d.Node)
	}
	w := &watcher{graph: in.graph, facts: f, single: map[sop.ID]*interp.Evaluator{}}
	w.all = interp.New(in.graph, in.domain.Causal, ids...)
	for _, id := range ids {
		if w.single[id] == nil {
			w.single[id] = interp.New(in.graph, in.domain.Causal, id)
		}
	}
	return w
}

func (w *watcher) input(input []value.Value) {
	all, failed := w.all.Run(input)
	run := func(id sop.ID) (*interp.Result, *Evidence) {
		if failed == nil {
			return all, nil
		}
		r, err := w.single[id].Run(input)
		return r, undefinedAt(id, input, err)
	}
	for k := range w.facts.Gathers {
		g := &w.facts.Gathers[k]
		rows, _ := run(g.Selector)
		if rows == nil {
			continue // undefined before there are rows
		}
		result, wrong := run(g.Node)
		keep(&g.Undefined, wrong)
		g.observe(input, rows.Matrix(g.Selector), w.graph.Node(g.Node), result)
	}
	for k := range w.facts.Dangers {
		_, wrong := run(w.facts.Dangers[k].Node)
		keep(&w.facts.Dangers[k].Witness, wrong)
	}
}

// undefinedAt is the witness that a node has no value on an input, or nil where
// it has one or another node is at fault.
func undefinedAt(id sop.ID, input []value.Value, err error) *Evidence {
	var u *interp.Undefined
	if !errors.As(err, &u) || u.Node != id {
		return nil
	}
	return &Evidence{Input: input, Position: u.Position, Error: u.Err.Msg}
}

// keep notes the first witness.
func keep(to **Evidence, w *Evidence) {
	if *to == nil {
		*to = w
	}
}

// observe notes the rows of one input. The result is nil where the node has no
// value on it.
func (g *Gather) observe(input []value.Value, rows *interp.Matrix, n *sop.Node, result *interp.Result) {
	for q := range rows.Size() {
		width := rows.Width(q)
		if g.Seen == nil {
			g.Seen = &Range{width, width}
		}
		g.Seen.Least, g.Seen.Most = min(g.Seen.Least, width), max(g.Seen.Most, width)
		here := &Evidence{Input: input, Position: q}
		switch {
		case width == 0:
			keep(&g.Empty, here)
		case width > 1:
			keep(&g.Several, here)
		}
		if width > 0 && g.Same == nil && n.Op == sop.Aggregate && result != nil && value.Equal(result.Sequence(n.ID)[q], n.Value) {
			g.Same = here
		}
	}
}

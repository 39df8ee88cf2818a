package raspc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/raspc/raspc/backend/pipeline"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// Applied is a patch under which a program was run.
type Applied struct {
	Patch
	// Also are the other names of the s-op: what is patched is the s-op, not one of
	// its names.
	Also []string
}

// MarshalJSON adds the member also, where there are other names.
func (a Applied) MarshalJSON() ([]byte, error) { return a.Patch.json(a.Also) }

// Domain says how a patched run lies to what the compiler takes for granted.
type Domain string

// The kinds of runs.
const (
	Inside Domain = "inside" // all of it holds: a compiled model does the same
	// Outside is where a value is none of its s-op's, or values meet that no input
	// brings together: what a compiled model does then is not defined.
	Outside Domain = "outside"
	Unknown Domain = "unknown" // the program cannot be compiled, or not without settings
)

// Broken is what the compiler takes for granted and a patched run does not keep.
type Broken struct {
	SOp      string `json:"sop"`
	Position int    `json:"position"` // Everywhere where it is the whole input
	Fact     string `json:"fact"`     // what should hold there
}

func (b *Broken) String() string {
	if b.Position == Everywhere {
		return fmt.Sprintf("%s: %s", b.SOp, b.Fact)
	}
	return fmt.Sprintf("%s at position %d: %s", b.SOp, b.Position, b.Fact)
}

// Intervention is what was done to a run.
type Intervention struct {
	Patches []Applied `json:"patches"`
	Domain  Domain    `json:"domain"`
	// Broken is the first fact that does not hold; nil unless Domain is Outside.
	Broken *Broken `json:"broken,omitempty"`
}

// patchable is a program as the compiler sees it, where s-ops have the names that
// raspc.json gives them.
type patchable struct {
	traced
	program *resolve.Program
	nodes   []sop.ID      // that the output depends on
	table   *values.Table // nil where it is not known
	guard   *values.Guard
}

// newPatchable compiles a program as far as its value sets. Where that fails, there
// is still what it means.
func newPatchable(p *resolve.Program, src *diag.Source, o pipeline.Options) *patchable {
	o.Until = "values"
	r, err := pipeline.Run(src, o)
	g, output := r.Graph, r.Output
	if g == nil { // the output is a selector
		var ids []sop.ID
		g, ids = sop.Prune(p.Graph, p.Output.ID)
		output = ids[0]
	}
	t := &patchable{program: p, nodes: g.Reachable(output), table: r.Values}
	t.traced = trace(g, p.Settings.Causal.Value, named{p.Output.Name, output}, t.nodes...)
	if err == nil {
		t.guard = t.table.Guard()
	}
	return t
}

// spot is where one patch acts.
type spot struct {
	node sop.ID
	at   int
}

// patches finds the s-ops of patches for an input of a length.
func (t *patchable) patches(ps []Patch, length int) ([]interp.Patch, []Applied, error) {
	var found []interp.Patch
	var applied []Applied
	taken := map[spot]bool{}
	for _, p := range ps {
		id, err := t.find(p.SOp)
		if err != nil {
			return nil, nil, err
		}
		if p.Position >= length || p.Position < Everywhere {
			return nil, nil, &PatchError{fmt.Sprintf("the patch %s is beyond the input, whose last position is %d", p, length-1), ""}
		}
		p.Value = t.member(id, p.Value)
		applied = append(applied, Applied{p, t.others(id, p.SOp)})
		for i := range length {
			if p.Position != i && p.Position != Everywhere {
				continue
			}
			if taken[spot{id, i}] {
				return nil, nil, &PatchError{fmt.Sprintf("%s is patched twice at position %d", p.SOp, i), ""}
			}
			taken[spot{id, i}] = true
			found = append(found, interp.Patch{Node: id, Position: i, Value: p.Value})
		}
	}
	return found, applied, nil
}

// rawToken is how raspc.json calls the input token.
const rawToken = "tokens"

// find returns the s-op of a name.
func (t *patchable) find(name string) (sop.ID, error) {
	if name == rawToken {
		return interp.Input, nil
	}
	ids := t.called(name)
	if len(ids) == 0 {
		ids = slices.DeleteFunc(slices.Clone(t.nodes), func(id sop.ID) bool { return stable(t.graph, id) != name })
	}
	switch {
	case len(ids) == 0:
		return 0, t.unknown(name)
	case len(ids) > 1:
		all := make([]string, len(ids))
		for i, id := range ids {
			all[i] = stable(t.graph, id)
		}
		return 0, &PatchError{fmt.Sprintf("the program calls %d s-ops %s, one after the other", len(ids), name),
			"say which is meant: " + strings.Join(all, " or ")}
	case t.graph.Node(ids[0]).Selector():
		return 0, &PatchError{name + " is a selector, and only s-ops can be patched",
			"patch what it compares, or the s-op that is computed with it"}
	}
	return ids[0], nil
}

// called returns the nodes of a name.
func (t *patchable) called(name string) []sop.ID {
	var ids []sop.ID
	for _, id := range t.nodes {
		if slices.Contains(t.graph.Names(id), name) {
			ids = append(ids, id)
		}
	}
	return ids
}

// stable is the name of an s-op that does not depend on those that the program gives.
func stable(g *sop.Graph, id sop.ID) string {
	return g.Node(id).Op.String() + "#" + strconv.Itoa(int(id))
}

func (t *patchable) unknown(name string) error {
	for id := range t.program.Graph.Len() {
		if slices.Contains(t.program.Graph.Names(sop.ID(id)), name) {
			return &PatchError{fmt.Sprintf("the output does not depend on %s", name),
				"if it is a mean that the compiler joins with another, --opt 0 and --materialize keep it"}
		}
	}
	var names []string
	for _, id := range t.nodes {
		names = append(names, t.graph.Names(id)...)
		if t.graph.Name(id) == "" && !t.graph.Node(id).Selector() {
			names = append(names, stable(t.graph, id))
		}
	}
	if !slices.Contains(names, rawToken) {
		names = slices.Insert(names, 0, rawToken)
	}
	if near := diag.Nearest(name, names); near != "" {
		return &PatchError{fmt.Sprintf("the program has no s-op %s", name), fmt.Sprintf("did you mean %s?", near)}
	}
	return &PatchError{fmt.Sprintf("the program has no s-op %s", name), "it has " + strings.Join(names, ", ")}
}

// others returns the names of an s-op beside the one that was used.
func (t *patchable) others(id sop.ID, used string) []string {
	if id == interp.Input {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(t.graph.Names(id)), func(name string) bool { return name == used })
}

// member returns the value of an s-op's set that is meant: the equal one, or one that is
// printed or rounded alike. What is none stays as it is.
func (t *patchable) member(id sop.ID, v Value) Value {
	var set []Value
	switch {
	case id == interp.Input:
		set = t.program.Settings.Alphabet()
	case t.table != nil && t.table.Has(id):
		set = t.table.Set(id)
	}
	if m, ok := find(set, v); ok {
		return m
	}
	if v.IsNumber() {
		for _, m := range set {
			if m.IsNumber() && m.Rat().Float64() == v.Rat().Float64() {
				return m
			}
		}
	}
	return v
}

// run evaluates the program under patches.
func (t *patchable) run(input []Value, ps []Patch) (*interp.Result, *Intervention, error) {
	patches, applied, err := t.patches(ps, len(input))
	if err != nil {
		return nil, nil, err
	}
	done := &Intervention{Patches: applied, Domain: Unknown}
	r, err := t.eval.Run(input, patches...)
	if err != nil {
		return nil, done, err
	}
	if t.guard != nil {
		done.Domain = Inside
		if b := t.guard.Breach(patched(input, patches), r); b != nil {
			done.Domain, done.Broken = Outside, &Broken{t.call(b.Node), b.Position, b.Fact}
		}
	}
	return r, done, nil
}

// call is how to speak of an s-op to whoever patches.
func (t *patchable) call(id sop.ID) string {
	switch {
	case id == values.RawToken:
		return rawToken
	case t.graph.Name(id) != "":
		return t.graph.Name(id)
	}
	return stable(t.graph, id)
}

// patched is the input as patches of tokens leave it.
func patched(input []Value, patches []interp.Patch) []value.Value {
	read := slices.Clone(input)
	for _, p := range patches {
		if p.Node == interp.Input {
			read[p.Position] = p.Value
		}
	}
	return read
}

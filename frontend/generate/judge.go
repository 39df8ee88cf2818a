package generate

import (
	"errors"
	"fmt"
	"slices"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

var (
	errDraw     = errors.New("no program was drawn")
	errNoTokens = errors.New("the output hardly depends on the tokens")
)

// mostValues is how many values an s-op of a sampled program has at most.
const mostValues = 256

// What makes a task: the largest share of positions at which the output may be one
// value, and how often it has to differ between two inputs of one length.
const (
	mostAlike    = 0.95
	leastChanges = 0.05
)

// size counts the operators of a program, and how deep they are.
type size struct {
	ops, depth int
	reads      bool // the tokens are among it
}

// measure counts what an output is computed from.
func measure(g *sop.Graph, output sop.ID) size {
	var s size
	depths := make([]int, g.Len())
	for _, id := range g.Reachable(output) {
		n := g.Node(id)
		for _, a := range n.Args {
			depths[id] = max(depths[id], depths[a])
		}
		if n.Op == sop.Aggregate || n.Op == sop.Width {
			depths[id]++
		}
		if len(n.Args) > 0 {
			s.ops++
		}
		s.reads = s.reads || n.Op == sop.Tokens
	}
	s.depth = depths[output]
	return s
}

// fits says why a program is none that the options ask for.
func fits(s size, o Options) error {
	if s.ops < o.Size.Min || s.ops > o.Size.Max {
		return fmt.Errorf("it has %d operators", s.ops)
	}
	if s.depth < o.Depth.Min || s.depth > o.Depth.Max {
		return fmt.Errorf("its depth is %d", s.depth)
	}
	if !s.reads {
		return errNoTokens
	}
	return nil
}

// judge reads a text as any program is read, and says why it is not one to keep. It may
// have so many warnings and names on which the output does not depend.
func judge(text string, warnings, spare int) (Program, error) {
	src, err := layOut(text)
	if err != nil {
		return Program{}, err
	}
	p, list, err := read(src)
	if err != nil {
		return Program{}, err
	}
	if len(list) > warnings {
		return Program{}, list
	}
	if names := idle(p); len(names) > spare {
		return Program{}, fmt.Errorf("the output does not depend on %s", names[0])
	}
	set := newInputSet(p.Settings)
	if err := trivial(p, set); err != nil {
		return Program{}, err
	}
	table, err := provedOf(p)
	if err != nil {
		return Program{}, err
	}
	seen, err := observe(p, set)
	switch {
	case err != nil:
		return Program{}, err
	case seen.most > mostAlike:
		return Program{}, errors.New("the output is nearly always the same")
	case seen.changes < leastChanges:
		return Program{}, errNoTokens
	}
	s := measure(p.Graph, p.Output.ID)
	return Program{
		Source: src.Text(), Ops: s.ops, Depth: s.depth,
		Causal: p.Settings.Causal.Value, MaxLen: p.Settings.MaxLen.Value, Vocab: p.Settings.Vocab.Value,
		Kind:      widest(table.Kinds(p.Output.ID)),
		Behaviour: seen.behaviour, Graph: GraphOf(p.Graph, p.Output.ID),
	}, nil
}

// mostSteps bounds what is evaluated to resolve a program.
const mostSteps = 100_000

// read resolves a program that a model could be made of. The list holds
// warnings.
func read(src *diag.Source) (*resolve.Program, diag.List, error) {
	p, list := resolve.Run(src, resolve.Options{MaxSteps: mostSteps})
	if list.HasErrors() {
		return nil, nil, list
	}
	if err := lacks(p); err != nil {
		return nil, nil, err
	}
	s := p.Settings
	if len(s.Vocab.Value) > mostTokens || s.MaxLen.Value > longestInput {
		return nil, nil, fmt.Errorf("the program has %d tokens and inputs of up to %d, more than %d or longer than %d", len(s.Vocab.Value), s.MaxLen.Value, mostTokens, longestInput)
	}
	if n := measure(p.Graph, p.Output.ID).ops; n > MaxSize {
		return nil, nil, fmt.Errorf("the program has %d operators, more than %d", n, MaxSize)
	}
	return p, list, nil
}

// mostTokens is how many tokens a program may have.
const mostTokens = 256

// widest is the kind that a sequence with values of some kinds has.
func widest(set values.KindSet) value.Kind {
	for _, k := range []value.Kind{value.KindString, value.KindFloat, value.KindInt} {
		if set.Has(k) {
			return k
		}
	}
	return value.KindBool
}

// provedOf infers the values of all s-ops, and refuses a program that has too many, or
// of which it is not proved that it is defined everywhere.
func provedOf(p *resolve.Program) (*values.Table, error) {
	d := values.Domain{Vocab: p.Settings.Alphabet(), MaxLen: p.Settings.MaxLen.Value, Causal: p.Settings.Causal.Value, Accept: p.Settings.Accept()}
	if p.Settings.BOS.Set {
		d.BOS = &p.Settings.BOS.Value
	}
	table, err := values.Infer(p.Graph, p.Output.ID, d)
	if err != nil {
		return nil, err
	}
	if hazards := table.Hazards(); len(hazards) > 0 {
		return nil, fmt.Errorf("%s may be undefined: %s", p.Graph.Label(hazards[0].Node), hazards[0].What)
	}
	for _, id := range p.Graph.Reachable(p.Output.ID) {
		if !p.Graph.Node(id).Selector() && table.Has(id) && len(table.Set(id)) > mostValues {
			return nil, fmt.Errorf("%s has %d values", p.Graph.Label(id), len(table.Set(id)))
		}
	}
	return table, nil
}

// trivial says why a program is no task: on a few inputs its output is the same as
// what it is computed from.
func trivial(p *resolve.Program, set *inputSet) error {
	output := p.Output.ID
	var rivals []sop.ID
	for _, id := range p.Graph.Reachable(output) {
		if id != output && !p.Graph.Node(id).Selector() {
			rivals = append(rivals, id)
		}
	}
	e := interp.New(p.Graph, p.Settings.Causal.Value, output)
	for _, in := range set.some() {
		r, err := e.Run(in)
		if err != nil {
			return err
		}
		rivals = slices.DeleteFunc(rivals, func(id sop.ID) bool {
			return !slices.EqualFunc(r.Sequence(id), r.Sequence(output), value.Equal)
		})
	}
	if len(rivals) > 0 {
		return fmt.Errorf("the output is %s", p.Graph.Label(rivals[0]))
	}
	return nil
}

// idle returns the names on which the output does not depend.
func idle(p *resolve.Program) []string {
	used := map[sop.ID]bool{}
	for _, id := range p.Graph.Reachable(p.Output.ID) {
		used[id] = true
	}
	var names []string
	for _, b := range p.Bindings {
		id, isNode := sop.ID(0), true
		switch v := b.Value.(type) {
		case resolve.SOp:
			id = v.ID
		case resolve.Selector:
			id = v.ID
		default:
			isNode = false
		}
		if isNode && !used[id] {
			names = append(names, b.Name)
		}
	}
	return names
}

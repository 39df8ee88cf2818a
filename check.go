package raspc

import (
	"encoding/json"
	"errors"

	"github.com/raspc/raspc/backend/pipeline"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// Check is what can be said of a program before anything is written, also of
// one that does not compile.
type Check struct {
	File  string // the program's name
	Facts *Facts // of the model; nil where the program does not compile
	// SOps are those that the output depends on and the program names, in the
	// order in which they are computed.
	SOps []SOp
	// Sets are the large value sets that are no part of a larger one's causes.
	Sets []LargeSet
	// Aggregates has each aggregate and selector_width, those that the output
	// depends on first.
	Aggregates []Aggregate
	// Hazards are combinations of values on which an s-op would be undefined.
	Hazards []Hazard
	// Tried is the number of inputs that the reference interpreter was run on
	// for the examples; TriedAll says that there are no others.
	Tried    int
	TriedAll bool
	Warnings diag.List
}

// SOp describes an s-op or selector of a program.
type SOp struct {
	Name string `json:"name"`
	// Type is strings, bools, ints, floats or selector; mixed where strings
	// and numbers occur, and unknown where the compiler needs no values.
	Type string `json:"type"`
	// Values is the size of the value set; 0 where there is none.
	Values int `json:"values"`
	// Line is where it is first computed; 0 where that is not in the program's
	// own text.
	Line int `json:"line"`
}

// LargeSet is a value set with what its size comes from: the s-op itself, then
// of each the operand with the most values.
type LargeSet struct {
	Name   string  `json:"name"`
	Line   int     `json:"line"`
	Values int     `json:"values"`
	Causes []Cause `json:"causes"`
}

// Cause is one s-op on the way to a large value set.
type Cause struct {
	Name   string `json:"name"`
	Line   int    `json:"line"`
	Values int    `json:"values"`
	From   string `json:"from"` // such as "selector_width over up to 10 positions"
}

// large is the number of values from which on a set is worth an explanation:
// a model that holds it by one column a value grows by as many.
const large = 64

// CheckProgram compiles a program, checking every stage, and writes nothing.
// Where the program is wrong the error is a diag.List, and the check holds
// what is known all the same; it is nil only with an InternalError.
func CheckProgram(name, text string, o Options) (*Check, error) {
	o.Check = true
	r, err := pipeline.Run(diag.NewSource(name, text), o.pipeline())
	var list diag.List
	if err != nil && !errors.As(err, &list) {
		return nil, err
	}
	c := &checker{result: r, Check: &Check{File: name, Warnings: r.Warnings}}
	c.describe()
	if err != nil {
		return c.Check, err
	}
	c.Facts, err = (&Model{name: name, opts: o, result: r}).Facts()
	return c.Check, err
}

// MarshalJSON writes the check without its warnings, which are diagnostics.
func (c *Check) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Compiles   bool        `json:"compiles"`
		File       string      `json:"file"`
		SOps       []SOp       `json:"sops"`
		Sets       []LargeSet  `json:"sets"`
		Aggregates []Aggregate `json:"aggregates"`
		Hazards    []Hazard    `json:"hazards"`
		Tried      int         `json:"tried"`
		TriedAll   bool        `json:"tried_all"`
		Model      *Facts      `json:"model"`
	}{
		c.Facts != nil, c.File, append([]SOp{}, c.SOps...), append([]LargeSet{}, c.Sets...),
		append([]Aggregate{}, c.Aggregates...), append([]Hazard{}, c.Hazards...), c.Tried, c.TriedAll, c.Facts,
	})
}

// checker fills in a Check.
type checker struct {
	*Check
	result *pipeline.Result
}

// describe collects the facts of what the output depends on, in the graph that
// is compiled, and then of the rest of the program.
func (c *checker) describe() {
	p := c.result.Program
	if p == nil {
		return // it has syntax errors
	}
	domain, _ := pipeline.DomainOf(p.Settings)
	var needed []sop.ID
	if p.Output != nil {
		g, output := c.result.Graph, c.result.Output
		if g == nil { // the program computes a selector
			g, output = p.Graph, p.Output.ID
		}
		f := values.Describe(g, domain, output)
		c.Tried, c.TriedAll = f.Tried, f.Complete
		c.sops(g, output, f.Table)
		c.sets(g, output, f.Table)
		c.aggregates(g, f, true)
		c.hazards(g, f.Dangers)
		needed = p.Graph.Reachable(p.Output.ID)
	}
	if rest := unneeded(p, needed); len(rest) > 0 {
		f := values.Describe(p.Graph, domain, rest...)
		f.Gathers = keepOnly(f.Gathers, rest)
		c.aggregates(p.Graph, f, false)
	}
}

// unneeded lists the aggregates and widths that the program builds beside what
// its output needs.
func unneeded(p *resolve.Program, needed []sop.ID) []sop.ID {
	known := map[sop.ID]bool{}
	for _, id := range needed {
		known[id] = true
	}
	var rest []sop.ID
	for id := range sop.ID(p.Graph.Len()) {
		n := p.Graph.Node(id)
		if !known[id] && (n.Op == sop.Aggregate || n.Op == sop.Width) && n.Pos != (sop.Pos{}) {
			rest = append(rest, id)
		}
	}
	return rest
}

func keepOnly(all []values.Gather, ids []sop.ID) []values.Gather {
	kept := map[sop.ID]bool{}
	for _, id := range ids {
		kept[id] = true
	}
	var some []values.Gather
	for _, g := range all {
		if kept[g.Node] {
			some = append(some, g)
		}
	}
	return some
}

// sops lists the named s-ops and selectors in the order of the graph.
func (c *checker) sops(g *sop.Graph, output sop.ID, t *values.Table) {
	for _, id := range g.Reachable(output) {
		for _, name := range g.Names(id) {
			s := SOp{Name: name, Type: "unknown", Line: c.result.Line(g, id)}
			switch {
			case g.Node(id).Selector():
				s.Type = "selector"
			case t.Has(id):
				set := t.Set(id)
				s.Type, s.Values = typeOf(set), len(set)
			}
			c.SOps = append(c.SOps, s)
		}
	}
}

func typeOf(set []value.Value) string {
	t, err := value.TypeOf(set)
	if err != nil {
		return "mixed"
	}
	return t.String()
}

// sets explains large sets. What is a cause of another is explained there.
func (c *checker) sets(g *sop.Graph, output sop.ID, t *values.Table) {
	explained := map[sop.ID]bool{}
	order := g.Reachable(output)
	for k := len(order) - 1; k >= 0; k-- {
		id := order[k]
		n := g.Node(id)
		given := n.Op == sop.Tokens || n.Op == sop.Indices // by the settings
		if explained[id] || given || !t.Has(id) || n.Selector() || len(t.Set(id)) < large {
			continue
		}
		set := LargeSet{Name: g.Call(id), Line: c.result.Line(g, id), Values: len(t.Set(id))}
		for _, l := range t.Causes(id) {
			explained[l.Node] = true
			set.Causes = append(set.Causes, Cause{g.Call(l.Node), c.result.Line(g, l.Node), l.Values, l.From})
		}
		c.Sets = append(c.Sets, set)
	}
}

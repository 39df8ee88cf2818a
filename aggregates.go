package raspc

import (
	"github.com/raspc/raspc/backend/pipeline"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// Aggregate is what is known of one aggregate or selector_width, and decides
// whether it can be compiled.
type Aggregate struct {
	Name string `json:"name"` // that the program gave it, or else the expression
	Expr string `json:"expr"`
	File string `json:"file"` // where it is built; empty for the library
	Line int    `json:"line"` // in File, from 1; 0 for the library
	Used bool   `json:"used"` // the output depends on it
	// Action is copies, copies_assumed, averages, sums, counts, undefined or
	// unknown: what becomes of the selected values.
	Action   string `json:"action"`
	Selector string `json:"selector"` // the positions that it selects, in words
	Rows     Rows   `json:"rows"`
	// Empty says whether a row may select no position, Several whether one may
	// select two or more.
	Empty   Possible `json:"empty"`
	Several Possible `json:"several"`
	Reads   *Operand `json:"reads"`   // what is selected; null for selector_width
	Default *Default `json:"default"` // null for selector_width
	Values  int      `json:"values"`  // of the result; 0 where they are not known
	// Gap is the least distance of two values of the result; 0 where they are
	// not known, or not numbers.
	Gap float64 `json:"gap"`
	// Held says how the model holds the result, in each of its forms.
	Held []Variable `json:"held"`
	// Undefined is an input on which it has no value; null where none is known.
	Undefined *Example `json:"undefined"`
}

// Rows bounds the number of positions that a row selects.
type Rows struct {
	Least int  `json:"least"` // proved
	Most  *int `json:"most"`  // proved; null where there is no bound
	// Why says how Most was proved; empty where it is the length of the input.
	Why string `json:"why"`
	// SeenLeast and SeenMost are those of the inputs tried; null without any.
	SeenLeast *int `json:"seen_least"`
	SeenMost  *int `json:"seen_most"`
}

// Possible is the answer to whether something can occur.
type Possible struct {
	Answer string `json:"answer"` // no, yes or unknown
	// Proved says that the answer no holds on all inputs by proof, and not
	// because all of them were tried.
	Proved  bool     `json:"proved"`
	Example *Example `json:"example"` // of the answer yes
}

// Example is an input, the shortest of those tried, and the query position
// where it shows something; -1 for the whole input.
type Example struct {
	Input    []Value `json:"input"`
	Position int     `json:"position"`
	Error    string  `json:"error,omitempty"` // where there is no value
}

// Operand is an s-op that an aggregate reads.
type Operand struct {
	Name   string `json:"name"`
	Values int    `json:"values"` // 0 where they are not known
}

// Default is what an aggregate gives where nothing is selected.
type Default struct {
	Value Value `json:"value"`
	Given bool  `json:"given"` // by the program; else it is RASP's 0
	// Clash is value where rows that are not empty may give it too, kind where
	// it is a string among numbers or the other way round, none, or unknown.
	Clash   string   `json:"clash"`
	Example *Example `json:"example"` // of a row that is not empty and gives it
}

// Hazard is a combination of values on which an s-op would be undefined.
type Hazard struct {
	Name    string   `json:"name"`
	Line    int      `json:"line"`
	What    string   `json:"what"`
	Example *Example `json:"example"` // null where it is not known whether an input has it
}

// aggregates adds the facts of a graph.
func (c *checker) aggregates(g *sop.Graph, f *values.Facts, used bool) {
	for _, at := range f.Gathers {
		n := g.Node(at.Node)
		a := Aggregate{
			Name: g.Call(n.ID), Expr: g.Express(n.ID), File: n.Pos.File, Line: n.Pos.Line, Used: used,
			Action: at.Action.String(), Selector: g.Positions(at.Selector), Rows: rows(at),
			Empty:   possible(at.Rows.Least > 0, f.Complete, at.Empty),
			Several: possible(at.Rows.Most == 0 || at.Rows.Most == 1, f.Complete, at.Several),
			Values:  at.Values, Held: []Variable{}, Undefined: example(at.Undefined),
		}
		if n.Op == sop.Aggregate {
			a.Reads = &Operand{Name: g.Call(n.Args[1])}
			if f.Table.Has(n.Args[1]) {
				a.Reads.Values = len(f.Table.Set(n.Args[1]))
			}
			a.Default = &Default{n.Value, n.HasDefault, at.Clash.String(), example(at.Same)}
		}
		if f.Table.Has(n.ID) && f.Table.Kinds(n.ID).Numeric() {
			a.Gap = gapOf(f.Table.Set(n.ID))
		}
		if used && c.result.Layout != nil {
			a.Held = c.held(n.ID)
		}
		c.Aggregates = append(c.Aggregates, a)
	}
}

// held describes the columns of an s-op.
func (c *checker) held(id sop.ID) []Variable {
	m := &Model{result: c.result}
	all := []Variable{}
	for i := range c.result.Craft.Variables {
		v := &c.result.Craft.Variables[i]
		if held, ok := m.variable(v); ok && v.SOp == id {
			all = append(all, held)
		}
	}
	return all
}

func (c *checker) hazards(g *sop.Graph, dangers []values.Danger) {
	for _, d := range dangers {
		c.Hazards = append(c.Hazards, Hazard{g.Call(d.Node), c.result.Line(g, d.Node), d.What, example(d.Witness)})
	}
}

func rows(g values.Gather) Rows {
	r := Rows{Least: g.Rows.Least, Why: g.Why}
	if g.Rows.Most != values.Unbounded {
		r.Most = &g.Rows.Most
	}
	if g.Seen != nil {
		r.SeenLeast, r.SeenMost = &g.Seen.Least, &g.Seen.Most
	}
	return r
}

func possible(excluded, complete bool, e *values.Evidence) Possible {
	switch {
	case excluded:
		return Possible{Answer: "no", Proved: true}
	case e != nil:
		return Possible{Answer: "yes", Example: example(e)}
	case complete:
		return Possible{Answer: "no"}
	}
	return Possible{Answer: "unknown"}
}

func example(e *values.Evidence) *Example {
	if e == nil {
		return nil
	}
	return &Example{e.Input, e.Position, e.Error}
}

// gapOf is leastGap, and 0 where there are no two values.
func gapOf(set []value.Value) float64 {
	if len(set) < 2 {
		return 0
	}
	return pipeline.LeastGap(set)
}

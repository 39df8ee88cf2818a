package pipeline

import (
	"errors"
	"io"

	"github.com/raspc/raspc/backend/layout"
	"github.com/raspc/raspc/backend/schedule"
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/craft/lower"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/simplify"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/tracr"
	"github.com/raspc/raspc/frontend/values"
)

// Stage is one step of the compiler.
type Stage struct {
	Name string
	Doc  string
	// After names the stages whose results this one reads, with the reason
	// that the order cannot be another.
	After map[string]string
	run   func(*Result) error
	check func(*Result) error
	dump  func(*Result, io.Writer) error
}

// Stages is the compiler, in order.
var Stages = []Stage{
	{
		Name: "ast", Doc: "the syntax tree of the source",
		run: parse, check: nothing, dump: dumpAST,
	},
	{
		Name: "sop", Doc: "the graph of s-ops and selectors that the program builds",
		After: map[string]string{"ast": "functions and loops are run on the tree"},
		run:   resolveProgram, check: checkGraph, dump: dumpSOp,
	},
	{
		Name: "simplify", Doc: "the graph after rewrites that keep its meaning",
		After: map[string]string{"sop": "it rewrites nodes that all names are bound to already"},
		run:   simplifyGraph, check: checkGraph, dump: dumpSOp,
	},
	{
		Name: "values", Doc: "the value set of each s-op, and what is proved of each selector",
		After: map[string]string{"simplify": "joined means have smaller sets than their parts"},
		run:   infer, check: nothing, dump: dumpValues,
	},
	{
		Name: "craft", Doc: "heads and MLPs between named spaces",
		After: map[string]string{"values": "every variable has one direction a value"},
		run:   lowerProgram, check: func(r *Result) error { return craft.Check(r.Craft) }, dump: dumpCraft,
	},
	{
		Name: "layout", Doc: "the layer and slot of each head and neuron, the column of each direction",
		After: map[string]string{"craft": "parts are placed by what they read and write"},
		run:   place, check: checkPlaces, dump: dumpLayout,
	},
	{
		Name: "decoder", Doc: "the configuration and the weights of the transformer",
		After: map[string]string{"layout": "weights stand where the layout puts their pieces"},
		run:   nothing, check: nothing, dump: dumpDecoder,
	},
}

func nothing(*Result) error { return nil }

func parse(r *Result) error {
	if tracr.Is(r.Source.Name(), r.Source.Text()) {
		return nil // it has no syntax tree
	}
	var report diag.Report
	r.AST = syntax.Parse(r.Source, &report)
	return report.List().Err()
}

func resolveProgram(r *Result) error {
	p, list := tracr.Resolve(r.Source, resolve.Options{Read: r.Options.Read, Overrides: r.Options.Overrides})
	r.Program = p // what there is of it, also of a wrong one
	if err := list.Err(); err != nil {
		return err
	}
	r.Warnings = list
	if p.Output == nil || p.Output.Selector {
		return nil // for the values stage to report: dumps need no output
	}
	roots := []sop.ID{p.Output.ID}
	for _, e := range r.encodings() {
		roots = append(roots, e.ID)
	}
	g, ids := sop.Prune(p.Graph, roots...)
	r.Graph, r.Output, r.encoded = g, ids[0], ids[1:]
	return nil
}

func checkGraph(r *Result) error {
	if r.Graph == nil {
		return nil
	}
	return sop.Check(r.Graph)
}

// simplifyGraph leaves a program alone that is to be compiled as it is
// written.
func simplifyGraph(r *Result) error {
	if r.Graph == nil || r.Options.Opt == 0 {
		return nil
	}
	names, list := r.materialized()
	if list != nil {
		return list
	}
	g, out, kept := simplify.Linear(r.Graph, r.Output, append(names, r.encoded...))
	r.Graph, r.Output, r.encoded = g, out, kept[len(names):]
	return nil
}

func infer(r *Result) error {
	if list := r.setDomain(); list != nil {
		return list
	}
	t, err := values.Infer(r.Graph, r.Output, r.Domain)
	var limit *values.LimitError
	var unsupported *values.UnsupportedError
	switch {
	case errors.As(err, &limit):
		return diag.List{r.tooLarge(limit)}
	case errors.As(err, &unsupported):
		return diag.List{r.cannotLower(&lower.Error{Node: unsupported.Node, Msg: unsupported.Msg, Help: unsupported.Help})}
	case err != nil:
		return err
	}
	r.Values = t
	if list := r.witness(); list != nil {
		return list
	}
	if g, ids, changed := values.NumberDefaults(t, append([]sop.ID{r.Output}, r.encoded...)...); changed {
		r.Graph, r.Output, r.encoded = g, ids[0], ids[1:]
		return infer(r)
	}
	return nil
}

func lowerProgram(r *Result) error {
	opts, list := r.lowerOptions()
	if list != nil {
		return list
	}
	p, err := lower.Lower(r.Values, r.Output, opts)
	var le *lower.Error
	switch {
	case errors.As(err, &le):
		return diag.List{r.cannotLower(le)}
	case err != nil:
		return err
	}
	if r.Options.NextToken {
		if p, err = craft.NextToken(p, r.Options.End); err != nil {
			return err
		}
	}
	r.Craft = craft.Prune(p)
	if r.Options.Opt != 0 {
		r.Craft = schedule.Share(r.Craft)
	}
	if r.Options.Squeeze {
		r.squeeze()
	}
	if list := r.duplicate(); list != nil {
		return list
	}
	return nil
}

func place(r *Result) error {
	r.Schedule = schedule.Make(r.Craft)
	r.Layout = layout.Make(r.Craft, r.Schedule, r.Options.Layout)
	if list := r.disguise(); list != nil {
		return list
	}
	return nil
}

func checkPlaces(r *Result) error {
	return errors.Join(schedule.Check(r.Craft, r.Schedule), layout.Check(r.Craft, r.Layout))
}

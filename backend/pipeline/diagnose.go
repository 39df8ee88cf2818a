package pipeline

import (
	"strings"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/craft/lower"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// setDomain reads output and domain from the resolved program.
func (r *Result) setDomain() diag.List {
	out := r.Program.Output
	if out == nil {
		return diag.List{diag.New(diag.NoOutput, diag.Span{}, "the program computes no s-op").
			WithHelp("assign one, such as `out_sop = tokens;`")}
	}
	if out.Selector {
		return diag.List{diag.New(diag.OutputIsSelector, out.At, "the output `%s` is a selector, and a model computes an s-op", out.Name).
			WithHelp("aggregate over it, or take its selector_width")}
	}
	r.Output = out.ID
	s := r.Program.Settings
	var missing []string
	if !s.Vocab.Set {
		missing = append(missing, `#: vocab = ["a", "b", "c"]`)
	}
	if !s.MaxLen.Set {
		missing = append(missing, "#: max_len = 10")
	}
	if missing != nil {
		d := diag.New(diag.MissingDomain, diag.Span{Source: r.Source}, "a model needs a vocabulary and a maximum length")
		for _, line := range missing {
			d = d.WithNote("add the line  %s", line)
		}
		return diag.List{d.WithHelp("or give them as --vocab and --max-len")}
	}
	r.Domain = values.Domain{Vocab: s.Alphabet(), MaxLen: s.MaxLen.Value, Causal: s.Causal.Value, Accept: s.Accept()}
	if s.BOS.Set {
		r.Domain.BOS = &s.BOS.Value
	}
	return nil
}

// witness looks for an input on which the program is undefined, where the
// value sets say that there may be one.
func (r *Result) witness() diag.List {
	if len(r.Values.Hazards()) == 0 {
		return nil
	}
	input, err := values.Witness(r.Program.Graph, r.Output, r.Domain)
	if err == nil {
		return nil
	}
	at := r.Program.Output.At
	if u, ok := err.(*interp.Undefined); ok {
		at = r.span(u.Node)
	}
	return diag.List{diag.New(diag.UndefinedInput, at, "the program is undefined on the input %s", list(input)).
		WithNote("%s", err).
		WithHelp("give a default, cover the missing case, or say which inputs are meant: `#: inputs = \"REGEX\"`")}
}

func list(vs []value.Value) string {
	parts := make([]string, len(vs))
	for i, v := range vs {
		parts[i] = v.Repr()
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func (r *Result) tooLarge(e *values.LimitError) diag.Diagnostic {
	d := diag.New(diag.SetTooLarge, r.span(e.Node), "`%s` has too many values to be compiled", r.Program.Graph.Label(e.Node))
	for _, l := range e.Chain {
		d = d.WithNote("`%s` has %d values", r.Program.Graph.Label(l.Node), l.Values)
	}
	return d.WithHelp("a shorter maximum length, a smaller vocabulary, or rounding makes the set smaller")
}

func (r *Result) cannotLower(e *lower.Error) diag.Diagnostic {
	d := diag.New(diag.CannotLower, r.span(e.Node), "%s", e.Msg)
	if e.Help != "" {
		d = d.WithHelp("%s", e.Help)
	}
	return d
}

// span returns where a node was built; the output's place where that is
// unknown.
func (r *Result) span(id sop.ID) diag.Span {
	pos := r.Program.Graph.Node(id).Pos
	for _, f := range r.Program.Files {
		if f.Name() == pos.File {
			start := f.Offset(diag.Position{Line: pos.Line, Column: pos.Col})
			return diag.Span{Source: f, Start: start, End: start + 1}
		}
	}
	return r.Program.Output.At
}

// lowerOptions translates names to nodes.
func (r *Result) lowerOptions() (lower.Options, diag.List) {
	opts := lower.Options{MaterializeAll: r.Options.Opt == 0, Encode: map[sop.ID]craft.Encoding{}}
	for _, e := range r.Program.Encodings {
		opts.Encode[e.ID] = craft.Categorical
		if e.Numeric {
			opts.Encode[e.ID] = craft.Numeric
		}
	}
	reached := map[sop.ID]bool{}
	for _, id := range r.Program.Graph.Reachable(r.Output) {
		reached[id] = true
	}
	for _, name := range r.Options.Materialize {
		id, ok := r.node(name)
		if !ok || !reached[id] {
			d := diag.New(diag.UnknownTarget, diag.Span{}, "the output depends on no s-op `%s`", name)
			return opts, diag.List{d}
		}
		opts.Materialize = append(opts.Materialize, id)
	}
	return opts, nil
}

// node finds the s-op that the program calls name.
func (r *Result) node(name string) (sop.ID, bool) {
	for i := range r.Program.Graph.Len() {
		id := sop.ID(i)
		for _, n := range r.Program.Graph.Names(id) {
			if n == name && !r.Program.Graph.Node(id).Selector() {
				return id, true
			}
		}
	}
	return 0, false
}
